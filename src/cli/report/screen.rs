//! The moving part of the screen during an operation, as lines: a bar for each stack, the active steps, the services.

use std::rc::Rc;
use std::time::Duration;

use indexmap::IndexMap;

use super::charset::Charset;
use super::event_columns::EventColumns;
use super::format::{clock, rounded};
use super::model::OperationModel;
use super::service_text;
use super::style::faint;
use crate::cli::earlier_runs::EarlierRuns;
use crate::cli::text_width::{cut, pad, width as columns};
use crate::deploy::api::{EcsEvent, EventStatus, ServiceDeployment, StackEvent, Timestamp};
use crate::deploy::monitor::ServiceCounts;
use crate::deploy::{DeployEvent, DeployEventKind, ServiceEvent};
use crate::rehearsal::StepProgress;

/// The largest number of active resources to show at once.
const MOST: usize = 10;

/// The columns of the times of a step: ` 0:31 of about 2:05`.
const TIMES: usize = 19;

/// The state that the moving part of the screen shows.
pub(super) struct Screen {
    model: OperationModel,
    /// The columns of the resources of all stacks.
    columns: EventColumns,
    charset: Charset,
    stacks: IndexMap<String, StackProgress>,
    /// By stack and service: its tasks, its shift of traffic, and its last event.
    services: IndexMap<(String, String), ServiceProgress>,
    /// Counts frames, for the sign of activity.
    frame: usize,
}

#[derive(Default)]
struct StackProgress {
    started: Option<Timestamp>,
    total: usize,
    steps: IndexMap<String, Step>,
}

struct ServiceProgress {
    counts: ServiceCounts,
    shift: Option<ServiceDeployment>,
    event: Option<EcsEvent>,
}

struct Step {
    kind: String,
    progress: StepProgress,
}

impl Screen {
    pub(super) fn new(model: OperationModel, charset: Charset) -> Self {
        let columns = model.columns();
        Self { model, columns, charset, stacks: IndexMap::new(), services: IndexMap::new(), frame: 0 }
    }

    /// Uses the durations of earlier runs.
    pub(super) fn learn(&mut self, earlier: Rc<EarlierRuns>) {
        self.model.learn(earlier);
    }

    /// Applies an event.
    pub(super) fn apply(&mut self, event: &DeployEvent) {
        self.model.apply(event);
        match &event.kind {
            DeployEventKind::Planned { plan } if !plan.is_empty() => {
                let resources = plan.resources.iter().map(|it| (it.logical_id.as_str(), it.kind.as_str()));
                self.columns = self.columns.with(EventColumns::of(resources));
                let total = self.model.steps(&event.stack).max(plan.resources.len());
                self.stacks.insert(event.stack.clone(), StackProgress { total, ..StackProgress::default() });
            }
            DeployEventKind::DeleteStarted { .. } => {
                let total = self.model.steps(&event.stack);
                self.stacks.insert(event.stack.clone(), StackProgress { total, ..StackProgress::default() });
            }
            DeployEventKind::StackEvent { event: progress } => self.progress(&event.stack, progress),
            DeployEventKind::OperationFinished { .. }
            | DeployEventKind::Detached { .. }
            | DeployEventKind::Unchanged
            | DeployEventKind::Declined
            | DeployEventKind::Interrupted { .. } => {
                self.stacks.shift_remove(&event.stack);
                self.services.retain(|(of, _), _| *of != event.stack);
            }
            DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) => {
                let known = self.services.entry((event.stack.clone(), counts.service.clone()));
                known.and_modify(|known| known.counts = counts.clone()).or_insert_with(|| ServiceProgress {
                    counts: counts.clone(),
                    shift: None,
                    event: None,
                });
            }
            DeployEventKind::Service(ServiceEvent::MessageLogged { service, message }) => {
                if let Some(known) = self.services.get_mut(&(event.stack.clone(), service.clone())) {
                    known.event = Some(message.clone());
                }
            }
            DeployEventKind::Service(ServiceEvent::TrafficShift { service, shift }) => {
                if let Some(known) = self.services.get_mut(&(event.stack.clone(), service.clone())) {
                    known.shift = Some(shift.clone());
                }
            }
            _ => {}
        }
    }

    fn progress(&mut self, stack: &str, event: &StackEvent) {
        let stack = self.stacks.entry(stack.to_owned()).or_default();
        stack.started.get_or_insert(event.time);
        let EventStatus::Resource(status) = &event.status else { return };
        let step = stack.steps.entry(event.logical_id.clone());
        let step = step.or_insert_with(|| Step { kind: event.kind.clone(), progress: StepProgress::default() });
        if status.is_settled() {
            step.progress.ended = Some(event.time);
        } else if step.progress.started.is_none() || step.progress.ended.is_some() {
            // A resource may be worked on again: its old one is deleted, or it is rolled back.
            step.progress = StepProgress { started: Some(event.time), ended: None };
        }
        stack.total = stack.total.max(stack.steps.len());
    }

    /// Forgets everything, so that nothing is drawn.
    pub(super) fn clear(&mut self) {
        self.stacks.clear();
        self.services.clear();
    }

    /// Returns the lines at a time, each at most this wide.
    pub(super) fn lines(&mut self, now: Timestamp, width: usize) -> Vec<String> {
        self.frame += 1;
        let width = width.saturating_sub(1);
        let mut lines: Vec<String> =
            self.stacks.iter().map(|(name, stack)| self.bar(name, stack, now, width)).collect();
        lines.extend(self.active(now, width));
        let services = self.services.values().map(|it| (&it.counts, it.shift.as_ref(), it.event.as_ref()));
        lines.extend(service_text::table(services, width));
        lines
    }

    /// Returns the line of a stack: `web  ######----  12/37  1:42, about 2 m left`.
    fn bar(&self, name: &str, stack: &StackProgress, now: Timestamp, width: usize) -> String {
        let done = stack.steps.values().filter(|step| step.progress.ended.is_some()).count();
        let counts = format!("{done}/{}", stack.total);
        let time = stack.started.map(|started| clock(now.since(started))).unwrap_or_default();
        let left = self.remaining(name, stack, now);
        let left = if left.is_empty() || time.is_empty() { left } else { format!(", {left}") };
        let source = self.model.source(name).filter(|_| !left.is_empty());
        let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
        let longest = format!("{counts}  {time}{left}{source}");
        let shorter = [format!("{counts}  {time}{left}"), format!("{counts}  {time}")];
        let fits = |tail: &String| columns(tail) + 12 <= width;
        let tail = [longest].into_iter().chain(shorter.clone()).find(fits).unwrap_or_else(|| shorter[1].clone());
        // A bar takes at least eight columns, and gaps four.
        let widest = self.stacks.keys().map(|name| columns(name)).max().unwrap_or(0);
        let room = width.saturating_sub(columns(&tail) + 12).max(8);
        let name = pad(&cut(name, room), widest.min(room));
        let bar = width.saturating_sub(columns(&tail) + columns(&name) + 4).min(24);
        let filled = (bar * done).checked_div(stack.total).unwrap_or(0).min(bar);
        let (full, empty) = self.charset.bar();
        let bar = format!("{}{}", full.repeat(filled), faint(&empty.repeat(bar - filled)));
        format!("{name}  {bar}  {tail}")
    }

    fn remaining(&self, name: &str, stack: &StackProgress, now: Timestamp) -> String {
        if stack.started.is_none() {
            return String::new();
        }
        let progress = |id: &str| stack.steps.get(id).map(|step| step.progress).unwrap_or_default();
        match self.model.remaining(name, progress, now) {
            None => String::new(),
            Some(Duration::ZERO) => "takes longer than usual".to_owned(),
            Some(left) => format!("about {} left", rounded(left)),
        }
    }

    /// Returns the lines of the active steps, those that started first at the top.
    fn active(&self, now: Timestamp, width: usize) -> Vec<String> {
        let is_active = |step: &Step| step.progress.ended.is_none();
        let steps = self.stacks.iter().flat_map(|(stack, of)| of.steps.iter().map(move |(id, step)| (stack, id, step)));
        let active: Vec<_> = steps.filter(|(.., step)| is_active(step)).collect();
        let shown = if active.len() > MOST { MOST - 1 } else { active.len() };
        // The types are those of the lines above: in all lines or in none.
        let columns = self.columns.within(width.saturating_sub(4), TIMES);
        let mut lines = Vec::new();
        for (stack, id, step) in active.iter().take(shown) {
            let since = step.progress.started.map_or(Duration::ZERO, |started| now.since(started));
            let usual = self.model.typical(stack, id).filter(|usual| usual.as_secs() >= 20 && since <= *usual);
            let usual = usual.map(|usual| format!("of about {}", clock(usual))).unwrap_or_default();
            let sign = self.charset.activity(self.frame);
            let time = format!("{:>5} {usual}", clock(since));
            lines.push(
                format!("  {sign} {}  {}", columns.cut_cells(id, &step.kind), pad(&time, TIMES)).trim_end().to_owned(),
            );
        }
        if active.len() > shown {
            lines.push(faint(&format!("    and {} more", active.len() - shown)));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::deploy::api::ClientRequestToken;
    use crate::diag::Origin;
    use crate::synth::DesiredStack;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn event(id: &str, kind: &str, status: &str, seconds: i64) -> DeployEvent {
        let event = StackEvent {
            id: format!("{id}-{status}"),
            stack_id: "web".to_owned(),
            logical_id: id.to_owned(),
            physical_id: None,
            kind: kind.to_owned(),
            status: EventStatus::Resource(status.into()),
            detail: None,
            reason: None,
            time: at(seconds),
            token: None,
            operation: None,
        };
        DeployEvent { at: Timestamp::default(), stack: "web".to_owned(), kind: DeployEventKind::StackEvent { event } }
    }

    fn screen(charset: Charset) -> Screen {
        const VPC: &str = "AWS::EC2::VPC";
        const ALB: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
        let source = format!("Resources:\n  Net: {{Type: '{VPC}'}}\n  WebAlb: {{Type: '{ALB}', DependsOn: Net}}\n");
        let template = parse::template("t.yaml", &source).value.expect("a template");
        let stack = DesiredStack::new("web", template, Origin::unknown());
        let mut screen = Screen::new(OperationModel::of(&[stack]), charset);
        let token = ClientRequestToken("t".to_owned());
        let kind = DeployEventKind::DeleteStarted { token, stack_id: "web".to_owned() };
        screen.apply(&DeployEvent { at: Timestamp::default(), stack: "web".to_owned(), kind });
        screen.apply(&event("WebAlb", ALB, "DELETE_IN_PROGRESS", 10));
        screen.apply(&event("Net", VPC, "DELETE_IN_PROGRESS", 12));
        screen.apply(&event("WebAlb", ALB, "DELETE_COMPLETE", 20));
        screen
    }

    fn drawn(screen: &mut Screen, width: usize) -> Vec<String> {
        let lines = screen.lines(at(13), width);
        lines.iter().map(|line| crate::printable::plain(line)).collect()
    }

    #[test]
    fn stack_has_a_bar_and_active_steps_have_their_time() {
        let expected = ["web  ############------------  1/2  0:03, about 10 s left", "  / Net      0:01"];
        assert_eq!(drawn(&mut screen(Charset::Ascii), 60), expected);
        let wide = drawn(&mut screen(Charset::Unicode), 100);
        assert!(wide[1].ends_with("Net     AWS::EC2::VPC                               0:01"), "{wide:#?}");
    }

    #[test]
    fn lines_fit_the_terminal() {
        for width in [30, 40, 80, 120] {
            let lines = drawn(&mut screen(Charset::Unicode), width);
            assert!(lines.iter().all(|line| columns(line) < width), "{width}: {lines:#?}");
        }
    }
}

use indexmap::IndexMap;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::format::clock;
use super::line_reporter::{EventFormatter, line_format};
use super::service_text;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{EcsEvent, EventStatus, StackEvent, Timestamp};
use crate::deploy::monitor::ServiceCounts;
use crate::deploy::{DeployEvent, DeployEventKind, ServiceEvent};

/// The largest number of active resources to show at once.
const MOST: usize = 10;

/// Prints lines for finished steps, and below them a moving display of active ones.
pub(crate) struct ProgressReporter {
    terminal: Terminal,
    several: bool,
    formatter: EventFormatter,
    bars: MultiProgress,
    stacks: IndexMap<String, StackBar>,
    active: IndexMap<(String, String), Active>,
    /// By stack and service: its tasks, and its last event.
    services: IndexMap<(String, String), (ServiceCounts, Option<EcsEvent>)>,
    rows: Vec<ProgressBar>,
    /// Lines that are printed when the display continues.
    waiting: Option<Vec<String>>,
}

struct StackBar {
    bar: ProgressBar,
    started: Option<Timestamp>,
}

struct Active {
    bar: Option<ProgressBar>,
    started: Timestamp,
    what: String,
}

impl ProgressReporter {
    pub(super) fn new(terminal: Terminal, several: bool) -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12));
        Self {
            terminal,
            several,
            formatter: EventFormatter::default(),
            bars,
            stacks: IndexMap::new(),
            active: IndexMap::new(),
            services: IndexMap::new(),
            rows: Vec::new(),
            waiting: None,
        }
    }

    pub(super) fn show(&mut self, event: &DeployEvent) {
        match &event.kind {
            DeployEventKind::Planned { plan } => self.stack(&event.stack, plan.resources.len()),
            DeployEventKind::StackEvent { event: progress } => self.progress(&event.stack, progress),
            DeployEventKind::OperationFinished { .. }
            | DeployEventKind::Detached { .. }
            | DeployEventKind::Unchanged
            | DeployEventKind::Declined
            | DeployEventKind::Interrupted { .. } => {
                self.finish(&event.stack);
            }
            DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) => {
                let known = self.services.entry((event.stack.clone(), counts.service.clone()));
                known.and_modify(|known| known.0 = counts.clone()).or_insert_with(|| (counts.clone(), None));
                return self.draw_services();
            }
            DeployEventKind::Service(ServiceEvent::MessageLogged { service, message: last }) => {
                if let Some(known) = self.services.get_mut(&(event.stack.clone(), service.clone())) {
                    known.1 = Some(last.clone());
                }
                return self.draw_services();
            }
            _ => {}
        }
        if let Some(line) = self.formatter.line(event, self.several, line_format(&self.terminal)) {
            match &mut self.waiting {
                Some(waiting) => waiting.push(line),
                None => self.bars.suspend(|| self.terminal.status(&line)),
            }
        }
    }

    pub(super) fn hold(&mut self, hold: bool) {
        if hold {
            let _ = self.bars.clear();
            self.bars.set_draw_target(ProgressDrawTarget::hidden());
            self.waiting = Some(Vec::new());
            return;
        }
        self.waiting.take().into_iter().flatten().for_each(|line| self.terminal.status(&line));
        self.bars.set_draw_target(ProgressDrawTarget::stderr_with_hz(12));
    }

    pub(super) fn tick(&mut self, now: Timestamp) {
        for stack in self.stacks.values() {
            let since = stack.started.map(|started| clock(now.since(started))).unwrap_or_default();
            stack.bar.set_message(since);
            stack.bar.tick();
        }
        for active in self.active.values() {
            if let Some(bar) = &active.bar {
                bar.set_message(format!("{}  {}", active.what, clock(now.since(active.started))));
                bar.tick();
            }
        }
    }

    pub(super) fn suspended(&self, print: impl FnOnce()) {
        self.bars.suspend(print);
    }

    pub(super) fn clear(&mut self) {
        // A dropped bar would stay on the screen.
        let active = self.active.drain(..).filter_map(|(_, active)| active.bar);
        let stacks = self.stacks.drain(..).map(|(_, stack)| stack.bar);
        active.chain(stacks).chain(self.rows.drain(..)).for_each(|bar| bar.finish_and_clear());
        self.services.clear();
        let _ = self.bars.clear();
    }

    /// Draws the table of services, below everything else.
    fn draw_services(&mut self) {
        let services = self.services.values().map(|(counts, event)| (counts, event.as_ref()));
        let lines = service_text::table(services, self.terminal.width);
        for row in self.rows.drain(lines.len().min(self.rows.len())..) {
            row.finish_and_clear();
            self.bars.remove(&row);
        }
        while self.rows.len() < lines.len() {
            let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            self.rows.push(self.bars.add(ProgressBar::new_spinner().with_style(style)));
        }
        self.rows.iter().zip(lines).for_each(|(row, line)| row.set_message(line));
    }

    fn stack(&mut self, stack: &str, resources: usize) {
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}  {msg}");
        let bar = ProgressBar::new(u64::try_from(resources).unwrap_or(0)).with_prefix(stack.to_owned());
        let bar = self.bars.add(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        self.stacks.insert(stack.to_owned(), StackBar { bar, started: None });
    }

    fn progress(&mut self, stack: &str, event: &StackEvent) {
        if let Some(known) = self.stacks.get_mut(stack) {
            known.started.get_or_insert(event.time);
        }
        let EventStatus::Resource(status) = &event.status else { return };
        let key = (stack.to_owned(), event.logical_id.clone());
        if status.is_settled() || status.is_failed() {
            if let Some(bar) = self.active.shift_remove(&key).and_then(|active| active.bar) {
                bar.finish_and_clear();
            }
            if let Some(known) = self.stacks.get(stack).filter(|_| !status.is_failed()) {
                known.bar.inc(1);
            }
        } else if !self.active.contains_key(&key) {
            let bar =
                (self.active.values().filter(|active| active.bar.is_some()).count() < MOST).then(|| self.spinner());
            let what = format!("{}  {}", event.logical_id, event.kind);
            self.active.insert(key, Active { bar, started: event.time, what });
        }
    }

    fn spinner(&self) -> ProgressBar {
        let style =
            ProgressStyle::with_template("  {spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::new_spinner().with_style(style);
        match self.rows.first() {
            Some(first) => self.bars.insert_before(first, bar),
            None => self.bars.add(bar),
        }
    }

    fn finish(&mut self, stack: &str) {
        self.services.retain(|(of, _), _| of != stack);
        self.draw_services();
        if let Some(known) = self.stacks.shift_remove(stack) {
            known.bar.finish_and_clear();
        }
        let finished: Vec<_> = self.active.keys().filter(|(of, _)| of == stack).cloned().collect();
        for key in finished {
            if let Some(bar) = self.active.shift_remove(&key).and_then(|active| active.bar) {
                bar.finish_and_clear();
            }
        }
    }
}

//! The durations of the steps of earlier runs, from their records: a stack's own figures are better than typical ones.
//!
//! Only runs in an account count. A step that failed, and everything after the start of a rollback, is left out.

use std::collections::HashMap;
use std::time::Duration;

use super::files::StateFolder;
use super::recorder;
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{AwsEnvironment, EventStatus, StackEvent, Timestamp};
use crate::deploy::record::{RecordEntry, RunStarted, read};
use crate::deploy::{DeployEvent, DeployEventKind};
use crate::rehearsal::{MeasuredStep, StepKind};

/// The number of durations of a step whose median counts.
const MOST_RUNS: usize = 5;

/// The greatest record to read.
const LARGEST: usize = 4 << 20;

/// The durations of steps by stack, resource and kind of step, the newest first.
#[derive(Debug, Default)]
pub(crate) struct EarlierRuns {
    steps: HashMap<(String, String, StepKind), Vec<Duration>>,
}

impl EarlierRuns {
    /// Reads the records of the project about runs on these stacks in an account and region.
    pub(crate) fn of_project(stacks: &[&str], environment: &AwsEnvironment) -> Self {
        let folder = recorder::folder();
        let names = folder.names();
        let newest = names.iter().rev().filter(|name| name.ends_with(".ndjson"));
        let runs = newest.filter_map(|name| steps_of_run(&folder, name, stacks, environment));
        Self::of(runs.take(MOST_RUNS * stacks.len().max(1)))
    }

    /// Returns the durations of runs; the newest run comes first.
    pub(crate) fn of(runs: impl IntoIterator<Item = Vec<RecordEntry>>) -> Self {
        let mut earlier = Self::default();
        for run in runs {
            let mut steps = RunningSteps::default();
            for entry in &run {
                if let RecordEntry::Event { event: DeployEvent { stack, kind, .. }, .. } = entry
                    && let DeployEventKind::StackEvent { event } = kind
                    && let Some((step, duration)) = steps.apply(stack, event)
                {
                    earlier.steps.entry(step).or_default().push(duration);
                }
            }
        }
        earlier.steps.values_mut().for_each(|durations| durations.truncate(MOST_RUNS));
        earlier
    }

    /// Returns the median duration of a step, and the number of runs that it is from.
    pub(crate) fn step(&self, stack: &str, id: &str, kind: StepKind) -> Option<MeasuredStep> {
        let mut durations = self.steps.get(&(stack.to_owned(), id.to_owned(), kind))?.clone();
        durations.sort_unstable();
        let (low, high) = (durations.get((durations.len() - 1) / 2)?, durations.get(durations.len() / 2)?);
        Some(MeasuredStep { duration: (*low + *high) / 2, runs: durations.len() })
    }
}

/// The steps of a run that have started.
#[derive(Default)]
struct RunningSteps<'r> {
    started: HashMap<(&'r str, &'r str, StepKind), Timestamp>,
    /// The stacks that are rolled back.
    rolled_back: Vec<&'r str>,
}

impl<'r> RunningSteps<'r> {
    /// Returns the step that an event ends successfully, and its duration.
    fn apply(&mut self, stack: &'r str, event: &'r StackEvent) -> Option<((String, String, StepKind), Duration)> {
        let status = match &event.status {
            EventStatus::Stack(status) => {
                if status.as_str().ends_with("ROLLBACK_IN_PROGRESS") {
                    self.rolled_back.push(stack);
                }
                return None;
            }
            EventStatus::Resource(_) if self.rolled_back.contains(&stack) => return None,
            EventStatus::Resource(status) => status,
        };
        let kind = match status {
            ResourceStatus::CreateInProgress | ResourceStatus::CreateComplete => StepKind::Create,
            ResourceStatus::UpdateInProgress | ResourceStatus::UpdateComplete => StepKind::Update,
            ResourceStatus::DeleteInProgress | ResourceStatus::DeleteComplete => StepKind::Delete,
            _ => return None,
        };
        let step = (stack, event.logical_id.as_str(), kind);
        if !status.is_settled() {
            self.started.entry(step).or_insert(event.time);
            return None;
        }
        let started = self.started.remove(&step)?;
        Some(((stack.to_owned(), event.logical_id.clone(), kind), event.time.since(started)))
    }
}

/// Returns the events of CloudFormation of a record, if it is about one of the stacks in this account and region.
fn steps_of_run(
    folder: &StateFolder,
    name: &str,
    stacks: &[&str],
    environment: &AwsEnvironment,
) -> Option<Vec<RecordEntry>> {
    let text = folder.read_text(name).ok().filter(|text| text.len() <= LARGEST)?;
    let mut lines = text.lines();
    let RecordEntry::RunStarted(started) = read(lines.next()?).ok()? else { return None };
    if !is_comparable(&started, stacks, environment) {
        return None;
    }
    // Other events are most of a record and are not needed.
    let steps = lines.filter(|line| line.contains("\"stack-event\"")).filter_map(|line| read(line).ok());
    Some(steps.collect())
}

fn is_comparable(run: &RunStarted, stacks: &[&str], environment: &AwsEnvironment) -> bool {
    run.seed.is_none()
        && run.environment.as_ref() == Some(environment)
        && run.stacks.iter().any(|stack| stacks.contains(&stack.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, status: &str, seconds: i64) -> RecordEntry {
        let time = Timestamp::from_secs(seconds);
        let status = match id {
            "web" => EventStatus::Stack(status.into()),
            _ => EventStatus::Resource(status.into()),
        };
        let event = StackEvent {
            id: format!("{id}-{status:?}"),
            stack_id: "web".to_owned(),
            logical_id: id.to_owned(),
            physical_id: None,
            kind: "AWS::ECS::Service".to_owned(),
            status,
            detail: None,
            reason: None,
            time,
            token: None,
            operation: None,
        };
        let kind = DeployEventKind::StackEvent { event };
        RecordEntry::Event { time, event: DeployEvent { stack: "web".to_owned(), at: time, kind } }
    }

    /// Returns a run in which the update of a service took some seconds.
    fn update(seconds: i64) -> Vec<RecordEntry> {
        vec![
            event("Api", "UPDATE_IN_PROGRESS", 100),
            event("Api", "UPDATE_IN_PROGRESS", 110),
            event("Api", "UPDATE_COMPLETE", 100 + seconds),
        ]
    }

    fn seconds(earlier: &EarlierRuns, kind: StepKind) -> Option<(u64, usize)> {
        earlier.step("web", "Api", kind).map(|step| (step.duration.as_secs(), step.runs))
    }

    #[test]
    fn step_takes_the_median_of_the_last_runs_of_its_kind() {
        assert_eq!(seconds(&EarlierRuns::of([update(90)]), StepKind::Update), Some((90, 1)));
        let few = EarlierRuns::of([update(90), update(200), update(100)]);
        assert_eq!(seconds(&few, StepKind::Update), Some((100, 3)));
        assert_eq!(seconds(&few, StepKind::Create), None, "no run created it");
        assert!(few.step("other", "Api", StepKind::Update).is_none(), "another stack");
        let even = EarlierRuns::of([update(90), update(100)]);
        assert_eq!(seconds(&even, StepKind::Update), Some((95, 2)));
        let many = EarlierRuns::of([10, 20, 30, 40, 50, 900, 900, 900, 900].map(update));
        assert_eq!(seconds(&many, StepKind::Update), Some((30, 5)), "the oldest runs do not count");
    }

    #[test]
    fn failed_and_rolled_back_steps_do_not_count() {
        let failed = vec![
            event("Api", "UPDATE_IN_PROGRESS", 100),
            event("Api", "UPDATE_FAILED", 700),
            event("web", "UPDATE_ROLLBACK_IN_PROGRESS", 701),
            event("Api", "UPDATE_IN_PROGRESS", 702),
            event("Api", "UPDATE_COMPLETE", 703),
        ];
        assert_eq!(seconds(&EarlierRuns::of([failed]), StepKind::Update), None);
    }

    #[test]
    fn rehearsals_and_runs_in_other_accounts_are_not_comparable() {
        let here =
            AwsEnvironment { account: "1".to_owned(), region: "eu-west-1".to_owned(), partition: "aws".to_owned() };
        let run = |seed, account: &str, stack: &str| RunStarted {
            version: "0".to_owned(),
            command: "deploy".to_owned(),
            script: "a.rhai".to_owned(),
            stacks: vec![stack.to_owned()],
            environment: Some(AwsEnvironment { account: account.to_owned(), ..here.clone() }),
            seed,
            time: Timestamp::default(),
        };
        assert!(is_comparable(&run(None, "1", "web"), &["web"], &here));
        assert!(!is_comparable(&run(Some(1), "1", "web"), &["web"], &here));
        assert!(!is_comparable(&run(None, "2", "web"), &["web"], &here));
        assert!(!is_comparable(&run(None, "1", "api"), &["web"], &here));
    }
}

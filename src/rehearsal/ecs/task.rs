//! A task as data, and what is in store for it from the moment it is asked for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::messages;
use super::spec::Spec;
use super::task_definition::{ContainerHealthCheck, TaskDefinitionRecord};
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{Container, TargetHealth, Task, Timestamp};
use crate::rehearsal::cloudformation::durations::seconds;
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::uuid;

/// A task that was placed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SimulatedTask {
    pub(super) told: Task,
    pub(super) targets: Vec<Target>,
    /// What is in store, earliest first.
    pub(super) turns: Vec<(Timestamp, TaskEvent)>,
    pub(super) standing: TaskState,
    /// What it meets.
    pub(super) trouble: Option<TaskFault>,
    /// Whether a check of its containers has still to be passed.
    pub(super) checked: bool,
    /// The program that it was told to run instead of its image's own; its arguments may be secret.
    pub(super) program: Option<String>,
}

/// Where a task is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TaskState {
    /// It starts, or has not passed its checks yet.
    Starting,
    /// It runs and passed every check there is.
    Healthy,
    /// It is to be stopped, or ended by itself.
    Ending,
    /// The same, before it was ever healthy and by no wish of ECS.
    Failed,
}

/// A target of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) group: String,
    pub(super) told: TargetHealth,
}

/// Something that will happen to a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum TaskEvent {
    /// It has its network interface; the image is pulled.
    Pending,
    /// Its targets are registered.
    Activate,
    /// Its containers run.
    Run,
    /// The containers' own health checks pass, or fail for the last time.
    Checked(bool),
    /// The target of this number passes its first check.
    Passes(usize),
    /// The target of this number has failed as often as makes it unhealthy.
    Fails(usize),
    /// ECS gives it up because of that target.
    Judged(usize),
    /// It never starts, in AWS's words.
    NeverStarts(String),
    /// Its essential container ends with this code.
    Exits(i32),
    /// Draining is over: its containers are told to end.
    Stopping,
    /// Its containers have ended.
    Ended,
    /// It has stopped.
    Gone,
}

/// A task that is asked for.
pub(super) struct TaskLaunch<'a> {
    pub(super) arn: String,
    pub(super) number: u64,
    pub(super) by: String,
    pub(super) definition: &'a TaskDefinitionRecord,
    pub(super) spec: Option<&'a Spec>,
    pub(super) trouble: Option<TaskFault>,
    pub(super) at: Timestamp,
    pub(super) seed: u64,
}

impl TaskLaunch<'_> {
    pub(super) fn place(self) -> SimulatedTask {
        let containers = self.definition.told.containers.iter().map(|container| Container {
            name: container.name.clone(),
            status: Some("PENDING".to_owned()),
            health: Some("UNKNOWN".to_owned()),
            exit_code: None,
            reason: None,
        });
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let told = Task {
            task_definition: self.definition.told.arn.clone(),
            started_by: Some(self.by.clone()),
            status: TaskStatus::Provisioning,
            health: Some("UNKNOWN".to_owned()),
            code: None,
            reason: None,
            created: Some(self.at),
            started: None,
            stopped: None,
            zone: Some(format!("{region}{}", if self.number.is_multiple_of(2) { 'a' } else { 'b' })),
            address: Some(format!("10.0.{}.{}", self.number / 200 % 200, 10 + self.number % 200)),
            exec: self.spec.is_some_and(|spec| spec.exec),
            containers: containers.collect(),
            arn: self.arn.clone(),
        };
        let mut turns = self.turns();
        turns.sort_by_key(|(at, _)| *at);
        let checked = self.definition.checks.is_empty();
        SimulatedTask {
            told,
            targets: Vec::new(),
            turns,
            standing: TaskState::Starting,
            trouble: self.trouble,
            checked,
            program: None,
        }
    }

    /// 20 to 60 s pass until a task runs, most of it the pull of its image. Health and failure come after that.
    fn turns(&self) -> Vec<(Timestamp, TaskEvent)> {
        let start = self.draw("start", (20.0, 27.0, 60.0));
        let (pending, run) = (self.at + start.mul_f64(0.35), self.at + start);
        let mut turns = vec![(pending, TaskEvent::Pending)];
        if let Some(after) = self.never_starts() {
            let reason = messages::never_starts(self.trouble, self.definition, &self.arn, self.seed);
            turns.push((pending + after, TaskEvent::NeverStarts(reason)));
            return turns;
        }
        let registered = self.at + start.mul_f64(0.96);
        turns.extend([(registered, TaskEvent::Activate), (run, TaskEvent::Run)]);
        let exit = match self.trouble {
            Some(TaskFault::Exit(code)) => Some((code, (2.0, 4.0, 9.0))),
            // ECS's breaker needs a reason to go back.
            Some(TaskFault::RolledBackByEcs) => Some((1, (2.0, 4.0, 9.0))),
            Some(TaskFault::OutOfMemory) => Some((137, (6.0, 12.0, 25.0))),
            _ => None,
        };
        if let Some((code, spread)) = exit {
            turns.push((run + self.draw("exit", spread), TaskEvent::Exits(code)));
            return turns;
        }
        turns.extend(self.container_checks(run));
        turns.extend(self.target_checks(registered, run));
        turns
    }

    fn never_starts(&self) -> Option<Duration> {
        let spread = match self.trouble? {
            TaskFault::ImageNotFound | TaskFault::ImageDenied => (4.0, 8.0, 20.0),
            TaskFault::SecretUnreadable => (3.0, 6.0, 12.0),
            // Attempts to connect run out of time, one after the other.
            TaskFault::NoRoute => (150.0, 185.0, 240.0),
            _ => return None,
        };
        Some(self.draw("failure", spread))
    }

    /// The slowest of the containers' own health checks: one that passes, or as many as make it unhealthy.
    fn container_checks(&self, run: Timestamp) -> Option<(Timestamp, TaskEvent)> {
        let unwell = matches!(self.trouble, Some(TaskFault::Unhealthy(_) | TaskFault::Silent));
        if unwell && self.spec.is_some_and(|spec| !spec.groups.is_empty()) {
            return None;
        }
        let fails = |check: &ContainerHealthCheck| check.start_period + check.interval * check.retries.max(1);
        let time = self.definition.checks.iter().map(|check| if unwell { fails(check) } else { check.interval });
        Some((run + time.max()?, TaskEvent::Checked(!unwell)))
    }

    /// A new target is healthy after one check that passes; an unhealthy one has failed several in a row, and ECS looks
    /// at it once its grace period is over.
    fn target_checks(&self, registered: Timestamp, run: Timestamp) -> Vec<(Timestamp, TaskEvent)> {
        let Some(spec) = self.spec else { return Vec::new() };
        let unwell = matches!(self.trouble, Some(TaskFault::Unhealthy(_) | TaskFault::Silent));
        let mut turns = Vec::new();
        for (at, group) in spec.groups.iter().enumerate() {
            if unwell {
                let fails = registered + group.interval * group.unhealthy;
                turns.push((fails, TaskEvent::Fails(at)));
                turns.push(((fails + Duration::from_secs(2)).max(run + spec.grace), TaskEvent::Judged(at)));
            } else {
                turns.push((registered + group.interval, TaskEvent::Passes(at)));
            }
        }
        turns
    }

    fn draw(&self, word: &str, spread: (f64, f64, f64)) -> Duration {
        seconds(self.seed, &[&self.arn, word], spread)
    }
}

/// The id of a task: 32 hexadecimal digits.
pub(super) fn task_arn(cluster_of: &str, seed: u64, words: &[&str]) -> String {
    let id = uuid(seed, words).replace('-', "");
    // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
    let (home, rest) = cluster_of.split_once(":service/").unwrap_or((cluster_of, "default"));
    let cluster = rest.split('/').next().unwrap_or(rest);
    format!("{home}:task/{cluster}/{id}")
}

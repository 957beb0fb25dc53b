//! What happens to a task, turn by turn.

use std::time::Duration;

use super::container_logs;
use super::container_logs::LogTrigger;
use super::spec::Spec;
use super::task::{SimulatedTask, Target, TaskEvent, TaskState};
use super::{SimulationContext, messages};
use crate::deploy::api::status::{TargetState, TaskStatus};
use crate::deploy::api::{TargetHealth, Timestamp};
use crate::rehearsal::cloudformation::durations::seconds;

/// What a turn means for the service of a task.
pub(super) enum TaskSignal {
    /// Its targets are registered.
    Registered,
    /// A target failed its checks for too long: its group and why.
    Unwell(String, String),
    /// A container's own checks failed for too long.
    BadContainer,
    /// It never started, and why.
    NeverStarted(String),
    /// It ended by itself.
    Ended,
    /// It has stopped.
    Gone,
}

impl SimulatedTask {
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.turns.first().map(|(at, _)| *at)
    }

    /// The next turn, where it is due.
    pub(super) fn due(&mut self, at: Timestamp) -> Option<TaskEvent> {
        let due = self.turns.first().is_some_and(|(moment, _)| *moment <= at);
        due.then(|| self.turns.remove(0).1)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.told.status == TaskStatus::Stopped
    }

    /// It runs or is about to, and is not on its way out.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.standing, TaskState::Starting | TaskState::Healthy)
    }

    pub(super) fn is_healthy(&self) -> bool {
        self.standing == TaskState::Healthy
    }

    pub(super) fn has_failed(&self) -> bool {
        self.standing == TaskState::Failed
    }

    pub(super) fn take(
        &mut self,
        turn: TaskEvent,
        at: Timestamp,
        spec: Option<&Spec>,
        scene: &mut SimulationContext<'_>,
    ) -> Option<TaskSignal> {
        let note = match turn {
            TaskEvent::Pending => self.status(TaskStatus::Pending),
            TaskEvent::Activate => return self.activate(spec),
            TaskEvent::Run => {
                self.told.started = Some(at);
                self.contain("RUNNING", None, None);
                container_logs::write(self, &LogTrigger::Start, at, scene);
                self.status(TaskStatus::Running)
            }
            TaskEvent::Checked(passed) => return self.check(passed),
            TaskEvent::Passes(number) => self.target(number, TargetState::Healthy, None),
            TaskEvent::Fails(number) => {
                let (code, told) = messages::unhealthy(self.trouble);
                container_logs::write(
                    self,
                    &LogTrigger::Unwell(spec.and_then(|spec| spec.groups.get(number))),
                    at,
                    scene,
                );
                self.target(number, TargetState::Unhealthy, Some((code, &told)))
            }
            TaskEvent::Judged(number) => {
                let group = self.targets.get(number)?.group.clone();
                return Some(TaskSignal::Unwell(group, messages::unhealthy(self.trouble).1));
            }
            TaskEvent::NeverStarts(reason) => return Some(self.never_starts(reason, at, scene.seed)),
            TaskEvent::Exits(code) => return Some(self.exits(code, at, scene)),
            TaskEvent::Stopping => {
                self.targets.clear();
                container_logs::write(self, &LogTrigger::Stop, at, scene);
                self.status(TaskStatus::Stopping)
            }
            TaskEvent::Ended => {
                self.contain("STOPPED", Some(0), None);
                self.status(TaskStatus::Deprovisioning)
            }
            TaskEvent::Gone => {
                self.targets.clear();
                self.told.stopped = Some(at);
                self.contain("STOPPED", None, None);
                self.status(TaskStatus::Stopped);
                return Some(TaskSignal::Gone);
            }
        };
        self.rate();
        note
    }

    /// Sees whether it is healthy now.
    fn rate(&mut self) {
        if self.is_well() {
            self.standing = TaskState::Healthy;
        }
    }

    fn status(&mut self, status: TaskStatus) -> Option<TaskSignal> {
        self.told.status = status;
        None
    }

    /// Running, with every check passed.
    fn is_well(&self) -> bool {
        let targets = self.targets.iter().all(|target| target.told.state == TargetState::Healthy);
        self.told.status == TaskStatus::Running && targets && self.checked && self.is_live()
    }

    fn activate(&mut self, spec: Option<&Spec>) -> Option<TaskSignal> {
        self.status(TaskStatus::Activating);
        let spec = spec?;
        self.targets = spec
            .groups
            .iter()
            .map(|group| Target {
                group: group.of.arn.clone(),
                told: TargetHealth {
                    target: self.told.address.clone().unwrap_or_default(),
                    port: Some(group.of.port),
                    state: TargetState::Initial,
                    reason: Some("Elb.InitialHealthChecking".to_owned()),
                    description: Some("Initial health checks in progress".to_owned()),
                },
            })
            .collect();
        (!self.targets.is_empty()).then_some(TaskSignal::Registered)
    }

    fn target(&mut self, number: usize, state: TargetState, why: Option<(&str, &str)>) -> Option<TaskSignal> {
        if let Some(target) = self.targets.get_mut(number) {
            target.told.state = state;
            (target.told.reason, target.told.description) =
                why.map(|(code, told)| (code.to_owned(), told.to_owned())).unzip();
        }
        None
    }

    fn check(&mut self, passed: bool) -> Option<TaskSignal> {
        let health = if passed { "HEALTHY" } else { "UNHEALTHY" };
        self.told.health = Some(health.to_owned());
        self.told.containers.iter_mut().for_each(|container| container.health = Some(health.to_owned()));
        self.checked = passed;
        self.rate();
        (!passed).then_some(TaskSignal::BadContainer)
    }

    fn contain(&mut self, status: &str, exit: Option<i32>, reason: Option<&str>) {
        for container in &mut self.told.containers {
            container.status = Some(status.to_owned());
            container.exit_code = container.exit_code.or(exit);
            container.reason = container.reason.take().or(reason.map(str::to_owned));
        }
    }

    fn never_starts(&mut self, reason: String, at: Timestamp, seed: u64) -> TaskSignal {
        self.contain("STOPPED", None, Some(&reason));
        self.ends("TaskFailedToStart", &reason, at, seed);
        TaskSignal::NeverStarted(reason)
    }

    fn exits(&mut self, code: i32, at: Timestamp, scene: &mut SimulationContext<'_>) -> TaskSignal {
        container_logs::write(self, &LogTrigger::Exit(code), at, scene);
        let memory = code == 137 && self.trouble == Some(super::TaskFault::OutOfMemory);
        let reason = memory.then_some("OutOfMemoryError: Container killed due to memory usage");
        let main = scene.definitions.get(&self.told.task_definition).and_then(|it| it.main()).map(|it| it.name.clone());
        for container in self.told.containers.iter_mut().filter(|it| Some(&it.name) == main.as_ref()) {
            (container.exit_code, container.reason) = (Some(code), reason.map(str::to_owned));
        }
        // The others are told to end with it.
        self.contain("STOPPED", Some(0), None);
        self.ends("EssentialContainerExited", "Essential container in task exited", at, scene.seed);
        TaskSignal::Ended
    }

    /// It ends by itself: nothing is left but to put its things away.
    fn ends(&mut self, code: &str, reason: &str, at: Timestamp, seed: u64) {
        self.standing = if self.is_healthy() { TaskState::Ending } else { TaskState::Failed };
        (self.told.code, self.told.reason) = (Some(code.to_owned()), Some(reason.to_owned()));
        self.drain();
        self.status(TaskStatus::Deprovisioning);
        self.turns = vec![(at + self.draw(seed, "away", (4.0, 8.0, 15.0)), TaskEvent::Gone)];
    }

    /// ECS stops it: its targets are drained first, then its containers end, then its things are put away.
    pub(super) fn stop(&mut self, (code, reason): (&str, &str), at: Timestamp, delay: Duration, seed: u64) {
        if !self.is_live() {
            return;
        }
        self.standing = TaskState::Ending;
        (self.told.code, self.told.reason) = (Some(code.to_owned()), Some(reason.to_owned()));
        let away = self.draw(seed, "away", (4.0, 8.0, 15.0));
        if self.told.started.is_none() && self.targets.is_empty() {
            self.status(TaskStatus::Deprovisioning);
            self.turns = vec![(at + away, TaskEvent::Gone)];
            return;
        }
        let drained = at + if self.targets.is_empty() { Duration::from_secs(1) } else { delay };
        self.drain();
        self.status(TaskStatus::Deactivating);
        let ended = drained + self.draw(seed, "term", (1.0, 3.0, 8.0));
        self.turns = vec![(drained, TaskEvent::Stopping), (ended, TaskEvent::Ended), (ended + away, TaskEvent::Gone)];
    }

    fn drain(&mut self) {
        for target in &mut self.targets {
            target.told.state = TargetState::Draining;
            target.told.reason = Some("Target.DeregistrationInProgress".to_owned());
            target.told.description = Some("Target deregistration is in progress".to_owned());
        }
    }

    fn draw(&self, seed: u64, word: &str, spread: (f64, f64, f64)) -> Duration {
        seconds(seed, &[&self.told.arn, word], spread)
    }
}

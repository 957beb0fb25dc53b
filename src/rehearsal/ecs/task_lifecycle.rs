//! The lifecycle of a task: applies its planned events.

use std::time::Duration;

use super::container_logs::{self, LogTrigger};
use super::context::SimulationContext;
use super::messages;
use super::spec::Spec;
use super::task::{SimulatedTask, Target, TaskEvent, TaskState};
use crate::deploy::api::status::{TargetState, TaskStatus};
use crate::deploy::api::{TargetHealth, Timestamp};
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::seconds;

/// The effect of an event of a task on its service.
pub(super) enum TaskSignal {
    /// Its targets are registered.
    Registered,
    /// A target failed its health checks for too long: its group and the reason.
    TargetUnhealthy(String, String),
    /// A container health check failed for too long.
    ContainerUnhealthy,
    /// It never started, for this reason.
    NeverStarted(String),
    /// It exited.
    Exited,
    /// It has stopped.
    Stopped,
}

impl SimulatedTask {
    /// Returns the time of the next event.
    pub(super) fn next_event(&self) -> Option<Timestamp> {
        self.events.first().map(|(at, _)| *at)
    }

    /// Removes and returns the next event if it is due. A task of a damaged account that would wait indefinitely stops.
    pub(super) fn due(&mut self, at: Timestamp) -> Option<TaskEvent> {
        if self.waits_in_vain() {
            self.state = TaskState::Failed;
            return Some(TaskEvent::Stopped);
        }
        let due = self.events.first().is_some_and(|(time, _)| *time <= at);
        due.then(|| self.events.remove(0).1)
    }

    /// Returns whether it waits for something that is not planned.
    pub(super) fn waits_in_vain(&self) -> bool {
        let waits = match self.state {
            TaskState::Healthy => false,
            TaskState::Starting => true,
            TaskState::Ending | TaskState::Failed => !self.is_stopped(),
        };
        waits && self.events.is_empty()
    }

    /// Returns whether it has stopped.
    pub(super) fn is_stopped(&self) -> bool {
        self.reported.status == TaskStatus::Stopped
    }

    /// Returns whether it runs or starts, and is not being stopped.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.state, TaskState::Starting | TaskState::Healthy)
    }

    /// Returns whether it runs and has passed every health check.
    pub(super) fn is_healthy(&self) -> bool {
        self.state == TaskState::Healthy
    }

    /// Returns whether it failed before it was ever healthy.
    pub(super) fn has_failed(&self) -> bool {
        self.state == TaskState::Failed
    }

    /// Applies an event. Returns its effect on the service, if it has one.
    pub(super) fn apply(
        &mut self,
        event: TaskEvent,
        at: Timestamp,
        spec: Option<&Spec>,
        context: &mut SimulationContext<'_>,
    ) -> Option<TaskSignal> {
        let signal = match event {
            TaskEvent::Pending => self.set_status(TaskStatus::Pending),
            TaskEvent::Activating => return self.activate(spec),
            TaskEvent::Running => self.start(at, context),
            TaskEvent::ContainerChecked(passed) => return self.container_checked(passed),
            TaskEvent::TargetPasses(number) => self.set_target_health(number, TargetState::Healthy, None),
            TaskEvent::TargetFails(number) => {
                let group = spec.and_then(|spec| spec.target_groups.get(number));
                container_logs::write(self, &LogTrigger::Unhealthy(group), at, context);
                let (code, description) = messages::unhealthy(self.task_fault);
                self.set_target_health(number, TargetState::Unhealthy, Some((code, &description)))
            }
            TaskEvent::StoppedAsUnhealthy(number) => {
                let group = self.targets.get(number)?.group.clone();
                return Some(TaskSignal::TargetUnhealthy(group, messages::unhealthy(self.task_fault).1));
            }
            TaskEvent::NeverStarts(reason) => return Some(self.never_starts(reason, at, context.seed)),
            TaskEvent::Exits(code) => return Some(self.container_exited(code, at, context)),
            TaskEvent::Stopping => {
                self.targets.clear();
                container_logs::write(self, &LogTrigger::Stop, at, context);
                self.set_status(TaskStatus::Stopping)
            }
            TaskEvent::ContainersExited => {
                self.set_containers("STOPPED", Some(0), None);
                self.set_status(TaskStatus::Deprovisioning)
            }
            TaskEvent::Stopped => return Some(self.finish(at)),
        };
        self.update_health();
        signal
    }

    /// Starts its containers.
    fn start(&mut self, at: Timestamp, context: &mut SimulationContext<'_>) -> Option<TaskSignal> {
        self.reported.started = Some(at);
        self.set_containers("RUNNING", None, None);
        container_logs::write(self, &LogTrigger::Start, at, context);
        self.set_status(TaskStatus::Running)
    }

    /// Ends its lifecycle.
    fn finish(&mut self, at: Timestamp) -> TaskSignal {
        self.targets.clear();
        self.reported.stopped = Some(at);
        self.set_containers("STOPPED", None, None);
        self.set_status(TaskStatus::Stopped);
        TaskSignal::Stopped
    }

    /// Sets its state to healthy if every check passes.
    fn update_health(&mut self) {
        if self.is_passing() {
            self.state = TaskState::Healthy;
        }
    }

    /// Sets its status, which has no effect on the service.
    fn set_status(&mut self, status: TaskStatus) -> Option<TaskSignal> {
        self.reported.status = status;
        None
    }

    /// Returns whether it runs and passes every check.
    fn is_passing(&self) -> bool {
        let targets = self.targets.iter().all(|target| target.reported.state == TargetState::Healthy);
        self.reported.status == TaskStatus::Running && targets && self.containers_healthy && self.is_live()
    }

    /// Registers its targets.
    fn activate(&mut self, spec: Option<&Spec>) -> Option<TaskSignal> {
        self.set_status(TaskStatus::Activating);
        let spec = spec?;
        self.targets = spec
            .target_groups
            .iter()
            .map(|group| Target {
                group: group.arn(self.alternate).to_owned(),
                reported: TargetHealth {
                    target: self.reported.address.clone().unwrap_or_default(),
                    port: Some(group.reference.port),
                    state: TargetState::Initial,
                    reason: Some("Elb.InitialHealthChecking".to_owned()),
                    description: Some("Initial health checks in progress".to_owned()),
                },
            })
            .collect();
        (!self.targets.is_empty()).then_some(TaskSignal::Registered)
    }

    /// Sets the state of a target, with the code and the description of its reason.
    fn set_target_health(
        &mut self,
        number: usize,
        state: TargetState,
        reason: Option<(&str, &str)>,
    ) -> Option<TaskSignal> {
        if let Some(target) = self.targets.get_mut(number) {
            target.reported.state = state;
            (target.reported.reason, target.reported.description) =
                reason.map(|(code, description)| (code.to_owned(), description.to_owned())).unzip();
        }
        None
    }

    /// Applies the result of its container health checks.
    fn container_checked(&mut self, passed: bool) -> Option<TaskSignal> {
        let health = if passed { "HEALTHY" } else { "UNHEALTHY" };
        self.reported.health = Some(health.to_owned());
        self.reported.containers.iter_mut().for_each(|container| container.health = Some(health.to_owned()));
        self.containers_healthy = passed;
        self.update_health();
        (!passed).then_some(TaskSignal::ContainerUnhealthy)
    }

    /// Sets the status of its containers; exit code and reason only if they have none yet.
    fn set_containers(&mut self, status: &str, exit: Option<i32>, reason: Option<&str>) {
        for container in &mut self.reported.containers {
            container.status = Some(status.to_owned());
            container.exit_code = container.exit_code.or(exit);
            container.reason = container.reason.take().or(reason.map(str::to_owned));
        }
    }

    /// Ends a task that could not be started.
    fn never_starts(&mut self, reason: String, at: Timestamp, seed: u64) -> TaskSignal {
        self.set_containers("STOPPED", None, Some(&reason));
        self.end("TaskFailedToStart", &reason, at, seed);
        TaskSignal::NeverStarted(reason)
    }

    /// Ends a task after its main container exited.
    fn container_exited(&mut self, code: i32, at: Timestamp, context: &mut SimulationContext<'_>) -> TaskSignal {
        container_logs::write(self, &LogTrigger::Exit(code), at, context);
        let memory = code == 137 && self.task_fault == Some(TaskFault::OutOfMemory);
        let reason = memory.then_some("OutOfMemoryError: Container killed due to memory usage");
        let main =
            context.definitions.get(&self.reported.task_definition).and_then(|it| it.main()).map(|it| it.name.clone());
        for container in self.reported.containers.iter_mut().filter(|it| Some(&it.name) == main.as_ref()) {
            (container.exit_code, container.reason) = (Some(code), reason.map(str::to_owned));
        }
        // The other containers are stopped with it.
        self.set_containers("STOPPED", Some(0), None);
        self.end("EssentialContainerExited", "Essential container in task exited", at, context.seed);
        TaskSignal::Exited
    }

    /// Ends a task that exited or never started: only deprovisioning is left.
    fn end(&mut self, code: &str, reason: &str, at: Timestamp, seed: u64) {
        self.state = if self.is_healthy() { TaskState::Ending } else { TaskState::Failed };
        (self.reported.code, self.reported.reason) = (Some(code.to_owned()), Some(reason.to_owned()));
        self.drain();
        self.set_status(TaskStatus::Deprovisioning);
        self.events = vec![(at + self.draw(seed, "away", (4.0, 8.0, 15.0)), TaskEvent::Stopped)];
    }

    /// Stops the task: its targets are drained, then its containers stop, then it is deprovisioned.
    pub(super) fn stop(
        &mut self,
        (code, reason): (&str, &str),
        at: Timestamp,
        deregistration_delay: Duration,
        seed: u64,
    ) {
        if !self.is_live() {
            return;
        }
        self.state = TaskState::Ending;
        (self.reported.code, self.reported.reason) = (Some(code.to_owned()), Some(reason.to_owned()));
        let away = self.draw(seed, "away", (4.0, 8.0, 15.0));
        if self.reported.started.is_none() && self.targets.is_empty() {
            self.set_status(TaskStatus::Deprovisioning);
            self.events = vec![(at + away, TaskEvent::Stopped)];
            return;
        }
        let drained = at + if self.targets.is_empty() { Duration::from_secs(1) } else { deregistration_delay };
        self.drain();
        self.set_status(TaskStatus::Deactivating);
        let ended = drained + self.draw(seed, "term", (1.0, 3.0, 8.0));
        self.events = vec![
            (drained, TaskEvent::Stopping),
            (ended, TaskEvent::ContainersExited),
            (ended + away, TaskEvent::Stopped),
        ];
    }

    /// Starts to drain its targets.
    fn drain(&mut self) {
        for target in &mut self.targets {
            target.reported.state = TargetState::Draining;
            target.reported.reason = Some("Target.DeregistrationInProgress".to_owned());
            target.reported.description = Some("Target deregistration is in progress".to_owned());
        }
    }

    /// Draws a duration for a purpose from a least, a most frequent and a greatest number of seconds.
    fn draw(&self, seed: u64, purpose: &str, spread: (f64, f64, f64)) -> Duration {
        seconds(seed, &[&self.reported.arn, purpose], spread)
    }
}

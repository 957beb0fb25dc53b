//! A task, and its planned events from its launch on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::addresses::TaskSubnet;
use super::messages;
use super::obstacle::StartObstacle;
use super::spec::Spec;
use super::task_definition::TaskDefinitionRecord;
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{Container, TargetHealth, Task, Timestamp};
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::{seconds, uuid};

/// The time for which AWS lists stopped tasks: about an hour ("Viewing Amazon ECS stopped task errors").
pub(super) const RETENTION: Duration = Duration::from_hours(1);

/// A simulated task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SimulatedTask {
    /// The answer of `DescribeTasks`.
    pub(super) reported: Task,
    pub(super) targets: Vec<Target>,
    /// The planned events, earliest first.
    pub(super) events: Vec<(Timestamp, TaskEvent)>,
    pub(super) state: TaskState,
    /// The fault of the task.
    pub(super) task_fault: Option<TaskFault>,
    /// Whether its container health checks pass, or it has none.
    pub(super) containers_healthy: bool,
    /// The program that overrides the command of its image; its arguments may be secret.
    pub(super) program: Option<String>,
    /// Whether it is registered with the alternate target groups.
    #[serde(default)]
    pub(super) alternate: bool,
}

/// The state of a task for the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TaskState {
    /// It starts, or has not passed its health checks yet.
    Starting,
    /// It runs and has passed every health check.
    Healthy,
    /// It is being stopped, or has exited.
    Ending,
    /// It failed before it was ever healthy.
    Failed,
}

/// A target of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Target {
    /// The ARN of its target group.
    pub(super) group: String,
    /// The answer of `DescribeTargetHealth`.
    pub(super) reported: TargetHealth,
}

/// A planned event of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum TaskEvent {
    /// It has its network interface; the image is pulled.
    Pending,
    /// Its targets are registered.
    Activating,
    /// Its containers run.
    Running,
    /// The containers' own health checks pass, or fail for the last time.
    ContainerChecked(bool),
    /// The target of this number passes its first check.
    TargetPasses(usize),
    /// The target of this number has failed often enough to be unhealthy.
    TargetFails(usize),
    /// ECS stops it because of that target.
    StoppedAsUnhealthy(usize),
    /// It never starts, for this reason.
    NeverStarts(String),
    /// Its essential container exits with this code.
    Exits(i32),
    /// Draining is finished: its containers are stopped.
    Stopping,
    /// Its containers have exited.
    ContainersExited,
    /// It has stopped.
    Stopped,
}

/// The launch of a task.
pub(super) struct TaskLaunch<'a> {
    pub(super) arn: String,
    /// The private address.
    pub(super) address: String,
    /// The zone of the subnet, if it is known.
    pub(super) zone: Option<String>,
    /// The number of tasks that were started before it, and itself.
    pub(super) number: u64,
    /// The id of its deployment, or a name given by the caller.
    pub(super) started_by: String,
    pub(super) definition: &'a TaskDefinitionRecord,
    /// The specification of its service.
    pub(super) spec: Option<&'a Spec>,
    /// Whether it is registered with the alternate target groups.
    pub(super) alternate: bool,
    pub(super) task_fault: Option<TaskFault>,
    /// The reason why it cannot start; a requested fault comes first.
    pub(super) obstacle: Option<&'a StartObstacle>,
    pub(super) at: Timestamp,
    pub(super) seed: u64,
}

impl TaskLaunch<'_> {
    /// Creates the task and plans its events.
    pub(super) fn launch(self) -> SimulatedTask {
        let containers = self.definition.reported.containers.iter().map(|container| Container {
            name: container.name.clone(),
            status: Some("PENDING".to_owned()),
            health: Some("UNKNOWN".to_owned()),
            exit_code: None,
            reason: None,
            image: Some(container.image.clone()),
            image_digest: None,
        });
        let letter = if self.number.is_multiple_of(2) { 'a' } else { 'b' };
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let reported = Task {
            task_definition: self.definition.reported.arn.clone(),
            started_by: Some(self.started_by.clone()),
            status: TaskStatus::Provisioning,
            health: Some("UNKNOWN".to_owned()),
            code: None,
            reason: None,
            created: Some(self.at),
            started: None,
            stopped: None,
            zone: self.zone.clone().or_else(|| Some(format!("{region}{letter}"))),
            address: Some(self.address.clone()),
            exec: self.spec.is_some_and(|spec| spec.exec),
            containers: containers.collect(),
            arn: self.arn.clone(),
        };
        let mut events = self.planned_events();
        events.sort_by_key(|(at, _)| *at);
        let containers_healthy = self.definition.checks.is_empty();
        SimulatedTask {
            reported,
            targets: Vec::new(),
            events,
            state: TaskState::Starting,
            task_fault: self.task_fault,
            containers_healthy,
            program: None,
            alternate: self.alternate,
        }
    }

    /// Plans the events of the task: it runs after 20 to 60 s, most of it the pull of its image; it passes or fails its
    /// health checks, or exits, after that.
    fn planned_events(&self) -> Vec<(Timestamp, TaskEvent)> {
        let start = self.draw("start", (20.0, 27.0, 60.0));
        let (pending, run) = (self.at + start.mul_f64(0.35), self.at + start);
        let mut events = vec![(pending, TaskEvent::Pending)];
        if let Some(after) = self.start_failure_delay() {
            let reason = messages::never_starts(self.task_fault, self.definition, &self.arn, self.seed);
            events.push((pending + after, TaskEvent::NeverStarts(reason)));
            return events;
        }
        let id = self.arn.rsplit('/').next().unwrap_or(&self.arn);
        let obstacle = self.obstacle.filter(|_| self.task_fault.is_none());
        if let Some(reason) = obstacle.and_then(|obstacle| obstacle.reason(id)) {
            events.push((pending + self.draw("failure", (3.0, 6.0, 12.0)), TaskEvent::NeverStarts(reason)));
            return events;
        }
        let registered = self.at + start.mul_f64(0.96);
        events.extend([(registered, TaskEvent::Activating), (run, TaskEvent::Running)]);
        let exit = match self.task_fault {
            Some(TaskFault::Exit(code)) => Some((code, (2.0, 4.0, 9.0))),
            // ECS's circuit breaker needs a failure to roll back.
            Some(TaskFault::RolledBackByEcs) => Some((1, (2.0, 4.0, 9.0))),
            Some(TaskFault::OutOfMemory) => Some((137, (6.0, 12.0, 25.0))),
            _ => None,
        };
        if let Some((code, spread)) = exit {
            events.push((run + self.draw("exit", spread), TaskEvent::Exits(code)));
            return events;
        }
        events.extend(self.container_checks(run));
        events.extend(self.target_checks(registered, run));
        events
    }

    /// Returns the time after which the start fails, if the fault prevents it.
    fn start_failure_delay(&self) -> Option<Duration> {
        let spread = match self.task_fault? {
            TaskFault::ImageNotFound | TaskFault::ImageDenied => (4.0, 8.0, 20.0),
            TaskFault::SecretUnreadable => (3.0, 6.0, 12.0),
            // Connection attempts time out, one after the other.
            TaskFault::NoRoute => (150.0, 185.0, 240.0),
            _ => return None,
        };
        Some(self.draw("failure", spread))
    }

    /// Draws a duration for a purpose from a least, a most frequent and a greatest number of seconds.
    fn draw(&self, purpose: &str, spread: (f64, f64, f64)) -> Duration {
        seconds(self.seed, &[&self.arn, purpose], spread)
    }
}

/// Returns the subnet of the task of this number: ECS spreads tasks over the subnets.
pub(super) fn subnet_of(subnets: &[TaskSubnet], number: u64) -> Option<&TaskSubnet> {
    let count = u64::try_from(subnets.len()).ok().filter(|count| *count > 0)?;
    usize::try_from(number % count).ok().and_then(|at| subnets.get(at))
}

/// Returns the ARN of a task in the cluster of a service, with an id of 32 hexadecimal digits.
pub(super) fn task_arn(service: &str, seed: u64, labels: &[&str]) -> String {
    let id = uuid(seed, labels).replace('-', "");
    // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
    let (home, rest) = service.split_once(":service/").unwrap_or((service, "default"));
    let cluster = rest.split('/').next().unwrap_or(rest);
    format!("{home}:task/{cluster}/{id}")
}

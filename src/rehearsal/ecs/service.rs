//! A service: its deployments, tasks and events, and how it changes with time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::context::SimulationContext;
use super::messages;
use super::obstacle::StartObstacle;
use super::spec::{ServiceSpec, Spec};
use super::strategy::ShiftState;
use super::task::{RETENTION, SimulatedTask, TaskState};
use super::task_lifecycle::TaskSignal;
use crate::deploy::api::{EcsEvent, Timestamp};
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::{draw, seconds, uuid};

/// The number of events that a service keeps ("Viewing Amazon ECS service event messages").
const EVENTS: usize = 100;

/// The time in which the same event is not repeated ("Viewing Amazon ECS service event messages").
const REPEAT_INTERVAL: Duration = Duration::from_hours(6);

/// A service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Service {
    pub(super) arn: String,
    /// The logical id of its resource.
    pub(super) logical_id: String,
    pub(super) status: Status,
    pub(super) spec: Spec,
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::tasks")]
    pub(super) desired: u32,
    /// The deployments, the primary one first.
    pub(super) deployments: Vec<Deployment>,
    pub(super) tasks: Vec<SimulatedTask>,
    /// The events, oldest first.
    pub(super) events: Vec<EcsEvent>,
    /// The deployment that completed last, and its task definition.
    pub(super) completed: Option<(String, String)>,
    /// The task definitions whose deployments completed without a fault.
    #[serde(default)]
    pub(super) proven: Vec<String>,
    /// Whether it runs the desired tasks and no others.
    pub(super) steady: bool,
    /// The time of the next run of the scheduler.
    pub(super) wake: Option<Timestamp>,
    /// The time at which the last task of a deleted service stopped.
    pub(super) ended: Option<Timestamp>,
    /// The number of tasks, deployments and events so far.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing")]
    pub(super) count: u64,
    /// The reason why new tasks cannot start.
    #[serde(default)]
    pub(super) obstacle: Option<StartObstacle>,
    /// Whether the tasks that get the traffic of users are registered with the alternate target groups.
    #[serde(default)]
    pub(super) alternate: bool,
    /// The shift of traffic that was rolled back last.
    #[serde(default)]
    pub(super) failed_shift: Option<Deployment>,
}

/// The status of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    Active,
    Draining,
    Inactive,
}

/// A deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) rollout: Rollout,
    pub(super) reason: String,
    pub(super) task_definition: String,
    /// The number of tasks that failed.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing")]
    pub(super) failed: u32,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// The fault of its tasks.
    pub(super) task_fault: Option<TaskFault>,
    /// The number of attempts in a row that failed to start tasks.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing")]
    pub(super) attempts: u32,
    /// The time of the next attempt.
    pub(super) retry: Option<Timestamp>,
    /// The progress of a shift of traffic.
    #[serde(default)]
    pub(super) shift: Option<ShiftState>,
}

/// The rollout state of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

/// The health of a service while one of its deployments is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rehearsal) enum Health {
    /// It is not steady yet.
    Waiting,
    /// It runs the desired tasks and no others.
    Stable,
    /// The circuit breaker has failed that deployment.
    CircuitBroken,
    /// A hook or an alarm has failed that deployment.
    Refused,
}

impl Service {
    /// Creates a service with its first deployment.
    pub(super) fn new(service_spec: ServiceSpec<'_>, at: Timestamp, seed: u64) -> Self {
        let mut service = Self {
            arn: service_spec.arn.to_owned(),
            logical_id: service_spec.logical_id.to_owned(),
            status: Status::Active,
            desired: service_spec.spec.desired.unwrap_or(1),
            spec: service_spec.spec,
            deployments: Vec::new(),
            tasks: Vec::new(),
            events: Vec::new(),
            completed: None,
            proven: Vec::new(),
            steady: false,
            wake: None,
            ended: None,
            count: 0,
            obstacle: None,
            alternate: false,
            failed_shift: None,
        };
        service.redeploy(service_spec.task_fault, at, seed);
        if service_spec.is_loaded {
            service.deployments[0].shift = None;
        }
        service
    }

    /// Performs `UpdateService`: starts a deployment if the change needs new tasks.
    pub(super) fn update(&mut self, spec: Spec, task_fault: Option<TaskFault>, at: Timestamp, seed: u64) {
        let deploys = self.spec.needs_deployment(&spec);
        let desired = spec.desired.unwrap_or(self.desired);
        self.spec = spec;
        self.scale(desired, at, seed);
        if deploys {
            self.redeploy(task_fault, at, seed);
        }
    }

    /// Sets the desired count.
    pub(super) fn scale(&mut self, desired: u32, at: Timestamp, seed: u64) {
        if desired != self.desired {
            (self.desired, self.steady) = (desired, false);
            self.wake_soon(at, seed);
        }
    }

    /// Starts a new deployment.
    pub(super) fn redeploy(&mut self, task_fault: Option<TaskFault>, at: Timestamp, seed: u64) {
        self.count += 1;
        let number = draw(seed, &[&self.arn, "deployment", &self.count.to_string()]);
        let id = format!("ecs-svc/{}", 1_000_000_000_000_000_000 + number % 9_000_000_000_000_000_000);
        let new = !self.proven.contains(&self.spec.task_definition);
        let shift = self.new_shift();
        self.failed_shift = None;
        self.deployments.insert(
            0,
            Deployment {
                reason: messages::in_progress(&id),
                id,
                rollout: Rollout::InProgress,
                task_definition: self.spec.task_definition.clone(),
                failed: 0,
                created: at,
                updated: at,
                task_fault: task_fault.filter(|_| new),
                attempts: 0,
                retry: None,
                shift,
            },
        );
        self.steady = false;
        self.wake_soon(at, seed);
    }

    /// Performs `DeleteService`.
    pub(super) fn delete_service(&mut self, at: Timestamp, seed: u64) {
        if self.status == Status::Active {
            (self.status, self.desired, self.steady) = (Status::Draining, 0, false);
            self.wake_soon(at, seed);
        }
    }

    /// Returns the primary deployment.
    pub(super) fn primary(&self) -> &Deployment {
        self.deployments.first().expect("a service always has a deployment")
    }

    /// Returns the name in its ARN.
    pub(super) fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }

    /// Returns its health while one of its deployments is awaited.
    pub(super) fn health(&self, deployment: &str) -> Health {
        let awaited = self.deployments.iter().find(|it| it.id == deployment);
        // CloudFormation does not notice if ECS rolls back and is stable then.
        let unnoticed = |it: &Deployment| it.task_fault == Some(TaskFault::RolledBackByEcs) && self.completed.is_some();
        match awaited {
            Some(it) if it.rollout == Rollout::Failed && !unnoticed(it) => {
                if it.reason == messages::TRIPPED {
                    Health::CircuitBroken
                } else {
                    Health::Refused
                }
            }
            Some(it) if it.rollout == Rollout::Completed && self.spec.early_success.is_some() => Health::Stable,
            _ if self.steady => Health::Stable,
            _ => Health::Waiting,
        }
    }

    /// Returns the time of the next event.
    pub(super) fn next_event(&self) -> Option<Timestamp> {
        self.tasks.iter().filter_map(SimulatedTask::next_event).chain(self.wake).min()
    }

    /// Returns whether AWS no longer lists it.
    pub(super) fn is_forgotten(&self, at: Timestamp) -> bool {
        self.ended.is_some_and(|ended| at.since(ended) >= RETENTION)
    }

    /// Applies the events that are due, and runs the scheduler if it is due.
    pub(super) fn advance(&mut self, at: Timestamp, context: &mut SimulationContext<'_>) {
        for task in 0..self.tasks.len() {
            while let Some(event) = self.tasks[task].due(at) {
                let before = self.tasks[task].is_healthy();
                let signal = self.tasks[task].apply(event, at, Some(&self.spec), context);
                if self.tasks[task].is_healthy() && !before {
                    self.reset_failures(task);
                    self.wake_soon(at, context.seed);
                }
                if let Some(signal) = signal {
                    self.handle_signal(task, signal, at, context);
                }
            }
        }
        if self.wake.is_some_and(|wake| wake <= at) {
            self.wake = None;
            self.schedule(at, context);
        }
        self.tasks.retain(|task| task.reported.stopped.is_none_or(|stopped| at.since(stopped) < RETENTION));
    }

    /// Reacts to an event of a task.
    fn handle_signal(&mut self, task: usize, signal: TaskSignal, at: Timestamp, context: &mut SimulationContext<'_>) {
        let seed = context.seed;
        let id = self.tasks[task].reported.id().to_owned();
        match signal {
            TaskSignal::Registered => {
                for group in self.tasks[task].targets.iter().map(|it| it.group.clone()).collect::<Vec<_>>() {
                    self.push_event(at, seed, &format!("registered 1 targets in (target-group {group})"));
                }
                return;
            }
            TaskSignal::TargetUnhealthy(group, reason) => {
                let port = self.tasks[task].targets.iter().find(|it| it.group == group).and_then(|it| it.reported.port);
                let port = port.map_or_else(String::new, |port| format!("(port {port}) "));
                let message =
                    format!("(task {id}) {port}is unhealthy in (target-group {group}) due to (reason {reason}).");
                self.push_event(at, seed, &message);
                self.stop_unhealthy(
                    task,
                    &format!("Task failed ELB health checks in (target-group {group})"),
                    at,
                    seed,
                );
            }
            TaskSignal::ContainerUnhealthy => {
                self.push_event(at, seed, &format!("(task {id}) failed container health checks."));
                self.stop_unhealthy(task, "Task failed container health checks", at, seed);
            }
            TaskSignal::NeverStarted(reason) => {
                self.push_event_once(at, seed, &messages::placement_failed(&reason));
                self.throttle(task, at, seed);
            }
            TaskSignal::Exited => {}
            TaskSignal::Stopped => {
                self.count_failure(task, at, context);
                return self.wake_soon(at, seed);
            }
        }
        self.steady = false;
        self.wake_soon(at, seed);
    }

    /// Stops a task that fails its health checks.
    fn stop_unhealthy(&mut self, task: usize, reason: &str, at: Timestamp, seed: u64) {
        let failed = !self.tasks[task].is_healthy();
        self.stop(&[task], ("ServiceSchedulerInitiated", reason), at, seed);
        if failed {
            self.tasks[task].state = TaskState::Failed;
        }
    }

    /// Stops tasks and writes the events as ECS does.
    pub(super) fn stop(&mut self, tasks: &[usize], reason: (&str, &str), at: Timestamp, seed: u64) {
        if tasks.is_empty() {
            return;
        }
        let deregistration_delay = self.spec.deregistration_delay();
        let mut groups: Vec<(String, usize)> = Vec::new();
        for task in tasks {
            for target in &self.tasks[*task].targets {
                match groups.iter_mut().find(|(group, _)| *group == target.group) {
                    Some((_, count)) => *count += 1,
                    None => groups.push((target.group.clone(), 1)),
                }
            }
            self.tasks[*task].stop(reason, at, deregistration_delay, seed);
        }
        let ids = messages::tasks(tasks.iter().map(|task| self.tasks[*task].reported.id()));
        self.push_event(at, seed, &format!("has stopped {} running tasks: {ids}.", tasks.len()));
        for (group, count) in groups {
            self.push_event(at, seed, &format!("deregistered {count} targets in (target-group {group})"));
            self.push_event(at, seed, &format!("has begun draining connections on {count} tasks."));
        }
    }

    /// Adds an event.
    pub(super) fn push_event(&mut self, time: Timestamp, seed: u64, message: &str) {
        self.count += 1;
        let id = uuid(seed, &[&self.arn, "event", &self.count.to_string()]);
        self.events.push(EcsEvent { id, time, message: format!("(service {}) {message}", self.name()) });
        let over = self.events.len().saturating_sub(EVENTS);
        self.events.drain(..over);
    }

    /// Adds an event unless the same one was added in the last hours. Ids at its end may differ.
    pub(super) fn push_event_once(&mut self, time: Timestamp, seed: u64, message: &str) {
        let start: String = format!("(service {}) {message}", self.name()).chars().take(120).collect();
        let is_repeated =
            |event: &EcsEvent| time.since(event.time) < REPEAT_INTERVAL && event.message.starts_with(&start);
        if !self.events.iter().any(is_repeated) {
            self.push_event(time, seed, message);
        }
    }

    /// Lets the scheduler run a moment later.
    pub(super) fn wake_soon(&mut self, at: Timestamp, seed: u64) {
        self.count += 1;
        let after = seconds(seed, &[&self.arn, "look", &self.count.to_string()], (1.0, 2.0, 4.0));
        self.wake_at(at + after);
    }

    /// Lets the scheduler run at a time, or earlier if it is due earlier.
    pub(super) fn wake_at(&mut self, at: Timestamp) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }
}

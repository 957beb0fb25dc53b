//! ECS's scheduler: starts and stops the tasks of a service within its percentages, and completes deployments.
//!
//! The minimum is rounded up, the maximum down, and a task that is stopping still counts against the maximum
//! (`DeploymentConfiguration`, ECS API).

use super::context::SimulationContext;
use super::messages;
use super::obstacle::StartObstacle;
use super::service::{Deployment, Rollout, Service, Status};
use super::task::{SimulatedTask, TaskLaunch, subnet_of, task_arn};
use crate::deploy::api::Timestamp;
use crate::rehearsal::faults::TaskFault;

impl SimulatedTask {
    /// Returns whether a deployment started it.
    pub(super) fn is_of(&self, deployment: &Deployment) -> bool {
        self.reported.started_by.as_ref() == Some(&deployment.id)
    }
}

/// The number of tasks that the percentages allow.
struct SchedulingCapacity {
    /// The number of tasks that are still to be started.
    missing: u32,
    /// The number of tasks that have not stopped.
    occupied: u32,
    /// The greatest number of tasks.
    upper: u32,
    /// The least number of healthy tasks.
    lower: u32,
}

impl SchedulingCapacity {
    /// Returns whether tasks are missing and none can be started.
    fn is_full(&self) -> bool {
        self.missing > 0 && self.occupied >= self.upper
    }
}

impl Service {
    /// Starts missing tasks, stops surplus tasks, and checks whether the service is steady.
    pub(super) fn schedule(&mut self, at: Timestamp, context: &mut SimulationContext<'_>) {
        if self.status != Status::Active {
            return self.stop_all(at, context.seed);
        }
        self.advance_shift(at, context.seed);
        if self.may_start() {
            self.start_missing(at, context);
        }
        self.stop_surplus(at, context.seed);
        self.check_steady(at, context.seed);
    }

    /// Returns the number of tasks that satisfy a condition.
    fn count_of(&self, fits: impl Fn(&SimulatedTask) -> bool) -> u32 {
        u32::try_from(self.tasks.iter().filter(|task| fits(task)).count()).unwrap_or(u32::MAX)
    }

    /// Returns the number of tasks that the percentages allow now.
    fn capacity(&self) -> SchedulingCapacity {
        let primary = self.primary();
        let part = |percent: u32| u64::from(self.desired) * u64::from(percent);
        let whole = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        SchedulingCapacity {
            missing: self.desired.saturating_sub(self.count_of(|task| task.is_of(primary) && task.is_live())),
            occupied: self.count_of(|task| !task.is_stopped()),
            // A shift of traffic starts all new tasks next to the old ones.
            upper: if self.shift().is_some() { u32::MAX } else { whole(part(self.spec.maximum_percent) / 100) },
            lower: whole(part(self.spec.minimum_percent).div_ceil(100)),
        }
    }

    /// Starts missing tasks as far as the percentages allow.
    fn start_missing(&mut self, at: Timestamp, context: &mut SimulationContext<'_>) {
        let (capacity, primary) = (self.capacity(), self.primary());
        let new = capacity.missing.min(capacity.upper.saturating_sub(capacity.occupied));
        if new == 0 || primary.rollout == Rollout::Failed {
            return;
        }
        if let Some(retry) = primary.retry.filter(|retry| *retry > at) {
            return self.wake_at(retry);
        }
        if primary.task_fault == Some(TaskFault::NoCapacity) {
            self.push_event_once(at, context.seed, &messages::placement_failed(messages::NO_CAPACITY));
            return self.placement_failed(at, context);
        }
        let error = self.obstacle.as_ref().and_then(StartObstacle::launch_error);
        if let Some(error) = error.filter(|_| self.primary().task_fault.is_none()).map(messages::not_launched) {
            self.push_event_once(at, context.seed, &error);
            return self.placement_failed(at, context);
        }
        let first = self.tasks.len();
        for _ in 0..new {
            self.start(at, context);
        }
        let ids = messages::tasks(self.tasks[first..].iter().map(|task| task.reported.id()));
        if !ids.is_empty() {
            self.push_event(at, context.seed, &format!("has started {} tasks: {ids}.", self.tasks.len() - first));
        }
    }

    /// Starts a task of the primary deployment.
    fn start(&mut self, at: Timestamp, context: &mut SimulationContext<'_>) {
        self.count += 1;
        let arn = task_arn(&self.arn, context.seed, &[&self.arn, "task", &self.count.to_string()]);
        let primary = self.primary();
        let Some(definition) = context.definitions.get(&primary.task_definition) else { return };
        let subnet = subnet_of(&self.spec.subnets, self.count);
        let launch = TaskLaunch {
            address: context.addresses.next(subnet),
            zone: subnet.and_then(|subnet| subnet.zone().map(str::to_owned)),
            arn,
            number: self.count,
            started_by: primary.id.clone(),
            definition,
            spec: Some(&self.spec),
            alternate: primary.shift.as_ref().is_some_and(|shift| shift.alternate),
            task_fault: primary.task_fault,
            obstacle: self.obstacle.as_ref(),
            at,
            seed: context.seed,
        };
        let task = launch.launch();
        self.tasks.push(task);
    }

    /// Stops tasks of other deployments, and tasks above the desired count.
    fn stop_surplus(&mut self, at: Timestamp, seed: u64) {
        let (capacity, primary) = (self.capacity(), self.primary().clone());
        let live = |own: bool| {
            let fits =
                |(at, task): (usize, &SimulatedTask)| (task.is_live() && task.is_of(&primary) == own).then_some(at);
            self.tasks.iter().enumerate().filter_map(fits).collect::<Vec<_>>()
        };
        let mut own = live(true);
        // Tasks that are not healthy are stopped first, then the newest.
        own.sort_by_key(|task| (self.tasks[*task].is_healthy(), std::cmp::Reverse(*task)));
        own.truncate(own.len().saturating_sub(self.desired as usize));
        let mut surplus = own;
        if primary.rollout != Rollout::Failed && self.may_replace() {
            let minimum = if capacity.is_full() { capacity.lower } else { capacity.lower.max(self.desired) };
            let spare = self.count_of(|task| task.is_live() && task.is_healthy()).saturating_sub(minimum) as usize;
            let (healthy, other): (Vec<_>, Vec<_>) =
                live(false).into_iter().partition(|task| self.tasks[*task].is_healthy());
            surplus.extend(other);
            surplus.extend(healthy.into_iter().take(spare));
            if surplus.is_empty() && capacity.is_full() && capacity.upper <= capacity.lower {
                self.push_event_once(at, seed, messages::STUCK);
            }
        }
        let reason = format!("Scaling activity initiated by (deployment {})", primary.id);
        self.stop(&surplus, ("ServiceSchedulerInitiated", &reason), at, seed);
    }

    /// Completes the primary deployment if its tasks are healthy and no others are left.
    fn check_steady(&mut self, at: Timestamp, seed: u64) {
        let primary = self.primary().clone();
        let has_tasks = |it: &Deployment| self.tasks.iter().any(|task| task.is_of(it) && !task.is_stopped());
        let alone = !self.deployments[1..].iter().any(has_tasks);
        let own = |healthy: bool| {
            self.count_of(|task| task.is_of(&primary) && task.is_live() && (task.is_healthy() || !healthy))
        };
        let runs = own(true) == self.desired && own(false) == self.desired;
        if self.is_early(&primary, own(true), alone) {
            self.complete(at, seed);
        }
        if self.steady || !alone || !runs || primary.rollout == Rollout::Failed || !self.may_replace() {
            return;
        }
        self.complete(at, seed);
        // Failed deployments are listed until the service is steady again.
        self.deployments.truncate(1);
        self.steady = true;
        self.push_event(at, seed, "has reached a steady state.");
    }

    /// Returns whether a rolling deployment has met the criteria of an early success (`DeploymentEarlySuccessCriteria`, ECS API).
    fn is_early(&self, primary: &Deployment, healthy: u32, alone: bool) -> bool {
        let Some(criteria) = self.spec.early_success.filter(|_| primary.shift.is_none()) else { return false };
        let needed = u64::from(self.desired) * u64::from(criteria.percent);
        u64::from(healthy) * 100 >= needed && (alone || !criteria.is_blocking)
    }

    /// Completes the primary deployment if it is in progress.
    fn complete(&mut self, at: Timestamp, seed: u64) {
        let primary = self.primary().clone();
        if primary.rollout != Rollout::InProgress {
            return;
        }
        self.completed = Some((primary.id.clone(), primary.task_definition.clone()));
        self.alternate = primary.shift.as_ref().map_or(self.alternate, |shift| shift.alternate);
        if primary.task_fault.is_none() && !self.proven.contains(&primary.task_definition) {
            self.proven.push(primary.task_definition.clone());
        }
        let first = &mut self.deployments[0];
        (first.rollout, first.reason, first.updated) = (Rollout::Completed, messages::completed(&primary.id), at);
        self.push_event(at, seed, &format!("(deployment {}) deployment completed.", primary.id));
    }

    /// Stops all tasks of a service that is deleted.
    fn stop_all(&mut self, at: Timestamp, seed: u64) {
        let live = self.tasks.iter().enumerate().filter_map(|(at, task)| task.is_live().then_some(at));
        let live: Vec<_> = live.collect();
        let reason = format!("Scaling activity initiated by (deployment {})", self.primary().id);
        self.stop(&live, ("ServiceSchedulerInitiated", &reason), at, seed);
        if self.tasks.iter().all(SimulatedTask::is_stopped) {
            (self.status, self.ended) = (Status::Inactive, Some(at));
        }
    }
}

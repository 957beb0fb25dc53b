//! Failures: how ECS throttles attempts after them, and the circuit breaker that fails a deployment.
//!
//! Sources: "Amazon ECS service throttle logic" (only tasks that never ran are throttled; up to 27 minutes between
//! attempts; the steps below that are inferred) and "How the Amazon ECS deployment circuit breaker detects failures".

use std::time::Duration;

use super::context::SimulationContext;
use super::messages;
use super::service::{Deployment, Rollout, Service};
use super::spec::{CircuitBreakerConfig, Threshold};
use crate::deploy::api::Timestamp;
use crate::rehearsal::faults::TaskFault;

/// Returns the time that ECS waits after a number of attempts in a row whose tasks never ran.
fn pause(attempts: u32) -> Duration {
    const SECONDS: [u64; 6] = [10, 60, 180, 420, 900, 1620];
    Duration::from_secs(SECONDS[(attempts.max(1) as usize - 1).min(SECONDS.len() - 1)])
}

/// The number of attempts in a row after which ECS reports that it throttles.
const REPORTED_AFTER: u32 = 3;

impl CircuitBreakerConfig {
    /// Returns the number of failures that fails a deployment.
    fn limit(&self, desired: u32) -> u32 {
        let part = |percent: u32| u64::from(desired) * u64::from(percent);
        let whole = |percent| u32::try_from(part(percent).div_ceil(100)).unwrap_or(u32::MAX);
        match self.threshold {
            Threshold::Count(count) => count.max(1),
            Threshold::Bounded(percent) => whole(percent).clamp(3, 200),
            Threshold::Unbounded(percent) => whole(percent).max(1),
        }
    }
}

impl Service {
    /// Returns the circuit breaker of a deployment; a fault that lets ECS roll back enables one.
    fn effective_circuit_breaker(&self, deployment: &Deployment) -> Option<CircuitBreakerConfig> {
        let is_forced = deployment.task_fault == Some(TaskFault::RolledBackByEcs);
        let forced = CircuitBreakerConfig { rollback: true, threshold: Threshold::Bounded(50), reset_on_healthy: true };
        if is_forced { Some(forced) } else { self.spec.circuit_breaker.clone() }
    }

    /// Returns the deployment that started a task.
    fn deployment_of(&mut self, task: usize) -> Option<&mut Deployment> {
        let id = self.tasks[task].reported.started_by.as_ref();
        self.deployments.iter_mut().find(|it| Some(&it.id) == id)
    }

    /// Resets the failures of a deployment after a task became healthy.
    pub(super) fn reset_failures(&mut self, task: usize) {
        let resets = self.spec.circuit_breaker.as_ref().is_none_or(|breaker| breaker.reset_on_healthy);
        if let Some(deployment) = self.deployment_of(task) {
            (deployment.attempts, deployment.retry) = (0, None);
            deployment.failed = if resets { 0 } else { deployment.failed };
        }
    }

    /// Delays the next attempt after a task never ran, longer each time.
    pub(super) fn throttle(&mut self, task: usize, at: Timestamp, seed: u64) {
        if let Some(deployment) = self.deployment_of(task) {
            let attempts = deployment.throttle(at);
            if attempts >= REPORTED_AFTER {
                self.push_event_once(at, seed, &messages::throttled());
            }
        }
    }

    /// Counts a failure because no task could be placed.
    pub(super) fn placement_failed(&mut self, at: Timestamp, context: &mut SimulationContext<'_>) {
        let Some(primary) = self.deployments.first_mut() else { return };
        (primary.failed, primary.updated) = (primary.failed + 1, at);
        let attempts = primary.throttle(at);
        if let Some(retry) = primary.retry {
            self.wake_at(retry);
        }
        if attempts >= REPORTED_AFTER {
            self.push_event_once(at, context.seed, &messages::throttled());
        }
        self.check_circuit_breaker(at, context.seed);
    }

    /// Counts a stopped task as a failure if it was never healthy.
    pub(super) fn count_failure(&mut self, task: usize, at: Timestamp, context: &mut SimulationContext<'_>) {
        if !self.tasks[task].has_failed() {
            return;
        }
        if let Some(deployment) = self.deployment_of(task) {
            (deployment.failed, deployment.updated) = (deployment.failed + 1, at);
            self.check_circuit_breaker(at, context.seed);
        }
    }

    /// Fails the primary deployment after too many failures, and rolls it back if that is enabled.
    fn check_circuit_breaker(&mut self, at: Timestamp, seed: u64) {
        let primary = self.primary().clone();
        let Some(breaker) = self.effective_circuit_breaker(&primary) else { return };
        if primary.rollout != Rollout::InProgress || primary.failed < breaker.limit(self.desired) {
            return;
        }
        let first = &mut self.deployments[0];
        (first.rollout, first.reason, first.updated) = (Rollout::Failed, messages::TRIPPED.to_owned(), at);
        self.push_event(at, seed, &format!("(deployment {}) deployment failed: tasks failed to start.", primary.id));
        if breaker.rollback {
            self.roll_back(at, seed);
        }
    }
}

impl Deployment {
    /// Delays the next attempt. Returns the number of attempts in a row.
    fn throttle(&mut self, at: Timestamp) -> u32 {
        // Tasks of one attempt fail together and count once.
        if self.retry.is_none_or(|retry| retry <= at) {
            self.attempts += 1;
            self.retry = Some(at + pause(self.attempts));
        }
        self.attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_half_of_the_desired_count_within_bounds_unless_configured() {
        let limit = |threshold, desired| {
            CircuitBreakerConfig { rollback: false, threshold, reset_on_healthy: true }.limit(desired)
        };
        for (desired, expected) in [(1, 3), (5, 3), (9, 5), (100, 50), (1000, 200)] {
            assert_eq!(limit(Threshold::Bounded(50), desired), expected, "{desired} tasks");
        }
        assert_eq!((limit(Threshold::Count(5), 2), limit(Threshold::Unbounded(50), 2)), (5, 1));
        assert_eq!(limit(Threshold::Unbounded(50), 1000), 500);
    }

    #[test]
    fn pauses_grow_up_to_27_minutes() {
        let pauses: Vec<_> = (1..=8).map(pause).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses.last(), Some(&Duration::from_mins(27)));
    }
}

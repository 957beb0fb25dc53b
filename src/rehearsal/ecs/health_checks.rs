//! The results of the health checks of a task, planned at its launch.

use std::time::Duration;

use super::spec::TargetGroupSpec;
use super::task::{TaskEvent, TaskLaunch};
use crate::deploy::api::Timestamp;
use crate::rehearsal::faults::TaskFault;

/// The time that ECS takes to stop a task whose target is unhealthy.
const NOTICE: Duration = Duration::from_secs(2);

impl TaskLaunch<'_> {
    /// Returns the time at which the program answers its health checks as they expect; `None` if it never does.
    fn ready(&self, run: Timestamp) -> Option<Timestamp> {
        match self.task_fault {
            Some(TaskFault::Unhealthy(_) | TaskFault::Silent) => None,
            Some(TaskFault::ReadyAfter(seconds)) => Some(run + Duration::from_secs(seconds.into())),
            _ => Some(run),
        }
    }

    /// Returns the end of the grace period: ECS ignores failed checks of targets and containers until then
    /// (`healthCheckGracePeriodSeconds` of `CreateService`, ECS API).
    fn end_of_grace(&self, run: Timestamp) -> Timestamp {
        run + self.spec.map_or(Duration::ZERO, |spec| spec.grace_period)
    }

    /// Plans the slowest container health check: one that passes, or as many as make it unhealthy.
    pub(super) fn container_checks(&self, run: Timestamp) -> Option<(Timestamp, TaskEvent)> {
        let ready = self.ready(run);
        if ready.is_none() && self.spec.is_some_and(|spec| !spec.target_groups.is_empty()) {
            return None;
        }
        let results = self.definition.checks.iter().map(|check| {
            let fails = run + check.start_period + check.interval.saturating_mul(check.retries.max(1));
            let fails = fails.max(self.end_of_grace(run));
            let passes = ready.map(|ready| first_check(run, check.interval, ready));
            passes.filter(|passes| *passes <= fails).map_or((false, fails), |passes| (true, passes))
        });
        let results: Vec<(bool, Timestamp)> = results.collect();
        let all_pass = results.iter().all(|(passes, _)| *passes);
        let decisive = results.iter().filter(|(passes, _)| *passes == all_pass).map(|(_, at)| *at);
        Some((decisive.max()?, TaskEvent::ContainerChecked(all_pass)))
    }

    /// Plans the targets' health checks.
    pub(super) fn target_checks(&self, registered: Timestamp, run: Timestamp) -> Vec<(Timestamp, TaskEvent)> {
        let groups = self.spec.map(|spec| spec.target_groups.iter().enumerate());
        groups.into_iter().flatten().flat_map(|(at, group)| self.target_check(at, group, registered, run)).collect()
    }

    /// Plans the health checks of a target: it is healthy after one check that passes, or unhealthy after several that fail. An
    /// unhealthy one must pass several, and ECS stops its task after the grace period.
    fn target_check(
        &self,
        at: usize,
        group: &TargetGroupSpec,
        registered: Timestamp,
        run: Timestamp,
    ) -> Vec<(Timestamp, TaskEvent)> {
        let fails = registered + group.interval.saturating_mul(group.unhealthy);
        let stops = (fails + NOTICE).max(self.end_of_grace(run));
        let passes = self.ready(run).map(|ready| first_check(registered, group.interval, ready));
        let recovers = passes.map(|passes| passes + group.interval.saturating_mul(group.healthy.saturating_sub(1)));
        match (passes, recovers) {
            (Some(passes), _) if passes <= fails => vec![(passes, TaskEvent::TargetPasses(at))],
            (_, Some(recovers)) if recovers <= stops => {
                vec![(fails, TaskEvent::TargetFails(at)), (recovers, TaskEvent::TargetPasses(at))]
            }
            _ => vec![(fails, TaskEvent::TargetFails(at)), (stops, TaskEvent::StoppedAsUnhealthy(at))],
        }
    }
}

/// Returns the time of the first check that is not before a time; checks are an interval apart.
fn first_check(start: Timestamp, interval: Duration, ready: Timestamp) -> Timestamp {
    let waits = ready.max(start).since(start).as_millis();
    let count = waits.div_ceil(interval.as_millis().max(1)).max(1);
    start + interval.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}

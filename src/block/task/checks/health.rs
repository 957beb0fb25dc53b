use std::ops::RangeInclusive;

use crate::block::HealthCheck;
use crate::block::range_checks::{port, within};
use crate::block::task::Task;
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The ranges and defaults of a kind of health check. Times are seconds.
pub(crate) struct HealthCheckLimits {
    pub(crate) interval: RangeInclusive<i64>,
    pub(crate) timeout: RangeInclusive<i64>,
    pub(crate) count: RangeInclusive<i64>,
    pub(crate) default_interval: i64,
    pub(crate) default_timeout: i64,
}

/// ECS API, `HealthCheck`.
const CONTAINERS: HealthCheckLimits =
    HealthCheckLimits { interval: 5..=300, timeout: 2..=60, count: 1..=10, default_interval: 30, default_timeout: 5 };
const START_PERIOD: RangeInclusive<i64> = 0..=300;

/// Returns the problems of the health checks of the containers.
pub(super) fn all(task: &Task) -> Vec<Diagnostic> {
    let checks = task.containers().filter_map(|container| container.container_health_check.as_ref());
    checks.flat_map(|check| check_of(&check.value, &CONTAINERS).into_iter().chain(only_for_targets(check))).collect()
}

/// Returns the numbers of a health check that are out of their ranges.
pub(crate) fn check_of(check: &HealthCheck, limits: &HealthCheckLimits) -> Vec<Diagnostic> {
    let range = |number: &Option<WithOrigin<i64>>, range: &RangeInclusive<i64>, what, unit| {
        within(number.as_ref()?, range.clone(), Code::HealthCheckRange, what, unit)
    };
    let found = [
        range(&check.interval, &limits.interval, "the interval of a health check", "seconds"),
        range(&check.timeout, &limits.timeout, "the timeout of a health check", "seconds"),
        range(&check.healthy, &limits.count, "the number of good answers", ""),
        range(&check.unhealthy, &limits.count, "the number of bad answers", ""),
        range(&check.start_period, &START_PERIOD, "the start period of a health check", "seconds"),
        check.port.as_ref().and_then(port),
        timeout(check, limits),
    ];
    found.into_iter().flatten().collect()
}

/// Checks that a health check ends before the next begins.
fn timeout(check: &HealthCheck, limits: &HealthCheckLimits) -> Option<Diagnostic> {
    let value = |number: &Option<WithOrigin<i64>>, default| number.as_ref().map_or(default, |number| number.value);
    let interval = value(&check.interval, limits.default_interval);
    let timeout = value(&check.timeout, limits.default_timeout);
    if timeout < interval {
        return None;
    }
    let message = format!("a health check of {timeout} seconds does not end before the next begins after {interval}");
    let mut problem = Diagnostic::new(Code::HealthCheckTimeout, message);
    for (set, what) in [(&check.timeout, "the timeout"), (&check.interval, "the interval")] {
        if let Some(set) = set {
            problem = problem.at(&set.origin, what);
        }
    }
    Some(problem.help(format!(
        "keep the timeout below the interval; unset, they are {} and {}",
        limits.default_timeout, limits.default_interval
    )))
}

fn only_for_targets(check: &WithOrigin<HealthCheck>) -> Vec<Diagnostic> {
    let HealthCheck { healthy, codes, port, .. } = &check.value;
    let set = [
        ("healthy", healthy.as_ref().map(|set| &set.origin)),
        ("codes", codes.as_ref().map(|set| &set.origin)),
        ("port", port.as_ref().map(|set| &set.origin)),
    ];
    let wrong = |(name, origin): (&str, Option<&crate::diag::Origin>)| {
        let message = format!("`.{name}` is for the health check of a target group");
        Some(Diagnostic::new(Code::HealthCheckSetting, message).at(origin?, "").help("leave it out for a container"))
    };
    set.into_iter().filter_map(wrong).collect()
}

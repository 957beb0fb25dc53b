use std::ops::RangeInclusive;

use super::FargateService;
use crate::block::range_checks::{port, within};
use crate::block::{HealthCheck, Probe};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The ranges and defaults of a kind of health check. Times are seconds.
struct HealthCheckLimits {
    interval: RangeInclusive<i64>,
    timeout: RangeInclusive<i64>,
    count: RangeInclusive<i64>,
    default_interval: i64,
    default_timeout: i64,
}

/// Elastic Load Balancing API, `CreateTargetGroup`, for HTTP.
const TARGETS: HealthCheckLimits =
    HealthCheckLimits { interval: 5..=300, timeout: 2..=120, count: 2..=10, default_interval: 30, default_timeout: 6 };
/// ECS API, `HealthCheck`.
const CONTAINERS: HealthCheckLimits =
    HealthCheckLimits { interval: 5..=300, timeout: 2..=60, count: 1..=10, default_interval: 30, default_timeout: 5 };
const START_PERIOD: RangeInclusive<i64> = 0..=300;

pub(super) fn all(service: &FargateService) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if let Some(check) = &service.health_check {
        problems.extend(check_of(&check.value, &TARGETS));
        problems.extend(path(&check.value));
        problems.extend(without_balancer(service, check));
        problems.extend(only_for_containers(check));
    }
    for container in super::super::containers::all(service) {
        let Some(check) = &container.container_health_check else { continue };
        problems.extend(check_of(&check.value, &CONTAINERS));
        problems.extend(only_for_targets(check));
    }
    problems
}

fn check_of(check: &HealthCheck, limits: &HealthCheckLimits) -> Vec<Diagnostic> {
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

fn path(check: &HealthCheck) -> Option<Diagnostic> {
    let wrong = |message: String| Diagnostic::new(Code::HealthCheckPath, message).at(&check.probe.origin, "");
    match &check.probe.value {
        Probe::Command(_) => Some(
            wrong("the health check of a target group is a path, not a command".to_owned())
                .help("use `.container_health_check` for a command"),
        ),
        Probe::Text(text) => {
            let text = text.as_str()?;
            (!text.starts_with('/')).then(|| {
                wrong(format!("`{text}` is not a path")).help(format!("a path begins with a slash: `/{text}`"))
            })
        }
    }
}

fn without_balancer(service: &FargateService, check: &WithOrigin<HealthCheck>) -> Option<Diagnostic> {
    service.behind.is_empty().then(|| {
        Diagnostic::new(Code::UnusedHealthCheck, "no load balancer makes this health check")
            .at(&check.origin, "the health check of a target group")
            .help(
                "put the service behind a load balancer with `.behind(alb)`, or use `.container_health_check(command)`",
            )
    })
}

fn only_for_containers(check: &WithOrigin<HealthCheck>) -> Option<Diagnostic> {
    let set = check.value.start_period.as_ref()?;
    Some(
        Diagnostic::new(Code::HealthCheckSetting, "a target group has no start period")
            .at(&set.origin, "")
            .help("use `.grace_period(seconds)` of the service"),
    )
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

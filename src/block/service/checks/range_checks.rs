use super::FargateService;
use crate::block::IntOrRef;
use crate::block::range_checks::{port, within};
use crate::diag::{Code, Diagnostic, WithOrigin, nearest};

/// Days that CloudWatch Logs keeps logs (CloudWatch Logs API, `PutRetentionPolicy`).
const RETENTION: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Reports numbers that AWS does not take. Ranges: ECS API, `TaskDefinition`, `ContainerDefinition` and `Service`.
pub(super) fn out_of_range(service: &FargateService) -> Vec<Diagnostic> {
    let containers = super::super::containers::all(service);
    let ports = containers.iter().filter_map(|container| port(container.port.as_ref()?));
    let others = [
        service.ephemeral_storage.as_ref().and_then(|gib| {
            within(gib, 21..=200, Code::EphemeralStorage, "ephemeral storage", "GiB")
                .map(|problem| problem.note("20 GiB come with every task"))
        }),
        service
            .stop_timeout
            .as_ref()
            .and_then(|set| within(set, 2..=120, Code::StopTimeout, "a stop timeout", "seconds")),
        service.drain.as_ref().and_then(|set| {
            // `deregistration_delay.timeout_seconds` of `TargetGroupAttribute`, Elastic Load Balancing API.
            within(set, 0..=3600, Code::AttributeRange, "a deregistration delay", "seconds")
        }),
        service
            .grace_period
            .as_ref()
            .and_then(|set| within(set, 0..=2_147_483_647, Code::GracePeriod, "a grace period", "seconds")),
        service.spot.as_ref().and_then(|set| within(set, 0..=1000, Code::SpotWeight, "the weight of Fargate Spot", "")),
        service
            .circuit_breaker
            .as_ref()
            .and_then(|set| within(set, 1..=i64::from(i32::MAX), Code::CircuitBreaker, "a threshold", "failed tasks")),
        count(service.count.as_ref()),
        retention(service.log_retention.as_ref()),
        healthy_percent(service),
        breaker_twice(service),
    ];
    ports.chain(others.into_iter().flatten()).collect()
}

fn count(count: Option<&WithOrigin<IntOrRef>>) -> Option<Diagnostic> {
    let count = count?;
    within(
        &WithOrigin::new(count.value.literal()?, count.origin.clone()),
        0..=5000,
        Code::TaskCount,
        "a number of tasks",
        "",
    )
}

fn retention(days: Option<&WithOrigin<i64>>) -> Option<Diagnostic> {
    let days = days.filter(|days| !RETENTION.contains(&days.value))?;
    let (less, more): (Vec<i64>, Vec<i64>) = RETENTION.iter().partition(|offered| **offered < days.value);
    let near: Vec<String> = less.last().into_iter().chain(more.first()).map(ToString::to_string).collect();
    let list: Vec<String> = RETENTION.iter().map(ToString::to_string).collect();
    Some(
        Diagnostic::new(Code::LogRetention, format!("CloudWatch Logs cannot keep logs for {} days", days.value))
            .at(&days.origin, "")
            .help(format!("the nearest it offers: {}", near.join(" and ")))
            .note(format!("it offers {}", list.join(", "))),
    )
}

/// Checks that a deployment can stop an old task or start a new one.
fn healthy_percent(service: &FargateService) -> Option<Diagnostic> {
    let set = service.healthy_percent.as_ref()?;
    let (least, most) = (*set.value.start(), *set.value.end());
    let (message, help) = match (least, most) {
        (least, most) if least > most => ("has its ends swapped", format!("did you mean `{most}..={least}`?")),
        (least, _) if least < 0 => ("begins below zero", "begin at 0 or more".to_owned()),
        (least, most) if least >= 100 && most <= 100 => (
            "lets a deployment neither stop nor start a task",
            "allow it to stop tasks (`50..=100`) or to start more (`100..=200`)".to_owned(),
        ),
        (_, most) if most < 100 => ("ends below 100", "end at 100 or more".to_owned()),
        (least, most) => return stuck(service, set, least, most),
    };
    Some(
        Diagnostic::new(Code::HealthyPercent, format!("`{least}..={most}` percent {message}"))
            .at(&set.origin, "")
            .help(help),
    )
}

/// Reports limits that leave no room once they are rounded: the minimum up, the maximum down to whole tasks
/// (`DeploymentConfiguration` of the ECS API).
fn stuck(
    service: &FargateService,
    set: &WithOrigin<std::ops::RangeInclusive<i64>>,
    least: i64,
    most: i64,
) -> Option<Diagnostic> {
    let count = service.count.as_ref().map_or(Some(1), |count| count.value.literal())?;
    let (up, down) = (count.saturating_mul(least).saturating_add(99) / 100, count.saturating_mul(most) / 100);
    if service.scaling.is_some() || !(1..=5000).contains(&count) || up < count || down > count {
        return None;
    }
    let message = format!("`{least}..={most}` percent of {count} leaves a deployment no room to replace a task");
    let problem = Diagnostic::new(Code::HealthyPercent, message).at(&set.origin, "");
    let problem = match &service.count {
        Some(count) => problem.at(&count.origin, "the number of tasks"),
        None => problem,
    };
    let enough = ((count + 1) * 100 + count - 1) / count;
    Some(problem.help(format!("end at {enough} or more (`{least}..={enough}`), or begin at 0")).note(format!(
        "the most is {most} % of {count}, rounded down to {down}; the least is {least} %, rounded up to {up}"
    )))
}

fn breaker_twice(service: &FargateService) -> Option<Diagnostic> {
    let (on, off) = (service.circuit_breaker.as_ref()?, service.no_circuit_breaker.as_ref()?);
    Some(
        Diagnostic::new(Code::CircuitBreaker, "the circuit breaker is both set and switched off")
            .at(&off.origin, "switched off here")
            .at(&on.origin, "set here")
            .help("leave one of the two out"),
    )
}

/// Returns the nearest of some words, ready for a hint.
pub(super) fn one_of(written: &str, words: &[&'static str]) -> Option<String> {
    nearest(written, words.iter().copied()).map(|word| format!("did you mean `{word}`?"))
}

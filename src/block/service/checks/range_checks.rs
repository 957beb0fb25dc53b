use super::FargateService;
use crate::block::IntOrRef;
use crate::block::range_checks::within;
use crate::diag::{Code, Diagnostic, WithOrigin};

/// Reports numbers that AWS does not take. Ranges: ECS API, `Service`.
pub(super) fn out_of_range(service: &FargateService) -> Vec<Diagnostic> {
    let others = [
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
        healthy_percent(service),
        breaker_twice(service),
    ];
    others.into_iter().flatten().collect()
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

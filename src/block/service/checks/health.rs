use super::FargateService;
use crate::block::task::{HealthCheckLimits, check_of};
use crate::block::{HealthCheck, Probe};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// Elastic Load Balancing API, `CreateTargetGroup`, for HTTP.
const TARGETS: HealthCheckLimits =
    HealthCheckLimits { interval: 5..=300, timeout: 2..=120, count: 2..=10, default_interval: 30, default_timeout: 6 };
pub(super) fn all(service: &FargateService) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if let Some(check) = &service.target.health_check {
        problems.extend(of_target(check));
        problems.extend(without_balancer(service, check));
    }
    problems
}

/// Returns every problem of the health check of a target group.
pub(super) fn of_target(check: &WithOrigin<HealthCheck>) -> Vec<Diagnostic> {
    let found = check_of(&check.value, &TARGETS).into_iter();
    found.chain(path(&check.value)).chain(only_for_containers(check)).collect()
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
    (!service.has_load_balancer()).then(|| {
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

//! The targets of a service: containers, ports and settings that do not fit.

use super::super::nlb_targets;
use super::super::targets::{ServiceTarget, resolve};
use super::FargateService;
use super::health;
use crate::block::Target;
use crate::block::range_checks::{one_of, within};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The cookies of the load balancer (Elastic Load Balancing, "Application-based stickiness").
const RESERVED_COOKIES: [&str; 3] = ["AWSALB", "AWSALBAPP", "AWSALBTG"];

/// Returns every problem of the targets of a service.
pub(super) fn all(service: &FargateService) -> Vec<Diagnostic> {
    let mut problems = settings(&service.target);
    problems.extend(nlb_targets::problems(service));
    for target in service.nlb.iter().filter_map(|behind| behind.value.target.as_ref()) {
        problems.extend(settings(target));
        problems.extend(target.health_check.iter().flat_map(health::of_target));
    }
    problems.extend(without_target(service));
    let mut known: Vec<ServiceTarget<'_>> = Vec::new();
    for behind in &service.behind {
        if let Some(target) = &behind.value.target {
            problems.extend(settings(target));
            problems.extend(target.health_check.iter().flat_map(health::of_target));
        }
        match resolve(service, behind) {
            Ok(target) => {
                problems.extend(known.iter().find_map(|first| differs(first, &target)));
                known.push(target);
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

fn settings(target: &Target) -> Vec<Diagnostic> {
    // `TargetGroupAttribute`, Elastic Load Balancing API.
    let seconds = |set: &Option<WithOrigin<i64>>, range, what| {
        within(set.as_ref()?, range, Code::AttributeRange, what, "seconds")
    };
    let sticky = target.sticky.as_ref().map(|set| WithOrigin::new(set.value.seconds, set.origin.clone()));
    let found = [
        seconds(&target.drain, 0..=3600, "a deregistration delay"),
        seconds(&target.slow_start, 30..=900, "a slow start"),
        seconds(&sticky, 1..=604_800, "a sticky session"),
        target
            .protocol
            .as_ref()
            .and_then(|set| one_of(set, &Target::PROTOCOLS, "a protocol of targets", Code::TargetSettings)),
        target
            .algorithm
            .as_ref()
            .and_then(|set| one_of(set, &Target::ALGORITHMS, "a routing algorithm", Code::TargetSettings)),
        reserved_cookie(target),
    ];
    found.into_iter().flatten().collect()
}

fn reserved_cookie(target: &Target) -> Option<Diagnostic> {
    let set = target.sticky.as_ref()?;
    let cookie = set.value.cookie.as_deref()?;
    (cookie.is_empty() || RESERVED_COOKIES.contains(&cookie)).then(|| {
        Diagnostic::new(Code::TargetSettings, format!("`{cookie}` cannot be the cookie of an application"))
            .at(&set.origin, "")
            .help("name the cookie that the application sets, or leave it out: the load balancer sets one of its own")
    })
}

/// Reports two settings of `behind` that give one target group different settings.
fn differs(first: &ServiceTarget<'_>, second: &ServiceTarget<'_>) -> Option<Diagnostic> {
    let settings = |target: &ServiceTarget<'_>| {
        let set = target.behind.value.target.clone().unwrap_or_default();
        Target { container: None, port: None, ..set }
    };
    (first.group() == second.group() && settings(first) != settings(second)).then(|| {
        Diagnostic::new(Code::TargetSettings, "two routes give one target different settings")
            .at(&second.behind.origin, "other settings of the same container and port")
            .at(&first.behind.origin, "the first settings")
            .help("give both routes one `Target`, or set it on the service: `.sticky(3600)`")
    })
}

/// Reports settings of a target group that the service does not have: nothing is in front of it, or only other containers and
/// ports are targets, which have settings of their own.
fn without_target(service: &FargateService) -> Vec<Diagnostic> {
    let targets: Vec<ServiceTarget<'_>> =
        service.behind.iter().filter_map(|behind| resolve(service, behind).ok()).collect();
    let has_balancer = !service.behind.is_empty();
    if targets.iter().any(ServiceTarget::is_main) || targets.len() < service.behind.len() {
        return Vec::new();
    }
    let Target { protocol, sticky, slow_start, algorithm, anomaly_mitigation, health_check, .. } = &service.target;
    // A check without a load balancer has a code of its own; one behind an `Nlb` is used.
    let checked = health_check.as_ref().filter(|_| has_balancer && service.nlb.is_empty());
    let set = [
        ("protocol", protocol.as_ref().map(|set| &set.origin)),
        ("sticky", sticky.as_ref().map(|set| &set.origin)),
        ("slow_start", slow_start.as_ref().map(|set| &set.origin)),
        ("algorithm", algorithm.as_ref().map(|set| &set.origin)),
        ("anomaly_mitigation", anomaly_mitigation.as_ref().map(|set| &set.origin)),
        ("health_check", checked.map(|set| &set.origin)),
    ];
    let unused = set.into_iter().filter_map(|(setter, origin)| {
        let (why, help) = if has_balancer {
            (
                "if only other containers and ports are targets",
                format!("set `.{setter}` on the `Target()` of each `.behind`"),
            )
        } else {
            ("without a load balancer", "put the service behind a load balancer with `.behind(alb)`".to_owned())
        };
        let problem = Diagnostic::new(Code::TargetSettings, format!("`.{setter}` has no effect {why}"));
        Some(problem.at(origin?, "").help(help))
    });
    unused.collect()
}

use std::rc::Rc;

use super::FargateService;
use crate::block::{LoadBalancerAttachment, LoweringContext, Route};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// Elastic Load Balancing quotas: condition values for each rule, and the range of priorities.
const MOST_PATTERNS: usize = 5;
const PRIORITIES: std::ops::RangeInclusive<i64> = 1..=50_000;

pub(super) fn all(service: &Rc<FargateService>, context: &LoweringContext) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (at, behind) in service.behind.iter().enumerate() {
        if let Some(route) = &behind.value.route {
            problems.extend(patterns(behind, route));
            problems.extend(route.priority.as_ref().and_then(|priority| {
                crate::block::range_checks::within(
                    priority,
                    PRIORITIES,
                    Code::RoutePriority,
                    "the priority of a route",
                    "",
                )
            }));
        }
        problems.extend(repeated(behind, &service.behind[..at]));
    }
    problems.extend(spot(service, context));
    problems
}

fn patterns(behind: &WithOrigin<LoadBalancerAttachment>, route: &Route) -> Option<Diagnostic> {
    let count = route.path.len() + route.host.len() + route.header.len();
    match count {
        0 => Some(
            Diagnostic::new(Code::EmptyRoute, "this route takes every request")
                .at(&behind.origin, "no path, host or header")
                .help("name the requests: `Route().path(\"/api/*\")`, or leave the route out"),
        ),
        1..=MOST_PATTERNS => None,
        _ => Some(
            Diagnostic::new(Code::RoutePatterns, format!("a route has at most {MOST_PATTERNS} patterns, not {count}"))
                .at(&behind.origin, "")
                .help("add another `.behind` with a second route"),
        ),
    }
}

fn repeated(
    behind: &WithOrigin<LoadBalancerAttachment>,
    before: &[WithOrigin<LoadBalancerAttachment>],
) -> Option<Diagnostic> {
    let first = before.iter().find(|other| other.value.route == behind.value.route && other.value == behind.value)?;
    behind.value.route.is_some().then(|| {
        Diagnostic::new(Code::DuplicateRoute, "the same route is set twice")
            .at(&behind.origin, "again")
            .at(&first.origin, "the first time")
            .help("leave one of the two out")
    })
}

/// Checks that the cluster of a Spot service has the capacity provider for Spot.
fn spot(service: &Rc<FargateService>, context: &LoweringContext) -> Option<Diagnostic> {
    let (spot, cluster) = (service.spot.as_ref()?, context.cluster(service)?);
    let made = cluster.identity.managed_name()?;
    cluster.spot.is_none().then(|| {
        Diagnostic::new(Code::SpotWithoutProvider, format!("the cluster `{made}` does not offer Fargate Spot"))
            .at(&spot.origin, "uses Fargate Spot")
            .at(cluster.identity.origin(), "the cluster")
            .help("add `.spot()` to the cluster")
    })
}

use std::rc::Rc;

use super::FargateService;
use crate::block::{LoadBalancerAttachment, LoweringContext};
use crate::diag::{Code, Diagnostic, WithOrigin};

pub(super) fn all(service: &Rc<FargateService>, context: &LoweringContext) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (at, behind) in service.behind.iter().enumerate() {
        if let Some(route) = &behind.value.route {
            problems.extend(route.problems(&behind.origin));
        }
        problems.extend(repeated(behind, &service.behind[..at]));
    }
    problems.extend(spot(service, context));
    problems.extend(unknown_group(service));
    problems.extend(new_network(service, context));
    problems
}

fn repeated(
    behind: &WithOrigin<LoadBalancerAttachment>,
    before: &[WithOrigin<LoadBalancerAttachment>],
) -> Option<Diagnostic> {
    let first =
        before.iter().find(|other| other.value.route == behind.value.route && other.value.alb == behind.value.alb)?;
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

/// Reports a load balancer of another team whose requests the service does not admit.
fn unknown_group(service: &FargateService) -> Option<Diagnostic> {
    let mut unknown = service.behind.iter().filter(|behind| behind.value.alb.known_security_group().is_none());
    let behind = unknown.next().filter(|_| service.allow_from.is_empty())?;
    Some(
        Diagnostic::new(Code::ExistingLoadBalancer, "the service admits no requests of this load balancer")
            .at(&behind.origin, "")
            .at(&behind.value.alb.name.origin, "its security group is not known")
            .help("add `security_group_id` to `Alb::existing(#{ .. })`, or admit its addresses: `.allow_from(\"10.0.0.0/16\")`"),
    )
}

/// Reports a network that the script creates, behind a load balancer that exists: its listeners forward to targets of its own
/// network only (`TargetGroupArn` of `Action`, Elastic Load Balancing API). The load balancer may be older than the script's
/// network, or be in it by other means, so this is a warning.
fn new_network(service: &Rc<FargateService>, context: &LoweringContext) -> Option<Diagnostic> {
    let is_given = |behind: &&WithOrigin<LoadBalancerAttachment>| {
        behind.value.alb.existing.as_ref().is_some_and(|existing| existing.value.listener_arn.as_str().is_some())
    };
    let behind = service.behind.iter().find(is_given)?;
    let network = context.network(service).filter(|network| network.identity.managed_name().is_some())?;
    Some(
        Diagnostic::new(Code::AlbTwoNetworks, "the load balancer exists, and the network of the service is new")
            .as_warning()
            .at(&behind.origin, "forwards to targets of its own network only")
            .at(network.identity.origin(), "the stack creates this network")
            .help("run the service in the network of the load balancer: `Stack(..).vpc(Vpc::existing(id).private_subnets([..]))`"),
    )
}

//! Checks that the tasks of a service can be reached, and can reach what they need.

use super::{LaunchType, service_launch, task_of};
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::check::network;
use crate::cfn::check::network::InternetRoute;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP};
use crate::cfn::{LogicalId, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// Checks that a load balancer uses each target group first, or ECS refuses the service: "The target group .. does not
/// have an associated load balancer".
pub(super) fn listener(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    for (at, group) in groups_of(service, scope) {
        let place = format!("LoadBalancers.{at}");
        let listeners: Vec<ResourceEntry<'_>> = listeners_of(group, scope).collect();
        let Some(first) = listeners.first() else {
            let message = format!("no listener forwards to the target group `{}`", group.id);
            let problem = service.error(Code::ListenerDependency, &place, message);
            sink.push(problem.at(&group.resource.origin, "the target group").help(
                "ECS refuses a target group without a load balancer: add a listener or rule that forwards to it",
            ));
            continue;
        };
        let needs = scope.graph().all_needs(service.id);
        // A misspelt `DependsOn` is reported already.
        if service.resource.depends_on.iter().any(|id| !scope.template.resources.contains_key(id)) {
            continue;
        }
        if !listeners.iter().any(|listener| needs.contains(&listener.id)) {
            // Either order may win, and many published templates are deployed like this.
            let message = format!("the service may be created before the listener of its target group `{}`", group.id);
            let problem = service.error(Code::ListenerDependency, &place, message).as_warning();
            let problem = problem.at(&first.resource.origin, "ECS needs this first");
            sink.push(problem.help(format!(
                "add `DependsOn: {}` to `{}`; in a script, call `.depends_on(..)` on the service",
                first.id, service.id
            )));
        }
    }
}

/// Returns the target groups of a service that are in the template, with the positions of their entries.
fn groups_of<'a>(
    service: ResourceEntry<'a>,
    scope: &CheckContext<'a>,
) -> impl Iterator<Item = (usize, ResourceEntry<'a>)> {
    let items = service.list("LoadBalancers").iter().enumerate();
    items.filter_map(|(at, item)| Some((at, scope.target(item.get("TargetGroupArn")?, TARGET_GROUP)?)))
}

/// Returns the listeners and rules that forward to a target group.
fn listeners_of<'a>(group: ResourceEntry<'a>, scope: &'a CheckContext<'a>) -> impl Iterator<Item = ResourceEntry<'a>> {
    scope.referrers(group.id).filter(|found| [LISTENER, LISTENER_RULE].contains(&found.kind()))
}

/// Returns a load balancer whose listener, or the listener of whose rule, this is.
fn balancer_of<'a>(listener: ResourceEntry<'a>, scope: &CheckContext<'a>) -> Option<ResourceEntry<'a>> {
    let listener = match listener.kind() {
        LISTENER_RULE => scope.target(listener.get("ListenerArn")?, LISTENER)?,
        _ => listener,
    };
    scope.target(listener.get("LoadBalancerArn")?, LOAD_BALANCER)
}

/// Checks that some group of the service admits the load balancer on the port of the container.
pub(super) fn security_group(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    const PATH: &str = "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups";
    let groups = service.list(PATH);
    let known: Vec<&LogicalId> = groups.iter().filter_map(|group| network::group(group, scope)).collect();
    if groups.is_empty() || known.len() < groups.len() || task_of(service, scope).is_none() {
        return;
    }
    for (at, target_group) in groups_of(service, scope) {
        let port = service.int(&format!("LoadBalancers.{at}.ContainerPort"));
        let (Some(port), Some(balancer)) =
            (port, listeners_of(target_group, scope).find_map(|listener| balancer_of(listener, scope)))
        else {
            continue;
        };
        let sources = balancer.list("SecurityGroups");
        let is_application = balancer.text("Type").is_none_or(|kind| kind == "application");
        if !is_application || known.iter().any(|group| network::admits(group, port, sources, scope)) {
            continue;
        }
        let message = format!("no rule lets the load balancer `{}` reach port {port} of the tasks", balancer.id);
        let problem = service.error(Code::UnreachableService, PATH, message);
        let problem = problem.at(&balancer.resource.origin, "the load balancer");
        sink.push(
            problem.help(format!("admit the security group of `{}` on port {port} of `{}`", balancer.id, known[0])),
        );
    }
}

/// Checks that tasks on Fargate reach the internet: they pull their image and write their logs over the network.
pub(super) fn egress(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    const PATH: &str = "NetworkConfiguration.AwsvpcConfiguration";
    if service_launch(service) != LaunchType::Fargate || service.get(PATH).is_none() {
        return;
    }
    let public_ip = format!("{PATH}.AssignPublicIp");
    let has_public_ip = match service.text(&public_ip) {
        Some(word) => word == "ENABLED",
        None if service.lacks(&public_ip) => false,
        None => return,
    };
    for (at, subnet) in service.list(&format!("{PATH}.Subnets")).iter().enumerate() {
        let place = format!("{PATH}.Subnets.{at}");
        sink.extend(
            without_internet_route(service, subnet, has_public_ip, scope)
                .map(|problem| problem.at(service.origin(&place), "")),
        );
    }
}

fn without_internet_route(
    service: ResourceEntry<'_>,
    subnet: &Value,
    has_public_ip: bool,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let subnet = scope.target(subnet, network::SUBNET)?;
    let hint = match (network::internet_route(subnet, scope), has_public_ip) {
        (InternetRoute::Nowhere, _) => "add a route to a NAT gateway, or endpoints for ECR, S3 and CloudWatch Logs",
        (InternetRoute::Gateway, false) => {
            "set `AssignPublicIp: ENABLED`, or use subnets with a route to a NAT gateway"
        }
        _ => return None,
    };
    let message = format!("tasks of `{}` in the subnet `{}` cannot reach the internet or AWS", service.id, subnet.id);
    Some(Diagnostic::new(Code::NoInternetRoute, message).help(hint))
}

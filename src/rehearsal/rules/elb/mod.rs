//! Elastic Load Balancing (version 2): load balancers, target groups, listeners and their rules.

pub(super) mod listeners;
pub(super) mod load_balancers;
pub(super) mod log_bucket;
pub(super) mod target_groups;

use serde_json::Value as Json;

use super::Refusal;
use super::view::AccountView;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, SUBNET};
use crate::rehearsal::property_access::{list, strings, text};

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: String) -> Refusal {
    Refusal::new("ElasticLoadBalancingV2", error, handler, text)
}

/// Returns a refusal of a configuration.
fn invalid_configuration(text: String) -> Refusal {
    refuse("InvalidConfigurationRequest", "InvalidRequest", text)
}

/// Returns a refusal of a property.
fn validation_error(text: String) -> Refusal {
    refuse("ValidationError", "InvalidRequest", text)
}

/// Returns the part of an ARN that identifies the load balancer of a listener or rule: `app/name/id`.
fn load_balancer_of(kind: &str, properties: &Json) -> Option<String> {
    if kind == LISTENER {
        let arn = text(properties, "LoadBalancerArn")?;
        return arn.split_once(":loadbalancer/").map(|(_, rest)| rest.to_owned());
    }
    let arn = text(properties, "ListenerArn")?;
    let (_, rest) = arn.split_once(":listener/")?;
    rest.rsplit_once('/').map(|(load_balancer, _)| load_balancer.to_owned())
}

/// Returns the target groups to which the actions of a listener or rule forward.
pub(super) fn forwards_to(kind: &str, properties: &Json) -> Vec<String> {
    let name = if kind == LISTENER { "DefaultActions" } else { "Actions" };
    let weighted = |action: &Json| {
        let groups = action.get("ForwardConfig").into_iter().flat_map(|config| list(config, "TargetGroups"));
        groups.filter_map(|group| text(group, "TargetGroupArn")).collect::<Vec<_>>()
    };
    let actions = list(properties, name);
    let mut groups: Vec<_> =
        actions.flat_map(|action| text(action, "TargetGroupArn").into_iter().chain(weighted(action))).collect();
    groups.sort();
    groups.dedup();
    groups
}

/// Returns whether a listener or rule of the account forwards to a target group.
pub(super) fn has_listener(view: &AccountView<'_>, group: &str) -> bool {
    let users = view.of(LISTENER).chain(view.of(LISTENER_RULE));
    users.into_iter().any(|user| forwards_to(user.kind, user.properties).iter().any(|it| it == group))
}

/// Returns the VPCs of the subnets of a load balancer, as far as they are known, each once.
fn vpcs(properties: &Json, view: &AccountView<'_>) -> Vec<String> {
    let mut vpcs: Vec<_> = subnets(properties).iter().filter_map(|id| view.find(SUBNET, id)?.text("VpcId")).collect();
    vpcs.sort();
    vpcs.dedup();
    vpcs
}

/// Returns the ids of the subnets of a load balancer.
fn subnets(properties: &Json) -> Vec<String> {
    let mapped = list(properties, "SubnetMappings").filter_map(|mapping| text(mapping, "SubnetId"));
    strings(properties, "Subnets").into_iter().chain(mapped).collect()
}

/// Returns an attribute of a load balancer.
fn attribute(properties: &Json, key: &str) -> Option<String> {
    let mut attributes = list(properties, "LoadBalancerAttributes");
    attributes.find(|it| text(it, "Key").as_deref() == Some(key)).and_then(|it| text(it, "Value"))
}

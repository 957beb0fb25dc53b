//! Route tables: the destinations of the traffic of a subnet.

use crate::cfn::type_names::{
    GATEWAY_ATTACHMENT, INTERNET_GATEWAY, NAT_GATEWAY, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, VPC_ENDPOINT,
};
use std::collections::HashMap;

use super::{SUBNET, VPC};
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// The route from a subnet to the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum InternetRoute {
    /// Through an internet gateway, for those with a public address.
    Gateway,
    /// Through a NAT gateway, a transit gateway or the like, for all.
    Everyone,
    /// No route, and no VPC endpoint.
    Nowhere,
    /// The route is not part of the template.
    Unknown,
}

/// Returns the default route of a subnet of the template. With endpoints in its network a subnet may need none.
pub(in super::super) fn internet_route(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> InternetRoute {
    if has_endpoints(subnet, scope) { InternetRoute::Unknown } else { default_route(subnet, scope) }
}

/// Returns whether the network of a subnet has endpoints.
pub(in super::super) fn has_endpoints(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> bool {
    let vpc = subnet.get("VpcId").and_then(|vpc| scope.target(vpc, VPC));
    vpc.is_some_and(|vpc| scope.referrers(vpc.id).any(|found| found.kind() == VPC_ENDPOINT))
}

/// Returns whether tasks without a public address in a subnet may reach the internet.
pub(in super::super) fn reaches_internet(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> bool {
    matches!(default_route(subnet, scope), InternetRoute::Everyone | InternetRoute::Unknown)
}

/// Returns whether the route table of a subnet has the routes of a gateway endpoint.
pub(in super::super) fn routes_to_gateway(
    subnet: ResourceEntry<'_>,
    endpoint: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
) -> bool {
    let association = scope.referrers(subnet.id).find(|found| found.kind() == ROUTE_TABLE_ASSOCIATION);
    let Some(table) = association.and_then(|association| association.reference("RouteTableId")) else {
        return association.is_some();
    };
    let tables = endpoint.list("RouteTableIds");
    let is_unknown = endpoint.has("RouteTableIds") && tables.is_empty();
    is_unknown || tables.iter().any(|it| it.as_reference().is_none_or(|it| it.id == table.id))
}

fn default_route(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> InternetRoute {
    let is_known = subnet.get("VpcId").is_some_and(|vpc| scope.target(vpc, VPC).is_some());
    if !is_known || scope.is_transformed() {
        return InternetRoute::Unknown;
    }
    let association = scope.referrers(subnet.id).find(|found| found.kind() == ROUTE_TABLE_ASSOCIATION);
    // Without an association the main route table counts, which a template can only change through its VPC.
    let Some(association) = association else { return InternetRoute::Nowhere };
    let table = association.get("RouteTableId").and_then(|table| scope.target(table, ROUTE_TABLE));
    let Some(table) = table else { return InternetRoute::Unknown };
    let routes: Vec<ResourceEntry<'_>> = scope.referrers(table.id).filter(|found| found.kind() == ROUTE).collect();
    let mut targets = routes.iter().filter(|route| is_default_route(**route)).map(|route| route_target(*route, scope));
    targets.next().unwrap_or(InternetRoute::Nowhere)
}

fn is_default_route(route: ResourceEntry<'_>) -> bool {
    match route.text("DestinationCidrBlock") {
        Some(block) => block.ends_with("/0"),
        None => route.has("DestinationCidrBlock") || route.has("DestinationPrefixListId"),
    }
}

fn route_target(route: ResourceEntry<'_>, scope: &CheckContext<'_>) -> InternetRoute {
    match route.get("GatewayId") {
        Some(gateway) if scope.target(gateway, INTERNET_GATEWAY).is_some() => InternetRoute::Gateway,
        Some(_) => InternetRoute::Unknown,
        None => InternetRoute::Everyone,
    }
}

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    second_association(scope, sink);
    second_route(scope, sink);
    scope.all(ROUTE).for_each(|route| unattached(route, scope, sink));
    scope.all(NAT_GATEWAY).for_each(|nat| address(nat, sink));
}

/// Checks that a subnet has one route table.
fn second_association(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut seen = HashMap::new();
    for found in scope.all(ROUTE_TABLE_ASSOCIATION) {
        let Some(subnet) = found.get("SubnetId").and_then(|subnet| scope.target(subnet, SUBNET)) else { continue };
        let same: &mut Vec<ResourceEntry<'_>> = seen.entry(subnet.id).or_default();
        let other = same.iter().find(|first| can_both_exist(scope, **first, found)).copied();
        same.push(found);
        if let Some(first) = other {
            let message = format!("the subnet `{}` has two route tables", subnet.id);
            let problem = found.error(Code::SubnetRouteTable, "", message);
            sink.push(problem.at(&first.resource.origin, "the other association"));
        }
    }
}

/// Checks that a route table has one route to a destination.
fn second_route(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut seen = HashMap::new();
    for route in scope.all(ROUTE) {
        let Some(table) = route.reference("RouteTableId") else { continue };
        let destination = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"].iter().find_map(|name| route.text(name));
        let Some(destination) = destination else { continue };
        // Two attributes of one resource are two tables: the outputs of a nested stack.
        let same: &mut Vec<ResourceEntry<'_>> = seen.entry((table, destination)).or_default();
        let other = same.iter().find(|first| can_both_exist(scope, **first, route)).copied();
        same.push(route);
        if let Some(first) = other {
            let message = format!("`{}` has two routes to {destination}", table.id);
            let problem = route.error(Code::DuplicateRoute, "", message);
            sink.push(problem.at(&first.resource.origin, "the other route"));
        }
    }
}

fn can_both_exist(scope: &CheckContext<'_>, first: ResourceEntry<'_>, second: ResourceEntry<'_>) -> bool {
    scope.can_both_exist(first.resource.condition.as_deref(), second.resource.condition.as_deref())
}

/// Reports a route that may be created before its internet gateway is attached, which fails.
fn unattached(route: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(gateway) = route.get("GatewayId").and_then(|gateway| scope.target(gateway, INTERNET_GATEWAY)) else {
        return;
    };
    let mut attachments = scope.referrers(gateway.id).filter(|found| found.kind() == GATEWAY_ATTACHMENT).peekable();
    let Some(first) = attachments.peek().copied() else { return };
    let needs = scope.graph().all_needs(route.id);
    if !attachments.any(|attachment| needs.contains(&attachment.id)) {
        let message = format!("the route `{}` may be created before its gateway is attached", route.id);
        let problem = route.warning(Code::GatewayAttachment, "GatewayId", message);
        let problem = problem.at(&first.resource.origin, "the attachment");
        sink.push(problem.help(format!("add `DependsOn: {}`", first.id)));
    }
}

fn address(nat: ResourceEntry<'_>, sink: &mut Sink) {
    let is_private = nat.text("ConnectivityType") == Some("private");
    let is_regional = nat.has("AvailabilityMode");
    if !is_private && nat.lacks("AllocationId") && nat.lacks("ConnectivityType") && !is_regional {
        let problem = nat.error(Code::NatGateway, "", format!("the NAT gateway `{}` has no public address", nat.id));
        sink.push(problem.help("set `AllocationId` to an `AWS::EC2::EIP`"));
    } else if is_private && nat.get("AllocationId").is_some() {
        sink.push(nat.error(Code::NatGateway, "AllocationId", "a private NAT gateway has no public address"));
    }
}

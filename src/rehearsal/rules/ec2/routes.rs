//! Routes: one for each destination, to a target in the network of their route table.

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, CREATION, Refusal, Rule, Subject};
use super::refuse;
use crate::cfn::type_names::{
    GATEWAY_ATTACHMENT, INTERNET_GATEWAY, NAT_GATEWAY, ROUTE, ROUTE_TABLE, SUBNET, VPC_ENDPOINT,
};
use crate::rehearsal::property_access::{strings, text};

const TRANSIT_GATEWAY: &str = "AWS::EC2::TransitGateway";

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: ROUTE, intents: CREATION, check: route_exists },
    Rule { kind: ROUTE, intents: CREATION, check: gateway_of_another_network },
    Rule { kind: ROUTE, intents: CHANGES, check: target_of_another_network },
    Rule { kind: ROUTE, intents: CHANGES, check: peering_of_other_networks },
    Rule { kind: ROUTE, intents: CHANGES, check: transit_gateway_not_attached },
    Rule { kind: VPC_ENDPOINT, intents: CHANGES, check: endpoint_of_another_network },
];

/// The targets of routes that are in one network: the property of the route, the type of the target, and the property that says
/// where it is, a VPC or a subnet (`CreateRoute`, EC2 API).
const TARGETS: &[(&str, &str, &str)] = &[
    ("CarrierGatewayId", "AWS::EC2::CarrierGateway", "VpcId"),
    ("EgressOnlyInternetGatewayId", "AWS::EC2::EgressOnlyInternetGateway", "VpcId"),
    ("InstanceId", "AWS::EC2::Instance", "SubnetId"),
    ("NatGatewayId", NAT_GATEWAY, "SubnetId"),
    ("NetworkInterfaceId", "AWS::EC2::NetworkInterface", "SubnetId"),
    ("VpcEndpointId", VPC_ENDPOINT, "VpcId"),
];

/// The gateways that are attached to a network: their type, and the property of the attachment.
const ATTACHED: &[(&str, &str)] = &[(INTERNET_GATEWAY, "InternetGatewayId"), ("AWS::EC2::VPNGateway", "VpnGatewayId")];

/// Returns the VPC of the route table of a route.
fn network(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<String> {
    view.find(ROUTE_TABLE, &text(subject.properties, "RouteTableId")?)?.text("VpcId")
}

/// Returns the VPC of a resource that names it, or its subnet.
fn network_of(resource: &Existing<'_>, place: &str, view: &AccountView<'_>) -> Option<String> {
    let id = resource.text(place)?;
    if place == "SubnetId" { view.find(SUBNET, &id)?.text("VpcId") } else { Some(id) }
}

/// Returns the refusal of a target in another network (`InvalidParameterValue`, EC2 error codes; the message is the one about
/// gateways).
fn different_networks(subject: &Subject<'_>, target: &str) -> Refusal {
    let table = text(subject.properties, "RouteTableId").unwrap_or_default();
    let text = format!("route table {table} and {target} belong to different networks");
    refuse("InvalidParameterValue", "InvalidRequest", text)
}

/// Refuses a second route to a destination (`RouteAlreadyExists`, EC2 error codes; `CreateRoute`, EC2 API).
fn route_exists(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let table = text(subject.properties, "RouteTableId")?;
    let names = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
    let (name, destination) = names.iter().find_map(|name| Some((*name, text(subject.properties, name)?)))?;
    let mut others = view.others(ROUTE, subject);
    others.find(|other| other.has("RouteTableId", &table) && other.has(name, &destination))?;
    let text = format!("The route identified by {destination} already exists.");
    Some(refuse("RouteAlreadyExists", "AlreadyExists", text))
}

/// Refuses a route to an internet or VPN gateway that is not attached to the VPC of the route table (`InvalidParameterValue`, EC2
/// error codes; "`DependsOn` attribute", CloudFormation user guide: a route waits for the gateway attachment).
fn gateway_of_another_network(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let gateway = text(subject.properties, "GatewayId")?;
    let (_, property) = ATTACHED.iter().find(|(kind, _)| view.find(kind, &gateway).is_some())?;
    let vpc = network(subject, view).filter(|_| view.complete)?;
    let mut attachments = view.of(GATEWAY_ATTACHMENT);
    let attached = attachments.any(|it| it.has(property, &gateway) && it.has("VpcId", &vpc));
    (!attached).then(|| different_networks(subject, &format!("network gateway {gateway}")))
}

/// Refuses a route to a NAT gateway, endpoint, interface or other target of another VPC than the route table's (`CreateRoute`, EC2 API;
/// "Route tables", VPC user guide: a target is in the VPC of the route table).
fn target_of_another_network(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = network(subject, view)?;
    TARGETS.iter().find_map(|(property, kind, place)| {
        let id = text(subject.properties, property)?;
        let other = network_of(view.find(kind, &id)?, place, view)?;
        (other != own).then(|| different_networks(subject, &format!("interface {id}")))
    })
}

/// Refuses a route to a peering connection between other VPCs (`VpcPeeringConnectionId` of `CreateRoute`, EC2 API; "Update your route
/// tables for a VPC peering connection", VPC peering guide).
fn peering_of_other_networks(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = network(subject, view)?;
    let id = text(subject.properties, "VpcPeeringConnectionId")?;
    let peering = view.find("AWS::EC2::VPCPeeringConnection", &id)?;
    let ends = [peering.text("VpcId")?, peering.text("PeerVpcId")?];
    (!ends.contains(&own)).then(|| different_networks(subject, &format!("peering connection {id}")))
}

/// Refuses a route to a transit gateway that has no attachment of the VPC yet (`InvalidTransitGatewayID.NotFound`, EC2 error codes;
/// "Amazon VPC attachments in AWS Transit Gateway": a route needs the attachment. The message is inferred.)
fn transit_gateway_not_attached(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    const ATTACHMENTS: [&str; 2] = ["AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"];
    let id = text(subject.properties, "TransitGatewayId")?;
    view.find(TRANSIT_GATEWAY, &id).filter(|_| view.complete)?;
    let vpc = network(subject, view)?;
    let is_own = |it: &&Existing<'_>| !it.is_pending && it.has("TransitGatewayId", &id) && it.has("VpcId", &vpc);
    let attached = ATTACHMENTS.iter().any(|kind| view.of(kind).any(|it| is_own(&it)));
    (!attached).then(|| {
        let text = format!("Transit Gateway {id} is not attached to {vpc}, or the attachment is not available");
        refuse("InvalidTransitGatewayID.NotFound", "NotFound", text)
    })
}

/// Refuses an endpoint with subnets or route tables of another VPC (`SubnetIds` and `RouteTableIds` of `CreateVpcEndpoint`, EC2 API;
/// `InvalidParameter`, EC2 error codes. The message is inferred.)
fn endpoint_of_another_network(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = text(subject.properties, "VpcId")?;
    let foreign = |property: &str, kind: &str| {
        let is_foreign =
            |id: &String| view.find(kind, id).and_then(|it| it.text("VpcId")).is_some_and(|vpc| vpc != own);
        strings(subject.properties, property).into_iter().find(is_foreign)
    };
    let id = foreign("SubnetIds", SUBNET).or_else(|| foreign("RouteTableIds", ROUTE_TABLE))?;
    Some(refuse("InvalidParameter", "InvalidRequest", format!("{id} does not belong to the VPC {own}")))
}

//! NAT gateways, elastic IP addresses, and the route tables of subnets.

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use super::refuse;
use crate::cfn::type_names::{GATEWAY_ATTACHMENT, NAT_GATEWAY, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET, VPC};
use crate::rehearsal::property_access::text;

const ADDRESS: &str = "AWS::EC2::EIP";
const ADDRESS_ASSOCIATION: &str = "AWS::EC2::EIPAssociation";

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: NAT_GATEWAY, intents: CREATION, check: network_without_internet_gateway },
    Rule { kind: NAT_GATEWAY, intents: CREATION, check: address_in_use },
    Rule { kind: ROUTE_TABLE_ASSOCIATION, intents: CREATION, check: subnet_has_a_route_table },
    Rule { kind: ROUTE_TABLE_ASSOCIATION, intents: CHANGES, check: route_table_of_another_vpc },
    Rule { kind: ADDRESS, intents: DELETION, check: address_associated },
    Rule { kind: ROUTE_TABLE, intents: DELETION, check: route_table_in_use },
];

/// Refuses a public NAT gateway in a VPC without an internet gateway (`Gateway.NotAttached`, EC2 error codes; "Troubleshoot NAT
/// gateways", VPC user guide).
fn network_without_internet_gateway(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    if text(subject.properties, "ConnectivityType").is_some_and(|kind| kind == "private") || !view.complete {
        return None;
    }
    let vpc = view.find(SUBNET, &text(subject.properties, "SubnetId")?)?.text("VpcId")?;
    view.find(VPC, &vpc)?;
    let attached =
        view.of(GATEWAY_ATTACHMENT).any(|it| it.has("VpcId", &vpc) && it.text("InternetGatewayId").is_some());
    (!attached).then(|| {
        refuse("Gateway.NotAttached", "NotStabilized", format!("Network {vpc} has no Internet gateway attached"))
    })
}

/// Refuses an address that another NAT gateway has, also the gateway that is replaced (`Resource.AlreadyAssociated`, EC2 error
/// codes; "Troubleshoot NAT gateways", VPC user guide; the code is quoted in hashicorp/terraform#13836).
fn address_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let address = text(subject.properties, "AllocationId")?;
    view.others(NAT_GATEWAY, subject).find(|other| other.has("AllocationId", &address))?;
    let text = format!("Elastic IP address [{address}] is already associated");
    Some(refuse("Resource.AlreadyAssociated", "NotStabilized", text))
}

/// Refuses a second route table of a subnet (`Resource.AlreadyAssociated` of `AssociateRouteTable`, EC2 API; the message is quoted
/// in hashicorp/terraform-provider-aws#38960). An association that is replaced is changed by `ReplaceRouteTableAssociation`.
fn subnet_has_a_route_table(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let subnet = text(subject.properties, "SubnetId")?;
    let table = text(subject.properties, "RouteTableId")?;
    let mut others = view.others(ROUTE_TABLE_ASSOCIATION, subject).filter(|it| it.has("SubnetId", &subnet));
    others.find(|other| subject.replaces.is_none() || other.physical_id != subject.replaces)?;
    let text = format!("the specified association for route table {table} conflicts with an existing association");
    Some(refuse("Resource.AlreadyAssociated", "AlreadyExists", text))
}

/// Refuses a route table of another VPC than the subnet's (`InvalidParameterValue` of `AssociateRouteTable`, EC2 API: "the subnet
/// and route table must be in the same VPC").
fn route_table_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (subnet, table) = (text(subject.properties, "SubnetId")?, text(subject.properties, "RouteTableId")?);
    let vpc = |kind: &str, id: &str| view.find(kind, id)?.text("VpcId");
    (vpc(SUBNET, &subnet)? != vpc(ROUTE_TABLE, &table)?).then(|| {
        let text = format!("route table {table} and subnet {subnet} belong to different networks");
        refuse("InvalidParameterValue", "InvalidRequest", text)
    })
}

/// Refuses to release an address that is associated (`InvalidIPAddress.InUse`, EC2 error codes; `ReleaseAddress`, EC2 API: "you
/// must use `DisassociateAddress` to disassociate the Elastic IP address before you can release it").
fn address_associated(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let address = subject.physical_id?;
    view.staying().find(|other| other.kind == ADDRESS_ASSOCIATION && other.has("EIP", address))?;
    Some(refuse("InvalidIPAddress.InUse", "ResourceConflict", format!("Address {address} is in use.")))
}

/// Refuses the deletion of a route table that a subnet uses (`DependencyViolation` of `DeleteRouteTable`, EC2 API: "you must
/// disassociate the route table from any subnets before you can delete it").
fn route_table_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    view.staying().find(|other| other.kind == ROUTE_TABLE_ASSOCIATION && other.has("RouteTableId", id))?;
    let text = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
    Some(refuse("DependencyViolation", "ResourceConflict", text))
}

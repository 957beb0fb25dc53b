//! Amazon EC2: VPCs, subnets, routes, gateways and security groups.
//!
//! `deletion` has the rules about dependent resources, `gateways` those of NAT gateways, addresses and route tables,
//! `security_groups` those of descriptions and peers, `routes` those of routes, `ipv6` those of IPv6 blocks, and `endpoints` those of
//! VPC endpoints and flow logs.

pub(super) mod deletion;
pub(super) mod endpoints;
pub(super) mod gateways;
pub(super) mod ipv6;
pub(super) mod routes;
pub(super) mod security_groups;

use ipnet::Ipv4Net;
use serde_json::Value as Json;

use super::view::{AccountView, Existing};
use super::{CREATION, Refusal, Rule, Subject};
use crate::cfn::type_names::{
    GATEWAY_ATTACHMENT, SECURITY_GROUP, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS, SUBNET, VPC,
};
use crate::rehearsal::property_access::{list, text};

pub(super) const RULES: &[Rule] = &[
    Rule { kind: VPC, intents: CREATION, check: vpc_range },
    Rule { kind: SUBNET, intents: CREATION, check: subnet_range },
    Rule { kind: SUBNET, intents: CREATION, check: subnet_conflict },
    Rule { kind: SECURITY_GROUP, intents: CREATION, check: security_group_exists },
    Rule { kind: SECURITY_GROUP_INGRESS, intents: CREATION, check: duplicate_permission },
    Rule { kind: SECURITY_GROUP_EGRESS, intents: CREATION, check: duplicate_permission },
    Rule { kind: GATEWAY_ATTACHMENT, intents: CREATION, check: gateway_attached },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: String) -> Refusal {
    Refusal { service: "Ec2", status: 400, error, handler, text }
}

/// Returns the block of addresses of a VPC or subnet.
fn block(properties: &Json) -> Option<Ipv4Net> {
    text(properties, "CidrBlock")?.parse().ok()
}

/// Refuses a block that is larger than /16 or smaller than /28 (`InvalidVpc.Range`, EC2 error codes; `CreateVpc`, EC2 API).
fn vpc_range(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let block = block(subject.properties).filter(|block| !(16..=28).contains(&block.prefix_len()))?;
    Some(refuse("InvalidVpc.Range", "InvalidRequest", format!("The CIDR '{block}' is invalid.")))
}

/// Refuses a subnet outside the block of its VPC (`InvalidSubnet.Range`, EC2 error codes; `CreateSubnet`, EC2 API).
fn subnet_range(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = block(subject.properties)?;
    let id = text(subject.properties, "VpcId")?;
    let vpc = block(view.find(VPC, &id)?.properties)?;
    let added = view.of("AWS::EC2::VPCCidrBlock").any(|added| added.has("VpcId", &id));
    let valid = (16..=28).contains(&own.prefix_len()) && (vpc.contains(&own) || added || !view.complete);
    (!valid).then(|| refuse("InvalidSubnet.Range", "InvalidRequest", format!("The CIDR '{own}' is invalid.")))
}

/// Refuses a subnet that overlaps another one of its VPC (`InvalidSubnet.Conflict`, EC2 error codes; `CreateSubnet`, EC2 API).
fn subnet_conflict(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = block(subject.properties)?;
    let vpc = text(subject.properties, "VpcId")?;
    let overlaps = |other: &Existing<'_>| {
        block(other.properties).is_some_and(|other| other.contains(&own) || own.contains(&other))
    };
    view.others(SUBNET, subject).find(|other| other.has("VpcId", &vpc) && overlaps(other))?;
    let text = format!("The CIDR '{own}' conflicts with another subnet");
    Some(refuse("InvalidSubnet.Conflict", "AlreadyExists", text))
}

/// Refuses a name that another security group of the VPC has (`InvalidGroup.Duplicate`, EC2 error codes).
fn security_group_exists(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "GroupName")?;
    let vpc = text(subject.properties, "VpcId")?;
    let mut others = view.others(SECURITY_GROUP, subject);
    others.find(|other| other.has("GroupName", &name) && other.has("VpcId", &vpc))?;
    let text = format!("The security group '{name}' already exists for VPC '{vpc}'");
    Some(refuse("InvalidGroup.Duplicate", "AlreadyExists", text))
}

/// Refuses a rule that the security group has (`InvalidPermission.Duplicate`, EC2 error codes; the message is quoted in
/// hashicorp/terraform#1874). CloudFormation ignores duplicates inside a security group's own lists
/// (aws-cloudformation/cloudformation-coverage-roadmap#612).
fn duplicate_permission(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let group = text(subject.properties, "GroupId")?;
    let own = Permission::of(subject.properties)?;
    let inline = if subject.kind == SECURITY_GROUP_INGRESS { "SecurityGroupIngress" } else { "SecurityGroupEgress" };
    let mut inside = view.find(SECURITY_GROUP, &group).into_iter().flat_map(|it| list(it.properties, inline));
    let mut others = view.others(subject.kind, subject).filter(|other| other.has("GroupId", &group));
    let taken = inside.any(|other| Permission::of(other).as_ref() == Some(&own))
        || others.any(|other| Permission::of(other.properties).as_ref() == Some(&own));
    taken.then(|| {
        let text = format!("the specified rule \"{}\" already exists", own.text());
        refuse("InvalidPermission.Duplicate", "AlreadyExists", text)
    })
}

/// A rule of a security group.
#[derive(PartialEq)]
struct Permission {
    peer: String,
    protocol: String,
    ports: Option<(String, String)>,
}

impl Permission {
    /// Reads a rule. Returns `None` if it has no peer.
    fn of(properties: &Json) -> Option<Self> {
        const PEERS: [&str; 6] = [
            "CidrIp",
            "CidrIpv6",
            "SourceSecurityGroupId",
            "DestinationSecurityGroupId",
            "SourcePrefixListId",
            "DestinationPrefixListId",
        ];
        let peer = PEERS.iter().find_map(|name| text(properties, name))?;
        let protocol = match text(properties, "IpProtocol")?.to_uppercase().as_str() {
            // `IpProtocol` of `IpPermission`, EC2 API: a name or a number.
            "-1" => "ALL".to_owned(),
            "1" => "ICMP".to_owned(),
            "6" => "TCP".to_owned(),
            "17" => "UDP".to_owned(),
            "58" => "ICMPV6".to_owned(),
            other => other.to_owned(),
        };
        let ports = text(properties, "FromPort").zip(text(properties, "ToPort")).filter(|_| protocol != "ALL");
        Some(Self { peer, protocol, ports })
    }

    /// Returns the rule as EC2 writes it.
    fn text(&self) -> String {
        let ports = self.ports.iter().map(|(from, to)| format!("from port: {from}, to port: {to}, "));
        format!("peer: {}, {}, {}ALLOW", self.peer, self.protocol, ports.collect::<String>())
    }
}

/// Refuses a second internet gateway of a VPC, and a second VPC of a gateway (`Resource.AlreadyAssociated` and
/// `InvalidParameterValue`, EC2 error codes; `AttachInternetGateway`, EC2 API).
fn gateway_attached(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let gateway = text(subject.properties, "InternetGatewayId")?;
    let vpc = text(subject.properties, "VpcId")?;
    let others = || view.others(GATEWAY_ATTACHMENT, subject);
    if let Some(network) =
        others().find(|other| other.has("InternetGatewayId", &gateway)).and_then(|other| other.text("VpcId"))
    {
        let text = format!("resource {gateway} is already associated with network {network}");
        return Some(refuse("Resource.AlreadyAssociated", "AlreadyExists", text));
    }
    others().find(|other| other.has("VpcId", &vpc) && other.text("InternetGatewayId").is_some())?;
    let text = format!("Network {vpc} already has an internet gateway attached");
    Some(refuse("InvalidParameterValue", "InvalidRequest", text))
}

//! Deletions of resources that others still use (`DependencyViolation`, EC2 error codes; the messages are quoted in
//! aws-cdk#14456).
//!
//! Resources that an operation deletes do not count: EC2 refuses while they exist, and CloudFormation tries again.

use super::super::view::{AccountView, Existing};
use super::super::{DELETION, Refusal, Rule, Subject};
use super::refuse;
use crate::cfn::type_names::{
    GATEWAY_ATTACHMENT, INTERNET_GATEWAY, LOAD_BALANCER, NAT_GATEWAY, ROUTE_TABLE, SECURITY_GROUP,
    SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS, SERVICE, SUBNET, VPC, VPC_ENDPOINT,
};
use crate::rehearsal::property_access::text;

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: SECURITY_GROUP, intents: DELETION, check: security_group_in_use },
    Rule { kind: SUBNET, intents: DELETION, check: subnet_in_use },
    Rule { kind: VPC, intents: DELETION, check: vpc_in_use },
    Rule { kind: INTERNET_GATEWAY, intents: DELETION, check: gateway_in_use },
    Rule { kind: GATEWAY_ATTACHMENT, intents: DELETION, check: public_addresses_in_use },
];

/// The types of resources that have network interfaces in subnets, with security groups.
const WITH_INTERFACES: &[&str] = &[
    LOAD_BALANCER,
    SERVICE,
    VPC_ENDPOINT,
    NAT_GATEWAY,
    "AWS::EC2::Instance",
    "AWS::EC2::NetworkInterface",
    "AWS::EFS::MountTarget",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Lambda::Function",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
];

/// The types of resources that are in a VPC and keep it from being deleted ("Delete your VPC", VPC user guide).
const IN_VPC: &[&str] = &[SUBNET, SECURITY_GROUP, ROUTE_TABLE, VPC_ENDPOINT, GATEWAY_ATTACHMENT];

/// Refuses the deletion of a security group that a network interface or a rule of another group uses.
fn security_group_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    let uses = |other: &Existing<'_>| match other.kind {
        SECURITY_GROUP => other.physical_id != Some(id) && mentions(other, id),
        SECURITY_GROUP_INGRESS | SECURITY_GROUP_EGRESS => !other.has("GroupId", id) && mentions(other, id),
        kind => WITH_INTERFACES.contains(&kind) && mentions(other, id),
    };
    view.staying().find(|other| uses(other))?;
    Some(violation(format!("resource {id} has a dependent object")))
}

/// Refuses the deletion of a subnet with network interfaces.
fn subnet_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    view.staying().find(|other| WITH_INTERFACES.contains(&other.kind) && mentions(other, id))?;
    Some(violation(format!("The subnet '{id}' has dependencies and cannot be deleted.")))
}

/// Refuses the deletion of a VPC with resources in it.
fn vpc_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    view.staying().find(|other| IN_VPC.contains(&other.kind) && other.has("VpcId", id))?;
    Some(violation(format!("The vpc '{id}' has dependencies and cannot be deleted.")))
}

/// Refuses the deletion of an internet gateway that is attached to a VPC.
fn gateway_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    view.staying().find(|other| other.kind == GATEWAY_ATTACHMENT && other.has("InternetGatewayId", id))?;
    Some(violation(format!("The internetGateway '{id}' has dependencies and cannot be deleted.")))
}

/// Refuses to detach an internet gateway from a VPC with public addresses (`DetachInternetGateway`, EC2 API).
fn public_addresses_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let vpc = text(subject.properties, "VpcId")?;
    text(subject.properties, "InternetGatewayId")?;
    let in_vpc = |subnet: Option<String>| {
        subnet.and_then(|subnet| view.find(SUBNET, &subnet)).is_some_and(|subnet| subnet.has("VpcId", &vpc))
    };
    let public = |other: &Existing<'_>| {
        other.kind == NAT_GATEWAY && !other.has("ConnectivityType", "private") && in_vpc(other.text("SubnetId"))
    };
    view.staying().find(|other| public(other))?;
    Some(violation(format!(
        "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
    )))
}

/// Returns a refusal because of dependent resources.
fn violation(text: String) -> Refusal {
    refuse("DependencyViolation", "ResourceConflict", text)
}

/// Returns whether a property of a resource has an id as its value, at any depth.
fn mentions(other: &Existing<'_>, id: &str) -> bool {
    fn within(json: &serde_json::Value, id: &str) -> bool {
        match json {
            serde_json::Value::String(text) => text == id,
            serde_json::Value::Array(items) => items.iter().any(|item| within(item, id)),
            serde_json::Value::Object(map) => map.values().any(|value| within(value, id)),
            _ => false,
        }
    }
    within(other.properties, id)
}

//! Amazon RDS: databases and their subnet groups.

pub(super) mod instances;
pub(super) mod parameter_groups;
pub(super) mod versions;

use serde_json::Value as Json;

use super::view::{AccountView, Existing};
use super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use crate::cfn::type_names::{SECURITY_GROUP, SUBNET};
use crate::rehearsal::property_access::{boolean, strings, text};

const SUBNET_GROUP: &str = "AWS::RDS::DBSubnetGroup";
const INSTANCE: &str = "AWS::RDS::DBInstance";
const CLUSTER: &str = "AWS::RDS::DBCluster";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: SUBNET_GROUP, intents: CHANGES, check: too_few_zones },
    Rule { kind: SUBNET_GROUP, intents: CHANGES, check: subnets_of_several_vpcs },
    Rule { kind: SUBNET_GROUP, intents: DELETION, check: subnet_group_in_use },
    Rule { kind: INSTANCE, intents: CHANGES, check: invalid_password },
    Rule { kind: INSTANCE, intents: CREATION, check: reserved_user },
    Rule { kind: INSTANCE, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: INSTANCE, intents: DELETION, check: deletion_protected },
    Rule { kind: CLUSTER, intents: CHANGES, check: invalid_password },
    Rule { kind: CLUSTER, intents: CREATION, check: reserved_user },
    Rule { kind: CLUSTER, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: CLUSTER, intents: DELETION, check: deletion_protected },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("Rds", error, handler, text)
}

/// Refuses a subnet group in one zone, if the zones of all its subnets are known (`DBSubnetGroupDoesNotCoverEnoughAZs` of
/// `CreateDBSubnetGroup`, RDS API; the message is quoted in aws-cloudformation/aws-cloudformation-resource-providers-rds#189).
fn too_few_zones(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let zone = |subnet: &String| view.find(SUBNET, subnet)?.text("AvailabilityZone");
    let zones: Option<Vec<_>> = strings(subject.properties, "SubnetIds").iter().map(zone).collect();
    let zones = zones?;
    let first = zones.first()?;
    zones.iter().all(|zone| zone == first).then(|| {
        let text = format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {first}. Add \
             subnets to cover at least 2 AZs."
        );
        refuse("DBSubnetGroupDoesNotCoverEnoughAZs", "InvalidRequest", text)
    })
}

/// Refuses subnets of several VPCs, and a move to another VPC (`InvalidSubnet` of `CreateDBSubnetGroup` and
/// `ModifyDBSubnetGroup`, RDS API; the message of the second is quoted in hashicorp/terraform-provider-aws#27459).
fn subnets_of_several_vpcs(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let vpcs = |properties: &Json| {
        let subnets = strings(properties, "SubnetIds");
        subnets.iter().filter_map(|subnet| view.find(SUBNET, subnet)?.text("VpcId")).collect::<Vec<_>>()
    };
    let own = vpcs(subject.properties);
    let first = own.first()?;
    if own.iter().any(|vpc| vpc != first) {
        let text = "The requested subnets are not all in the same VPC.";
        return Some(refuse("InvalidSubnet", "InvalidRequest", text));
    }
    let before = subject.before.map(vpcs).unwrap_or_default();
    before.iter().find(|vpc| *vpc != first)?;
    let text = "The new Subnets are not in the same Vpc as the existing subnet group";
    Some(refuse("InvalidParameterValue", "InvalidRequest", text))
}

/// Refuses the deletion of a subnet group that a database uses (`InvalidDBSubnetGroupStateFault` of `DeleteDBSubnetGroup`, RDS
/// API; the message is quoted in anomalyco/sst#4026).
fn subnet_group_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = subject.physical_id?;
    let uses = |other: &&Existing<'_>| {
        matches!(other.kind, INSTANCE | CLUSTER)
            && other.text("DBSubnetGroupName").is_some_and(|group| group.eq_ignore_ascii_case(name))
    };
    let database = view.staying().find(uses)?;
    let kind = if database.kind == CLUSTER { "cluster" } else { "instance" };
    let text = format!(
        "Cannot delete the subnet group '{name}' because at least one database {kind}: {} is still using it.",
        database.physical_id.unwrap_or_default()
    );
    Some(refuse("InvalidDBSubnetGroupStateFault", "ResourceConflict", text))
}

/// Refuses a password that is too short or contains other characters (`MasterUserPassword` of `CreateDBInstance` and
/// `CreateDBCluster`, RDS API: at least 8 printable ASCII characters besides "/", "\"" and "@"; the messages are quoted in
/// hashicorp/terraform-provider-aws#38394 and alphagov/govuk-infrastructure#1270). References to secrets are not resolved.
fn invalid_password(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let password =
        text(subject.properties, "MasterUserPassword").filter(|password| !password.contains("{{resolve:"))?;
    let allowed = |letter: char| letter.is_ascii_graphic() && !"/@\"".contains(letter);
    let problem = if password.chars().count() < 8 {
        "because it is shorter than 8 characters."
    } else if !password.chars().all(allowed) {
        ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
    } else {
        return None;
    };
    let space = if problem.starts_with('.') { "" } else { " " };
    let text = format!("The parameter MasterUserPassword is not a valid password{space}{problem}");
    Some(refuse("InvalidParameterValue", "InvalidRequest", text))
}

/// Refuses a user name that the engine reserves (`MasterUsername` of `CreateDBInstance`, RDS API: "can't be a reserved word for
/// the chosen database engine"; the message is quoted in aws-cdk#5125; aws-cloudformation/cfn-lint#4425 tried the names).
fn reserved_user(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let engine = text(subject.properties, "Engine")?;
    let user = text(subject.properties, "MasterUsername")?;
    let reserved: &[&str] = if engine.contains("postgres") { &["admin", "rdsadmin"] } else { &["rdsadmin"] };
    reserved.contains(&user.to_lowercase().as_str()).then(|| {
        let text = format!("MasterUsername {user} cannot be used as it is a reserved word used by the engine");
        refuse("InvalidParameterValue", "InvalidRequest", text)
    })
}

/// Refuses security groups of another VPC than the subnet group's (`InvalidParameterCombination`, RDS API; the message is quoted in
/// terraform-aws-modules/terraform-aws-rds#451).
fn security_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let group = view.find(SUBNET_GROUP, &text(subject.properties, "DBSubnetGroupName")?)?;
    let own = strings(group.properties, "SubnetIds").iter().find_map(|id| view.find(SUBNET, id)?.text("VpcId"))?;
    let property = if subject.kind == CLUSTER { "VpcSecurityGroupIds" } else { "VPCSecurityGroups" };
    let vpc = |group: &String| view.find(SECURITY_GROUP, group)?.text("VpcId");
    let groups = strings(subject.properties, property);
    let other = groups.iter().filter_map(vpc).find(|other| *other != own)?;
    let text = format!(
        "The DB instance and EC2 security group are in different VPCs. The DB instance is in {own} and the EC2 security group \
         is in {other}"
    );
    Some(refuse("InvalidParameterCombination", "InvalidRequest", text))
}

/// Refuses the deletion of a database with deletion protection (`InvalidParameterCombination` of `DeleteDBInstance` and
/// `DeleteDBCluster`, RDS API; the message of the first is quoted in hashicorp/terraform-provider-aws#26233).
fn deletion_protected(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let what = if subject.kind == CLUSTER { "Cluster" } else { "DB Instance" };
    boolean(subject.properties, "DeletionProtection").then(|| {
        let text = format!("Cannot delete protected {what}, please disable deletion protection and try again.");
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

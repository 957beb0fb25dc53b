//! Load balancers.

use serde_json::Value as Json;

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, DELETION, Intent, Refusal, Rule, Subject};
use super::{invalid_configuration, refuse, subnets, validation_error, vpcs};
use crate::cfn::type_names::{BUCKET, LOAD_BALANCER, SECURITY_GROUP, SUBNET};
use crate::rehearsal::property_access::{list, strings, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: LOAD_BALANCER, intents: CREATION, check: invalid_name },
    Rule { kind: LOAD_BALANCER, intents: CREATION, check: name_in_use },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: subnets_of_several_vpcs },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: too_few_zones },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: log_bucket_without_policy },
    Rule { kind: LOAD_BALANCER, intents: DELETION, check: deletion_protected },
];

/// Refuses a name that is not valid (`Name` of `CreateLoadBalancer`, ELBv2 API: "a maximum of 32 characters, must contain only
/// alphanumeric characters or hyphens, must not begin or end with a hyphen, and must not begin with `internal-`").
fn invalid_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    if name.starts_with("internal-") {
        return Some(validation_error(format!("The load balancer name '{name}' cannot begin with 'internal-'")));
    }
    name_problem(&name).map(|problem| validation_error(format!("The load balancer name '{name}' {problem}")))
}

/// Returns the problem of a name of a load balancer or target group.
pub(super) fn name_problem(name: &str) -> Option<&'static str> {
    if name.chars().count() > 32 {
        Some("cannot be longer than '32' characters")
    } else if !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-') {
        Some("can only contain characters that are alphanumeric characters and hyphens(-)")
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("cannot begin or end with '-'")
    } else {
        None
    }
}

/// Refuses a name that another load balancer has (`DuplicateLoadBalancerName` of `CreateLoadBalancer`, ELBv2 API).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    view.others(LOAD_BALANCER, subject).find(|other| other.has("Name", &name))?;
    let text = format!("A load balancer with the same name '{name}' exists, but with different settings");
    Some(refuse("DuplicateLoadBalancerName", "AlreadyExists", text))
}

/// Refuses subnets of several VPCs, and a move to another VPC (`InvalidConfigurationRequest` of `CreateLoadBalancer` and
/// `SetSubnets`, ELBv2 API, whose sentence this is; "Subnets for your load balancer", user guide).
fn subnets_of_several_vpcs(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let mut vpcs = vpcs(subject.properties, view);
    let before = subject.before.map_or_else(Vec::new, |before| super::vpcs(before, view));
    if subject.intent == Intent::Update {
        vpcs.extend(before);
        vpcs.sort();
        vpcs.dedup();
    }
    (vpcs.len() > 1).then(|| {
        let vpcs = vpcs.join("', '");
        invalid_configuration(format!(
            "The requested configuration is not valid: the subnets of a load balancer must be in one VPC, not in '{vpcs}'"
        ))
    })
}

/// Refuses an Application Load Balancer in fewer than two zones, or with two subnets in one zone (`Subnets` of
/// `CreateLoadBalancer`, ELBv2 API; the messages are quoted in aws-samples/aws-cdk-examples#226 and
/// robertdebock/terraform-aws-vault#5).
fn too_few_zones(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let subnets = subnets(subject.properties);
    if text(subject.properties, "Type").is_some_and(|kind| kind != "application") || subnets.is_empty() {
        return None;
    }
    let different = subnets.iter().any(|subnet| *subnet != subnets[0]);
    if !different {
        let text = "At least two subnets in two different Availability Zones must be specified";
        return Some(validation_error(text.to_owned()));
    }
    let mut zones: Vec<_> =
        subnets.iter().filter_map(|subnet| view.find(SUBNET, subnet)?.text("AvailabilityZone")).collect();
    let known = zones.len();
    zones.sort();
    zones.dedup();
    let text = "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
    (zones.len() < known).then(|| invalid_configuration(text.to_owned()))
}

/// Refuses security groups of another VPC (`InvalidConfigurationRequest` of `CreateLoadBalancer` and `SetSecurityGroups`,
/// ELBv2 API).
fn security_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let vpcs = vpcs(subject.properties, view);
    let [own] = vpcs.as_slice() else { return None };
    let vpc = |group: &String| view.find(SECURITY_GROUP, group)?.text("VpcId");
    let groups = strings(subject.properties, "SecurityGroups");
    groups.iter().filter_map(vpc).find(|other| other != own)?;
    Some(invalid_configuration("One or more security groups are invalid".to_owned()))
}

/// Refuses access logs in a bucket without a bucket policy ("Enable access logs for your Application Load Balancer", user guide:
/// "Attach a policy to your S3 bucket"; "Access Denied for bucket" is its troubleshooting entry).
fn log_bucket_without_policy(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let enabled = attribute(subject.properties, "access_logs.s3.enabled").is_some_and(|value| value == "true");
    let bucket = attribute(subject.properties, "access_logs.s3.bucket").filter(|_| enabled && view.complete)?;
    view.find(BUCKET, &bucket)?;
    let has_policy = view.of("AWS::S3::BucketPolicy").any(|policy| policy.has("Bucket", &bucket));
    let text = format!("Access Denied for bucket: {bucket}. Please check S3bucket permission");
    (!has_policy).then(|| invalid_configuration(text))
}

/// Refuses the deletion of a load balancer with deletion protection (`OperationNotPermitted` of `DeleteLoadBalancer`, ELBv2 API).
fn deletion_protected(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    attribute(subject.properties, "deletion_protection.enabled").filter(|value| value == "true")?;
    let arn = subject.physical_id?;
    let text = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
    Some(refuse("OperationNotPermitted", "InvalidRequest", text))
}

/// Returns an attribute of a load balancer.
fn attribute(properties: &Json, key: &str) -> Option<String> {
    let mut attributes = list(properties, "LoadBalancerAttributes");
    attributes.find(|it| text(it, "Key").as_deref() == Some(key)).and_then(|it| text(it, "Value"))
}

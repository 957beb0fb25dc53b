//! Load balancers.

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, DELETION, Intent, Refusal, Rule, Subject};
use super::{attribute, invalid_configuration, refuse, subnets, validation_error, vpcs};
use crate::cfn::type_names::{GATEWAY_ATTACHMENT, LOAD_BALANCER, SECURITY_GROUP, SUBNET, VPC};
use crate::rehearsal::property_access::{strings, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: LOAD_BALANCER, intents: CREATION, check: invalid_name },
    Rule { kind: LOAD_BALANCER, intents: CREATION, check: name_in_use },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: subnets_of_several_vpcs },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: too_few_zones },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: subnets_without_ipv6 },
    Rule { kind: LOAD_BALANCER, intents: CREATION, check: network_without_internet_gateway },
    Rule { kind: LOAD_BALANCER, intents: DELETION, check: deletion_protected },
];

/// Refuses a name that is not valid (`Name` of `CreateLoadBalancer`, ELBv2 API: "a maximum of 32 characters, must contain only
/// alphanumeric characters or hyphens, must not begin or end with a hyphen, and must not begin with `internal-`"; the message about
/// 32 characters is quoted in aws-cloudformation/cfn-lint#3259).
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
/// ELBv2 API; the message is that of public logs about load balancers that cannot move to another VPC).
fn security_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let vpcs = vpcs(subject.properties, view);
    let [own] = vpcs.as_slice() else { return None };
    let vpc = |group: &String| view.find(SECURITY_GROUP, group)?.text("VpcId");
    let groups = strings(subject.properties, "SecurityGroups");
    groups.iter().filter_map(vpc).find(|other| other != own)?;
    Some(invalid_configuration("One or more security groups are invalid".to_owned()))
}

/// Refuses IPv6 addresses in subnets without a block of them (`IpAddressType` of `CreateLoadBalancer` and `SetIpAddressType`, ELBv2
/// API; the message is quoted in kubernetes-sigs/aws-load-balancer-controller#4852).
fn subnets_without_ipv6(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "IpAddressType").filter(|kind| kind.starts_with("dualstack"))?;
    let lacks = |id: &String| {
        let added = || view.of("AWS::EC2::SubnetCidrBlock").any(|block| block.has("SubnetId", id));
        let subnet = view.find(SUBNET, id).filter(|_| view.complete);
        subnet.is_some_and(|subnet| subnet.properties.get("Ipv6CidrBlock").is_none() && !added())
    };
    subnets(subject.properties).iter().find(|id| lacks(id))?;
    Some(validation_error("You must specify subnets with an associated IPv6 CIDR block.".to_owned()))
}

/// Refuses an internet-facing load balancer in a VPC without an internet gateway (`InvalidSubnet` of `CreateLoadBalancer`, ELBv2
/// API; the message is quoted in openshift/installer#1110).
fn network_without_internet_gateway(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    if text(subject.properties, "Scheme").is_some_and(|scheme| scheme == "internal") || !view.complete {
        return None;
    }
    let vpcs = vpcs(subject.properties, view);
    let known = |vpc: &&String| view.find(VPC, vpc).is_some();
    let attached = |vpc: &String| {
        view.of(GATEWAY_ATTACHMENT).any(|it| it.has("VpcId", vpc) && it.text("InternetGatewayId").is_some())
    };
    let vpc = vpcs.iter().filter(known).find(|vpc| !attached(vpc))?;
    Some(refuse("InvalidSubnet", "InvalidRequest", format!("VPC {vpc} has no internet gateway")))
}

/// Refuses the deletion of a load balancer with deletion protection, also when a creation is rolled back: CloudFormation does not
/// turn the protection off (`OperationNotPermitted` of `DeleteLoadBalancer`, ELBv2 API; the message of a stack is quoted in
/// aws-cloudformation/rain#187).
fn deletion_protected(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    attribute(subject.properties, "deletion_protection.enabled").filter(|value| value == "true")?;
    let arn = subject.physical_id?;
    let text = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
    Some(refuse("OperationNotPermitted", "InvalidRequest", text))
}

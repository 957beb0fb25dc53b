//! VPC endpoints and flow logs.

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, CREATION, Refusal, Rule, Subject};
use super::refuse;
use crate::cfn::type_names::{SECURITY_GROUP, SUBNET, VPC, VPC_ENDPOINT};
use crate::rehearsal::property_access::{boolean, strings, text};

const FLOW_LOG: &str = "AWS::EC2::FlowLog";

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: VPC_ENDPOINT, intents: CREATION, check: service_of_another_region },
    Rule { kind: VPC_ENDPOINT, intents: CHANGES, check: private_dns_without_hostnames },
    Rule { kind: VPC_ENDPOINT, intents: CHANGES, check: domain_in_use },
    Rule { kind: VPC_ENDPOINT, intents: CHANGES, check: subnets_of_one_zone },
    Rule { kind: VPC_ENDPOINT, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: FLOW_LOG, intents: CREATION, check: flow_log_exists },
];

/// Refuses a service of another region (`InvalidServiceName`, EC2 error codes; `CreateVpcEndpoint`, EC2 API). Services can be in
/// another region if `ServiceRegion` is set.
fn service_of_another_region(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = view.known_region()?;
    let service = text(subject.properties, "ServiceName")?;
    let region = service.strip_prefix("com.amazonaws.")?.split('.').next()?;
    let is_region = region.split('-').count() >= 3 && region.ends_with(|end: char| end.is_ascii_digit());
    (is_region && region != own && subject.properties.get("ServiceRegion").is_none()).then(|| {
        let text = format!("The Vpc Endpoint Service '{service}' does not exist");
        refuse("InvalidServiceName", "InvalidRequest", text)
    })
}

/// Refuses private DNS in a VPC that does not support it (`PrivateDnsEnabled` of `CreateVpcEndpoint`, EC2 API: "set the VPC
/// attributes `enableDnsHostnames` and `enableDnsSupport` to `true`").
fn private_dns_without_hostnames(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = text(subject.properties, "VpcId").filter(|_| boolean(subject.properties, "PrivateDnsEnabled"))?;
    let vpc = view.find(VPC, &id)?;
    let supported = boolean(vpc.properties, "EnableDnsHostnames") && !vpc.has("EnableDnsSupport", "false");
    (!supported).then(|| {
        let text = format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {id}"
        );
        refuse("InvalidParameter", "InvalidRequest", text)
    })
}

/// Refuses a second endpoint of a service with private DNS in a VPC (`InvalidParameter` of `CreateVpcEndpoint`, EC2 API; the message
/// is quoted in hashicorp/terraform-provider-aws#17535).
fn domain_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let vpc = text(subject.properties, "VpcId").filter(|_| boolean(subject.properties, "PrivateDnsEnabled"))?;
    let service = text(subject.properties, "ServiceName")?;
    let same = |other: &Existing<'_>| {
        other.has("VpcId", &vpc) && other.has("ServiceName", &service) && boolean(other.properties, "PrivateDnsEnabled")
    };
    view.others(VPC_ENDPOINT, subject).find(|other| same(other))?;
    let mut parts = service.strip_prefix("com.amazonaws.")?.split('.');
    let region = parts.next()?;
    let mut names: Vec<_> = parts.collect();
    names.reverse();
    let text = format!(
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for \
         {}.{region}.amazonaws.com in the VPC {vpc}",
        names.join(".")
    );
    Some(refuse("InvalidParameter", "InvalidRequest", text))
}

/// Refuses two subnets in one zone (`DuplicateSubnetsInSameZone`, EC2 error codes; `SubnetIds` of `CreateVpcEndpoint`, EC2 API).
fn subnets_of_one_zone(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let subnets = strings(subject.properties, "SubnetIds");
    let zone = |subnet: &String| view.find(SUBNET, subnet)?.text("AvailabilityZone");
    let zones: Vec<_> = subnets.iter().filter_map(|subnet| Some((subnet, zone(subnet)?))).collect();
    let (subnet, _) = zones
        .iter()
        .enumerate()
        .find_map(|(at, pair)| zones[..at].iter().any(|(_, earlier)| *earlier == pair.1).then_some(pair))?;
    let text = format!(
        "Found another VPC endpoint subnet in the availability zone of {subnet}. VPC endpoint subnets should be in different \
         availability zones supported by the VPC endpoint service."
    );
    Some(refuse("DuplicateSubnetsInSameZone", "InvalidRequest", text))
}

/// Refuses security groups of another VPC (`SecurityGroupIds` of `CreateVpcEndpoint`, EC2 API; `InvalidGroup.NotFound`, EC2 error
/// codes).
fn security_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = text(subject.properties, "VpcId")?;
    let elsewhere = |group: &&String| {
        view.find(SECURITY_GROUP, group).and_then(|group| group.text("VpcId")).is_some_and(|other| other != own)
    };
    let groups = strings(subject.properties, "SecurityGroupIds");
    let group = groups.iter().find(elsewhere)?;
    let text = format!("The security group '{group}' does not exist in VPC '{own}'");
    Some(refuse("InvalidGroup.NotFound", "NotFound", text))
}

/// Refuses a flow log that exists (`FlowLogAlreadyExists`, EC2 error codes; `CreateFlowLogs`, EC2 API).
fn flow_log_exists(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    const SAME: [&str; 5] = ["ResourceId", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName"];
    let own: Vec<_> = SAME.iter().map(|name| text(subject.properties, name)).collect();
    own[0].as_ref()?;
    let same = |other: &Existing<'_>| SAME.iter().zip(&own).all(|(name, own)| other.text(name) == *own);
    view.others(FLOW_LOG, subject).find(|other| same(other))?;
    let text = "Error. There is an existing Flow Log with the same configuration and log destination.";
    Some(refuse("FlowLogAlreadyExists", "AlreadyExists", text.to_owned()))
}

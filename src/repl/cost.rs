//! The resources of a template that are billed by the hour.

use super::format::counted;
use super::styled_text::{StyledText, TextStyle};
use crate::cfn::{LogicalId, Resource, Template, Value};

/// Resource types that are billed by the hour whether they are used or not, with the singular and the plural.
const BILLED_HOURLY: &[(&str, &str, &str)] = &[
    ("AWS::EC2::NatGateway", "NAT gateway", "NAT gateways"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer", "load balancers"),
    ("AWS::EC2::Instance", "instance", "instances"),
    ("AWS::RDS::DBInstance", "database instance", "database instances"),
    ("AWS::ElastiCache::CacheCluster", "cache cluster", "cache clusters"),
    ("AWS::EC2::TransitGatewayAttachment", "transit gateway attachment", "transit gateway attachments"),
    ("AWS::KMS::Key", "key", "keys"),
    ("AWS::SecretsManager::Secret", "secret", "secrets"),
];

/// Lists the cost drivers of a template under a heading.
pub(super) fn summary(template: &Template) -> StyledText {
    let drivers = drivers(template);
    let mut text = StyledText::default();
    if !drivers.is_empty() {
        text.push(TextStyle::Heading, "\nbilled by the hour\n");
        drivers.into_iter().for_each(|driver| text.push(TextStyle::Plain, format!("  {driver}\n")));
    }
    text
}

/// Returns the cost drivers of a template: `2 NAT gateways`, `1 load balancer`, `5 to 50 tasks of 0.25 vCPU and 0.5 GiB`.
pub(super) fn drivers(template: &Template) -> Vec<String> {
    let of_kind = |kind: &str| template.resources.values().filter(|resource| resource.kind.as_str() == kind).count();
    let row = |(kind, one, many): &(&str, &str, &str)| match of_kind(kind) {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let express = of_kind("AWS::ECS::ExpressGatewayService");
    let express = (express > 0).then(|| {
        let shared = if express == 1 { "" } else { ", which up to 25 services of a network share" };
        format!("the load balancer of {}{shared}", counted(express, "Express service"))
    });
    let services = template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == "AWS::ECS::Service");
    let interfaces = template.resources.values().filter(|resource| is_interface(resource)).count();
    let interfaces = (interfaces > 0).then(|| counted(interfaces, "interface endpoint"));
    BILLED_HOURLY
        .iter()
        .filter_map(row)
        .chain(interfaces)
        .chain(express)
        .chain(services.map(|(id, service)| tasks(id, service, template)))
        .collect()
}

fn is_interface(resource: &Resource) -> bool {
    let kind = resource.properties.get("VpcEndpointType").and_then(Value::as_str);
    resource.kind.as_str() == "AWS::EC2::VPCEndpoint" && kind == Some("Interface")
}

/// Returns the number of tasks of a service, with their size.
fn tasks(id: &LogicalId, service: &Resource, template: &Template) -> String {
    let number = |resource: Option<&Resource>, name: &str| resource?.properties.get(name)?.as_int();
    let range = template.resources.values().find(|resource| {
        let of_this = resource.properties.get("ResourceId").is_some_and(|target| mentions(target, id));
        resource.kind.as_str() == "AWS::ApplicationAutoScaling::ScalableTarget" && of_this
    });
    let definition = service.properties.get("TaskDefinition").and_then(Value::as_reference);
    let definition = definition.and_then(|reference| template.resources.get(&reference.id));
    let count = match (number(range, "MinCapacity"), number(range, "MaxCapacity")) {
        (Some(least), Some(most)) if least != most => format!("{least} to {most} tasks"),
        (Some(least), _) => counted(least, "task"),
        _ => service.properties.get("DesiredCount").map_or_else(
            || counted(1, "task"),
            |count| match count.as_int() {
                Some(count) => counted(count, "task"),
                None => "tasks".to_owned(),
            },
        ),
    };
    match (number(definition, "Cpu"), number(definition, "Memory")) {
        (Some(cpu), Some(memory)) => format!("{count} of {} vCPU and {} GiB", units(cpu), units(memory)),
        _ => count,
    }
}

fn mentions(value: &Value, id: &LogicalId) -> bool {
    let mut found = false;
    value.each_ref(&mut |reference| found |= reference.id == *id);
    found
}

/// Converts 1,024ths to a whole number of units: CPU units to vCPU, MiB to GiB.
#[allow(clippy::cast_precision_loss, reason = "sizes of tasks are small numbers")]
fn units(parts: i64) -> f64 {
    parts as f64 / 1024.0
}

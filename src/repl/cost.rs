//! What a template makes that costs money by the hour, in numbers.

use crate::cfn::{LogicalId, Resource, Template, Value};

/// Types that are paid by the hour whether they are used or not, as one and as several.
const BY_THE_HOUR: &[(&str, &str, &str)] = &[
    ("AWS::EC2::NatGateway", "NAT gateway", "NAT gateways"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer", "load balancers"),
    ("AWS::EC2::Instance", "instance", "instances"),
    ("AWS::RDS::DBInstance", "database instance", "database instances"),
    ("AWS::ElastiCache::CacheCluster", "cache cluster", "cache clusters"),
    ("AWS::EC2::TransitGatewayAttachment", "transit gateway attachment", "transit gateway attachments"),
    ("AWS::KMS::Key", "key", "keys"),
    ("AWS::SecretsManager::Secret", "secret", "secrets"),
];

/// `2 NAT gateways`, `1 load balancer`, `5 to 50 tasks of 0.25 vCPU and 0.5 GiB`.
pub(super) fn drivers(template: &Template) -> Vec<String> {
    let of_kind = |kind: &str| template.resources.values().filter(|resource| resource.kind.as_str() == kind).count();
    let counted = |(kind, one, many): &(&str, &str, &str)| match of_kind(kind) {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let services = template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == "AWS::ECS::Service");
    let interfaces = template.resources.values().filter(|resource| is_interface(resource)).count();
    let interfaces = (interfaces > 0).then(|| format!("{interfaces} interface endpoint{}", plural(interfaces)));
    BY_THE_HOUR
        .iter()
        .filter_map(counted)
        .chain(interfaces)
        .chain(services.map(|(id, service)| tasks(id, service, template)))
        .collect()
}

fn is_interface(resource: &Resource) -> bool {
    let kind = resource.properties.get("VpcEndpointType").and_then(Value::as_str);
    resource.kind.as_str() == "AWS::EC2::VPCEndpoint" && kind == Some("Interface")
}

/// The tasks of a service, with their size: its task definition and the target of its scaling refer to one another.
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
        (Some(least), _) => counted(least),
        _ => service.properties.get("DesiredCount").map_or_else(
            || counted(1),
            |count| match count.as_int() {
                Some(count) => counted(count),
                None => "tasks".to_owned(),
            },
        ),
    };
    match (number(definition, "Cpu"), number(definition, "Memory")) {
        (Some(cpu), Some(memory)) => format!("{count} of {} vCPU and {} GiB", share(cpu), share(memory)),
        _ => count,
    }
}

fn mentions(value: &Value, id: &LogicalId) -> bool {
    let mut found = false;
    value.each_ref(&mut |reference| found |= reference.id == *id);
    found
}

fn counted(count: i64) -> String {
    format!("{count} task{}", if count == 1 { "" } else { "s" })
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A number of 1,024ths.
#[allow(clippy::cast_precision_loss, reason = "sizes of tasks are small numbers")]
fn share(parts: i64) -> f64 {
    parts as f64 / 1024.0
}

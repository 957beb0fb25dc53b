//! The resources of a template that are billed whether they are used or not, and those that are billed by use.
//!
//! Sources: the pricing pages of the services (aws.amazon.com/rds/pricing, /elasticache/pricing, /vpc/pricing,
//! /elasticloadbalancing/pricing, /cloudwatch/pricing, /secrets-manager/pricing, /kms/pricing): each says what is billed by the hour or
//! month, and what by requests, storage or transfer. Prices differ by region and age, so none is stored.

mod data;

use crate::cfn::type_names::EXPRESS_SERVICE;
use crate::cfn::{LogicalId, Resource, Template, Value};
use crate::repl::format::counted;
use crate::repl::styled_text::{StyledText, TextStyle};

/// Resource types that are billed by the hour or month whether they are used or not, with the singular and the plural.
const BILLED_HOURLY: &[(&str, &str, &str)] = &[
    ("AWS::EC2::NatGateway", "NAT gateway", "NAT gateways"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer", "load balancers"),
    ("AWS::EC2::Instance", "instance", "instances"),
    ("AWS::EC2::TransitGatewayAttachment", "transit gateway attachment", "transit gateway attachments"),
    ("AWS::KMS::Key", "key", "keys"),
    ("AWS::SecretsManager::Secret", "secret", "secrets"),
    ("AWS::EC2::EIP", "static address", "static addresses"),
    ("AWS::CloudWatch::Alarm", "alarm", "alarms"),
    ("AWS::CloudWatch::Dashboard", "dashboard", "dashboards"),
];

/// Lists the cost drivers of a template under a heading.
pub(super) fn summary(template: &Template) -> StyledText {
    let drivers = drivers(template);
    let mut text = StyledText::default();
    if !drivers.is_empty() {
        text.push(TextStyle::Heading, "\nbilled by the hour\n");
        drivers.into_iter().for_each(|driver| text.push(TextStyle::Plain, format!("  {driver}\n")));
    }
    let by_use = data::billed_by_use(template);
    if !by_use.is_empty() {
        text.push(TextStyle::Heading, "\nbilled by use, not counted\n");
        text.push(TextStyle::Plain, format!("  {}\n", by_use.join(", ")));
    }
    text
}

/// Returns the cost drivers of a template: `2 NAT gateways`, `1 load balancer`, `5 to 50 tasks of 0.25 vCPU and 0.5 GiB`.
pub fn drivers(template: &Template) -> Vec<String> {
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
    let interfaces = data::interface_endpoints(template);
    BILLED_HOURLY
        .iter()
        .filter_map(row)
        .chain(data::databases(template))
        .chain(data::caches(template))
        .chain(interfaces)
        .chain(express)
        .chain(services.map(|(id, service)| tasks(id, service, template)))
        .chain(template.resources.values().filter(|it| it.kind.as_str() == EXPRESS_SERVICE).map(express_tasks))
        .collect()
}

/// Returns the number of tasks of a service of Express Mode, with their size. Its deployments are canaries ("Updating an Amazon ECS
/// Express Mode service", ECS developer guide: 3 minutes for the first part, and 3 minutes of bake time).
fn express_tasks(service: &Resource) -> String {
    let number =
        |value: Option<&Value>| value.and_then(|value| value.as_int().or_else(|| value.as_str()?.parse().ok()));
    let bound = |name: &str| number(service.properties.get("ScalingTarget").and_then(|target| target.get(name)));
    // The defaults of Express Mode ("Application scaling policy defaults").
    let (least, most) = (bound("MinTaskCount").unwrap_or(1), bound("MaxTaskCount").unwrap_or(20));
    let size = |name: &str, default: i64| units(number(service.properties.get(name)).unwrap_or(default));
    let (cpu, memory) = (size("Cpu", 256), size("Memory", 512));
    format!(
        "{least} to {most} tasks of {cpu} vCPU and {memory} GiB; twice as many during a deployment, for 6 minutes and the start of the tasks"
    )
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
    let sized = match (number(definition, "Cpu"), number(definition, "Memory")) {
        (Some(cpu), Some(memory)) => format!("{count} of {} vCPU and {} GiB", units(cpu), units(memory)),
        _ => count,
    };
    match shift_minutes(service) {
        Some(0) => format!("{sized}; twice as many during a deployment"),
        Some(minutes) => {
            format!("{sized}; twice as many during a deployment, for {minutes} minutes and the start of the tasks")
        }
        None => sized,
    }
}

/// Returns the least minutes for which the tasks of both versions run in a deployment that shifts traffic; none if it is rolling.
fn shift_minutes(service: &Resource) -> Option<i64> {
    let configuration = service.properties.get("DeploymentConfiguration")?;
    let strategy = configuration.get("Strategy")?.as_str()?;
    let number = |part: &str, name: &str| configuration.get(part).and_then(|part| part.get(name)?.as_int());
    let bake = configuration.get("BakeTimeInMinutes").and_then(Value::as_int).unwrap_or(0);
    // The defaults are those of the ECS API.
    match strategy {
        "BLUE_GREEN" => Some(bake),
        "CANARY" => Some(bake.saturating_add(number("CanaryConfiguration", "CanaryBakeTimeInMinutes").unwrap_or(10))),
        "LINEAR" => {
            let percent = number("LinearConfiguration", "StepPercent").unwrap_or(10).clamp(1, 100);
            let pauses = (100 + percent - 1) / percent - 1;
            let step = number("LinearConfiguration", "StepBakeTimeInMinutes").unwrap_or(6);
            Some(bake.saturating_add(pauses.saturating_mul(step)))
        }
        _ => None,
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

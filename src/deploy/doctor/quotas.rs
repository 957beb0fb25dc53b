//! Quotas of the account that the stacks of a script would exceed.

use futures_util::future::join_all;

use super::{Examined, Health, of_error};
use crate::cfn::type_names::{INTERNET_GATEWAY, LOAD_BALANCER, SCALABLE_TARGET, SERVICE, TASK_DEFINITION, VPC};
use crate::cfn::{Resource, Value};
use crate::deploy::api::{AccountFacts, AwsError, CloudFormation, CountedResource};
use crate::synth::DesiredStack;

/// A quota on the number of resources in a region.
struct Quota {
    kind: &'static str,
    /// The value of the property `Type`, for types with several kinds.
    variant: Option<&'static str>,
    counted: CountedResource,
    name: &'static str,
    service: &'static str,
    code: &'static str,
    /// The quota of an account that has not changed it.
    default: u64,
}

/// Sources: "Amazon VPC quotas", "Quotas for your Application Load Balancers" and "Quotas for your Network Load Balancers" (user
/// guides), with the codes of Service Quotas.
const QUOTAS: [Quota; 5] = [
    Quota {
        kind: VPC,
        variant: None,
        counted: CountedResource::Vpc,
        name: "VPCs per Region",
        service: "vpc",
        code: "L-F678F1CE",
        default: 5,
    },
    Quota {
        kind: "AWS::EC2::EIP",
        variant: None,
        counted: CountedResource::ElasticIp,
        name: "Elastic IP addresses per Region",
        service: "ec2",
        code: "L-0263D0A3",
        default: 5,
    },
    Quota {
        kind: INTERNET_GATEWAY,
        variant: None,
        counted: CountedResource::InternetGateway,
        name: "internet gateways per Region",
        service: "vpc",
        code: "L-A4707A72",
        default: 5,
    },
    Quota {
        kind: LOAD_BALANCER,
        variant: Some("application"),
        counted: CountedResource::ApplicationLoadBalancer,
        name: "Application Load Balancers per Region",
        service: "elasticloadbalancing",
        code: "L-53DA6B97",
        default: 50,
    },
    Quota {
        kind: LOAD_BALANCER,
        variant: Some("network"),
        counted: CountedResource::NetworkLoadBalancer,
        name: "Network Load Balancers per Region",
        service: "elasticloadbalancing",
        code: "L-69A177A2",
        default: 50,
    },
];

/// Fargate's quota: "AWS Fargate service quotas", developer guide of ECS. New accounts may have less than the default.
const FARGATE: (&str, &str, f64) = ("fargate", "L-3032A538", 6.0);

/// Compares the resources of the stacks of a region with the quotas of the account in it.
pub(super) async fn check(
    facts: &impl AccountFacts,
    api: &impl CloudFormation,
    stacks: &[&DesiredStack],
) -> Vec<Examined> {
    let deployed = match deployed(api, stacks).await {
        Ok(deployed) => deployed,
        Err(error) => return vec![of_error("quotas", &error)],
    };
    let all = || stacks.iter().flat_map(|stack| stack.template.resources.values());
    let count = |quota, resources: &mut dyn Iterator<Item = &Resource>| {
        resources.filter(|resource| is_of(quota, resource)).count() as u64
    };
    // AWS counts those that the stacks have already.
    let new = |quota| count(quota, &mut all()).saturating_sub(count(quota, &mut deployed.iter().copied()));
    let new = QUOTAS.iter().map(|quota| (quota, new(quota))).filter(|(_, new)| *new > 0);
    let mut found: Vec<Examined> = join_all(new.map(async |(quota, new)| {
        exceeded(facts, quota, new).await.unwrap_or_else(|error| Some(of_error("quota", &error)))
    }))
    .await
    .into_iter()
    .flatten()
    .collect();
    found.extend(fargate(facts, stacks).await);
    if found.is_empty() {
        found.push(Examined::new("quotas", Health::Ok, "the stacks of the script fit"));
    }
    found
}

/// Returns the resources of the stacks that AWS has already.
async fn deployed<'a>(api: &impl CloudFormation, stacks: &[&'a DesiredStack]) -> Result<Vec<&'a Resource>, AwsError> {
    let mut deployed = Vec::new();
    for stack in stacks {
        if api.describe_stack(&stack.name).await?.is_some() {
            let existing = api.resources(&stack.name).await?;
            let ids = existing.iter().map(|one| one.logical_id.as_str());
            deployed.extend(ids.filter_map(|id| stack.template.resources.get(id)));
        }
    }
    Ok(deployed)
}

fn is_of(quota: &Quota, resource: &Resource) -> bool {
    let variant = || resource.properties.get("Type").and_then(Value::as_str).unwrap_or("application");
    resource.kind.as_str() == quota.kind && quota.variant.is_none_or(|wanted| variant() == wanted)
}

/// Returns the fact about a quota that the new resources would exceed.
async fn exceeded(facts: &impl AccountFacts, quota: &Quota, new: u64) -> Result<Option<Examined>, AwsError> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quota of AWS is a small whole number"
    )]
    let limit = facts.quota(quota.service, quota.code).await.ok().flatten().map_or(quota.default, |value| value as u64);
    let used = facts.count(quota.counted).await?;
    if used + new <= limit {
        return Ok(None);
    }
    let text = format!("{}: {used} of {limit} are used, and the stacks need {new} more", quota.name);
    let remedy = format!(
        "request a higher quota ({} {} in Service Quotas), or delete what is not needed",
        quota.service, quota.code
    );
    Ok(Some(Examined::new("quota", Health::Failed, text).remedy(remedy)))
}

/// Returns the fact about the vCPUs of Fargate, if the most tasks of the script need more than the account may run.
async fn fargate(facts: &impl AccountFacts, stacks: &[&DesiredStack]) -> Option<Examined> {
    let needed: f64 = stacks.iter().copied().map(vcpus).sum();
    if needed == 0.0 {
        return None;
    }
    let (service, code, default) = FARGATE;
    let limit = facts.quota(service, code).await.ok().flatten().unwrap_or(default);
    let text = format!("Fargate runs up to {limit} vCPUs, and the services of the script need up to {needed}");
    let remedy =
        format!("request a higher quota ({service} {code} in Service Quotas), or lower the maximum of the scaling");
    (needed > limit).then(|| Examined::new("quota", Health::Warning, text).remedy(remedy))
}

/// Returns the vCPUs of the most tasks of a stack; unknown numbers count as nothing.
fn vcpus(stack: &DesiredStack) -> f64 {
    let resources = &stack.template.resources;
    let services = resources.iter().filter(|(_, resource)| resource.kind.as_str() == SERVICE);
    services
        .map(|(id, service)| {
            let definition = service.properties.get("TaskDefinition").and_then(Value::as_reference);
            let definition = definition.and_then(|it| resources.get(it.id.as_str()));
            let definition = definition.filter(|it| it.kind.as_str() == TASK_DEFINITION);
            let cpu = definition.and_then(|it| it.properties.get("Cpu")?.as_int()).unwrap_or(0);
            let count = service.properties.get("DesiredCount").and_then(Value::as_int);
            let most = most_tasks(stack, id.as_str()).or(count).unwrap_or(1);
            #[allow(clippy::cast_precision_loss, reason = "tasks and CPU units are small numbers")]
            let vcpus = most as f64 * cpu as f64 / 1024.0;
            vcpus
        })
        .sum()
}

/// Returns the maximum of the scaling of a service.
fn most_tasks(stack: &DesiredStack, service: &str) -> Option<i64> {
    let mut targets = stack.template.resources.values().filter(|resource| resource.kind.as_str() == SCALABLE_TARGET);
    let target = targets.find(|target| {
        let mut refers = false;
        target.each_ref(&mut |reference| refers |= reference.id.as_str() == service);
        refers
    });
    target?.properties.get("MaxCapacity")?.as_int()
}

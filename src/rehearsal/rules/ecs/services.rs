//! Services.

use serde_json::Value as Json;

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, Refusal, Rule, Subject, elb};
use super::{capacity_providers, invalid_parameter, is_fargate, is_of, refuse, task_definition};
use crate::cfn::type_names::{CLUSTER, SECURITY_GROUP, SERVICE, SUBNET, TARGET_GROUP};
use crate::rehearsal::property_access::{list, number, strings, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: SERVICE, intents: CHANGES, check: container_missing },
    Rule { kind: SERVICE, intents: CHANGES, check: target_type_of_instances },
    Rule { kind: SERVICE, intents: CHANGES, check: target_group_without_listener },
    Rule { kind: SERVICE, intents: CHANGES, check: network_missing },
    Rule { kind: SERVICE, intents: CHANGES, check: networks_differ },
    Rule { kind: SERVICE, intents: CREATION, check: capacity_provider_missing },
    Rule { kind: SERVICE, intents: CHANGES, check: launch_type_and_capacity_provider },
    Rule { kind: SERVICE, intents: CHANGES, check: launch_type_unsupported },
    Rule { kind: SERVICE, intents: CHANGES, check: task_definition_inactive },
    Rule { kind: SERVICE, intents: CHANGES, check: percentages_block_deployments },
    Rule { kind: SERVICE, intents: CHANGES, check: grace_period_without_load_balancer },
];

/// Refuses a target group that no listener uses (`loadBalancers` of `CreateService`, ECS API; the message is quoted in
/// cloudposse/terraform-aws-ecs-web-app#226).
fn target_group_without_listener(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let mut groups = list(subject.properties, "LoadBalancers").filter_map(|it| text(it, "TargetGroupArn"));
    let known = |group: &String| view.complete && view.find(TARGET_GROUP, group).is_some();
    let group = groups.find(|group| known(group) && !elb::has_listener(view, group))?;
    Some(invalid_parameter(format!(
        "The target group with targetGroupArn {group} does not have an associated load balancer."
    )))
}

/// Refuses a load balancer whose container or port is not in the task definition (`loadBalancers` of `CreateService`, ECS API;
/// the messages are quoted in boltops-tools/ufo#114 and pulumi/pulumi-aws#3095).
fn container_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let task_definition = task_definition(subject, view)?;
    let missing = |balancer: &Json| {
        let (name, port) = (text(balancer, "ContainerName")?, text(balancer, "ContainerPort")?);
        let mut containers = list(task_definition.properties, "ContainerDefinitions");
        let Some(container) = containers.find(|it| text(it, "Name").as_ref() == Some(&name)) else {
            return Some(format!("The container {name} does not exist in the task definition."));
        };
        let mut ports = list(container, "PortMappings").filter_map(|it| text(it, "ContainerPort"));
        let ranges = list(container, "PortMappings").any(|it| it.get("ContainerPortRange").is_some());
        let defined = ranges || ports.any(|it| it == port);
        (!defined).then(|| format!("The container {name} did not have a container port {port} defined."))
    };
    list(subject.properties, "LoadBalancers").find_map(missing).map(invalid_parameter)
}

/// Refuses a target group of instances for tasks with network interfaces of their own ("Use an Application Load Balancer for
/// Amazon ECS", developer guide: "you must choose `ip` as the target type").
fn target_type_of_instances(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    task_definition(subject, view).filter(|it| it.has("NetworkMode", "awsvpc"))?;
    let wrong = |balancer: &Json| {
        let arn = text(balancer, "TargetGroupArn")?;
        let group = view.find(TARGET_GROUP, &arn)?;
        let kind = group.text("TargetType").unwrap_or_else(|| "instance".to_owned());
        (kind == "instance").then_some(arn)
    };
    let arn = list(subject.properties, "LoadBalancers").find_map(wrong)?;
    Some(invalid_parameter(format!(
        "The provided target group {arn} has target type instance, which is incompatible with the awsvpc network mode \
         specified in the task definition."
    )))
}

/// Refuses tasks with network interfaces but no subnets (`networkConfiguration` of `CreateService`, ECS API: "required for task
/// definitions that use the `awsvpc` network mode").
fn network_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    task_definition(subject, view).filter(|it| it.has("NetworkMode", "awsvpc"))?;
    let text = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
    subject.properties.get("NetworkConfiguration").is_none().then(|| invalid_parameter(text.to_owned()))
}

/// Refuses security groups of another VPC than the subnets' (`networkConfiguration` of `CreateService`, ECS API: "all specified
/// subnets" and "all specified security groups must be from the same VPC").
fn networks_differ(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let network = subject.properties.get("NetworkConfiguration")?.get("AwsvpcConfiguration")?;
    let vpcs = |kind: &str, name: &str| {
        let ids = strings(network, name);
        ids.iter().filter_map(|id| view.find(kind, id)?.text("VpcId")).collect::<Vec<_>>()
    };
    let mut vpcs: Vec<_> = vpcs(SUBNET, "Subnets").into_iter().chain(vpcs(SECURITY_GROUP, "SecurityGroups")).collect();
    vpcs.sort();
    vpcs.dedup();
    let text = "You have specified two resources that belong to different networks.";
    (vpcs.len() > 1).then(|| invalid_parameter(text.to_owned()))
}

/// Refuses a capacity provider that the cluster does not have (`capacityProviderStrategy` of `CreateService`, ECS API; the
/// message is quoted in dask/dask-cloudprovider#328).
fn capacity_provider_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let reference = text(subject.properties, "Cluster")?;
    let cluster = view.of(CLUSTER).find(|it| is_of(it, &reference)).filter(|_| view.complete)?;
    let providers = capacity_providers(cluster, view);
    let mut used = list(subject.properties, "CapacityProviderStrategy").filter_map(|it| text(it, "CapacityProvider"));
    used.find(|provider| !providers.contains(provider))?;
    Some(invalid_parameter(
        "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the \
         cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again."
            .to_owned(),
    ))
}

/// Refuses a launch type together with a capacity provider strategy (`launchType` of `CreateService`, ECS API: "if a `launchType` is
/// specified, the `capacityProviderStrategy` parameter must be omitted").
fn launch_type_and_capacity_provider(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    subject.properties.get("LaunchType")?;
    list(subject.properties, "CapacityProviderStrategy").next()?;
    let text =
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.";
    Some(invalid_parameter(text.to_owned()))
}

/// Refuses Fargate for a task definition without a network mode and size for it (`compatibilities` of `TaskDefinition`, ECS API;
/// `launchType` of `CreateService`).
fn launch_type_unsupported(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "LaunchType").filter(|launch_type| launch_type == "FARGATE")?;
    let task_definition = task_definition(subject, view).filter(|it| !is_fargate(it.properties))?;
    let sized = ["Cpu", "Memory"].iter().all(|name| task_definition.properties.get(name).is_some());
    if sized && task_definition.has("NetworkMode", "awsvpc") {
        return None;
    }
    Some(invalid_parameter("Task definition does not support launch_type FARGATE.".to_owned()))
}

/// Refuses a deregistered task definition (`DeregisterTaskDefinition`, ECS API: "you can't use an `INACTIVE` task definition to run
/// new tasks or create new services, and you can't update an existing service to reference" it).
fn task_definition_inactive(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let arn = text(subject.properties, "TaskDefinition")?;
    view.is_deregistered(&arn)
        .then(|| refuse("ClientException", "InvalidRequest", "TaskDefinition is inactive".to_owned()))
}

/// Refuses percentages that let ECS neither start nor stop a task (`DeploymentConfiguration`, ECS API; the message is quoted in
/// public rule sets).
fn percentages_block_deployments(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    if text(subject.properties, "SchedulingStrategy").is_some_and(|strategy| strategy == "DAEMON") {
        return None;
    }
    let configuration = subject.properties.get("DeploymentConfiguration")?;
    let minimum = number(configuration, "MinimumHealthyPercent").unwrap_or(100);
    let maximum = number(configuration, "MaximumPercent").unwrap_or(200);
    let text = "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.";
    (minimum == 100 && maximum == 100).then(|| invalid_parameter(text.to_owned()))
}

/// Refuses a grace period without a load balancer (`healthCheckGracePeriodSeconds` of `CreateService`, ECS API: "this is only used
/// when your service is configured to use a load balancer").
fn grace_period_without_load_balancer(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    number(subject.properties, "HealthCheckGracePeriodSeconds").filter(|seconds| *seconds > 0)?;
    let used = ["LoadBalancers", "VpcLatticeConfigurations"];
    if used.iter().any(|name| list(subject.properties, name).next().is_some()) {
        return None;
    }
    let text = "Health check grace period is only valid for services configured to use load balancers";
    Some(invalid_parameter(text.to_owned()))
}

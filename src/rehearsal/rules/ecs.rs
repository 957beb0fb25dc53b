//! Amazon ECS: services and clusters.

use serde_json::Value as Json;

use super::view::{AccountView, Existing};
use super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject, elb};
use crate::cfn::type_names::{CLUSTER, SERVICE, TARGET_GROUP, TASK_DEFINITION};
use crate::rehearsal::property_access::{list, strings, text};

pub(super) const RULES: &[Rule] = &[
    Rule { kind: SERVICE, intents: CHANGES, check: container_missing },
    Rule { kind: SERVICE, intents: CHANGES, check: target_type_of_instances },
    Rule { kind: SERVICE, intents: CHANGES, check: target_group_without_listener },
    Rule { kind: SERVICE, intents: CHANGES, check: network_missing },
    Rule { kind: SERVICE, intents: CREATION, check: capacity_provider_missing },
    Rule { kind: CLUSTER, intents: DELETION, check: services_in_cluster },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: String) -> Refusal {
    Refusal { service: "AmazonECS", status: 400, error, handler, text }
}

/// Returns a refusal of a parameter.
fn invalid_parameter(text: String) -> Refusal {
    refuse("InvalidParameterException", "InvalidRequest", text)
}

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

/// Refuses a capacity provider that the cluster does not have (`capacityProviderStrategy` of `CreateService`, ECS API; the
/// message is quoted in dask/dask-cloudprovider#328).
fn capacity_provider_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let reference = text(subject.properties, "Cluster")?;
    let cluster = view.of(CLUSTER).find(|it| is_cluster(it, &reference)).filter(|_| view.complete)?;
    let mut providers = strings(cluster.properties, "CapacityProviders");
    let name = cluster.physical_id.unwrap_or_default();
    let associations = view.of("AWS::ECS::ClusterCapacityProviderAssociations");
    let own = associations.filter(|it| it.text("Cluster").is_some_and(|it| last_segment(&it) == last_segment(name)));
    providers.extend(own.flat_map(|it| strings(it.properties, "CapacityProviders")));
    let mut used = list(subject.properties, "CapacityProviderStrategy").filter_map(|it| text(it, "CapacityProvider"));
    used.find(|provider| !providers.contains(provider))?;
    Some(invalid_parameter(
        "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the \
         cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again."
            .to_owned(),
    ))
}

/// Refuses the deletion of a cluster with services (`ClusterContainsServicesException` of `DeleteCluster`, ECS API).
fn services_in_cluster(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let cluster = subject.physical_id?;
    let uses = |other: &Existing<'_>| {
        other.kind == SERVICE && other.text("Cluster").is_some_and(|it| last_segment(&it) == last_segment(cluster))
    };
    view.staying().find(|other| uses(other))?;
    let text = "The Cluster cannot be deleted while Services are active.";
    Some(refuse("ClusterContainsServicesException", "ResourceConflict", text.to_owned()))
}

/// Returns the task definition of a service.
fn task_definition<'v, 'a>(subject: &Subject<'_>, view: &'v AccountView<'a>) -> Option<&'v Existing<'a>> {
    view.find(TASK_DEFINITION, &text(subject.properties, "TaskDefinition")?)
}

/// Returns whether a reference, a name or an ARN, is a cluster's.
fn is_cluster(cluster: &Existing<'_>, reference: &str) -> bool {
    cluster.physical_id.is_some_and(|id| last_segment(id) == last_segment(reference))
}

/// Returns the name in an ARN.
fn last_segment(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

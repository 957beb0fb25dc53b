//! Services: how tasks are launched, connected, counted and replaced.

use super::fargate::is_windows;
use super::task_definition::{all_known, containers_of, name};
use super::{LaunchType, SERVICE, service_launch, task_launch, task_of};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::{SCALABLE_TARGET, TARGET_GROUP};
use crate::diag::{Code, Sink, did_you_mean};

/// Source: `AwsVpcConfiguration` in the ECS API reference.
const MOST_SUBNETS: usize = 16;
const MOST_GROUPS: usize = 5;

pub(super) fn launch(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    if service.get("LaunchType").is_some() && !service.list("CapacityProviderStrategy").is_empty() {
        let message = "a service has a launch type or a capacity provider strategy, not both";
        let problem = service.error(Code::LaunchType, "LaunchType", message);
        sink.push(problem.at(service.origin("CapacityProviderStrategy"), "the strategy is set here"));
    }
    let launch = service_launch(service);
    if launch == LaunchType::Fargate && service.text("SchedulingStrategy") == Some("DAEMON") {
        let problem =
            service.error(Code::LaunchType, "SchedulingStrategy", "Fargate has no instances for a daemon on each");
        sink.push(problem.help("use `SchedulingStrategy: REPLICA`"));
    }
    for property in ["PlacementStrategies", "PlacementConstraints"] {
        if launch == LaunchType::Fargate && !service.list(property).is_empty() {
            let message = format!("Fargate chooses where tasks run, so it takes no `{property}`");
            sink.push(service.error(Code::FargateUnsupported, property, message));
        }
    }
    if launch == LaunchType::Other && service.has("PlatformVersion") {
        sink.push(service.error(Code::LaunchType, "PlatformVersion", "platform versions are Fargate's alone"));
    }
    let Some(task) = task_of(service, scope) else { return };
    if launch == LaunchType::Fargate && task_launch(task) == LaunchType::Other && task.has("RequiresCompatibilities") {
        let message = format!("the task definition `{}` is not for Fargate", task.id);
        let problem = service.error(Code::LaunchType, "TaskDefinition", message);
        sink.push(problem.at(task.origin("RequiresCompatibilities"), "add `FARGATE` here"));
    }
    let spot = service
        .list("CapacityProviderStrategy")
        .iter()
        .position(|item| item.get("CapacityProvider").and_then(Value::as_str) == Some("FARGATE_SPOT"));
    if let Some(at) = spot.filter(|_| is_windows(task)) {
        let place = format!("CapacityProviderStrategy.{at}");
        sink.push(service.error(Code::LaunchType, &place, "Fargate Spot does not run Windows"));
    }
}

pub(super) fn network(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(task) = task_of(service, scope) else { return };
    let mode = task.text("NetworkMode");
    if mode == Some("awsvpc") && service.lacks("NetworkConfiguration") {
        let message =
            format!("the tasks of `{}` have the network mode `awsvpc`, and the service names no subnets", task.id);
        let problem = service.error(Code::NetworkConfiguration, "", message);
        sink.push(problem.help("add `NetworkConfiguration` with an `AwsvpcConfiguration`"));
    }
    let is_other = matches!(mode, Some("bridge" | "host" | "none")) || task.lacks("NetworkMode");
    if is_other && task_launch(task) != LaunchType::Fargate && service.get("NetworkConfiguration").is_some() {
        let message = format!(
            "`NetworkConfiguration` is for tasks with the network mode `awsvpc`, and `{}` has another",
            task.id
        );
        sink.push(service.error(Code::NetworkConfiguration, "NetworkConfiguration", message));
    }
    let public = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp";
    if service_launch(service) == LaunchType::Other && service.text(public) == Some("ENABLED") {
        sink.push(service.error(Code::NetworkConfiguration, public, "only tasks on Fargate get a public IP address"));
    }
}

pub(super) fn quotas(service: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    for (property, most, what) in
        [("Subnets", MOST_SUBNETS, "subnets"), ("SecurityGroups", MOST_GROUPS, "security groups")]
    {
        let path = format!("NetworkConfiguration.AwsvpcConfiguration.{property}");
        let count = service.list(&path).len();
        if count > most {
            sink.push(service.error(
                Code::EcsQuota,
                &path,
                format!("a service has at most {most} {what}, not {count}"),
            ));
        }
    }
}

/// Checks the load balancers of a service: the container, its port, and the kind of targets.
pub(super) fn balanced(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let grace = "HealthCheckGracePeriodSeconds";
    let is_alone = |list: &str| service.lacks(list) || service.get(list).is_some_and(|it| it.as_list() == Some(&[]));
    if service.get(grace).is_some() && is_alone("LoadBalancers") && is_alone("VpcLatticeConfigurations") {
        let message = "a grace period for health checks needs a load balancer, and the service has none";
        sink.push(service.error(Code::GracePeriod, grace, message).help("remove the setting, or add `LoadBalancers`"));
    }
    let Some(task) = task_of(service, scope) else { return };
    for (at, item) in service.list("LoadBalancers").iter().enumerate() {
        container(service, task, at, item, sink);
        let group = item.get("TargetGroupArn").and_then(|value| scope.target(value, TARGET_GROUP));
        if let Some(group) = group {
            targets(service, task, at, group, sink);
        }
    }
}

fn container(service: ResourceEntry<'_>, task: ResourceEntry<'_>, at: usize, item: &Value, sink: &mut Sink) {
    let place = |property: &str| format!("LoadBalancers.{at}.{property}");
    let Some(wanted) = item.get("ContainerName").and_then(Value::as_str).filter(|_| all_known(task)) else { return };
    let Some((index, container)) = containers_of(task).find(|(_, container)| name(container) == Some(wanted)) else {
        let message = format!("the task `{}` has no container `{wanted}`", task.id);
        let hint = did_you_mean(wanted, containers_of(task).filter_map(|(_, container)| name(container)));
        return sink.push(service.error(Code::UndefinedContainer, &place("ContainerName"), message).help_if(hint));
    };
    let mappings = container.get("PortMappings").and_then(Value::as_list).unwrap_or_default();
    let ports: Vec<Option<i64>> =
        mappings.iter().map(|mapping| mapping.get("ContainerPort").and_then(Value::as_int)).collect();
    let is_known = container.get("PortMappings").is_none() || (!ports.is_empty() && !ports.contains(&None));
    let ranges = mappings.iter().any(|mapping| mapping.get("ContainerPortRange").is_some());
    let Some(port) = item.get("ContainerPort").and_then(Value::as_int).filter(|_| is_known && !ranges) else { return };
    if !ports.contains(&Some(port)) {
        let message = format!("the container `{wanted}` does not open port {port}");
        let problem = service.error(Code::UndefinedContainerPort, &place("ContainerPort"), message);
        let path = format!("ContainerDefinitions.{index}.PortMappings");
        sink.push(problem.at(task.origin(&path), "its ports are here"));
    }
}

fn targets(service: ResourceEntry<'_>, task: ResourceEntry<'_>, at: usize, group: ResourceEntry<'_>, sink: &mut Sink) {
    let place = format!("LoadBalancers.{at}");
    let kind = group.text("TargetType").or_else(|| group.lacks("TargetType").then_some("instance"));
    let mode = task.text("NetworkMode").or_else(|| task.lacks("NetworkMode").then_some("bridge"));
    let (Some(kind), Some(mode)) = (kind, mode) else { return };
    let wanted = if mode == "awsvpc" { "ip" } else { "instance" };
    if kind != wanted
        && ["alb", "instance", "ip", "lambda"].contains(&kind)
        && !(task_launch(task) == LaunchType::Fargate && mode != "awsvpc")
    {
        let message = format!("tasks with the network mode `{mode}` need targets of type `{wanted}`, not `{kind}`");
        let problem = service.error(Code::TargetType, &place, message);
        let path = if group.has("TargetType") { "TargetType" } else { "" };
        sink.push(problem.at(group.origin(path), format!("set `TargetType: {wanted}` here")));
    }
    let health = group.text("HealthCheckPort");
    let is_dynamic = containers_of(task).any(|(_, container)| {
        let mappings = container.get("PortMappings").and_then(Value::as_list).unwrap_or_default();
        mappings.iter().any(|mapping| mapping.get("HostPort").and_then(Value::as_int) == Some(0))
    });
    if is_dynamic && health.is_some_and(|port| port != "traffic-port") {
        let message = "the host port of the tasks changes, and the health check asks a fixed one";
        let problem = group.error(Code::HealthCheckPort, "HealthCheckPort", message);
        sink.push(problem.help("use `HealthCheckPort: traffic-port`"));
    }
}

pub(super) fn deployment(service: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    let least = service.int("DeploymentConfiguration.MinimumHealthyPercent");
    let most = service.int("DeploymentConfiguration.MaximumPercent");
    if let (Some(least), Some(most)) = (least, most)
        && least >= most
        && service.text("SchedulingStrategy") != Some("DAEMON")
    {
        let message = format!("with at least {least} % and at most {most} % of the tasks, none can be replaced");
        let problem = service.error(Code::DeploymentPercent, "DeploymentConfiguration.MaximumPercent", message);
        sink.push(problem.help("raise `MaximumPercent`, mostly to 200, or lower `MinimumHealthyPercent`"));
    }
    let controller = service.text("DeploymentController.Type").filter(|kind| *kind != "ECS");
    let breaker = "DeploymentConfiguration.DeploymentCircuitBreaker";
    if let Some(controller) = controller.filter(|_| service.get(breaker).is_some()) {
        let message = format!("the circuit breaker works with deployments by ECS, not by `{controller}`");
        sink.push(service.error(Code::DeploymentController, breaker, message));
    }
}

/// Reports a count outside of the scaling range: Application Auto Scaling corrects it, and every deployment sets it
/// again.
pub(super) fn scaled(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(count) = service.int("DesiredCount") else { return };
    for target in scope.all(SCALABLE_TARGET) {
        let mut of_service = false;
        if let Some(id) = target.resource.properties.get("ResourceId") {
            id.each_ref(&mut |reference| {
                let is_service =
                    scope.template.resources.get(&reference.id).is_some_and(|it| it.kind.as_str() == SERVICE);
                of_service |= is_service && reference.id == *service.id;
            });
        }
        let (Some(least), Some(most)) = (target.int("MinCapacity"), target.int("MaxCapacity")) else { continue };
        if of_service && !(least..=most).contains(&count) {
            let message = format!("a desired count of {count} is outside of the range of scaling, {least} to {most}");
            let problem = service.warning(Code::DesiredCountOutsideScaling, "DesiredCount", message);
            sink.push(
                problem
                    .at(&target.resource.origin, "the range is set here")
                    .help("leave `DesiredCount` out: scaling sets it"),
            );
        }
    }
}

//! Task definitions as a whole.

use std::collections::HashSet;

use super::{LaunchType, task_launch};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// Source: "Amazon ECS service quotas".
const MOST_CONTAINERS: usize = 10;

/// Returns the containers of a task with their positions; none if one is known only when deployed.
pub(super) fn containers_of(task: ResourceEntry<'_>) -> impl Iterator<Item = (usize, &Value)> {
    task.list("ContainerDefinitions").iter().enumerate().filter(|(_, item)| matches!(item, Value::Map(_)))
}

pub(super) fn name(container: &Value) -> Option<&str> {
    container.get("Name")?.as_str()
}

pub(super) fn path(at: usize, property: &str) -> String {
    format!("ContainerDefinitions.{at}.{property}")
}

/// Returns whether every container is written out, so that a name that is not there is missing.
pub(super) fn all_known(task: ResourceEntry<'_>) -> bool {
    let containers = task.list("ContainerDefinitions");
    !containers.is_empty() && containers.iter().all(|item| name(item).is_some())
}

pub(super) fn essential(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    let containers = task.list("ContainerDefinitions");
    let is_not = |item: &Value| {
        item.get("Essential").is_some_and(|it| *it == Value::Bool(false) || it.as_str() == Some("false"))
    };
    if !containers.is_empty() && containers.iter().all(is_not) {
        let problem =
            task.error(Code::NoEssentialContainer, "ContainerDefinitions", "no container of the task is essential");
        sink.push(problem.help("a task ends with its essential containers, so it needs at least one"));
    }
}

pub(super) fn containers(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    let count = task.list("ContainerDefinitions").len();
    if count > MOST_CONTAINERS {
        let message = format!("a task has at most {MOST_CONTAINERS} containers, not {count}");
        sink.push(task.error(Code::EcsQuota, "ContainerDefinitions", message));
    }
    let mut seen = HashSet::new();
    for (at, container) in containers_of(task) {
        let Some(name) = name(container) else { continue };
        if !seen.insert(name) {
            let message = format!("two containers of the task are called `{name}`");
            sink.push(task.error(Code::DuplicateContainer, &path(at, "Name"), message));
        }
    }
}

/// Checks that the CPU and memory of the containers fit into the task.
pub(super) fn sizes(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    let int = |container: &Value, name: &str| container.get(name).and_then(Value::as_int);
    if let Some(cpu) = task.int("Cpu") {
        let each = containers_of(task).filter_map(|(_, container)| int(container, "Cpu"));
        let needed = each.fold(0, i64::saturating_add);
        if needed > cpu {
            let message = format!("the containers need {needed} CPU units, and the task has {cpu}");
            sink.push(task.error(Code::ContainerSize, "Cpu", message));
        }
    }
    for (at, container) in containers_of(task) {
        let (limit, reserved) = (int(container, "Memory"), int(container, "MemoryReservation"));
        if let (Some(limit), Some(reserved)) = (limit, reserved)
            && reserved > limit
        {
            let message = format!("a container reserves {reserved} MiB of memory, and its limit is {limit}");
            sink.push(task.error(Code::ContainerSize, &path(at, "MemoryReservation"), message));
        }
        if let (Some(limit), Some(memory)) = (limit, task.int("Memory"))
            && limit > memory
        {
            let message = format!("a container needs {limit} MiB of memory, and the task has {memory}");
            sink.push(task.error(Code::ContainerSize, &path(at, "Memory"), message));
        }
        let on_instances = task_launch(task) == LaunchType::Other && task.lacks("Memory");
        if on_instances && container.get("Memory").is_none() && container.get("MemoryReservation").is_none() {
            let message = "neither the task nor this container sets its memory";
            sink.push(task.error(Code::ContainerSize, &format!("ContainerDefinitions.{at}"), message));
        }
    }
}

pub(super) fn volumes(task: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let volumes = task.list("Volumes");
    let names: HashSet<&str> = volumes.iter().filter_map(|volume| volume.get("Name")?.as_str()).collect();
    if names.len() < volumes.len() || (volumes.is_empty() && task.has("Volumes")) {
        return;
    }
    for (at, _) in containers_of(task) {
        for (index, mount) in task.list(&path(at, "MountPoints")).iter().enumerate() {
            let Some(name) = mount.get("SourceVolume").and_then(Value::as_str) else { continue };
            if !names.contains(name) {
                let place = path(at, &format!("MountPoints.{index}"));
                let problem = task.error(Code::UndefinedVolume, &place, format!("the task has no volume `{name}`"));
                sink.push(problem.help_if(scope.suggestions.did_you_mean(name, names.iter().copied())));
            }
        }
    }
}

/// Checks that containers do not share a port: with the network mode `awsvpc` they share one network interface.
pub(super) fn ports(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    if task.text("NetworkMode") != Some("awsvpc") {
        return;
    }
    let mut seen = HashSet::new();
    for (at, _) in containers_of(task) {
        for (index, mapping) in task.list(&path(at, "PortMappings")).iter().enumerate() {
            let place = path(at, &format!("PortMappings.{index}"));
            let Some(port) = mapping.get("ContainerPort").and_then(Value::as_int) else { continue };
            let protocol = mapping.get("Protocol").and_then(Value::as_str).unwrap_or("tcp");
            if !seen.insert((port, protocol)) {
                let message =
                    format!("two containers listen on port {port}, and the containers of a task share their ports");
                sink.push(task.error(Code::DuplicatePort, &place, message));
            }
            if let Some(host) = mapping.get("HostPort").and_then(Value::as_int).filter(|host| *host != port) {
                let message =
                    format!("with the network mode `awsvpc`, the host port is the container port {port}, not {host}");
                sink.push(task.error(Code::HostPort, &place, message));
            }
        }
    }
}

/// Checks for an execution role: on Fargate, ECS must be allowed to write logs and read secrets before the
/// container runs.
pub(super) fn execution_role(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    if task_launch(task) != LaunchType::Fargate || task.has("ExecutionRoleArn") {
        return;
    }
    for (at, container) in containers_of(task) {
        let ecr = container.get("Image").and_then(Value::as_str).is_some_and(|image| image.contains(".dkr.ecr."));
        let logs = container.get("LogConfiguration").and_then(|it| it.get("LogDriver")).and_then(Value::as_str);
        let why = match (task.list(&path(at, "Secrets")).is_empty(), logs) {
            (false, _) => "reads secrets",
            (true, Some("awslogs")) => "writes logs to CloudWatch",
            _ if ecr => "pulls an image from ECR",
            _ => continue,
        };
        let message = format!("this container {why}, and the task has no `ExecutionRoleArn` that would allow it");
        sink.push(task.error(Code::MissingExecutionRole, &format!("ContainerDefinitions.{at}"), message));
    }
}

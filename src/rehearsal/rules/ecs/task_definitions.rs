//! Task definitions.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::view::AccountView;
use super::super::{CREATION, Refusal, Rule, Subject};
use super::{is_fargate, refuse};
use crate::cfn::type_names::TASK_DEFINITION;
use crate::rehearsal::property_access::{list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: container_names_twice },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: essential_container_missing },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: dependency_missing },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: dependency_never_holds },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: dependencies_in_a_circle },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: fargate_network_mode },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: fargate_size },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: execution_role_missing },
    Rule { kind: TASK_DEFINITION, intents: CREATION, check: host_port_differs },
];

/// Returns a refusal of a task definition.
fn client_error(text: impl Into<String>) -> Refusal {
    refuse("ClientException", "InvalidRequest", text.into())
}

/// Returns the container definitions.
fn containers<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a Json> + use<'a> {
    list(subject.properties, "ContainerDefinitions")
}

/// Returns the name of a container.
fn name(container: &Json) -> String {
    text(container, "Name").unwrap_or_default()
}

/// Returns whether a container is essential, which is the default.
fn is_essential(container: &Json) -> bool {
    text(container, "Essential").is_none_or(|value| value == "true")
}

/// Refuses two containers with one name (`name` of `ContainerDefinition`, ECS API).
fn container_names_twice(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let names: Vec<_> = containers(subject).map(name).collect();
    let twice = names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
    twice.then(|| client_error("Container names must be unique within a task definition."))
}

/// Refuses a task definition without an essential container (`essential` of `ContainerDefinition`, ECS API: "all tasks must have at
/// least one essential container").
fn essential_container_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let mut all = containers(subject).peekable();
    all.peek()?;
    (!all.any(is_essential)).then(|| client_error("Task definition should have at least one essential container."))
}

/// Refuses a dependency on a container that does not exist (`containerName` of `ContainerDependency`, ECS API).
fn dependency_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let names: Vec<_> = containers(subject).map(name).collect();
    let mut needed =
        containers(subject).flat_map(|it| list(it, "DependsOn")).filter_map(|it| text(it, "ContainerName"));
    let missing = needed.find(|needed| !names.contains(needed))?;
    Some(client_error(format!("Cannot depend on container + '{missing}' because it does not exist")))
}

/// Refuses to wait for the end of an essential container, and for the health of one without a health check (`condition` of
/// `ContainerDependency`, ECS API: `COMPLETE` and `SUCCESS` "can't be set on an essential container", `HEALTHY` "requires that the
/// dependent container has health checks configured"; the first message is quoted in boto/boto3#2436).
fn dependency_never_holds(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let all: BTreeMap<_, _> = containers(subject).map(|container| (name(container), container)).collect();
    let problem = |dependency: &Json| {
        let container = all.get(&text(dependency, "ContainerName")?)?;
        match text(dependency, "Condition")?.as_str() {
            "SUCCESS" | "COMPLETE" if is_essential(container) => {
                Some("A dependency container with SUCCESS or COMPLETE condition cannot be an essential container")
            }
            "HEALTHY" if container.get("HealthCheck").is_none() => {
                Some("A dependency container with HEALTHY condition must have health check configured")
            }
            _ => None,
        }
    };
    containers(subject).flat_map(|it| list(it, "DependsOn")).find_map(problem).map(client_error)
}

/// Refuses containers that wait for each other in a circle (`dependsOn` of `ContainerDefinition`, ECS API; "Container dependency",
/// developer guide).
fn dependencies_in_a_circle(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let needs =
        |container: &Json| list(container, "DependsOn").filter_map(|it| text(it, "ContainerName")).collect::<Vec<_>>();
    let mut left: BTreeMap<String, Vec<String>> = containers(subject).map(|it| (name(it), needs(it))).collect();
    loop {
        let ready = |needs: &Vec<String>| needs.iter().all(|need| !left.contains_key(need));
        let Some(free) = left.iter().find(|(_, needs)| ready(needs)).map(|(name, _)| name.clone()) else { break };
        left.remove(&free);
    }
    (!left.is_empty()).then(|| client_error("Container dependsOn contains a cycle"))
}

/// Refuses another network mode than `awsvpc` on Fargate (`networkMode` of `RegisterTaskDefinition`, ECS API: "for Amazon ECS tasks
/// on Fargate, the `awsvpc` network mode is required").
fn fargate_network_mode(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let mode = text(subject.properties, "NetworkMode");
    (is_fargate(subject.properties) && mode.as_deref() != Some("awsvpc"))
        .then(|| client_error("Fargate only supports network mode \u{2018}awsvpc\u{2019}."))
}

/// Refuses a size that Fargate does not have (`cpu` of `RegisterTaskDefinition`, ECS API: the table of CPU and memory).
fn fargate_size(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    if !is_fargate(subject.properties) {
        return None;
    }
    let number = |name: &str| text(subject.properties, name)?.parse::<u32>().ok();
    if let Some(missing) =
        [("Cpu", "cpu"), ("Memory", "memory")].iter().find(|(it, _)| subject.properties.get(it).is_none())
    {
        return Some(client_error(format!("Fargate requires that '{}' be defined at the task level.", missing.1)));
    }
    let (cpu, memory) = (number("Cpu")?, number("Memory")?);
    let steps = |from: u32, to: u32, step: u32| (from..=to).contains(&memory) && (memory - from).is_multiple_of(step);
    let valid = match cpu {
        256 => matches!(memory, 512 | 1024 | 2048),
        512 => steps(1024, 4096, 1024),
        1024 => steps(2048, 8192, 1024),
        2048 => steps(4096, 16_384, 1024),
        4096 => steps(8192, 30_720, 1024),
        8192 => steps(16_384, 61_440, 4096),
        16_384 => steps(32_768, 122_880, 8192),
        32_768 => steps(61_440, 249_856, 4096),
        _ => cpu > 32_768,
    };
    (!valid).then(|| client_error("No Fargate configuration exists for given values."))
}

/// Refuses secrets, logs and images of ECR without an execution role (`executionRoleArn` of `RegisterTaskDefinition`, ECS API; "Amazon
/// ECS task execution IAM role", developer guide).
fn execution_role_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    if subject.properties.get("ExecutionRoleArn").is_some() {
        return None;
    }
    if containers(subject).any(|it| list(it, "Secrets").next().is_some()) {
        return Some(client_error(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
        ));
    }
    if !is_fargate(subject.properties) {
        return None;
    }
    let is_ecr = |it: &Json| {
        text(it, "Image").is_some_and(|image| image.contains(".dkr.ecr.") && image.contains(".amazonaws.com"))
    };
    let logs =
        |it: &Json| it.get("LogConfiguration").is_some_and(|it| text(it, "LogDriver").as_deref() == Some("awslogs"));
    let needs = if containers(subject).any(is_ecr) {
        "ECR images"
    } else if containers(subject).any(logs) {
        "log driver awslogs"
    } else {
        return None;
    };
    Some(client_error(format!("Fargate requires task definition to have execution role ARN to support {needs}.")))
}

/// Refuses a host port that is not the container port, if tasks have network interfaces of their own (`hostPort` of `PortMapping`,
/// ECS API: with `awsvpc`, "the `hostPort` can be left blank or it must be the same value as the `containerPort`").
fn host_port_differs(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "NetworkMode").filter(|mode| mode == "awsvpc")?;
    let differs = |it: &Json| {
        let (host, container) = (text(it, "HostPort"), text(it, "ContainerPort"));
        host.zip(container).is_some_and(|(host, container)| host != container && host != "0")
    };
    containers(subject).flat_map(|it| list(it, "PortMappings")).find(|it| differs(it))?;
    Some(client_error("When networkMode=awsvpc, the host ports and container ports in port mappings must match."))
}

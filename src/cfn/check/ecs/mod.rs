//! ECS: task definitions and services that register well and then cannot start, or that ECS refuses.
//!
//! Sources: "Task definition parameters for Fargate", "Service definition parameters" and "Service quotas" of the
//! Amazon ECS developer guide.

mod calls;
mod connectivity;
mod container;
mod container_dependencies;
mod efs;
mod endpoints;
mod fargate;
mod host;
pub mod image_facts;
mod images;
mod listen_port;
pub(crate) mod registry;
mod rollout;
mod rotated_passwords;
mod service;
mod service_connect;
mod task_definition;

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
pub(crate) use fargate::memories as fargate_memories;

pub(super) use crate::cfn::type_names::{SERVICE, TASK_DEFINITION};
use crate::diag::Sink;

/// A rule about one resource.
type Rule = fn(ResourceEntry<'_>, &CheckContext<'_>, &mut Sink);

const TASK_RULES: &[Rule] = &[
    fargate::size,
    fargate::network_mode,
    fargate::unsupported,
    fargate::platform,
    task_definition::essential,
    task_definition::containers,
    task_definition::sizes,
    task_definition::volumes,
    task_definition::ports,
    task_definition::execution_role,
    container::each,
    container_dependencies::check,
    efs::mounts,
    images::architecture,
    images::empty_repository,
    listen_port::commands,
    listen_port::variables,
    rotated_passwords::check,
];

const SERVICE_RULES: &[Rule] = &[
    service::launch,
    service::network,
    service::quotas,
    service::balanced,
    service::deployment,
    service::scaled,
    rollout::rounding,
    connectivity::listener,
    connectivity::security_group,
    connectivity::egress,
    endpoints::private,
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for task in scope.all(TASK_DEFINITION) {
        TASK_RULES.iter().for_each(|rule| rule(task, scope, sink));
    }
    for service in scope.all(SERVICE) {
        SERVICE_RULES.iter().for_each(|rule| rule(service, scope, sink));
    }
    let refused = calls::check(scope, sink);
    service_connect::check(scope, &refused, sink);
}

/// Returns the names of the containers of a task definition, if they are all known.
pub(super) fn container_names(task: ResourceEntry<'_>) -> Option<Vec<&str>> {
    let names = task_definition::containers_of(task).filter_map(|(_, container)| task_definition::name(container));
    task_definition::all_known(task).then(|| names.collect())
}

/// The launch type of a service or of a task definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LaunchType {
    Fargate,
    Other,
    Unknown,
}

/// Returns whether a task definition is for Fargate.
fn task_launch(task: ResourceEntry<'_>) -> LaunchType {
    match task.get("RequiresCompatibilities") {
        Some(Value::List(names)) if names.iter().any(|name| name.as_str() == Some("FARGATE")) => LaunchType::Fargate,
        Some(Value::List(names)) if names.iter().all(|name| name.as_str().is_some()) => LaunchType::Other,
        None if task.lacks("RequiresCompatibilities") => LaunchType::Other,
        _ => LaunchType::Unknown,
    }
}

/// Returns the launch type of a service: its launch type, else its capacity providers.
fn service_launch(service: ResourceEntry<'_>) -> LaunchType {
    match service.text("LaunchType") {
        Some("FARGATE") => return LaunchType::Fargate,
        Some("EC2" | "EXTERNAL") => return LaunchType::Other,
        Some(_) => return LaunchType::Unknown,
        None if service.has("LaunchType") => return LaunchType::Unknown,
        None => {}
    }
    let providers = service.list("CapacityProviderStrategy");
    let is_fargate = |item: &Value| {
        item.get("CapacityProvider").and_then(Value::as_str).is_some_and(|name| name.starts_with("FARGATE"))
    };
    if providers.iter().any(is_fargate) { LaunchType::Fargate } else { LaunchType::Unknown }
}

/// Returns the task definition of a service, where it is in the template.
fn task_of<'a>(service: ResourceEntry<'_>, scope: &CheckContext<'a>) -> Option<ResourceEntry<'a>> {
    scope.target(service.get("TaskDefinition")?, TASK_DEFINITION)
}

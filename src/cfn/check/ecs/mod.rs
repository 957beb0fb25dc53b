//! ECS: task definitions and services that register well and then cannot start, or that ECS refuses.
//!
//! Sources: "Task definition parameters for Fargate", "Service definition parameters" and "Service quotas" of the
//! Amazon ECS developer guide.

mod container;
mod fargate;
mod reach;
mod service;
mod task;

use super::scope::{Found, Scope};
use crate::cfn::Value;
use crate::diag::Sink;

pub(super) const TASK: &str = "AWS::ECS::TaskDefinition";
pub(super) const SERVICE: &str = "AWS::ECS::Service";

/// A rule about one resource.
type Rule = fn(Found<'_>, &Scope<'_>, &mut Sink);

const TASK_RULES: &[Rule] = &[
    fargate::size,
    fargate::network_mode,
    fargate::unsupported,
    fargate::platform,
    task::essential,
    task::containers,
    task::sizes,
    task::volumes,
    task::ports,
    task::execution_role,
    container::each,
];

const SERVICE_RULES: &[Rule] = &[
    service::launch,
    service::network,
    service::quotas,
    service::balanced,
    service::deployment,
    service::scaled,
    reach::listener,
    reach::security_group,
    reach::egress,
];

pub(super) fn check(scope: &Scope<'_>, sink: &mut Sink) {
    for task in scope.all(TASK) {
        TASK_RULES.iter().for_each(|rule| rule(task, scope, sink));
    }
    for service in scope.all(SERVICE) {
        SERVICE_RULES.iter().for_each(|rule| rule(service, scope, sink));
    }
}

/// What launches the tasks of a service or may run a task definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Launch {
    Fargate,
    Other,
    Unknown,
}

/// Whether a task definition is for Fargate.
fn task_launch(task: Found<'_>) -> Launch {
    match task.get("RequiresCompatibilities") {
        Some(Value::List(names)) if names.iter().any(|name| name.as_str() == Some("FARGATE")) => Launch::Fargate,
        Some(Value::List(names)) if names.iter().all(|name| name.as_str().is_some()) => Launch::Other,
        None if task.lacks("RequiresCompatibilities") => Launch::Other,
        _ => Launch::Unknown,
    }
}

/// What launches the tasks of a service: its launch type, else its capacity providers.
fn service_launch(service: Found<'_>) -> Launch {
    match service.text("LaunchType") {
        Some("FARGATE") => return Launch::Fargate,
        Some("EC2" | "EXTERNAL") => return Launch::Other,
        Some(_) => return Launch::Unknown,
        None if service.has("LaunchType") => return Launch::Unknown,
        None => {}
    }
    let providers = service.list("CapacityProviderStrategy");
    let is_fargate = |item: &Value| {
        item.get("CapacityProvider").and_then(Value::as_str).is_some_and(|name| name.starts_with("FARGATE"))
    };
    if providers.iter().any(is_fargate) { Launch::Fargate } else { Launch::Unknown }
}

/// The task definition of a service, where it is in the template.
fn task_of<'a>(service: Found<'_>, scope: &Scope<'a>) -> Option<Found<'a>> {
    scope.target(service.get("TaskDefinition")?, TASK)
}

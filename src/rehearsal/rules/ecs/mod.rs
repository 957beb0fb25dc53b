//! Amazon ECS: services, clusters and task definitions. `task_start` has the rules about tasks that cannot start.

pub(super) mod clusters;
pub(super) mod express;
pub(super) mod service_connect;
pub(super) mod services;
pub(super) mod task_definitions;
pub(super) mod traffic_shift;

use serde_json::Value as Json;

use super::view::{AccountView, Existing};
use super::{Refusal, Subject};
use crate::cfn::type_names::TASK_DEFINITION;
use crate::rehearsal::property_access::{strings, text};

const ASSOCIATIONS: &str = "AWS::ECS::ClusterCapacityProviderAssociations";

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: String) -> Refusal {
    Refusal::new("AmazonECS", error, handler, text)
}

/// Returns a refusal of a parameter.
fn invalid_parameter(text: String) -> Refusal {
    refuse("InvalidParameterException", "InvalidRequest", text)
}

/// Returns the task definition of a service.
fn task_definition<'v, 'a>(subject: &Subject<'_>, view: &'v AccountView<'a>) -> Option<&'v Existing<'a>> {
    view.find(TASK_DEFINITION, &text(subject.properties, "TaskDefinition")?)
}

/// Returns whether a task definition is compatible with Fargate.
fn is_fargate(task_definition: &Json) -> bool {
    strings(task_definition, "RequiresCompatibilities").iter().any(|it| it == "FARGATE")
}

/// Returns whether a reference, a name or an ARN, is a cluster's.
fn is_of(cluster: &Existing<'_>, reference: &str) -> bool {
    cluster.physical_id.is_some_and(|id| last_segment(id) == last_segment(reference))
}

/// Returns the capacity providers of a cluster.
fn capacity_providers(cluster: &Existing<'_>, view: &AccountView<'_>) -> Vec<String> {
    let name = cluster.physical_id.unwrap_or_default();
    let associations = view.of(ASSOCIATIONS);
    let own = associations.filter(|it| it.text("Cluster").is_some_and(|it| last_segment(&it) == last_segment(name)));
    let associated = own.flat_map(|it| strings(it.properties, "CapacityProviders"));
    strings(cluster.properties, "CapacityProviders").into_iter().chain(associated).collect()
}

/// Returns the name in an ARN.
fn last_segment(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

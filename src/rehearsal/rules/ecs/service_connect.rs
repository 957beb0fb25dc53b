//! Service Connect.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, Refusal, Rule, Subject};
use super::{invalid_parameter, task_definition};
use crate::cfn::type_names::SERVICE;
use crate::rehearsal::property_access::{boolean, list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: SERVICE, intents: CHANGES, check: port_name_missing },
    Rule { kind: SERVICE, intents: CHANGES, check: discovery_name_twice },
    Rule { kind: SERVICE, intents: CHANGES, check: discovery_name_in_use },
];

/// Returns the configuration of a service, if it is enabled.
fn configuration(properties: &Json) -> Option<&Json> {
    properties.get("ServiceConnectConfiguration").filter(|it| boolean(it, "Enabled"))
}

/// Returns the discovery names of a service: each is that of the port unless it is set.
fn discovery_names(properties: &Json) -> Vec<String> {
    let services = configuration(properties).into_iter().flat_map(|it| list(it, "Services"));
    services.filter_map(|it| text(it, "DiscoveryName").or_else(|| text(it, "PortName"))).collect()
}

/// Refuses a port name that the task definition does not have (`portName` of `ServiceConnectService`, ECS API: "must match the name
/// of one of the `portMappings`"; the message is quoted in public notes about this error).
fn port_name_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let configuration = configuration(subject.properties)?;
    let task_definition = task_definition(subject, view)?;
    let containers = list(task_definition.properties, "ContainerDefinitions");
    let names: BTreeSet<String> =
        containers.flat_map(|it| list(it, "PortMappings")).filter_map(|it| text(it, "Name")).collect();
    let mut used = list(configuration, "Services").filter_map(|it| text(it, "PortName"));
    let name = used.find(|name| !names.contains(name))?;
    Some(invalid_parameter(format!(
        "portName({name}) does not refer to any named PortMapping in the container definitions"
    )))
}

/// Refuses a discovery name that is set twice (`discoveryName` of `ServiceConnectService`, ECS API: "must be unique within the Cloud
/// Map namespace").
fn discovery_name_twice(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let names = discovery_names(subject.properties);
    let (_, name) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name))?;
    Some(invalid_parameter(format!("discoveryName({name}) must be unique in the service connect configuration")))
}

/// Refuses a discovery name that another service of the namespace has (`discoveryName` of `ServiceConnectService`, ECS API: "must be
/// unique within the Cloud Map namespace"; the message is quoted in public notes about this error).
fn discovery_name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let namespace = text(configuration(subject.properties)?, "Namespace")?;
    let names = discovery_names(subject.properties);
    let takes = |other: &Existing<'_>| {
        configuration(other.properties).is_some_and(|it| text(it, "Namespace").as_ref() == Some(&namespace))
            && discovery_names(other.properties).iter().any(|name| names.contains(name))
            && (subject.replaces.is_none() || other.physical_id != subject.replaces)
    };
    view.others(SERVICE, subject).find(|other| takes(other))?;
    Some(invalid_parameter(format!("SC service is already used by {namespace}")))
}

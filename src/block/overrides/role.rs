//! The resource of a block that an override names: by its role, or by a type that only one resource has.

use indexmap::IndexMap;

use super::Override;
use crate::cfn::{LogicalId, Resource};
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// The roles that belong to load balancers, and those that belong to services.
const OF_LOAD_BALANCERS: [&str; 3] = ["LoadBalancer", "Listener", "ListenerCertificate"];
const OF_SERVICES: [&str; 8] = [
    "Service",
    "TaskDefinition",
    "TaskRole",
    "ExecutionRole",
    "LogGroup",
    "TargetGroup",
    "ListenerRule",
    "ScalableTarget",
];

/// Returns the logical id of the resource that an override names.
///
/// # Errors
///
/// The diagnostic of a name that no resource has, or several.
pub(super) fn find(
    wanted: &WithOrigin<Override>,
    stem: &str,
    resources: &IndexMap<LogicalId, Resource>,
) -> Result<LogicalId, Diagnostic> {
    let name = wanted.value.role.as_str();
    let exact = resources.iter().find(|(id, resource)| suffix(id, stem) == name || role(id, resource, stem) == name);
    if let Some((id, _)) = exact {
        return Ok(id.clone());
    }
    let of_type = resources.iter().filter(|(_, resource)| resource.kind.as_str() == name || short(resource) == name);
    match of_type.collect::<Vec<_>>().as_slice() {
        [(id, _)] => Ok((*id).clone()),
        [] => Err(unknown(wanted, stem, resources)),
        several => {
            let kind = several[0].1.kind.as_str();
            let roles: Vec<String> =
                several.iter().map(|(id, resource)| format!("`{}`", role(id, resource, stem))).collect();
            let message = format!("this block has {} resources of type `{kind}`", several.len());
            Err(Diagnostic::new(Code::OverrideAmbiguous, message)
                .at(&wanted.origin, "names no single one of them")
                .help(format!("name one by its role: {}", roles.join(", "))))
        }
    }
}

/// Returns the role of a resource: its logical id without the name of the block, or the last part of its type.
fn role<'a>(id: &'a LogicalId, resource: &'a Resource, stem: &str) -> &'a str {
    let (suffix, short) = (suffix(id, stem), short(resource));
    if suffix.ends_with(short) || suffix.starts_with(short) || resource.kind.as_str().starts_with("AWS::EC2::") {
        return suffix;
    }
    match short {
        "TaskDefinition" | "LogGroup" | "LoadBalancer" => short,
        _ => suffix,
    }
}

fn suffix<'a>(id: &'a LogicalId, stem: &str) -> &'a str {
    let text = id.as_str();
    text.strip_prefix(stem).filter(|suffix| !suffix.is_empty()).unwrap_or(text)
}

fn short(resource: &Resource) -> &str {
    let kind = resource.kind.as_str();
    kind.rsplit("::").next().unwrap_or(kind)
}

fn unknown(wanted: &WithOrigin<Override>, stem: &str, resources: &IndexMap<LogicalId, Resource>) -> Diagnostic {
    let name = wanted.value.role.as_str();
    let mut roles: Vec<&str> = resources.iter().map(|(id, resource)| role(id, resource, stem)).collect();
    roles.sort_unstable();
    let kinds = resources.values().map(|resource| resource.kind.as_str());
    let message = format!("this block has no resource with the role or type `{name}`");
    let is_listener = name.strip_prefix("Listener").is_some_and(|port| port.parse::<u16>().is_ok());
    let elsewhere = match () {
        () if (OF_LOAD_BALANCERS.contains(&name) || is_listener) && roles.contains(&"Service") => {
            Some("the load balancer")
        }
        () if OF_SERVICES.contains(&name) && roles.contains(&"LoadBalancer") => Some("the service"),
        () => None,
    };
    let hint = elsewhere.map(|block| format!("call `.override` on {block}, which creates it"));
    Diagnostic::new(Code::OverrideUnknownRole, message)
        .at(&wanted.origin, "overrides nothing")
        .help_if(hint.or_else(|| did_you_mean(name, roles.iter().copied().chain(kinds))))
        .note(format!("its roles are {}", roles.join(", ")))
}

//! Service Connect: services of one namespace that cannot reach each other.
//!
//! Source: "Service Connect concepts" of the ECS developer guide: requests go from task to task, so the security group of the
//! called service must admit the callers on its port.

use std::collections::{HashMap, HashSet};

use super::task_definition::containers_of;
use super::{SERVICE, task_of};
use crate::cfn::check::context::{CheckContext, ResourceEntry, is_true};
use crate::cfn::check::network;
use crate::cfn::{LogicalId, Value};
use crate::diag::{Code, Sink};

const CONNECT: &str = "ServiceConnectConfiguration";
const GROUPS: &str = "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups";

/// Reports services that no other one of their namespace reaches, apart from those of which a call is `refused`.
pub(super) fn check(scope: &CheckContext<'_>, refused: &HashSet<&LogicalId>, sink: &mut Sink) {
    let mut namespaces: HashMap<String, Vec<ResourceEntry<'_>>> = HashMap::new();
    for service in scope.all(SERVICE) {
        if is_enabled(service) {
            namespaces.entry(namespace(service)).or_default().push(service);
        }
    }
    let mut namespaces: Vec<_> = namespaces.into_values().filter(|services| services.len() > 1).collect();
    namespaces.sort_by_key(|services| scope.template.resources.get_index_of(services[0].id));
    for services in namespaces {
        one_namespace(&services, refused, scope, sink);
    }
}

/// Returns whether a service takes part in Service Connect.
pub(super) fn is_enabled(service: ResourceEntry<'_>) -> bool {
    service.get(&format!("{CONNECT}.Enabled")).is_some_and(is_true)
}

/// Returns the names of hosts that a service has in its namespace.
pub(super) fn names(service: ResourceEntry<'_>) -> Vec<&str> {
    let served = service.list(&format!("{CONNECT}.Services")).iter();
    let names = served.flat_map(|it| {
        let aliases = it.get("ClientAliases").and_then(Value::as_list).unwrap_or_default().iter();
        let aliases = aliases.filter_map(|alias| alias.get("DnsName")?.as_str());
        aliases.chain(["DiscoveryName", "PortName"].into_iter().find_map(|name| it.get(name)?.as_str()))
    });
    names.collect()
}

/// Returns the namespace of a service, or the cluster whose namespace it has.
pub(super) fn namespace(service: ResourceEntry<'_>) -> String {
    let own = service.resource.properties.get(CONNECT).and_then(|it| it.get("Namespace"));
    format!("{:?}", own.or_else(|| service.resource.properties.get("Cluster")))
}

fn one_namespace(
    services: &[ResourceEntry<'_>],
    refused: &HashSet<&LogicalId>,
    scope: &CheckContext<'_>,
    sink: &mut Sink,
) {
    for server in services.iter().filter(|server| !refused.contains(server.id)) {
        let groups = server.list(GROUPS);
        let known: Vec<_> = groups.iter().filter_map(|group| network::group(group, scope)).collect();
        if groups.is_empty() || known.len() < groups.len() {
            continue;
        }
        let ports = served(*server, scope);
        // A group that admits anything on the port, such as a load balancer, need not be called by a service.
        let is_admitted = |port: i64| known.iter().any(|group| network::admits(group, port, &[], scope));
        // A service that is reached may have further ports, such as one for metrics, without callers.
        if ports.iter().any(|(_, port)| is_admitted(*port)) {
            continue;
        }
        for (name, port) in ports.into_iter().take(1) {
            let others: Vec<&str> = services.iter().filter(|it| it.id != server.id).map(|it| it.id.as_str()).collect();
            let message = format!("no service can reach `{name}` of `{}`: nothing admits port {port}", server.id);
            let problem = server.warning(Code::ServiceConnectAccess, "", message);
            sink.push(
                problem
                    .help("say who calls it: `.calls(service)` on the caller, or `.allow_from(source, port)` on the service")
                    .help(format!("in a template, admit port {port} of `{}` from the group of `{}`", known[0], others[0])),
            );
        }
    }
}

/// Returns the names and ports that a service offers in its namespace.
fn served<'a>(service: ResourceEntry<'a>, scope: &CheckContext<'a>) -> Vec<(&'a str, i64)> {
    let Some(task) = task_of(service, scope) else { return Vec::new() };
    let port = |name: &str| {
        containers_of(task).find_map(|(_, container)| {
            let mappings = container.get("PortMappings")?.as_list()?;
            let mapping = mappings.iter().find(|it| it.get("Name").and_then(Value::as_str) == Some(name))?;
            mapping.get("ContainerPort")?.as_int()
        })
    };
    let names = service.list(&format!("{CONNECT}.Services")).iter().filter_map(|it| it.get("PortName")?.as_str());
    names.filter_map(|name| Some((name, port(name)?))).collect()
}

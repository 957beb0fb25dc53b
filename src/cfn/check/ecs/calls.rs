//! Calls between services, as their environment variables show them: a host name that does not exist, and a service or load
//! balancer that does not admit the caller.
//!
//! Sources: "Interconnect Amazon ECS services" of the ECS developer guide (a name comes from Service Connect, service discovery or a
//! load balancer; tasks have no names of their own); "Security group rules" of the Amazon VPC user guide.

use std::collections::{HashMap, HashSet};

use super::host::Address;
use super::task_definition::{containers_of, name, path};
use super::{SERVICE, service_connect, task_of};
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::check::network;
use crate::cfn::type_names::{LISTENER, LOAD_BALANCER};
use crate::cfn::{LogicalId, Ref, Value};
use crate::diag::{Code, Diagnostic, Sink};

const GROUPS: &str = "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups";
const REGISTRY: &str = "AWS::ServiceDiscovery::Service";

/// The services of a template by the names under which others may call them.
struct Directory<'a> {
    /// By a name of Service Connect, and the namespace.
    connected: HashMap<(String, String), ResourceEntry<'a>>,
    /// By a name of service discovery.
    registered: HashMap<String, ResourceEntry<'a>>,
    /// By the entry in service discovery.
    registries: HashMap<&'a LogicalId, ResourceEntry<'a>>,
    /// By the names that people give services, which are not names of hosts.
    called: HashMap<String, ResourceEntry<'a>>,
}

/// Reports calls that fail. Returns the called services that do not admit a caller.
pub(super) fn check<'a>(scope: &CheckContext<'a>, sink: &mut Sink) -> HashSet<&'a LogicalId> {
    let services: Vec<ResourceEntry<'_>> = scope.all(SERVICE).collect();
    let mut refused = HashSet::new();
    if services.is_empty() {
        return refused;
    }
    let directory = Directory::of(&services, scope);
    for service in services {
        let Some(task) = task_of(service, scope) else { continue };
        for (at, container) in containers_of(task) {
            let variables = container.get("Environment").and_then(Value::as_list).unwrap_or_default();
            for (index, variable) in variables.iter().enumerate() {
                let Some(address) = variable.get("Value").and_then(Address::of) else { continue };
                let place = format!("{}.{index}.Value", path(at, "Environment"));
                let Some((problem, server)) = (Call { service, task, address, place }).problem(&directory, scope)
                else {
                    continue;
                };
                sink.push(problem);
                refused.extend(server);
            }
        }
    }
    refused
}

impl<'a> Directory<'a> {
    fn of(services: &[ResourceEntry<'a>], scope: &CheckContext<'a>) -> Self {
        let mut found = Self {
            connected: HashMap::new(),
            registered: HashMap::new(),
            registries: HashMap::new(),
            called: HashMap::new(),
        };
        for service in services {
            if service_connect::is_enabled(*service) {
                let namespace = service_connect::namespace(*service);
                let names = service_connect::names(*service).into_iter();
                found.connected.extend(names.map(|name| ((name.to_lowercase(), namespace.clone()), *service)));
            }
            let registries = service.list("ServiceRegistries").iter().filter_map(|it| it.get("RegistryArn"));
            for registry in registries.filter_map(|arn| scope.target(arn, REGISTRY)) {
                found.registries.insert(registry.id, *service);
                found.registered.extend(host_of(registry, scope).map(|host| (host, *service)));
            }
            found.called.extend(names_of(*service, scope).into_iter().map(|name| (name, *service)));
        }
        found
    }

    /// Returns the service that has a host name, as seen by a caller.
    fn find(&self, host: &str, caller: ResourceEntry<'_>) -> Option<ResourceEntry<'a>> {
        let namespace = service_connect::is_enabled(caller).then(|| service_connect::namespace(caller));
        let connected = namespace.and_then(|namespace| self.connected.get(&(host.to_owned(), namespace)));
        connected.or_else(|| self.registered.get(host)).copied()
    }
}

/// Returns the host name of an entry in service discovery.
fn host_of(registry: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<String> {
    const NAMESPACES: [&str; 2] =
        ["AWS::ServiceDiscovery::PrivateDnsNamespace", "AWS::ServiceDiscovery::PublicDnsNamespace"];
    let namespace = registry.get("NamespaceId").or_else(|| registry.get("DnsConfig.NamespaceId"))?;
    let namespace = NAMESPACES.iter().find_map(|kind| scope.target(namespace, kind))?;
    Some(format!("{}.{}", registry.text("Name")?, namespace.text("Name")?).to_lowercase())
}

/// Returns the names by which people call a service: its name, its logical id, its containers.
fn names_of(service: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Vec<String> {
    let id = service.id.as_str();
    let own = [service.text("ServiceName"), Some(id.strip_suffix("Service").unwrap_or(id))];
    let task = task_of(service, scope);
    let containers = task.into_iter().flat_map(|task| containers_of(task).filter_map(|(_, it)| name(it)));
    own.into_iter().flatten().chain(containers).map(plain).collect()
}

/// Returns a name without its hyphens and capitals: `web-api` and `WebApi` are one name.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// A call of an address by a service.
struct Call<'a> {
    service: ResourceEntry<'a>,
    task: ResourceEntry<'a>,
    address: Address,
    /// The place of the variable in the task definition.
    place: String,
}

impl<'a> Call<'a> {
    fn warning(&self, code: Code, message: String) -> Diagnostic {
        Diagnostic::new(code, message).at(self.task.origin(&self.place), "called here")
    }

    /// Returns the problem of the call, with the service that does not admit it.
    fn problem(
        &self,
        directory: &Directory<'a>,
        scope: &CheckContext<'a>,
    ) -> Option<(Diagnostic, Option<&'a LogicalId>)> {
        let host = self.address.host.to_lowercase();
        let server = match self.address.reference() {
            Some(reference) => match scope.target(&Value::from(reference), LOAD_BALANCER) {
                Some(balancer) => return Some((self.of_balancer(balancer, scope)?, None)),
                None => registered(reference, directory, scope)?,
            },
            None => match directory.find(&host, self.service) {
                Some(server) => server,
                None => return Some((self.without_name(&host, directory, scope)?, None)),
            },
        };
        Some((self.of_service(server, scope)?, Some(server.id)))
    }

    /// Returns whether one of some security groups admits the tasks of the caller on a port. What is not known may admit them.
    fn is_admitted(&self, groups: &[Value], ports: &[i64], scope: &CheckContext<'_>) -> bool {
        let own = self.service.list(GROUPS);
        let known: Vec<&LogicalId> = groups.iter().filter_map(|group| network::group(group, scope)).collect();
        if own.is_empty() || groups.is_empty() || known.len() < groups.len() || ports.is_empty() {
            return true;
        }
        known.iter().any(|group| ports.iter().any(|port| network::admits(group, *port, own, scope)))
    }

    fn of_service(&self, server: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
        let port = self.address.port?;
        let groups = server.list(GROUPS);
        if server.id == self.service.id || self.is_admitted(groups, &[port], scope) {
            return None;
        }
        let message = format!("`{}` calls `{}`, which does not admit it on port {port}", self.service.id, server.id);
        Some(
            self.warning(Code::CallNotAdmitted, message)
                .help(
                    "let it in: `.calls(service)` on the caller, or `.allow_from(source, port)` on the called service",
                )
                .help(format!("in a template, admit the security group of `{}` on port {port}", self.service.id)),
        )
    }

    fn of_balancer(&self, balancer: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
        let is_listener = |found: &ResourceEntry<'_>| found.kind() == LISTENER;
        let listeners = || scope.referrers(balancer.id).filter(is_listener).filter_map(|found| found.int("Port"));
        let ports: Vec<i64> = self.address.port.map_or_else(|| listeners().collect(), |port| vec![port]);
        if self.is_admitted(balancer.list("SecurityGroups"), &ports, scope) {
            return None;
        }
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        let ports = ports.join(", ");
        let message = format!(
            "`{}` calls the load balancer `{}`, which does not admit it on port {ports}",
            self.service.id, balancer.id
        );
        Some(
            self.warning(Code::CallNotAdmitted, message)
                .at(&balancer.resource.origin, "the load balancer")
                .help("admit the addresses of the network: `.allow_from(vpc.cidr_block)` on the load balancer")
                .help(format!(
                    "in a template, admit the security group of `{}` on port {ports} of that of `{}`",
                    self.service.id, balancer.id
                )),
        )
    }

    /// Reports the name of another service where the name of a host is needed: `http://api:8080`.
    fn without_name(&self, host: &str, directory: &Directory<'a>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
        if host.contains('.') || service_connect::is_enabled(self.service) || !self.address.is_certain() {
            return None;
        }
        let server = directory.called.get(&plain(host)).filter(|server| server.id != self.service.id)?;
        let is_own = containers_of(self.task).any(|(_, container)| name(container).map(plain) == Some(plain(host)));
        let networks = [self.task, task_of(*server, scope)?].map(|task| task.text("NetworkMode"));
        if is_own || networks != [Some("awsvpc"); 2] || service_connect::is_enabled(*server) {
            return None;
        }
        let message = format!("`{}` calls `{host}`, and no host has this name", self.service.id);
        let problem = self.warning(Code::HostNotFound, message).at(&server.resource.origin, "this service?");
        Some(
            problem
                .note("tasks have no names of their own: Service Connect, service discovery or a load balancer gives them one")
                .help("give the cluster a namespace and say who calls whom: `.namespace(\"apps.internal\")`, `.calls(service)`")
                .help("or use a load balancer: the variable is `alb.url`"),
        )
    }
}

/// Returns the service of an entry in service discovery that a host name begins with: `${Registry.Name}.shop.internal`.
fn registered<'a>(reference: &Ref, directory: &Directory<'a>, scope: &CheckContext<'_>) -> Option<ResourceEntry<'a>> {
    let registry = scope.target(&Value::from(reference), REGISTRY)?;
    directory.registries.get(registry.id).copied()
}

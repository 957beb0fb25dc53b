//! AWS Cloud Map: namespaces and services. `ecs::service_connect` has the rules of services that use them.

use super::view::{AccountView, Existing};
use super::{CREATION, DELETION, Refusal, Rule, Subject};
use crate::cfn::type_names::SERVICE;
use crate::rehearsal::property_access::{list, text};

const DISCOVERY_SERVICE: &str = "AWS::ServiceDiscovery::Service";
const PRIVATE_NAMESPACE: &str = "AWS::ServiceDiscovery::PrivateDnsNamespace";

/// The types of namespaces.
pub(super) const NAMESPACES: [&str; 3] =
    [PRIVATE_NAMESPACE, "AWS::ServiceDiscovery::HttpNamespace", "AWS::ServiceDiscovery::PublicDnsNamespace"];

pub(super) const RULES: &[Rule] = &[
    Rule { kind: PRIVATE_NAMESPACE, intents: CREATION, check: domain_in_use },
    Rule { kind: NAMESPACES[0], intents: DELETION, check: has_services },
    Rule { kind: NAMESPACES[1], intents: DELETION, check: has_services },
    Rule { kind: NAMESPACES[2], intents: DELETION, check: has_services },
    Rule { kind: DISCOVERY_SERVICE, intents: CREATION, check: name_in_use },
    Rule { kind: DISCOVERY_SERVICE, intents: DELETION, check: has_instances },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("ServiceDiscovery", error, handler, text)
}

/// Refuses a domain that the VPC has (`ConflictingDomainExists` of `CreatePrivateDnsNamespace`, Cloud Map API; the message is quoted
/// in docker-archive/ecs-plugin#186).
fn domain_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    let vpc = text(subject.properties, "Vpc")?;
    let mut others = view.others(PRIVATE_NAMESPACE, subject);
    let other = others.find(|other| other.has("Name", &name) && other.has("Vpc", &vpc))?;
    let text = format!(
        "The VPC {vpc} in region {} has already been associated with the hosted zone {} with the same domain name.",
        view.region,
        other.physical_id.unwrap_or_default()
    );
    Some(refuse("ConflictingDomainExists", "AlreadyExists", text))
}

/// Refuses the deletion of a namespace with services (`ResourceInUse` of `DeleteNamespace`, Cloud Map API; the message is quoted in
/// anomalyco/sst#5931).
fn has_services(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    let of_namespace = |other: &Existing<'_>| {
        let nested = other.properties.get("DnsConfig").and_then(|config| text(config, "NamespaceId"));
        other.text("NamespaceId").or(nested).as_deref() == Some(id)
    };
    view.staying().find(|other| other.kind == DISCOVERY_SERVICE && of_namespace(other))?;
    let text = "Namespace has associated services; delete the services before deleting the namespace";
    Some(refuse("ResourceInUse", "ResourceConflict", text))
}

/// Refuses a name that another service of the namespace has (`ServiceAlreadyExists` of `CreateService`, Cloud Map API).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    let namespace = text(subject.properties, "NamespaceId")?;
    let mut others = view.others(DISCOVERY_SERVICE, subject);
    others.find(|other| other.has("Name", &name) && other.has("NamespaceId", &namespace))?;
    Some(refuse("ServiceAlreadyExists", "AlreadyExists", "Service already exists."))
}

/// Refuses the deletion of a service with instances: the tasks of an ECS service (`ResourceInUse` of `DeleteService`, Cloud Map API;
/// the message is quoted in hashicorp/terraform#18264).
fn has_instances(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    let registers = |other: &Existing<'_>| {
        let mut registries = list(other.properties, "ServiceRegistries").filter_map(|it| text(it, "RegistryArn"));
        registries.any(|arn| arn == id || arn.ends_with(&format!("/{id}")))
    };
    view.staying().find(|other| other.kind == SERVICE && registers(other))?;
    let text = "Service contains registered instances; delete the instances before deleting the service";
    Some(refuse("ResourceInUse", "ResourceConflict", text))
}

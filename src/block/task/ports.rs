//! The ports of a container.

use super::container_builder::ContainerDefinitionBuilder;
use super::{Container, NamedPort, PortRange, TaskOwner};
use crate::cfn;
use crate::cfn::{Map, Value};

/// Sets the port mappings: the port of the container, then its named ports and its ranges. With the network mode `awsvpc` the
/// port of the host is that of the container (`PortMapping` of the ECS API).
pub(super) fn define(container: &Container, owner: &TaskOwner<'_>, main: bool, made: &mut ContainerDefinitionBuilder) {
    let mut mappings = Vec::new();
    // The port has the protocol of the listeners that forward to it.
    let transports = |port: i64| match owner.udp.iter().find(|(known, _)| main && *known == port) {
        Some((_, with_tcp)) => (true, *with_tcp),
        None => (false, true),
    };
    let listens = if main { owner.port } else { container.port.as_ref().map(|port| port.value) };
    // The first port with a name is the one that the container listens on, unless another one is set.
    let is_named = container.port.is_none() && !container.named_port.is_empty();
    if let Some(port) = listens.filter(|_| !is_named) {
        let name = (main && owner.connects).then(|| container.name.value.as_str());
        let origin = container.port.as_ref().map(|set| &set.origin);
        let (udp, tcp) = transports(port);
        mappings.extend(tcp.then(|| (port_mapping(name, port, name.map(|_| "http")), origin)));
        mappings.extend(udp.then(|| (port_mapping(None, port, Some("udp")), origin)));
    }
    for named in &container.named_port {
        let NamedPort { name, port, protocol } = &named.value;
        let (udp, tcp) = if protocol.is_some() { (false, true) } else { transports(*port) };
        mappings.extend(tcp.then(|| (port_mapping(Some(name), *port, protocol.as_deref()), Some(&named.origin))));
        // Two mappings cannot have one name.
        let name = (!tcp).then_some(name.as_str());
        mappings.extend(udp.then(|| (port_mapping(name, *port, Some("udp")), Some(&named.origin))));
    }
    for range in &container.port_range {
        let PortRange { ports, protocol } = &range.value;
        let ports = format!("{}-{}", ports.start(), ports.end());
        let protocol = protocol.as_deref().unwrap_or("tcp");
        mappings.push((cfn!({ "ContainerPortRange": ports, "Protocol": protocol }), Some(&range.origin)));
    }
    made.list_with_known("PortMappings", mappings);
}

/// Returns the mapping of a port. The protocols of Service Connect run over TCP.
fn port_mapping(name: Option<&str>, port: i64, protocol: Option<&str>) -> Value {
    let transport = protocol.filter(|protocol| PortRange::PROTOCOLS.contains(protocol));
    let application = protocol.filter(|_| transport.is_none());
    let mut mapping = Map::new();
    mapping.extend(name.map(|name| ("Name".to_owned(), name.into())));
    mapping.extend(application.map(|protocol| ("AppProtocol".to_owned(), protocol.into())));
    mapping.insert("ContainerPort".to_owned(), port.into());
    mapping.insert("Protocol".to_owned(), transport.unwrap_or("tcp").into());
    mapping.into()
}

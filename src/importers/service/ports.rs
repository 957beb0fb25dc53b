//! The ports of a container.

use serde_json::Value as Json;

use super::properties::int;
use crate::importers::draft::Draft;
use crate::importers::writer::Expr;

/// Sets the ports of a container. `main` is the one that requests come to, which needs no name.
pub(super) fn write(container: &Json, main: Option<i64>, draft: &mut Draft) {
    let mappings: Vec<&Json> = container["PortMappings"].as_array().into_iter().flatten().collect();
    let main = main.or_else(|| int(&mappings.first()?["ContainerPort"]));
    for mapping in mappings {
        let protocol = mapping["Protocol"].as_str().filter(|protocol| *protocol != "tcp");
        let protocol = mapping["AppProtocol"].as_str().or(protocol);
        if let Some((from, to)) = mapping["ContainerPortRange"].as_str().and_then(|range| range.split_once('-')) {
            let (from, to) = (from.parse().unwrap_or_default(), to.parse().unwrap_or_default());
            draft.set("port_range", [Expr::Range(from, to)].into_iter().chain(protocol.map(Expr::text)));
            continue;
        }
        let Some(port) = int(&mapping["ContainerPort"]) else { continue };
        let name = mapping["Name"].as_str();
        if Some(port) == main && name.is_none() && protocol.is_none() {
            draft.set_int("port", port);
            continue;
        }
        let name = name.map_or_else(|| format!("port-{port}"), str::to_owned);
        draft.set("port", [Expr::text(name), Expr::Int(port)].into_iter().chain(protocol.map(Expr::text)));
    }
}

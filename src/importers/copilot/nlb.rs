//! The Network Load Balancer of a service.

use super::{Copilot, Manifest};
use crate::importers::draft::Draft;
use crate::importers::names::{block_name, variable_name};
use crate::importers::source::Node;
use crate::importers::writer::Expr;

/// Adds the load balancer of `nlb` with a listener for each port (`nlb` of the page about Load Balanced Web Services).
pub(super) fn write(copilot: &mut Copilot<'_>, manifest: &Manifest, node: &Node, port: Option<i64>, draft: &mut Draft) {
    let Some(nlb) = node.get("nlb").filter(|nlb| nlb.is_map()) else { return };
    let further = nlb.get("additional_listeners").map(Node::items).unwrap_or_default();
    let listeners: Vec<Listener> =
        std::iter::once(nlb).chain(further).filter_map(|listener| Listener::read(listener, port, draft)).collect();
    if listeners.is_empty() {
        return;
    }
    let variable = match copilot.network_balancers.get(&manifest.name) {
        Some((variable, _)) => variable.clone(),
        None => {
            let name = copilot.blocks.unique(&block_name(&format!("{}-nlb", manifest.name)), "-");
            let variable = copilot.names.unique(&variable_name(&name), "_");
            let block = Expr::call("Nlb", [Expr::Text(name)]);
            let block = listeners.iter().fold(block, |block, listener| block.set("listen", listener.arguments()));
            copilot.network_balancers.insert(manifest.name.clone(), (variable.clone(), block));
            variable
        }
    };
    for listener in listeners {
        let target = listener.target(port);
        let place = [Expr::name(&variable), Expr::Int(listener.port)];
        draft.set("behind", place.into_iter().chain(target));
    }
}

/// A port of the load balancer, and where it leads.
struct Listener {
    port: i64,
    protocol: String,
    target_port: Option<i64>,
    container: Option<String>,
}

impl Listener {
    /// Reads `port: 443/tls` with its target. A certificate is not in the manifest.
    fn read(node: &Node, port: Option<i64>, draft: &mut Draft) -> Option<Self> {
        let text = node.text_of("port")?;
        let (number, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let Ok(number) = number.parse() else {
            draft.note(node.line, format!("`nlb.port` is not a port: {text}"));
            return None;
        };
        if protocol == "tls" {
            draft.note(
                node.line,
                format!("Copilot makes the certificate of the port {number}, which is TCP in the script: use `.tls({number}, certificate_arn)` of the load balancer"),
            );
        }
        let target_port = node.get("target_port").and_then(Node::int);
        if target_port.or(port).is_none() {
            draft.note(node.line, "the service has no port for its load balancer: `image.port`");
            return None;
        }
        Some(Self {
            port: number,
            protocol: if protocol == "udp" { "udp" } else { "tcp" }.to_owned(),
            target_port,
            container: node.text_of("target_container").map(|name| block_name(&name)),
        })
    }

    fn arguments(&self) -> Vec<Expr> {
        let protocol = (self.protocol != "tcp").then(|| Expr::text(&self.protocol));
        [Expr::Int(self.port)].into_iter().chain(protocol).collect()
    }

    /// Returns the target, unless it is the port of the service.
    fn target(&self, port: Option<i64>) -> Option<Expr> {
        let target_port = self.target_port.filter(|own| Some(*own) != port);
        if target_port.is_none() && self.container.is_none() {
            return None;
        }
        let target = self
            .container
            .iter()
            .fold(Expr::call("Target", []), |target, name| target.set("container", [Expr::text(name)]));
        Some(target_port.into_iter().fold(target, |target, port| target.set("port", [Expr::Int(port)])))
    }
}

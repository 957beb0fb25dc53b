//! Sidecars of a service.

use super::{Copilot, task, values};
use crate::importers::draft::Draft;
use crate::importers::names::block_name;
use crate::importers::source::Node;
use crate::importers::writer::Expr;

pub(super) fn write(copilot: &mut Copilot<'_>, node: &Node, draft: &mut Draft) {
    for (name, sidecar) in node.get("sidecars").map(Node::entries).unwrap_or_default() {
        sidecar.mark();
        let mut inner = Draft::default();
        match task::image_of(copilot, sidecar.get("image"), draft) {
            Some(image) => inner.set("image", [image]),
            None => {
                draft.note(sidecar.line, format!("the sidecar `{name}` has no image and is left out"));
                sidecar.whole();
                continue;
            }
        }
        if let Some(port) = listening(sidecar) {
            inner.set_int("port", port);
        }
        for port in target_ports(name, node).into_iter().filter(|own| Some(*own) != listening(sidecar)) {
            inner.set("port", [Expr::text(format!("port-{port}")), Expr::Int(port)]);
        }
        if let Some(essential) = sidecar.get("essential").and_then(Node::bool) {
            inner.set("essential", [Expr::Bool(essential)]);
        }
        let variables = values::plain(copilot, sidecar.get("variables"), draft);
        if !variables.shown.is_empty() {
            inner.set("env", [Expr::Map(variables.shown)]);
        }
        values::set_hidden(variables.hidden, &mut inner);
        for (name, arguments) in values::secrets(copilot, sidecar.get("secrets"), draft) {
            inner.set("secret", [Expr::Text(name)].into_iter().chain(arguments));
        }
        for key in ["entrypoint", "command"] {
            if let Some(words) = sidecar.get(key).map(|found| task::command(copilot, found)) {
                inner.set(key, [Expr::List(words)]);
            }
        }
        if let Some(others) = sidecar.get("depends_on") {
            task::depends_on(others, &mut inner);
        }
        if let Some(labels) = sidecar.get("labels") {
            task::labels(copilot, labels, &mut inner);
        }
        if let Some(secret) = sidecar.text_of("credentialsParameter") {
            inner.set("registry_credentials", [copilot.variables.expression(&secret)]);
        }
        mount_points(name, node, sidecar, &mut inner, draft);
        if let Some(check) = sidecar.get("healthcheck") {
            task::health_check(copilot, check, &mut inner);
        }
        let container = inner.expression(Expr::call("Container", [Expr::text(block_name(name))]));
        draft.set("sidecar", [container]);
    }
}

/// Mounts the file systems of the manifest that exist already.
fn mount_points(name: &str, node: &Node, sidecar: &Node, inner: &mut Draft, draft: &mut Draft) {
    for mount in sidecar.get("mount_points").map(Node::items).unwrap_or_default() {
        mount.whole();
        let part = |key: &str| mount.peek(key).and_then(Node::text).unwrap_or_default();
        let (volume, path) = (part("source_volume"), part("path"));
        let volumes = node.peek("storage").and_then(|storage| storage.peek("volumes"));
        let files = volumes.and_then(|volumes| volumes.peek(&volume)?.peek("efs"));
        let Some(id) = files.and_then(|files| files.peek("id")).and_then(Node::text) else {
            draft.note(
                mount.line,
                format!("the sidecar `{name}` mounts the volume `{volume}`, which the script does not have: add `.efs(\"{path}\", file_system)`"),
            );
            continue;
        };
        let access = files.and_then(|files| files.peek("auth")?.peek("access_point_id")?.text()).map(Expr::Text);
        inner.set("efs", [Expr::text(path), Expr::text(id)].into_iter().chain(access));
    }
}

/// Returns the port of a sidecar, which may be written with its protocol: `8080/udp`.
fn listening(sidecar: &Node) -> Option<i64> {
    sidecar.text_of("port").and_then(|text| text.split('/').next()?.parse().ok())
}

/// Returns the ports to which load balancers send requests for a sidecar.
fn target_ports(name: &str, node: &Node) -> Vec<i64> {
    let http = node.peek("http");
    let further = http.and_then(|http| http.peek("additional_rules")).map(Node::items).unwrap_or_default();
    let listeners = node.peek("nlb").and_then(|nlb| nlb.peek("additional_listeners")).map(Node::items);
    let rules = http.into_iter().chain(node.peek("nlb")).chain(further).chain(listeners.unwrap_or_default());
    let own = rules.filter(|rule| rule.peek("target_container").and_then(Node::text).as_deref() == Some(name));
    let mut ports: Vec<i64> = own.filter_map(|rule| rule.peek("target_port")?.int()).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

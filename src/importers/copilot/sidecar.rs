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
        // `8080/udp`: a port with its protocol.
        if let Some(port) = sidecar.text_of("port").and_then(|text| text.split('/').next()?.parse().ok()) {
            inner.set_int("port", port);
        }
        if let Some(essential) = sidecar.get("essential").and_then(Node::bool) {
            inner.set("essential", [Expr::Bool(essential)]);
        }
        let variables = values::plain(copilot, sidecar.get("variables"), draft);
        if !variables.is_empty() {
            inner.set("env", [Expr::Map(variables)]);
        }
        for (name, arguments) in values::secrets(copilot, sidecar.get("secrets"), draft) {
            inner.set("secret", [Expr::Text(name)].into_iter().chain(arguments));
        }
        for key in ["entrypoint", "command"] {
            if let Some(words) = sidecar.get(key).map(|found| task::command(copilot, found)) {
                inner.set(key, [Expr::List(words)]);
            }
        }
        for (container, condition, _) in sidecar.get("depends_on").map(Node::pairs).unwrap_or_default() {
            let condition = condition.unwrap_or_else(|| "start".to_owned()).to_ascii_uppercase();
            inner.set("depends_on", [Expr::text(block_name(&container)), Expr::text(condition)]);
        }
        if let Some(check) = sidecar.get("healthcheck") {
            task::health_check(copilot, check, &mut inner);
        }
        let container = inner.expression(Expr::call("Container", [Expr::text(block_name(name))]));
        draft.set("sidecar", [container]);
    }
}

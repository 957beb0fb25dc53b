//! The image of a service: that of a registry, or one that is built.

use super::Compose;
use crate::importers::draft::Draft;
use crate::importers::source::Node;
use crate::importers::units::shell_words;
use crate::importers::writer::Expr;

pub(super) fn write(compose: &mut Compose<'_>, node: &Node, draft: &mut Draft) {
    let image = node.get("image").and_then(Node::text);
    match (node.get("build"), image) {
        (Some(build), _) => {
            let value = built(compose, build, draft);
            draft.set("image", [value]);
        }
        (None, Some(image)) => {
            let value = compose.variables.expression_or(&image, "latest");
            draft.set("image", [value]);
        }
        (None, None) => {
            draft.note(node.line, "the service has no image: replace the image of the script");
            draft.set_text("image", "public.ecr.aws/docker/library/busybox:1.37");
        }
    }
    match node.get("platform").and_then(Node::text).as_deref() {
        None | Some("linux/amd64" | "linux/x86_64" | "amd64") => {}
        Some("linux/arm64" | "linux/arm64/v8" | "arm64" | "linux/aarch64") => draft.set("arm64", []),
        Some(other) => draft.note(node.line, format!("Fargate has no platform `{other}`")),
    }
}

fn built(compose: &mut Compose<'_>, build: &Node, draft: &mut Draft) -> Expr {
    let context = if build.is_map() { build.get("context").and_then(Node::text) } else { build.text() };
    let context = compose.variables.plain(&context.unwrap_or_else(|| ".".to_owned())).0;
    if context.contains("://") || context.starts_with("git@") {
        draft.note(build.line, format!("the build context `{context}` is not a folder: clone it, and name the folder"));
    }
    let mut image = Expr::call("Image::build", [Expr::text(context)]);
    if let Some(dockerfile) = build.get("dockerfile").and_then(Node::text) {
        image = image.set("dockerfile", [Expr::text(compose.variables.plain(&dockerfile).0)]);
    }
    if let Some(target) = build.get("target").and_then(Node::text) {
        image = image.set("target", [Expr::text(compose.variables.plain(&target).0)]);
    }
    for (name, value, line) in build.get("args").map(Node::pairs).unwrap_or_default() {
        if crate::importers::secrets::Secrets::is_secret(&name, value.as_deref().unwrap_or("x")) {
            draft.note(
                line,
                format!("the build argument `{name}` looks like a secret: use `.secret(id, source)` of the image"),
            );
            continue;
        }
        let value = match value {
            Some(value) => compose.expression(&value),
            None => compose.variables.passed(&name),
        };
        image = image.set("arg", [Expr::text(name), value]);
    }
    image
}

/// Returns a command: a list of words, or a line that Compose splits as a shell does.
pub(super) fn command(compose: &mut Compose<'_>, node: &Node) -> Vec<Expr> {
    let words = match node.text() {
        Some(line) => shell_words(&line),
        None => node.items().iter().filter_map(|word| word.text()).collect(),
    };
    words.iter().map(|word| compose.expression(word)).collect()
}

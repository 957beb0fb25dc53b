//! The image, the size, the container and the network of a workload.

use super::Copilot;
use crate::importers::draft::Draft;
use crate::importers::names::block_name;
use crate::importers::secrets::Secrets;
use crate::importers::source::Node;
use crate::importers::units::{seconds, shell_words};
use crate::importers::writer::Expr;

/// Sets the image of the main container.
pub(super) fn image(copilot: &mut Copilot<'_>, node: &Node, draft: &mut Draft) {
    let value = image_of(copilot, node.get("image"), draft).unwrap_or_else(|| {
        draft.note(node.line, "the service has no image: replace the image of the script");
        Expr::text("public.ecr.aws/docker/library/busybox:1.37")
    });
    draft.set("image", [value]);
    let (name, architecture) = (node.get("platform"), node.at("platform.architecture"));
    _ = node.at("platform.osfamily");
    let platform = architecture.or(name).and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
    if platform.contains("arm64") || platform.contains("aarch64") {
        draft.set("arm64", []);
    }
    if platform.contains("windows") || node.peek("platform").and_then(|it| it.peek("osfamily")).is_some() {
        draft.note(
            node.line,
            "a platform other than Linux has no setter: `.override(\"TaskDefinition\", #{ RuntimePlatform: .. })`",
        );
    }
    if let Some(labels) = node.at("image.labels") {
        self::labels(copilot, labels, draft);
    }
    if let Some(secret) = node.at("image.credentials").and_then(Node::text) {
        draft.set("registry_credentials", [copilot.variables.expression(&secret)]);
    }
    if let Some(others) = node.at("image.depends_on") {
        depends_on(others, draft);
    }
}

/// Sets the labels of a container.
pub(super) fn labels(copilot: &mut Copilot<'_>, labels: &Node, draft: &mut Draft) {
    for (name, value, _) in labels.pairs() {
        let value = copilot.variables.expression(&value.unwrap_or_default());
        draft.set("label", [Expr::Text(name), value]);
    }
}

/// Lets a container wait for others: `name: condition`.
pub(super) fn depends_on(others: &Node, draft: &mut Draft) {
    for (container, condition, _) in others.pairs() {
        let condition = condition.unwrap_or_else(|| "start".to_owned()).to_ascii_uppercase();
        draft.set("depends_on", [Expr::text(block_name(&container)), Expr::text(condition)]);
    }
}

/// Returns an image: a name in a registry, or a folder that it is built from.
pub(super) fn image_of(copilot: &mut Copilot<'_>, image: Option<&Node>, draft: &mut Draft) -> Option<Expr> {
    let image = image?;
    if let Some(name) = image.text().or_else(|| image.text_of("location")) {
        return Some(copilot.variables.expression_or(&name, "latest"));
    }
    let build = image.get("build")?;
    let (dockerfile, context) = match build.text() {
        Some(dockerfile) => (Some(dockerfile), None),
        None => (build.text_of("dockerfile"), build.text_of("context")),
    };
    let dockerfile = dockerfile.unwrap_or_else(|| "Dockerfile".to_owned());
    let (folder, name) = dockerfile.rsplit_once('/').unwrap_or((".", &dockerfile));
    let context = context.unwrap_or_else(|| folder.to_owned());
    let context = context.trim_end_matches('/').to_owned();
    let mut value = Expr::call("Image::build", [Expr::text(if context.is_empty() { "." } else { &context })]);
    // The Dockerfile is relative to the folder in a script, and to the project in a manifest.
    let plain = |path: &str| path.trim_start_matches("./").trim_end_matches('/').to_owned();
    let inside = plain(&dockerfile).strip_prefix(&format!("{}/", plain(&context))).map(str::to_owned);
    let relative = match inside {
        Some(inside) => inside,
        None if matches!(plain(&context).as_str(), "" | ".") => plain(&dockerfile),
        None => {
            draft.note(build.line, format!("the Dockerfile `{dockerfile}` is not in the build folder `{context}`"));
            name.to_owned()
        }
    };
    if relative != "Dockerfile" {
        value = value.set("dockerfile", [Expr::text(relative)]);
    }
    if let Some(target) = build.text_of("target") {
        value = value.set("target", [Expr::text(target)]);
    }
    for (name, argument, line) in build.get("args").map(Node::pairs).unwrap_or_default() {
        let argument = argument.unwrap_or_default();
        if Secrets::is_secret(&name, &argument) {
            draft.note(
                line,
                format!("the build argument `{name}` looks like a secret: use `.secret(id, source)` of the image"),
            );
            continue;
        }
        value = value.set("arg", [Expr::text(name), copilot.variables.expression(&argument)]);
    }
    Some(value)
}

/// Sets the size of a task. A manifest without one has Copilot's: 256 CPU units and 512 MiB, as in a script.
pub(super) fn size(node: &Node, draft: &mut Draft) {
    for key in ["cpu", "memory"] {
        if let Some(number) = node.get(key).and_then(Node::int) {
            draft.set_int(key, number);
        }
    }
    if let Some(gibibytes) = node.at("storage.ephemeral") {
        match gibibytes.int() {
            Some(20) => {}
            Some(size) => {
                let size = draft.within(gibibytes.line, "storage.ephemeral", size, 21, 200);
                draft.set_int("ephemeral_storage", size);
            }
            None => draft.note(gibibytes.line, "`storage.ephemeral` is not a number of GiB"),
        }
    }
}

/// Sets what runs in the main container.
pub(super) fn container(copilot: &mut Copilot<'_>, node: &Node, draft: &mut Draft) {
    for key in ["entrypoint", "command"] {
        if let Some(words) = node.get(key).map(|found| command(copilot, found)).filter(|words| !words.is_empty()) {
            draft.set(key, [Expr::List(words)]);
        }
    }
    if let Some(check) = node.at("image.healthcheck") {
        health_check(copilot, check, draft);
    }
    if node.at("storage.readonly_fs").and_then(Node::bool) == Some(true) {
        draft.set("read_only_root", []);
    }
    if node.get("exec").and_then(Node::bool) == Some(true) {
        if node.at("storage.readonly_fs").and_then(Node::bool) == Some(true) {
            draft.note(node.line, "`exec` is left out: ECS Exec does not work with a read-only root file system");
        } else {
            draft.set("exec", []);
        }
    }
    if let Some(days) = node.at("logging.retention").and_then(Node::int) {
        draft.set_int("log_retention", days);
    }
    volumes(node, draft);
}

/// Returns the words of a command: a list, or a line.
pub(super) fn command(copilot: &mut Copilot<'_>, node: &Node) -> Vec<Expr> {
    let words = match node.text() {
        Some(line) => shell_words(&line),
        None => node.items().iter().filter_map(|word| word.text()).collect(),
    };
    words.iter().map(|word| copilot.variables.expression(word)).collect()
}

/// Sets the health check of a container.
pub(super) fn health_check(copilot: &mut Copilot<'_>, check: &Node, draft: &mut Draft) {
    let words: Vec<String> = match check.get("command") {
        Some(command) => command.items().iter().filter_map(|word| word.text()).collect(),
        None => vec!["CMD-SHELL".to_owned(), "curl -f http://localhost/ || exit 1".to_owned()],
    };
    let probe = match words.first().map(String::as_str) {
        Some("CMD") => Expr::List(words[1..].iter().map(|word| copilot.variables.expression(word)).collect()),
        Some("CMD-SHELL") => copilot.variables.expression(&words[1..].join(" ")),
        Some(_) => copilot.variables.expression(&words.join(" ")),
        None => return,
    };
    let mut value = Expr::call("HealthCheck", [probe]);
    let setters =
        [("interval", "interval"), ("timeout", "timeout"), ("retries", "unhealthy"), ("start_period", "start_period")];
    for (key, setter) in setters {
        if let Some(number) = check.text_of(key).and_then(|text| seconds(&text)) {
            value = value.set(setter, [Expr::Int(number)]);
        }
    }
    draft.set("container_health_check", [value]);
}

/// Mounts the file systems that exist already.
fn volumes(node: &Node, draft: &mut Draft) {
    for (name, volume) in node.at("storage.volumes").map(Node::entries).unwrap_or_default() {
        volume.mark();
        let path = volume.text_of("path");
        let (id, access) =
            (volume.at("efs.id").and_then(Node::text), volume.at("efs.auth.access_point_id").and_then(Node::text));
        match (path, id) {
            (Some(path), Some(id)) => {
                let access = access.map(Expr::Text);
                draft.set("efs", [Expr::text(path), Expr::text(id)].into_iter().chain(access));
            }
            (path, _) => {
                let path = path.unwrap_or_else(|| "/data".to_owned());
                draft.note(
                    volume.line,
                    format!("the file system of the volume `{name}` belongs to Copilot's environment: mount one with `.efs(\"{path}\", file_system_id)`"),
                );
            }
        }
    }
}

/// Sets the subnets: Copilot runs tasks in public ones unless the manifest says otherwise.
pub(super) fn placement(copilot: &mut Copilot<'_>, node: &Node, draft: &mut Draft) {
    let placement = node.at("network.vpc.placement").and_then(Node::text);
    if placement.as_deref() == Some("private") {
        copilot.has_private = true;
        draft.set_text("subnets", "private");
    } else {
        draft.set_text("subnets", "public");
        draft.set("public_ip", []);
    }
    let groups = node.at("network.vpc.security_groups");
    let groups = groups.and_then(|groups| if groups.is_map() { groups.get("groups") } else { Some(groups) });
    for group in groups.map(Node::items).unwrap_or_default() {
        match (group.text(), group.text_of("from_cfn")) {
            (Some(id), _) => draft.set_text("security_group", id),
            (None, Some(export)) => {
                draft.set("security_group", [Expr::call("cfn::import_value", [Expr::text(export)])]);
            }
            (None, None) => draft.note(group.line, "a security group without an id"),
        }
    }
}

/// Sets how a deployment replaces tasks.
pub(super) fn deployment(node: &Node, draft: &mut Draft) {
    match node.at("deployment.rolling").and_then(Node::text).as_deref() {
        Some("recreate") => draft.set("healthy_percent", [Expr::Range(0, 100)]),
        Some("default") | None => {}
        Some(_) => draft.note(node.line, "`deployment.rolling` is neither `default` nor `recreate`"),
    }
    for alarm in
        node.at("deployment.rollback_alarms").filter(|alarms| !alarms.is_map()).map(Node::items).unwrap_or_default()
    {
        if let Some(name) = alarm.text() {
            draft.set_text("alarm", name);
        }
    }
}

/// Sets single properties of the task definition. A path with `-` adds to a list.
pub(super) fn overrides(node: &Node, draft: &mut Draft) {
    for rule in node.get("taskdef_overrides").map(Node::items).unwrap_or_default() {
        rule.whole();
        let Some(path) = rule.peek("path").and_then(Node::text) else { continue };
        let value = rule.peek("value").map(literal);
        match value.filter(|_| !path.contains("[-]")) {
            Some(value) => draft.set("override", [Expr::text("TaskDefinition"), Expr::text(path), value]),
            None => draft.note(
                rule.line,
                format!(
                    "`{path}` adds to a list: write the whole list with `.override(\"TaskDefinition\", path, list)`"
                ),
            ),
        }
    }
}

/// Returns a value as it is in the manifest.
pub(super) fn literal(node: &Node) -> Expr {
    use crate::importers::source::{NodeValue, Scalar};
    match &node.value {
        NodeValue::Null => Expr::Unit,
        NodeValue::Scalar(Scalar::Bool(flag)) => Expr::Bool(*flag),
        NodeValue::Scalar(Scalar::Int(number)) => Expr::Int(*number),
        NodeValue::Scalar(Scalar::Float(number)) => Expr::Float(*number),
        NodeValue::Scalar(Scalar::Text(text)) => Expr::text(text),
        NodeValue::List(items) => Expr::List(items.iter().map(literal).collect()),
        NodeValue::Map(entries) => {
            Expr::Map(entries.iter().map(|(key, value)| (key.clone(), literal(value))).collect())
        }
    }
}

//! The settings of the container of a service.

use super::{Compose, image};
use crate::importers::draft::Draft;
use crate::importers::source::Node;
use crate::importers::units::{mebibytes, seconds};
use crate::importers::writer::Expr;

/// The longest stop timeout on Fargate in seconds (Amazon ECS API Reference, `ContainerDefinition.stopTimeout`).
const LONGEST_STOP: i64 = 120;

pub(super) fn write(compose: &mut Compose<'_>, node: &Node, draft: &mut Draft) {
    process(compose, node, draft);
    linux(compose, node, draft);
    if let Some(labels) = node.get("labels") {
        for (name, value, _) in labels.pairs() {
            let value = compose.expression(&value.unwrap_or_default());
            draft.set("label", [Expr::Text(name), value]);
        }
    }
    if let Some(check) = node.get("healthcheck") {
        health_check(compose, check, draft);
    }
    restart(node, draft);
    volumes(compose, node, draft);
    let networks = node.get("networks").map(Node::entries).unwrap_or_default();
    for (name, network) in networks.iter().filter(|(_, network)| !network.entries().is_empty()) {
        network.whole();
        let text = format!("the settings of the network `{name}` have no counterpart: all services share one network");
        draft.note(network.line, text);
    }
    networks.iter().for_each(|(_, network)| _ = network.whole());
}

fn process(compose: &mut Compose<'_>, node: &Node, draft: &mut Draft) {
    for (key, setter) in [("entrypoint", "entrypoint"), ("command", "command")] {
        let Some(found) = node.get(key).filter(|found| !found.is_null()) else { continue };
        let words = image::command(compose, found);
        if words.is_empty() {
            draft.note(found.line, format!("`{key}` is empty: ECS cannot remove that of the image"));
        } else {
            draft.set(setter, [Expr::List(words)]);
        }
    }
    if let Some(user) = node.get("user").and_then(Node::text) {
        let user = compose.expression(&user);
        draft.set("user", [user]);
    }
    if let Some(folder) = node.get("working_dir").and_then(Node::text) {
        let folder = compose.expression(&folder);
        draft.set("working_directory", [folder]);
    }
    if node.get("read_only").and_then(Node::bool) == Some(true) {
        draft.set("read_only_root", []);
    }
    for (key, setter) in [("tty", "pseudo_terminal"), ("stdin_open", "interactive")] {
        if node.get(key).and_then(Node::bool) == Some(true) {
            draft.set(setter, []);
        }
    }
    if let Some(period) = node.get("stop_grace_period") {
        match compose.plain(period, "stop_grace_period", draft).and_then(|text| seconds(&text)) {
            Some(wanted) => {
                let taken = draft.within(period.line, "stop_grace_period", wanted, 2, LONGEST_STOP);
                draft.set_int("stop_timeout", taken);
            }
            None => draft.note(period.line, "`stop_grace_period` is not a duration"),
        }
    }
}

/// Sets capabilities, the init process, kernel parameters and limits.
fn linux(compose: &mut Compose<'_>, node: &Node, draft: &mut Draft) {
    let texts = |key: &str| -> Vec<String> {
        let items = node.get(key).map(|list| list.whole().items()).unwrap_or_default();
        items.iter().filter_map(|item| item.text()).map(|text| text.trim_start_matches("CAP_").to_owned()).collect()
    };
    let (added, dropped) = (texts("cap_add"), texts("cap_drop"));
    let (taken, refused): (Vec<_>, Vec<_>) = added.into_iter().partition(|name| name == "SYS_PTRACE");
    if !refused.is_empty() {
        let line = node.peek("cap_add").map_or(node.line, |list| list.line);
        draft.note(
            line,
            format!("`cap_add` has no counterpart for {}: Fargate adds SYS_PTRACE only", refused.join(", ")),
        );
    }
    let list = |names: Vec<String>| Expr::List(names.into_iter().map(Expr::Text).collect());
    for (name, names) in [("Capabilities.Add", taken), ("Capabilities.Drop", dropped)] {
        if !names.is_empty() {
            draft.set("linux_parameter", [Expr::text(name), list(names)]);
        }
    }
    if node.get("init").and_then(Node::bool) == Some(true) {
        draft.set("linux_parameter", [Expr::text("InitProcessEnabled"), Expr::Bool(true)]);
    }
    for (name, value, _) in node.get("sysctls").map(Node::pairs).unwrap_or_default() {
        let value = compose.expression(&value.unwrap_or_default());
        draft.set("system_control", [Expr::Text(name), value]);
    }
    if let Some(limits) = node.get("ulimits") {
        ulimits(limits, draft);
    }
}

/// Sets the limit on open files: Fargate takes no other one (Amazon ECS Developer Guide, "Resource limits").
fn ulimits(limits: &Node, draft: &mut Draft) {
    limits.whole();
    for (name, limit) in limits.entries() {
        if name != "nofile" {
            draft.note(limit.line, format!("`ulimits.{name}` has no counterpart: Fargate sets `nofile` only"));
            continue;
        }
        let soft = limit.int().or_else(|| limit.peek("soft").and_then(Node::int));
        let hard = limit.int().or_else(|| limit.peek("hard").and_then(Node::int)).or(soft);
        let (Some(soft), Some(hard)) = (soft.or(hard), hard) else { continue };
        let hard = (hard != soft).then_some(Expr::Int(hard));
        draft.set("ulimit", [Expr::text("nofile"), Expr::Int(soft)].into_iter().chain(hard));
    }
}

/// Sets the health check of the container, within the bounds of ECS (Amazon ECS API Reference, `HealthCheck`).
fn health_check(compose: &mut Compose<'_>, check: &Node, draft: &mut Draft) {
    let Some(test) = check.get("test").filter(|_| check.get("disable").and_then(Node::bool) != Some(true)) else {
        check.whole();
        return draft
            .note(check.line, "the health check of the image is not used: ECS runs only one of the task definition");
    };
    let words: Vec<String> = test.items().iter().filter_map(|word| word.text()).collect();
    let probe = match words.first().map(String::as_str) {
        Some("NONE") | None => {
            check.whole();
            return;
        }
        Some("CMD-SHELL") => compose.expression(&words[1..].join(" ")),
        Some("CMD") => Expr::List(words[1..].iter().map(|word| compose.expression(word)).collect()),
        Some(_) => compose.expression(&words.join(" ")),
    };
    let mut value = Expr::call("HealthCheck", [probe]);
    let duration = |key: &str, least, most, draft: &mut Draft| {
        let found = check.get(key)?;
        let wanted = seconds(&compose.plain(found, key, draft)?)?;
        Some(draft.within(found.line, key, wanted, least, most))
    };
    let interval = duration("interval", 5, 300, draft);
    let timeout = duration("timeout", 2, 60, draft);
    let start_period = duration("start_period", 0, 300, draft);
    // ECS starts a check when the one before has ended or has timed out.
    let timeout = timeout.map(|timeout| match interval.unwrap_or(30) {
        interval if timeout >= interval => {
            draft.note(check.line, "the timeout of a health check must be below its interval");
            (interval - 1).max(2)
        }
        _ => timeout,
    });
    let retries = check.get("retries").and_then(|found| Some((found.line, found.int()?)));
    let retries = retries.map(|(line, wanted)| draft.within(line, "retries", wanted, 1, 10));
    let setters =
        [("interval", interval), ("timeout", timeout), ("unhealthy", retries), ("start_period", start_period)];
    for (setter, number) in setters {
        if let Some(number) = number {
            value = value.set(setter, [Expr::Int(number)]);
        }
    }
    draft.set("container_health_check", [value]);
}

fn restart(node: &Node, draft: &mut Draft) {
    let Some(restart) = node.get("restart") else { return };
    match restart.text().as_deref() {
        Some("always" | "unless-stopped") | None => {}
        Some(other) => draft.note(
            restart.line,
            format!("`restart: {other}` has no counterpart: ECS starts a new task for each that ends; for a task that ends see `rtiler run app.rhai run-task`"),
        ),
    }
}

fn volumes(compose: &Compose<'_>, node: &Node, draft: &mut Draft) {
    for volume in node.get("volumes").map(Node::items).unwrap_or_default() {
        volume.whole();
        let part = |key: &str| volume.peek(key).and_then(Node::text).unwrap_or_default();
        let short = volume.text().map(|text| compose.variables.plain(&text).0);
        let (source, target) = match &short {
            Some(text) => text
                .split_once(':')
                .map_or(("", text.as_str()), |(source, rest)| (source, rest.split(':').next().unwrap_or_default())),
            None => ("", ""),
        };
        let (source, target) = match short {
            Some(_) => (source.to_owned(), target.to_owned()),
            None => (part("source"), part("target")),
        };
        let is_folder = source.starts_with(['.', '/', '~']) || part("type") == "bind";
        let advice = match part("type").as_str() {
            "tmpfs" => format!("Fargate has no tmpfs mounts: `{target}` is on the disk of the task"),
            _ if is_folder => format!("`{source}` is a folder of this machine: copy it into the image, to `{target}`"),
            _ if source.is_empty() => format!("`{target}` is on the disk of each task, and is gone with the task"),
            _ => format!(
                "the volume `{source}` at `{target}` is gone with each task: use EFS (`.efs(\"{target}\", file_system)`), a bucket or a database"
            ),
        };
        draft.note(volume.line, advice);
    }
    if let Some(size) = node.get("storage_opt").and_then(|options| options.get("size")) {
        match size.text().and_then(|text| mebibytes(&text)).map(|mib| (mib + 1023) / 1024) {
            Some(gib) => {
                let gib = draft.within(size.line, "storage_opt.size", gib, 21, 200);
                draft.set_int("ephemeral_storage", gib);
            }
            None => draft.note(size.line, "`storage_opt.size` is not a size"),
        }
    }
}

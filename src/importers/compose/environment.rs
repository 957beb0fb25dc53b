//! Environment variables and secrets of a service.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Compose, text_map};
use crate::importers::draft::Draft;
use crate::importers::secrets::Secrets;
use crate::importers::source::Node;
use crate::importers::writer::Expr;
use crate::settings::parse_env_file;

/// The folder in which Compose puts secrets.
const SECRETS_FOLDER: &str = "/run/secrets/";

pub(super) fn write(compose: &mut Compose<'_>, node: &Node, draft: &mut Draft) {
    let mut variables = from_files(compose, node, draft);
    for (name, value, line) in node.get("environment").map(Node::pairs).unwrap_or_default() {
        variables.insert(name, (value, line));
    }
    let mut plain = BTreeMap::new();
    let mut secret = Vec::new();
    let mounted = mounted_secrets(node, draft);
    for (name, (value, line)) in variables {
        if let Some(held) = value.as_deref().and_then(|value| value.strip_prefix(SECRETS_FOLDER))
            && let Some(variable) = name.strip_suffix("_FILE")
        {
            draft.note(
                line,
                format!("`{name}` is a path; the script sets the variable `{variable}` from the secret `{held}`"),
            );
            secret.push((variable.to_owned(), secret_of(compose, &format!("secret {held}"), held)));
            continue;
        }
        // The value of a variable that is passed on is not in the file.
        let known = value.clone().or_else(|| compose.variables.set_value(&name).map(str::to_owned));
        let full = known.as_deref().map(|value| compose.variables.plain(value).0);
        let hidden = if value.is_none() { "x" } else { "" };
        let is_variable = value.as_deref().is_some_and(|value| value.contains('$'));
        let hidden = if is_variable { "x" } else { hidden };
        let shown = full.filter(|full| !full.is_empty()).unwrap_or_else(|| hidden.to_owned());
        if Secrets::is_secret(&name, &shown) {
            let source = if is_variable { value.clone().unwrap_or_default() } else { format!("{name}={shown}") };
            let variable = secret_of(compose, &source, &name);
            secret.push((name, variable));
            continue;
        }
        let value = match value {
            Some(value) => compose.expression(&value),
            None => compose.variables.passed(&name),
        };
        plain.insert(name, value);
    }
    for (held, line) in mounted {
        let variable = held.to_ascii_uppercase().replace(['-', '.'], "_");
        if secret.iter().any(|(_, known)| *known == secret_of(compose, &format!("secret {held}"), &held)) {
            continue;
        }
        draft.note(
            line,
            format!("the secret `{held}` is the variable `{variable}` and not the file {SECRETS_FOLDER}{held}"),
        );
        secret.push((variable, secret_of(compose, &format!("secret {held}"), &held)));
    }
    if !plain.is_empty() {
        draft.set("env", [text_map(plain)]);
    }
    for (name, variable) in secret {
        draft.set("secret", [Expr::text(name), Expr::name(variable)]);
    }
}

/// Returns the variables of the files of `env_file`; a later file wins.
fn from_files(compose: &Compose<'_>, node: &Node, draft: &mut Draft) -> IndexMap<String, (Option<String>, u32)> {
    let mut variables = IndexMap::new();
    for item in node.get("env_file").map(Node::items).unwrap_or_default() {
        item.whole();
        let path = item.text().or_else(|| item.peek("path").and_then(Node::text)).unwrap_or_default();
        let path = compose.variables.plain(&path).0;
        let Some(text) = compose.files.text(&path) else {
            draft.note(
                item.line,
                format!("the file of variables `{path}` cannot be read: add its variables with `.env(map)`"),
            );
            continue;
        };
        let (entries, problems) = parse_env_file(&Arc::from(path.as_str()), &text);
        if !problems.is_empty() {
            draft.note(item.line, format!("{} lines of `{path}` cannot be read as NAME=VALUE", problems.len()));
        }
        variables.extend(entries.into_iter().map(|entry| (entry.name, (Some(entry.value), item.line))));
    }
    variables
}

/// Returns the names of the secrets that the service gets as files.
fn mounted_secrets(node: &Node, draft: &mut Draft) -> Vec<(String, u32)> {
    let mut mounted = Vec::new();
    for item in node.get("secrets").map(Node::items).unwrap_or_default() {
        match item.text().or_else(|| item.get("source").and_then(Node::text)) {
            Some(name) => mounted.push((name, item.line)),
            None => draft.note(item.line, "a secret without a name"),
        }
    }
    mounted
}

fn secret_of(compose: &mut Compose<'_>, source: &str, name: &str) -> String {
    compose.secrets.variable(source, name, &mut compose.blocks, &mut compose.names)
}

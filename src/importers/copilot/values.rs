//! The variables and secrets of a workload.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Copilot, Manifest};
use crate::importers::draft::Draft;
use crate::importers::secrets::Secrets;
use crate::importers::source::Node;
use crate::importers::writer::Expr;
use crate::settings::parse_env_file;

/// Sets the variables and secrets of the main container, with the variables that Copilot itself sets.
pub(super) fn environment(copilot: &mut Copilot<'_>, manifest: &Manifest, node: &Node, draft: &mut Draft) {
    let mut variables: BTreeMap<String, Expr> = ["APPLICATION", "ENVIRONMENT"]
        .into_iter()
        .map(|what| {
            (format!("COPILOT_{what}_NAME"), copilot.variables.expression(&format!("${{COPILOT_{what}_NAME}}")))
        })
        .collect();
    variables.insert("COPILOT_SERVICE_NAME".to_owned(), Expr::text(&manifest.name));
    let mut hidden = Vec::new();
    if let Some(file) = node.get("env_file") {
        from_file(copilot, file, &mut variables, &mut hidden, draft);
    }
    let own = plain(copilot, node.get("variables"), draft);
    variables.extend(own.shown);
    hidden.extend(own.hidden);
    draft.set("env", [Expr::Map(variables.into_iter().collect())]);
    set_hidden(hidden, draft);
    for (name, arguments) in secrets(copilot, node.get("secrets"), draft) {
        draft.set("secret", [Expr::Text(name)].into_iter().chain(arguments));
    }
}

/// Sets variables whose values are secrets of the script.
pub(super) fn set_hidden(hidden: Vec<(String, String)>, draft: &mut Draft) {
    for (name, secret) in hidden {
        draft.set("secret", [Expr::Text(name), Expr::Name(secret)]);
    }
}

fn from_file(
    copilot: &mut Copilot<'_>,
    file: &Node,
    variables: &mut BTreeMap<String, Expr>,
    hidden: &mut Vec<(String, String)>,
    draft: &mut Draft,
) {
    let path = file.text().unwrap_or_default();
    let Some(text) = copilot.files.text(&path) else {
        return draft.note(
            file.line,
            format!("the file of variables `{path}` cannot be read: add its variables with `.env(map)`"),
        );
    };
    let (entries, problems) = parse_env_file(&Arc::from(path.as_str()), &text);
    if !problems.is_empty() {
        draft.note(file.line, format!("{} lines of `{path}` cannot be read as NAME=VALUE", problems.len()));
    }
    for entry in entries {
        if Secrets::is_secret(&entry.name, &entry.value) {
            draft.note(file.line, not_copied(&format!("`{}` of `{path}`", entry.name)));
            let secret = copilot.secret(&format!("{}={}", entry.name, entry.value), &entry.name);
            hidden.push((entry.name, secret));
            continue;
        }
        variables.insert(entry.name, Expr::Text(entry.value));
    }
}

fn not_copied(what: &str) -> String {
    format!("{what} looks like a secret, and is not copied: set the value of the secret in the script")
}

/// The variables of a container.
#[derive(Default)]
pub(super) struct PlainVariables {
    /// The variables whose values are in the script.
    pub(super) shown: Vec<(String, Expr)>,
    /// The variables that look like secrets, with the variable of the secret.
    pub(super) hidden: Vec<(String, String)>,
}

/// Returns variables with their values; each that looks like a secret is one, and is noted.
pub(super) fn plain(copilot: &mut Copilot<'_>, node: Option<&Node>, draft: &mut Draft) -> PlainVariables {
    let mut found = PlainVariables::default();
    for (name, value) in node.map(Node::entries).unwrap_or_default() {
        value.whole();
        if let Some(export) = value.peek("from_cfn").and_then(Node::text) {
            let export = copilot.variables.expression(&export);
            found.shown.push((name.clone(), Expr::call("cfn::import_value", [export])));
            continue;
        }
        let text = value.text().unwrap_or_default();
        if Secrets::is_secret(name, &text) {
            draft.note(value.line, not_copied(&format!("`{name}`")));
            let secret = copilot.secret(&format!("{name}={text}"), name);
            found.hidden.push((name.clone(), secret));
            continue;
        }
        let text = copilot.variables.expression(&text);
        found.shown.push((name.clone(), text));
    }
    found
}

/// Returns secrets with the arguments of `.secret`: an ARN and a key.
pub(super) fn secrets(copilot: &mut Copilot<'_>, node: Option<&Node>, draft: &mut Draft) -> Vec<(String, Vec<Expr>)> {
    let mut found = Vec::new();
    for (name, value) in node.map(Node::entries).unwrap_or_default() {
        value.whole();
        let arguments = match (value.text(), value.peek("secretsmanager").and_then(Node::text), value.peek("from_cfn"))
        {
            (Some(parameter), _, _) => vec![arn(copilot, "ssm", "parameter/", parameter.trim_start_matches('/'))],
            (None, Some(secret), _) => {
                // `NAME:KEY::` names one key of a JSON secret.
                let (secret, key) = match secret.split_once(':').filter(|_| !secret.starts_with("arn:")) {
                    Some((secret, key)) => (secret.to_owned(), key.split(':').next().map(str::to_owned)),
                    None => (secret, None),
                };
                let arn = arn(copilot, "secretsmanager", "secret:", &secret);
                [arn].into_iter().chain(key.filter(|key| !key.is_empty()).map(Expr::Text)).collect()
            }
            (None, None, Some(export)) => {
                let export = copilot.variables.expression(&export.text().unwrap_or_default());
                vec![Expr::call("cfn::import_value", [export])]
            }
            (None, None, None) => {
                draft.note(
                    value.line,
                    format!("the secret `{name}` is neither a name nor `secretsmanager` nor `from_cfn`"),
                );
                continue;
            }
        };
        found.push((name.clone(), arguments));
    }
    found
}

/// Returns the ARN of a parameter or secret in the account and region of the stack.
fn arn(copilot: &mut Copilot<'_>, service: &str, kind: &str, name: &str) -> Expr {
    let name = copilot.variables.expression(name);
    if let Expr::Text(text) = &name
        && text.starts_with("arn:")
    {
        return name;
    }
    let mut pieces = vec![
        Expr::text("arn:"),
        Expr::name("AWS::Partition"),
        Expr::text(format!(":{service}:")),
        Expr::name("AWS::Region"),
        Expr::text(":"),
        Expr::name("AWS::AccountId"),
        Expr::text(format!(":{kind}")),
    ];
    match name {
        Expr::Joined(inner) => pieces.extend(inner),
        other => pieces.push(other),
    }
    Expr::Joined(pieces)
}

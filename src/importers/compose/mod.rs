//! Compose files: each service becomes a service on Fargate.

mod container;
mod environment;
mod image;
mod keys;
mod network;
mod order;
mod size;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::draft::Draft;
use super::interpolation::Variables;
use super::names::{Taken, block_name, variable_name};
use super::note::Note;
use super::secrets::Secrets;
use super::source::{Node, reason_for};
use super::writer::{Expr, Script};
use super::{Imported, SourceFiles};
use crate::diag::{Code, Diagnostic, Origin, Sink};
use crate::settings::parse_env_file;

/// The state that the services of a file share.
struct Compose<'a> {
    file: &'a str,
    files: &'a dyn SourceFiles,
    variables: Variables,
    secrets: Secrets,
    blocks: Taken,
    names: Taken,
    /// The counterpart of each service, by its name in the file.
    services: IndexMap<String, Counterpart>,
    outputs: Vec<(String, Expr)>,
}

/// The counterpart of a service.
enum Counterpart {
    /// A service on Fargate.
    Service { variable: String, port: Option<i64> },
    /// A store of data, which is not run in a container.
    Store,
}

/// Writes a Compose file as a script. `project` is the name of the stack, unless the file sets one.
///
/// # Errors
///
/// The problems of a file that is not YAML, or that has no services.
pub fn compose(file: &str, text: &str, project: &str, files: &dyn SourceFiles) -> Result<Imported, Sink> {
    let tree = Node::read(file, text)?;
    let Some(services) = tree.get("services").filter(|services| !services.entries().is_empty()) else {
        let problem = Diagnostic::new(Code::ImportSource, format!("`{file}` has no services"));
        return Err(vec![
            problem.at(&Origin::new(file, tree.line, 0), "").help("name a Compose file with `services:`"),
        ]);
    };
    let project = tree.text_of("name").unwrap_or_else(|| project.to_owned());
    let mut compose = Compose {
        file,
        files,
        variables: Variables::new(dot_env(files)),
        secrets: Secrets::default(),
        blocks: Taken::default(),
        names: Taken::with(&["s", "stack"]),
        services: IndexMap::new(),
        outputs: Vec::new(),
    };
    let project = block_name(&compose.variables.plain(&project).0);
    let mut written = Vec::new();
    for service in order::services(services) {
        written.push(compose.service(&service));
    }
    let mut rest = Draft::new(file);
    compose.top_level(&tree, &mut rest);
    Ok(compose.script(&project, written, rest))
}

/// Returns the variables that `.env` sets.
fn dot_env(files: &dyn SourceFiles) -> IndexMap<String, String> {
    let Some(text) = files.text(".env") else { return IndexMap::new() };
    let (entries, _) = parse_env_file(&Arc::from(".env"), &text);
    entries.into_iter().map(|entry| (entry.name, entry.value)).collect()
}

/// A service with what belongs before it.
struct Written {
    draft: Draft,
    /// The load balancers that it uses, with their variables.
    before: Vec<(String, Expr)>,
    /// Its variable and the block; none for a store.
    block: Option<(String, Expr)>,
}

impl Compose<'_> {
    fn service(&mut self, service: &order::Service) -> Written {
        let (name, node) = (&service.name, &service.node);
        let mut draft = Draft::new(self.file);
        if let Some(missing) = &service.base_elsewhere {
            draft.note(node.line, format!("`{name}` extends a service of {missing}: its keys are not in the script"));
        }
        if let Some(proposal) = store::proposal(name, node, &self.variables) {
            node.whole();
            draft.note(node.line, proposal);
            self.services.insert(name.clone(), Counterpart::Store);
            return Written { draft, before: Vec::new(), block: None };
        }
        let block = self.blocks.unique(&block_name(name), "-");
        let variable = self.names.unique(&variable_name(name), "_");
        image::write(self, node, &mut draft);
        size::write(self, node, &mut draft);
        let ports = network::ports(self, node, &mut draft);
        environment::write(self, node, &mut draft);
        container::write(self, node, &mut draft);
        let before = network::load_balancers(self, &ports, (&block, &variable), node, &mut draft);
        network::dependencies(self, node, &mut draft);
        for unused in node.unused() {
            let reason = reason_for(keys::SERVICE, &unused.path).unwrap_or(keys::UNKNOWN);
            draft.note(unused.line, format!("`{}` of `{name}` has no counterpart: {reason}", unused.path));
        }
        self.services.insert(name.clone(), Counterpart::Service { variable: variable.clone(), port: ports.container });
        let value = draft.expression(Expr::call("FargateService", [Expr::text(block)]));
        Written { draft, before, block: Some((variable, value)) }
    }

    /// Records the keys of the file that no service uses.
    fn top_level(&self, tree: &Node, rest: &mut Draft) {
        for (key, node) in tree.entries() {
            if key.starts_with("x-") || matches!(key.as_str(), "name" | "services") {
                continue;
            }
            node.whole();
            let reason = reason_for(keys::FILE, key).unwrap_or(keys::UNKNOWN);
            match key.as_str() {
                "secrets" if self.secrets.is_used() => {}
                "networks" | "volumes" | "configs" | "secrets" => {
                    for (name, entry) in node.entries() {
                        rest.note(entry.line, format!("`{key}.{name}` has no counterpart: {reason}"));
                    }
                }
                _ => rest.note(node.line, format!("`{key}` has no counterpart: {reason}")),
            }
        }
    }

    fn script(self, project: &str, written: Vec<Written>, rest: Draft) -> Imported {
        let mut script = Script::new([
            format!("Written by `rtiler import-from compose` from {}. Paths are relative to its folder.", self.file),
            "Check it with `rtiler check`, then rehearse it: `rtiler run FILE deploy --rehearse`.".to_owned(),
        ]);
        if let Some(declarations) = self.variables.declarations() {
            let prefix = project.to_ascii_uppercase().replace('-', "_");
            let comment = format!(
                "The variables of the Compose file. Set one with `--set name=value`, or in the environment: {prefix}_NAME."
            );
            script.define(vec![comment], "s", Expr::call("settings", [Expr::text(prefix), declarations]));
        }
        self.secrets.write(&mut script);
        let mut notes: Vec<Note> = Vec::new();
        let mut comments = Vec::new();
        let mut blocks = Vec::new();
        for service in written {
            comments.extend(service.draft.comments());
            notes.extend(service.draft.notes);
            for (variable, value) in service.before {
                script.define(std::mem::take(&mut comments), &variable, value);
            }
            if let Some((variable, value)) = service.block {
                script.define(std::mem::take(&mut comments), &variable, value);
                blocks.push(Expr::name(variable));
            }
        }
        comments.extend(rest.comments());
        notes.extend(rest.notes);
        let stack = Expr::call("Stack", [Expr::text(project)]);
        let stack = if blocks.is_empty() { stack } else { stack.set("add", [Expr::List(blocks)]) };
        let stack =
            self.outputs.into_iter().fold(stack, |stack, (name, value)| stack.set("output", [Expr::text(name), value]));
        script.end(comments, stack);
        notes.sort();
        Imported { script: script.text(), notes }
    }

    /// Returns a text with the settings of its variables.
    fn expression(&mut self, text: &str) -> Expr {
        self.variables.expression(text)
    }

    /// Returns a text with the values of its variables; that a script has the value and not the variable is noted.
    fn plain(&self, node: &Node, what: &str, draft: &mut Draft) -> Option<String> {
        let (text, has_variable) = self.variables.plain(&node.text()?);
        if has_variable {
            draft.note(node.line, format!("`{what}` depends on a variable; the script has its value of today: {text}"));
        }
        Some(text)
    }
}

/// Returns entries as a map of texts.
fn text_map(entries: BTreeMap<String, Expr>) -> Expr {
    Expr::Map(entries.into_iter().collect())
}

//! Addons: templates that Copilot deploys with a service, of which the script has the resources.
//!
//! Source: "Additional AWS resources" and "Modeling additional resources with CloudFormation" of the AWS Copilot documentation: an
//! output is a variable of the containers, a secret, a policy of the task role or a security group, by what it refers to.

use super::{Copilot, Manifest};
use crate::importers::draft::Draft;
use crate::importers::names::words;
use crate::importers::note::Note;
use crate::importers::source::Node;
use crate::importers::template::{InlinedOutput, inline};
use crate::importers::writer::{Expr, Script};

/// An output of an addon, which a service gets.
pub(super) struct AddonOutput {
    name: String,
    output: InlinedOutput,
}

impl AddonOutput {
    /// Gives the output to a service.
    pub(super) fn set(&self, draft: &mut Draft) {
        let value = self.output.value.clone();
        match self.output.kind.as_deref() {
            Some("AWS::IAM::ManagedPolicy") => draft.set("managed_policy", [value]),
            Some("AWS::EC2::SecurityGroup") => draft.set("security_group", [value]),
            Some("AWS::SecretsManager::Secret") => draft.set("secret", [Expr::text(variable(&self.name)), value]),
            _ => draft.set("env", [Expr::text(variable(&self.name)), value]),
        }
    }
}

/// Returns the name of the variable for an output: `ORDERS_TABLE_NAME` for `OrdersTableName`.
fn variable(output: &str) -> String {
    words(output).join("_").to_ascii_uppercase()
}

impl Copilot<'_> {
    /// Adds the resources of a service's addons to the script, and returns their outputs.
    pub(super) fn inline_addons(&mut self, manifest: &Manifest, block: &str, script: &mut Script) -> Vec<AddonOutput> {
        let folder = format!("{}/addons", manifest.folder);
        let given = self.parameters(&folder);
        let stage = self.variables.expression("${COPILOT_ENVIRONMENT_NAME}");
        let mut parameters = vec![("App", Expr::text(&self.app)), ("Env", stage), ("Name", Expr::text(&manifest.name))];
        parameters.extend(given.iter().map(|(name, value)| (name.as_str(), Expr::text(value))));
        let mut found = Vec::new();
        for name in templates(&self.files.names(&folder)) {
            let path = format!("{folder}/{name}");
            let Some(text) = self.files.text(&path) else { continue };
            let prefix = crate::cfn::names::stem(block);
            match inline(&path, &text, &prefix, &parameters, &mut self.names, self.schema) {
                Ok(inlined) => {
                    let about = "the stack makes the resources of the addon a second time: move the data of the running ones, and give those with names other names";
                    self.remark(&path, about.to_owned(), script);
                    script.append(inlined.statements);
                    self.notes.extend(inlined.notes);
                    self.added.extend(inlined.variables.iter().map(Expr::name));
                    found.extend(inlined.outputs.into_iter().map(|(name, output)| AddonOutput { name, output }));
                }
                Err(reason) => {
                    let text = format!(
                        "the addon is not in the script, because {reason}: write it as a script of its own with `rtiler import-from template {path}`"
                    );
                    self.remark(&path, text, script);
                }
            }
        }
        found
    }

    /// Returns the values that `addons.parameters.yml` gives to parameters.
    fn parameters(&mut self, folder: &str) -> Vec<(String, String)> {
        let text = ["yml", "yaml"].iter().find_map(|end| self.files.text(&format!("{folder}/addons.parameters.{end}")));
        let Some(node) = text.and_then(|text| Node::read(folder, &text).ok()) else { return Vec::new() };
        let given = node.get("Parameters").map(Node::pairs).unwrap_or_default();
        given.into_iter().filter_map(|(name, value, _)| Some((name, value?))).collect()
    }

    /// Notes the addons of environments, which stay in the stacks of Copilot: services read their exports.
    pub(super) fn environment_addons(&mut self, root: &str) -> Vec<String> {
        let folder = format!("{root}environments/addons");
        let mut comments = Vec::new();
        for name in templates(&self.files.names(&folder)) {
            let path = format!("{folder}/{name}");
            let text = format!(
                "the addon of the environments stays in the stacks of Copilot, and services read its exports; write it as a script with `rtiler import-from template {path}`"
            );
            let note = Note { file: path, line: 1, text };
            comments.push(note.to_string());
            self.notes.push(note);
        }
        comments
    }

    fn remark(&mut self, path: &str, text: String, script: &mut Script) {
        let note = Note { file: path.to_owned(), line: 1, text };
        script.remark(note.to_string());
        self.notes.push(note);
    }
}

/// Returns the templates among the files of a folder.
fn templates(names: &[String]) -> Vec<String> {
    let is_template = |name: &&String| {
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        matches!(end, "yml" | "yaml") && stem != "addons.parameters"
    };
    names.iter().filter(is_template).cloned().collect()
}

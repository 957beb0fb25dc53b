//! CloudFormation templates: each resource becomes a call of its type, with the intrinsic functions of `cfn`.

mod inline;
mod order;
mod resource;
mod secrets;
mod values;

use indexmap::IndexMap;

use super::Imported;
use super::names::block_name;
use super::note::Note;
use super::writer::{Expr, Script};
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Output, PropertyPath, Template, Value, names, parse};
use crate::diag::{Code, Diagnostic, Origin, Sink};
pub(super) use inline::{InlinedOutput, inline};
use secrets::without_secrets;
use values::Values;

/// The type of custom resources in a script: CloudFormation takes both types.
const CUSTOM: &str = "AWS::CloudFormation::CustomResource";

/// Writes a template as a script; `stack` is the name of its stack.
///
/// # Errors
///
/// The problems of a text that is not a template, or that a macro expands.
pub fn template(file: &str, text: &str, stack: &str, schema: &Schema) -> Result<Imported, Sink> {
    let report = parse::template(file, text);
    let has_error = report.problems.iter().any(Diagnostic::is_error);
    let template = report.value.filter(|_| !has_error).ok_or(report.problems)?;
    expanded(file, &template)?;
    if template.resources.is_empty() {
        let problem = Diagnostic::new(Code::ImportSource, format!("`{file}` has no resources"));
        return Err(vec![problem.at(&Origin::new(file, 1, 0), "").help("name a template with a section `Resources`")]);
    }
    let script = Script::new([
        format!("Written by `rtiler import-from template` from {file}."),
        "A stack that exists is updated in place if the name of the stack below is its name: compare them with"
            .to_owned(),
        "`rtiler run FILE diff`.".to_owned(),
    ]);
    let cleaned = without_secrets(&template, schema);
    let values = Values::default();
    let writer = TemplateWriter { file, template: &cleaned.template, schema, notes: Vec::new(), values };
    Ok(writer.write(script, stack, &cleaned.removed))
}

/// Refuses a template that has parts which a macro expands.
fn expanded(file: &str, template: &Template) -> Result<(), Sink> {
    let serverless =
        template.resources.values().find(|resource| resource.kind.as_str().starts_with("AWS::Serverless::"));
    let part = template.other.keys().find(|name| name.starts_with("Fn::"));
    let found = match (serverless, part) {
        (Some(resource), _) => (resource.kind.to_string(), resource.origin.clone()),
        (None, Some(part)) => (part.clone(), Origin::new(file, 1, 0)),
        (None, None) => return Ok(()),
    };
    let problem =
        Diagnostic::new(Code::ImportSource, format!("CloudFormation expands `{}` when it reads the template", found.0));
    Err(vec![problem.at(&found.1, "").help(
        "import what it expands to: `aws cloudformation get-template --stack-name NAME --template-stage Processed --query TemplateBody`",
    )])
}

/// A template that is being written.
struct TemplateWriter<'a> {
    file: &'a str,
    template: &'a Template,
    schema: &'a Schema,
    notes: Vec<Note>,
    values: Values,
}

impl TemplateWriter<'_> {
    fn write(mut self, mut script: Script, stack: &str, secrets: &IndexMap<LogicalId, String>) -> Imported {
        let template = self.template;
        let order = order::resources(template);
        self.name(&order);
        for (id, parameter) in &template.parameters {
            let body = self.values.map(&parameter.body);
            let line = parameter.origin.line;
            let mut comments = self.renamed(id.as_str(), line, "give its value under the new name");
            if let Some(why) = secrets.get(id) {
                let name = self.values.id(id);
                comments.push(self.note(line, format!("{why}: give its value with `--parameter {name}=VALUE`")));
            }
            let call = Expr::call("parameter", [Expr::text(self.values.id(id)), body]);
            let variable = self.values.define(id);
            script.define(comments, &variable, call);
        }
        let mut comments = Vec::new();
        for id in order {
            let value = self.resource(&id, &template.resources[&id], &mut comments);
            if let Some(value) = value {
                let variable = self.values.define(&id);
                script.define(std::mem::take(&mut comments), &variable, value);
            }
        }
        let value = self.stack(stack, &mut comments);
        script.end(comments, value);
        self.notes.sort();
        Imported { script: script.text(), notes: self.notes }
    }

    /// Chooses the variables of everything that has a logical id.
    fn name(&mut self, order: &[LogicalId]) {
        self.template.parameters.keys().for_each(|id| self.values.add(id));
        self.name_resources(order);
    }

    /// Chooses the variables of the resources.
    fn name_resources(&mut self, order: &[LogicalId]) {
        for id in order {
            if self.kind_of(self.template.resources[id].kind.as_str()).is_some() {
                self.values.add(id);
            }
        }
    }

    /// Returns the type in the script; none for one that scripts do not have.
    fn kind_of<'k>(&self, kind: &'k str) -> Option<&'k str> {
        let is_custom = kind.starts_with("Custom::");
        (is_custom || self.schema.contains(kind)).then_some(if is_custom { CUSTOM } else { kind })
    }

    /// Records a note and returns it as a comment.
    fn note(&mut self, line: u32, text: impl Into<String>) -> String {
        let note = Note { file: self.file.to_owned(), line, text: text.into() };
        let comment = note.to_string();
        self.notes.push(note);
        comment
    }

    /// Returns the note about a logical id that begins with a small letter.
    fn renamed(&mut self, id: &str, line: u32, consequence: &str) -> Vec<String> {
        let new = self.values.id(&id.into());
        if new == id || !self.values.prefix.is_empty() {
            return Vec::new();
        }
        vec![self.note(
            line,
            format!("`{id}` is `{new}` in the script, whose names begin with a capital letter: {consequence}"),
        )]
    }

    fn stack(&mut self, name: &str, comments: &mut Vec<String>) -> Expr {
        let template = self.template;
        let mut stack = Expr::call("Stack", [Expr::text(block_name(name))]);
        if let Some(description) = &template.description {
            stack = stack.set("description", [Expr::text(description)]);
        }
        let (conditions, mappings) = (&template.conditions, &template.mappings);
        for (section, entries) in [("Mappings", mappings), ("Conditions", conditions)] {
            if !entries.is_empty() {
                stack = stack.set("section", [Expr::text(section), self.values.map(entries)]);
            }
        }
        for (section, value) in template.other.iter().filter(|(name, _)| *name != "AWSTemplateFormatVersion") {
            if matches!(section.as_str(), "Rules" | "Metadata" | "Transform") {
                stack = stack.set("section", [Expr::text(section), self.values.expression(value)]);
            } else {
                let line = template.origin_of(&PropertyPath::attribute(section)).line;
                comments.push(self.note(line, format!("the section `{section}` has no counterpart")));
            }
        }
        let added = Expr::List(self.values.defined().into_iter().map(Expr::Name).collect());
        stack = stack.set("add", [added]);
        let mut other = Vec::new();
        for (name, output) in &template.outputs {
            match plain_output(name, output) {
                Some(setter) => {
                    let description = output.description.iter().map(Expr::text);
                    let arguments = [Expr::text(name), self.values.expression(&output.value)];
                    stack = stack.set(setter, arguments.into_iter().chain(description));
                }
                None => other.push((name.clone(), self.output(output))),
            }
        }
        if !other.is_empty() {
            stack = stack.set("section", [Expr::text("Outputs"), Expr::Map(other)]);
        }
        stack
    }

    /// Returns an output as CloudFormation writes it.
    fn output(&self, output: &Output) -> Expr {
        let mut entries = vec![("Value".to_owned(), self.values.expression(&output.value))];
        entries.extend(output.description.iter().map(|text| ("Description".to_owned(), Expr::text(text))));
        entries.extend(output.condition.iter().map(|name| ("Condition".to_owned(), Expr::text(name))));
        entries.extend(
            output
                .export
                .iter()
                .map(|name| ("Export".to_owned(), Expr::Map(vec![("Name".to_owned(), self.values.expression(name))]))),
        );
        Expr::Map(entries)
    }
}

/// Returns the setter of an output that needs no section of its own: `output` or `export_output`.
fn plain_output(name: &str, output: &Output) -> Option<&'static str> {
    let is_plain =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && output.condition.is_none();
    match &output.export {
        _ if !is_plain => None,
        None => Some("output"),
        Some(export) => (export.as_str() == Some(name) && output.description.is_none()).then_some("export_output"),
    }
}

/// Returns the logical id that the name of a block gives.
fn id_of(id: &str) -> String {
    names::stem(id)
}

/// Returns whether a value is a text without references that is one of these.
fn is_one_of(value: &Value, known: &[&str]) -> bool {
    value.as_str().is_some_and(|text| known.contains(&text))
}

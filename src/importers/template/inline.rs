//! A template as a part of another script: its resources, and the values of its outputs.

use indexmap::IndexMap;

use super::secrets::without_secrets;
use super::values::Values;
use super::{TemplateWriter, expanded, order};
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Template, Value, parse};
use crate::diag::Diagnostic;
use crate::importers::names::Taken;
use crate::importers::note::Note;
use crate::importers::writer::{Expr, Script};

/// The parts of a template in another script.
pub(in crate::importers) struct Inlined {
    /// The statements that define the resources.
    pub(in crate::importers) statements: Script,
    /// The variables of the resources.
    pub(in crate::importers) variables: Vec<String>,
    /// The outputs by name.
    pub(in crate::importers) outputs: IndexMap<String, InlinedOutput>,
    /// The parts without a counterpart.
    pub(in crate::importers) notes: Vec<Note>,
}

/// An output of a template.
pub(in crate::importers) struct InlinedOutput {
    /// The type of the resource that it refers to; none if it is another value.
    pub(in crate::importers) kind: Option<String>,
    /// Its value.
    pub(in crate::importers) value: Expr,
}

/// Writes the resources of a template with the values of its parameters. `prefix` is the beginning of its logical ids; names of
/// variables are taken from `variables`.
///
/// # Errors
///
/// The reason why it can only be a script of its own.
pub(in crate::importers) fn inline(
    file: &str,
    text: &str,
    prefix: &str,
    parameters: &[(&str, Expr)],
    variables: &mut Taken,
    schema: &Schema,
) -> Result<Inlined, &'static str> {
    let report = parse::template(file, text);
    let has_error = report.problems.iter().any(Diagnostic::is_error);
    let template = report.value.filter(|_| !has_error).ok_or("it is not a template")?;
    let is_plain = template.conditions.is_empty() && template.other.keys().all(|section| is_without_effect(section));
    if !is_plain || expanded(file, &template).is_err() {
        return Err("it has conditions, rules or macros");
    }
    let (cleaned, mut notes) = (without_secrets(&template, schema), Vec::new());
    let mut given = given(&template, parameters).ok_or("a parameter has no value")?;
    for (id, why) in &cleaned.removed {
        if parameters.iter().all(|(name, _)| *name != id.as_str()) {
            let name = format!("{prefix}{id}");
            notes.push(Note {
                file: file.to_owned(),
                line: 1,
                text: format!("{why}: give its value with `--parameter {name}=VALUE`"),
            });
            given.insert(id.clone(), secret_parameter(name));
        }
    }
    let template = cleaned.template;
    let mut values = Values::of_part(prefix, given, template.mappings.clone());
    std::mem::swap(&mut values.variables, variables);
    let mut writer = TemplateWriter { file, template: &template, schema, notes, values };
    let inlined = writer.inlined();
    std::mem::swap(&mut writer.values.variables, variables);
    if writer.values.needs_mapping.get() { Err("a mapping depends on a parameter") } else { Ok(inlined) }
}

/// Returns a parameter whose value is given at deployment and not shown.
fn secret_parameter(name: String) -> Expr {
    let body = vec![("Type".to_owned(), Expr::text("String")), ("NoEcho".to_owned(), Expr::Bool(true))];
    Expr::call("parameter", [Expr::text(name), Expr::Map(body)])
}

/// Returns whether a section says nothing about resources.
fn is_without_effect(section: &str) -> bool {
    matches!(section, "AWSTemplateFormatVersion" | "Metadata")
}

/// Returns the values of the parameters: those that are given, else the defaults.
fn given(template: &Template, known: &[(&str, Expr)]) -> Option<IndexMap<LogicalId, Expr>> {
    let value = |id: &LogicalId, body: &Value| {
        let known = known.iter().find(|(name, _)| *name == id.as_str()).map(|(_, value)| value.clone());
        known.or_else(|| match body.get("Default")? {
            Value::Text(text) => text.as_str().map(Expr::text),
            Value::Int(number) => Some(Expr::Int(*number)),
            _ => None,
        })
    };
    let parameters = template.parameters.iter();
    parameters.map(|(id, parameter)| Some((id.clone(), value(id, &Value::Map(parameter.body.clone()))?))).collect()
}

impl TemplateWriter<'_> {
    fn inlined(&mut self) -> Inlined {
        let template = self.template;
        let order = order::resources(template);
        self.name_resources(&order);
        let (mut statements, mut comments, mut variables) = (Script::default(), Vec::new(), Vec::new());
        for id in order {
            if let Some(value) = self.resource(&id, &template.resources[&id], &mut comments) {
                let variable = self.values.define(&id);
                statements.define(std::mem::take(&mut comments), &variable, value);
                variables.push(variable);
            }
        }
        for comment in comments {
            statements.remark(comment);
        }
        let outputs = template.outputs.iter().map(|(name, output)| {
            let referred = output.value.as_reference();
            let kind = referred.and_then(|reference| Some(template.resources.get(&reference.id)?.kind.to_string()));
            (name.clone(), InlinedOutput { kind, value: self.values.expression(&output.value) })
        });
        Inlined { outputs: outputs.collect(), statements, variables, notes: std::mem::take(&mut self.notes) }
    }
}

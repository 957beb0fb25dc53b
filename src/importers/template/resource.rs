//! A resource with its attributes.

use super::{CUSTOM, TemplateWriter, is_one_of};
use crate::cfn::{LogicalId, Resource, Value};
use crate::importers::writer::Expr;

const DELETION: &[&str] = &["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];
const REPLACEMENT: &[&str] = &["Delete", "Retain", "Snapshot"];

impl TemplateWriter<'_> {
    /// Returns a resource, and adds the comments before it. A type that scripts do not have is a comment only.
    pub(super) fn resource(&mut self, id: &LogicalId, resource: &Resource, comments: &mut Vec<String>) -> Option<Expr> {
        let line = resource.origin.line;
        let kind = resource.kind.as_str();
        let Some(known) = self.kind_of(kind) else {
            let text = format!("`{id}` has the type `{kind}`, which scripts do not have: it is not in the script");
            comments.push(self.note(line, text));
            return None;
        };
        comments.extend(self.renamed(id.as_str(), line, "CloudFormation replaces the resource of a stack that exists"));
        if known == CUSTOM && kind != CUSTOM {
            let text = format!(
                "`{id}` has the type `{kind}` and gets `{CUSTOM}`, which scripts have: CloudFormation replaces it"
            );
            comments.push(self.note(line, text));
        }
        let mut arguments = vec![Expr::text(self.values.id(id))];
        if !resource.properties.is_empty() {
            arguments.push(self.values.map(&resource.properties));
        }
        let mut value = Expr::call(known, arguments);
        if let Some(condition) = &resource.condition {
            value = value.set("condition", [Expr::text(condition)]);
        }
        let (dependencies, missing): (Vec<_>, Vec<_>) =
            resource.depends_on.iter().partition(|id| self.values.variable(id).is_some());
        for id in missing {
            comments
                .push(self.note(line, format!("the resource depends on `{id}`, which is not in the script before it")));
        }
        let mut dependencies: Vec<Expr> =
            dependencies.into_iter().filter_map(|id| self.values.variable(id)).map(Expr::Name).collect();
        match dependencies.len() {
            0 => {}
            1 => value = value.set("depends_on", dependencies.pop()),
            _ => value = value.set("depends_on", [Expr::List(dependencies)]),
        }
        for (name, attribute) in attributes(resource) {
            match self.attribute(name, &attribute) {
                Some((setter, argument)) => value = value.set(setter, [argument]),
                None => comments.push(self.note(line, format!("the attribute `{name}` has no counterpart"))),
            }
        }
        Some(value)
    }

    fn attribute(&self, name: &str, value: &Value) -> Option<(&'static str, Expr)> {
        let setter = match name {
            "DeletionPolicy" if is_one_of(value, DELETION) => "deletion_policy",
            "UpdateReplacePolicy" if is_one_of(value, REPLACEMENT) => "update_replace_policy",
            "UpdatePolicy" => "update_policy",
            "CreationPolicy" => "creation_policy",
            "Metadata" => "metadata",
            _ => return None,
        };
        Some((setter, self.values.expression(value)))
    }
}

/// Returns the attributes of a resource. In a script `.deletion_policy` also decides about a replacement; in a template
/// without `UpdateReplacePolicy` the resource is deleted.
fn attributes(resource: &Resource) -> Vec<(&str, Value)> {
    let mut attributes: Vec<(&str, Value)> =
        resource.attributes.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let keeps = resource.attributes.get("DeletionPolicy").is_some_and(|policy| policy.as_str() != Some("Delete"));
    if keeps && !resource.attributes.contains_key("UpdateReplacePolicy") {
        attributes.push(("UpdateReplacePolicy", "Delete".into()));
    }
    attributes
}

//! The differences between two templates, as a small tree of `+`, `-` and `~`.
//!
//! `tree` compares values, `resource` resources with what the schema knows of replacements, and this file templates.
//! A replacement propagates: a resource that refers to a replaced one changes too, and may be replaced for it.
//!
//! *Invariant*: pure; two templates that mean the same have no difference, in any order of their maps.

mod resource;
mod tree;

#[cfg(test)]
mod tests;

pub use resource::{ChangeCause, ChangeKind, ResourceDiff};
pub use tree::{Change, Leaf, ValueDiff, compare};

use indexmap::IndexMap;

use super::schema::Schema;
use super::{Map, Output, Template, Value};

/// The differences between what is and what is wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateDiff {
    /// Resources that are made, changed, replaced or removed, in the order of the new template, removals last.
    pub resources: Vec<ResourceDiff>,
    /// Everything else: `Outputs`, `Parameters`, `Conditions`, `Mappings`, `Description` and the other sections.
    pub sections: Vec<ValueDiff>,
}

impl TemplateDiff {
    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.sections.is_empty()
    }

    /// Returns the difference of one resource.
    pub fn resource(&self, id: &str) -> Option<&ResourceDiff> {
        self.resources.iter().find(|diff| diff.id.as_str() == id)
    }
}

/// Compares two templates; without a schema, replacements are unknown and read as none.
pub fn templates(before: &Template, after: &Template, schema: Option<&Schema>) -> TemplateDiff {
    let sections = compare(&Value::Map(sections(before)), &Value::Map(sections(after)));
    let sections = match sections {
        Some(Change::Within(entries)) => entries,
        _ => Vec::new(),
    };
    TemplateDiff { resources: resource::all(before, after, schema), sections }
}

/// Returns everything but the resources of a template, by section.
pub(crate) fn sections(template: &Template) -> Map {
    let mut all: Map = template.other.clone();
    all.shift_remove("AWSTemplateFormatVersion");
    let described = template.description.as_ref().map(|text| ("Description".to_owned(), Value::from(text)));
    all.extend(described);
    let parameters = template.parameters.iter().map(|(id, parameter)| (id.to_string(), parameter.body.clone().into()));
    all.insert("Parameters".to_owned(), Value::Map(parameters.collect()));
    all.insert("Mappings".to_owned(), Value::Map(template.mappings.clone()));
    all.insert("Conditions".to_owned(), Value::Map(template.conditions.clone()));
    all.insert("Outputs".to_owned(), Value::Map(outputs(&template.outputs)));
    all
}

fn outputs(outputs: &IndexMap<String, Output>) -> Map {
    outputs.iter().map(|(name, output)| (name.clone(), Value::Map(output_body(output)))).collect()
}

fn output_body(output: &Output) -> Map {
    let mut body = Map::new();
    body.insert("Value".to_owned(), output.value.clone());
    body.extend(output.description.as_ref().map(|text| ("Description".to_owned(), text.into())));
    body.extend(output.export.as_ref().map(|name| ("Export".to_owned(), name.clone())));
    body.extend(output.condition.as_ref().map(|name| ("Condition".to_owned(), name.into())));
    body
}

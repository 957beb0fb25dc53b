//! A template as nested entries that borrow from it, in the order in which people expect the sections.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::cfn::{Map, Output, Resource, Template, Value};

/// A part of a template that is about to be written.
#[derive(Debug)]
pub(super) enum Section<'a> {
    /// A name, a description.
    Text(&'a str),
    /// Names, as in `DependsOn`.
    Names(Vec<&'a str>),
    /// Anything else that a template holds.
    Value(&'a Value),
    /// Names with parts of their own.
    Entries(Vec<(&'a str, Section<'a>)>),
}

/// Entries under construction; what is not there is left out.
#[derive(Default)]
struct Entries<'a>(Vec<(&'a str, Section<'a>)>);

impl<'a> Entries<'a> {
    fn with(mut self, name: &'a str, part: Section<'a>) -> Self {
        self.0.push((name, part));
        self
    }

    fn with_text(self, name: &'a str, text: Option<&'a String>) -> Self {
        match text {
            Some(text) => self.with(name, Section::Text(text)),
            None => self,
        }
    }

    fn with_values(self, values: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Self {
        values.into_iter().fold(self, |entries, (name, value)| entries.with(name, Section::Value(value)))
    }

    fn with_section(self, name: &'a str, entries: impl IntoIterator<Item = (&'a str, Section<'a>)>) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        if entries.is_empty() { self } else { self.with(name, Section::Entries(entries)) }
    }
}

const VERSION: &str = "AWSTemplateFormatVersion";

/// Returns the sections of a template, each with its parts.
pub(super) fn sections(template: &Template) -> Section<'_> {
    let version = template.other.get(VERSION).map_or(Section::Text("2010-09-09"), Section::Value);
    let parameters = template
        .parameters
        .iter()
        .map(|(id, parameter)| (id.as_str(), Section::Entries(Entries::default().with_values(&parameter.body).0)));
    Section::Entries(
        Entries::default()
            .with(VERSION, version)
            .with_text("Description", template.description.as_ref())
            .with_values(template.other.iter().filter(|(name, _)| *name != VERSION))
            .with_section("Parameters", parameters)
            .with_section("Mappings", values(&template.mappings))
            .with_section("Conditions", values(&template.conditions))
            .with_section("Resources", template.resources.iter().map(|(id, it)| (id.as_str(), resource(it))))
            .with_section("Outputs", template.outputs.iter().map(|(name, it)| (name.as_str(), output(it))))
            .0,
    )
}

fn values(map: &Map) -> impl Iterator<Item = (&str, Section<'_>)> {
    map.iter().map(|(name, value)| (name.as_str(), Section::Value(value)))
}

fn resource(resource: &Resource) -> Section<'_> {
    let entries = Entries::default()
        .with("Type", Section::Text(resource.kind.as_str()))
        .with_text("Condition", resource.condition.as_ref());
    let entries = match resource.depends_on.as_slice() {
        [] => entries,
        [id] => entries.with("DependsOn", Section::Text(id.as_str())),
        ids => {
            entries.with("DependsOn", Section::Names(ids.iter().map(super::super::names::LogicalId::as_str).collect()))
        }
    };
    let entries = entries.with_values(&resource.attributes).with_section("Properties", values(&resource.properties));
    Section::Entries(entries.0)
}

fn output(output: &Output) -> Section<'_> {
    let entries = Entries::default()
        .with_text("Description", output.description.as_ref())
        .with_text("Condition", output.condition.as_ref())
        .with("Value", Section::Value(&output.value));
    let export = output.export.iter().map(|name| ("Name", Section::Value(name)));
    Section::Entries(entries.with_section("Export", export).0)
}

impl Serialize for Section<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Section::Text(text) => text.serialize(out),
            Section::Names(names) => names.serialize(out),
            Section::Value(value) => value.serialize(out),
            Section::Entries(entries) => {
                let mut map = out.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(name, part)| map.serialize_entry(name, part))?;
                map.end()
            }
        }
    }
}

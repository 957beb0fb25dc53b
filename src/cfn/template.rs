//! A template: resources, parameters, outputs and the rest, each with the place that made it.

use indexmap::IndexMap;

use super::places::Places;
use super::property_path::PropertyPath;
use super::{LogicalId, Map, TypeName, Value};
use crate::diag::Origin;

/// A resource with the places of the script (or file) that created it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: TypeName,
    /// Its properties.
    pub properties: Map,
    /// The resources that are created before it, besides those that it refers to.
    pub depends_on: Vec<LogicalId>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// Other attributes as written: `DeletionPolicy`, `UpdateReplacePolicy`, `UpdatePolicy`, `CreationPolicy`,
    /// `Metadata`, and what does not belong there.
    pub attributes: Map,
    /// The place that created it.
    pub origin: Origin,
    /// The places of single values, by path; [`Resource::origin_of`] reads them.
    pub origins: Places,
}

impl Resource {
    /// Creates a resource without properties.
    pub fn new(kind: impl Into<TypeName>, origin: Origin) -> Self {
        Self {
            kind: kind.into(),
            properties: Map::new(),
            depends_on: Vec::new(),
            condition: None,
            attributes: Map::new(),
            origin,
            origins: Places::default(),
        }
    }

    /// Sets a property.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a property if there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a dependency that no reference expresses.
    #[must_use]
    pub fn after(mut self, id: impl Into<LogicalId>) -> Self {
        let id = id.into();
        if !self.depends_on.contains(&id) {
            self.depends_on.push(id);
        }
        self
    }

    /// Records the place of a property (`ContainerDefinitions.0.Image`).
    #[must_use]
    pub fn record_origin(mut self, property: &str, origin: &Origin) -> Self {
        self.add_origin(PropertyPath::property(property), origin);
        self
    }

    /// Records the place of a value.
    pub fn add_origin(&mut self, path: PropertyPath, origin: &Origin) {
        if origin.is_known() {
            self.origins.push(path, origin.clone());
        }
    }

    /// Returns the nearest known place of a value: its own, else that of the value that holds it, else the resource's.
    pub fn origin_of(&self, path: &PropertyPath) -> &Origin {
        self.origins.nearest(path).unwrap_or(&self.origin)
    }

    /// Calls `visit` with every reference in properties and attributes.
    pub fn each_ref(&self, visit: &mut impl FnMut(&super::Ref)) {
        self.properties.values().chain(self.attributes.values()).for_each(|value| value.each_ref(visit));
    }
}

/// A parameter; `Type`, `Default` and the rest as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// `Type`, `Default`, `AllowedValues`, `NoEcho` and the rest.
    pub body: Map,
    /// The place that created it.
    pub origin: Origin,
}

impl Parameter {
    /// Returns whether its value is not to be seen (`NoEcho`).
    pub fn is_secret(&self) -> bool {
        match self.body.get("NoEcho") {
            Some(Value::Bool(secret)) => *secret,
            Some(value) => value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")),
            None => false,
        }
    }
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The value.
    pub value: Value,
    /// The description.
    pub description: Option<String>,
    /// The name under which other stacks import it.
    pub export: Option<Value>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// The place that created it.
    pub origin: Origin,
}

/// A CloudFormation template.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// The description of the stack.
    pub description: Option<String>,
    /// Sections without a field of their own, as written: `Transform`, `Rules`, `Metadata`,
    /// `AWSTemplateFormatVersion`.
    pub other: Map,
    /// Parameters.
    pub parameters: IndexMap<LogicalId, Parameter>,
    /// Mappings, as written.
    pub mappings: Map,
    /// Conditions.
    pub conditions: Map,
    /// Resources, in the order in which the script reaches them.
    pub resources: IndexMap<LogicalId, Resource>,
    /// Outputs.
    pub outputs: IndexMap<String, Output>,
    /// The places of values outside resources, by path from the whole (`Outputs.Url.Value`), where a file was read.
    pub origins: Places,
    /// Values that a later key of the same name replaced; CloudFormation drops them.
    pub replaced: Vec<Value>,
}

impl Template {
    /// Returns the nearest known place of a value outside resources: its own, else that of what holds it.
    pub fn origin_of(&self, path: &PropertyPath) -> Origin {
        self.origins.nearest(path).cloned().unwrap_or_else(Origin::unknown)
    }
}

//! The overrides of properties that setters take.

use crate::block::Override;
use crate::script::convert::{Properties, PropertyValue};

/// Returns the override that merges properties into the resource of a role.
pub(super) fn merged(role: String, properties: Properties) -> Override {
    let Properties(properties, origins) = properties;
    Override { role, path: None, value: properties.into(), origins: origins.into() }
}

/// Returns the override that sets one property of the resource of a role.
pub(super) fn set_at_path(role: String, path: String, value: PropertyValue) -> Override {
    let PropertyValue(value, origins) = value;
    Override { role, path: Some(path), value, origins: origins.into() }
}

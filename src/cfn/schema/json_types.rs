//! The JSON types that a value may have.

use std::fmt;

/// A set of JSON types; the empty set of a schema without `type` allows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonTypes(pub(super) u8);

impl JsonTypes {
    /// A string.
    pub const STRING: JsonTypes = JsonTypes(1);
    /// A whole number.
    pub const INTEGER: JsonTypes = JsonTypes(2);
    /// Any number.
    pub const NUMBER: JsonTypes = JsonTypes(4);
    /// A boolean.
    pub const BOOLEAN: JsonTypes = JsonTypes(8);
    /// An object.
    pub const OBJECT: JsonTypes = JsonTypes(16);
    /// A list.
    pub const LIST: JsonTypes = JsonTypes(32);
    /// Anything that is written as one word.
    pub const SCALAR: JsonTypes = JsonTypes(1 | 2 | 4 | 8);
    /// Anything.
    pub const ANY: JsonTypes = JsonTypes(127);

    /// Returns whether the two have a type in common.
    pub fn meets(self, other: JsonTypes) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the union of both sets.
    #[must_use]
    pub fn and(self, other: JsonTypes) -> JsonTypes {
        JsonTypes(self.0 | other.0)
    }

    /// Returns the single names in the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 7] = ["string", "integer", "number", "boolean", "object", "list", "null"];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & 1 << bit != 0).map(|(_, name)| name)
    }
}

/// `a string`, `an object or a string`.
impl fmt::Display for JsonTypes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names().enumerate().try_for_each(|(at, name)| {
            let article = if name.starts_with(['i', 'o']) { "an" } else { "a" };
            write!(out, "{}{article} {name}", if at == 0 { "" } else { " or " })
        })
    }
}

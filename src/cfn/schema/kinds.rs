//! The JSON types that a value may have.

use std::fmt;

/// A set of JSON types; the empty set of a schema without `type` allows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(pub(super) u8);

impl Kinds {
    /// A string.
    pub const STRING: Kinds = Kinds(1);
    /// A whole number.
    pub const INTEGER: Kinds = Kinds(2);
    /// Any number.
    pub const NUMBER: Kinds = Kinds(4);
    /// True or false.
    pub const BOOLEAN: Kinds = Kinds(8);
    /// An object.
    pub const OBJECT: Kinds = Kinds(16);
    /// A list.
    pub const LIST: Kinds = Kinds(32);
    /// Anything that is written as one word.
    pub const SCALAR: Kinds = Kinds(1 | 2 | 4 | 8);
    /// Anything.
    pub const ANY: Kinds = Kinds(127);

    /// True where the two have a type in common.
    pub fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// The single names in the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 7] = ["string", "integer", "number", "boolean", "object", "list", "null"];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & 1 << bit != 0).map(|(_, name)| name)
    }
}

/// `a string`, `an object or a string`.
impl fmt::Display for Kinds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names().enumerate().try_for_each(|(at, name)| {
            let article = if name.starts_with(['i', 'o']) { "an" } else { "a" };
            write!(out, "{}{article} {name}", if at == 0 { "" } else { " or " })
        })
    }
}

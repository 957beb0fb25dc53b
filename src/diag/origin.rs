use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A place in a source. Two are equal when source, line and column are.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The name of the source as users know it: `scripts/app.rhai`, `std/titiler`, `--set`, `.env`.
    pub source: Arc<str>,
    /// The line, from 1; 0 when only the source is known.
    pub line: u32,
    /// The column in characters, from 1; 0 when only the line is known.
    pub column: u32,
    /// The number of the call inside of a function that is here, from 1; 0 outside of functions. The calls that led there can
    /// be found by it.
    pub(crate) call: u32,
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Origin {}

impl PartialOrd for Origin {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Origin {
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |origin: &Self| (origin.line, origin.column);
        self.source.cmp(&other.source).then_with(|| place(self).cmp(&place(other)))
    }
}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.source, self.line, self.column).hash(state);
    }
}

impl Origin {
    /// Creates the place in a source; lines and columns count from 1.
    pub fn new(source: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self { source: source.into(), line, column, call: 0 }
    }

    /// Returns the place as that of a call inside of a function.
    #[must_use]
    pub(crate) fn in_call(self, call: u32) -> Self {
        Self { call, ..self }
    }

    /// Creates the unknown place, for values that no script line set, such as defaults.
    pub fn unknown() -> Self {
        Self::new("", 0, 0)
    }

    /// Returns whether there is a source to point at.
    pub fn is_known(&self) -> bool {
        !self.source.is_empty()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(out, "{}", self.source),
            (line, 0) => write!(out, "{}:{line}", self.source),
            (line, column) => write!(out, "{}:{line}:{column}", self.source),
        }
    }
}

/// A value with the place that set it. Two are equal when their values are.
#[derive(Debug, Clone)]
pub struct WithOrigin<T> {
    /// The value.
    pub value: T,
    /// The place that set it.
    pub origin: Origin,
}

impl<T> WithOrigin<T> {
    /// Creates a value and its place.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Creates a value that no script line set.
    pub fn default_value(value: T) -> Self {
        Self::new(value, Origin::unknown())
    }

    /// Returns the same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> WithOrigin<U> {
        WithOrigin { value: change(self.value), origin: self.origin }
    }
}

impl<T: PartialEq> PartialEq for WithOrigin<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

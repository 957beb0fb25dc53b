//! Paths to values inside resources and templates.

use std::fmt;

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathSegment {
    /// An entry of an object.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// The path from a resource to a value inside it: `Properties.ContainerDefinitions[0].Image`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PropertyPath(pub Vec<PathSegment>);

impl PropertyPath {
    /// Creates the path to a property, written as `ContainerDefinitions.0.Image`: a number is an index.
    pub fn property(path: &str) -> Self {
        let steps = path
            .split('.')
            .map(|step| step.parse().map_or_else(|_| PathSegment::Key(step.to_owned()), PathSegment::Index));
        Self(std::iter::once(PathSegment::Key("Properties".to_owned())).chain(steps).collect())
    }

    /// Creates the path to an attribute of the resource: `DependsOn`, `UpdatePolicy`.
    pub fn attribute(name: &str) -> Self {
        Self(vec![PathSegment::Key(name.to_owned())])
    }

    /// Returns one step further.
    #[must_use]
    pub fn then(mut self, step: PathSegment) -> Self {
        self.0.push(step);
        self
    }
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(at, step)| match step {
            PathSegment::Key(key) if at == 0 => out.write_str(key),
            PathSegment::Key(key) => write!(out, ".{key}"),
            PathSegment::Index(index) => write!(out, "[{index}]"),
        })
    }
}

use crate::cfn::{PropertyPath, Resource};
use crate::diag::Origin;

/// The places of the keys of a literal in the script. They never make two resources differ.
#[derive(Debug, Clone, Default)]
pub struct PropertyOrigins(Vec<(PropertyPath, Origin)>);

impl PropertyOrigins {
    /// Returns each path, from the properties on, with its place.
    pub fn iter(&self) -> impl Iterator<Item = &(PropertyPath, Origin)> {
        self.0.iter()
    }

    /// Gives the places to a resource that holds these properties.
    pub(crate) fn apply_to(&self, resource: &mut Resource) {
        for (path, origin) in &self.0 {
            let path = PropertyPath::attribute("Properties").0.into_iter().chain(path.0.iter().cloned()).collect();
            resource.add_origin(PropertyPath(path), origin);
        }
    }
}

impl From<Vec<(PropertyPath, Origin)>> for PropertyOrigins {
    fn from(origins: Vec<(PropertyPath, Origin)>) -> Self {
        Self(origins)
    }
}

impl PartialEq for PropertyOrigins {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

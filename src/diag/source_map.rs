use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts of the sources that diagnostics point into, by the names that users know.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    texts: BTreeMap<Arc<str>, Arc<str>>,
}

impl SourceMap {
    /// Remembers the text of a source.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) {
        self.texts.insert(name.into(), text.into());
    }

    /// Returns the text of a source.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(AsRef::as_ref)
    }

    /// Returns the names of all sources.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.texts.keys()
    }

    /// Takes over the sources of another set.
    pub fn extend(&mut self, other: &SourceMap) {
        self.texts.extend(other.texts.iter().map(|(name, text)| (name.clone(), text.clone())));
    }
}

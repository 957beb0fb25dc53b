//! A container definition while it is made.

use super::EnvVar;
use crate::cfn::{Map, Value};
use crate::diag::{Origin, WithOrigin};

/// A container definition with the places of its properties, relative to it: `.Image`.
pub(super) struct ContainerDefinitionBuilder {
    pub(super) properties: Map,
    pub(super) origins: Vec<(String, Origin)>,
}

impl ContainerDefinitionBuilder {
    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.properties.insert(name.to_owned(), value.into());
    }

    pub(super) fn mark(&mut self, path: String, origin: &Origin) {
        self.origins.push((path, origin.clone()));
    }

    pub(super) fn set<T>(&mut self, name: &str, setting: Option<&WithOrigin<T>>, value: impl FnOnce(&T) -> Value) {
        if let Some(setting) = setting {
            self.put(name, value(&setting.value));
            self.mark(format!(".{name}"), &setting.origin);
        }
    }

    /// Sets a list whose items have origins of their own.
    pub(super) fn list(&mut self, name: &str, items: Vec<(Value, &Origin)>) {
        self.list_with_known(name, items.into_iter().map(|(item, origin)| (item, Some(origin))).collect());
    }

    /// Sets a list whose items may have origins of their own.
    pub(super) fn list_with_known(&mut self, name: &str, items: Vec<(Value, Option<&Origin>)>) {
        if items.is_empty() {
            return;
        }
        for (at, (_, origin)) in items.iter().enumerate() {
            if let Some(origin) = origin {
                self.mark(format!(".{name}.{at}"), origin);
            }
        }
        self.put(name, items.into_iter().map(|(item, _)| item).collect::<Vec<_>>());
    }

    /// Sets a map of texts whose entries have origins of their own; a later one of the same name wins.
    pub(super) fn map(&mut self, name: &str, entries: &[WithOrigin<EnvVar>]) {
        if entries.is_empty() {
            return;
        }
        for entry in entries {
            self.origins.push((format!(".{name}"), entry.origin.clone()));
        }
        self.put(name, texts(entries.iter().map(|entry| &entry.value)));
    }
}

/// Returns names with values as a map.
pub(super) fn texts<'e>(entries: impl IntoIterator<Item = &'e EnvVar>) -> Value {
    let entries = entries.into_iter().map(|entry| (entry.name.clone(), Value::from(&entry.value)));
    Value::Map(entries.collect())
}

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use super::{CHANGED, HIDDEN};

/// A value with hidden parts. It is printed and serialised without them.
#[derive(Clone, PartialEq)]
pub struct GuardedValue {
    visible: Json,
    /// The whole value, if something of it is hidden and this process read it.
    full: Option<Json>,
}

/// The permission to show hidden values: the user requested it, at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShowValues(());

impl ShowValues {
    /// Creates the permission. Only the command line does, after it has checked that a terminal shows the values.
    pub(crate) fn requested() -> Self {
        Self(())
    }
}

impl GuardedValue {
    pub(super) fn new(full: Json, visible: Json) -> Self {
        let full = (full != visible).then_some(full);
        Self { visible, full }
    }

    /// Creates a value from its masked form; without one it is hidden as a whole.
    pub fn masked(full: Json, visible: Option<&Json>) -> Self {
        match visible {
            Some(visible) => Self::new(full, visible.clone()),
            None => Self::hidden(full),
        }
    }

    /// Creates a value that is hidden as a whole.
    pub fn hidden(full: Json) -> Self {
        Self { visible: HIDDEN.into(), full: Some(full) }
    }

    /// Returns the value without its hidden parts.
    pub fn visible(&self) -> &Json {
        &self.visible
    }

    /// Returns the whole value, as far as this process knows it.
    pub fn revealed(&self, _permission: ShowValues) -> &Json {
        self.full.as_ref().unwrap_or(&self.visible)
    }

    /// Returns whether something of it is hidden.
    pub fn is_hidden(&self) -> bool {
        self.full.is_some() || mentions(&self.visible, &[HIDDEN, CHANGED])
    }

    /// Returns the parts of an object that is hidden in parts.
    pub fn entries(&self) -> Vec<(String, GuardedValue)> {
        let full = self.full.as_ref().unwrap_or(&self.visible);
        let part = |key: &String, visible: &Json| {
            let whole = full.get(key).cloned().unwrap_or(Json::Null);
            (key.clone(), GuardedValue::new(whole, visible.clone()))
        };
        self.visible.as_object().into_iter().flatten().map(|(key, visible)| part(key, visible)).collect()
    }

    /// Returns a pair of values before and after a change: if only hidden parts differ, the second one says so.
    pub fn changed(before: Option<Self>, after: Option<Self>) -> (Option<Self>, Option<Self>) {
        match (before, after) {
            (Some(before), Some(mut after)) => {
                if before.visible == after.visible && before.full != after.full {
                    mark(&mut after.visible);
                }
                (Some(before), Some(after))
            }
            pair => pair,
        }
    }
}

fn mentions(value: &Json, texts: &[&str]) -> bool {
    match value {
        Json::String(text) => texts.iter().any(|mark| text.contains(mark)),
        Json::Array(items) => items.iter().any(|item| mentions(item, texts)),
        Json::Object(fields) => fields.values().any(|field| mentions(field, texts)),
        _ => false,
    }
}

fn mark(value: &mut Json) {
    match value {
        Json::String(text) => *text = text.replace(HIDDEN, CHANGED),
        Json::Array(items) => items.iter_mut().for_each(mark),
        Json::Object(fields) => fields.values_mut().for_each(mark),
        _ => {}
    }
}

impl fmt::Debug for GuardedValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visible.fmt(out)
    }
}

impl Serialize for GuardedValue {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.visible.serialize(out)
    }
}

impl<'de> Deserialize<'de> for GuardedValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self { visible: Json::deserialize(from)?, full: None })
    }
}

#[cfg(test)]
impl schemars::JsonSchema for GuardedValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Json::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Json::json_schema(generator)
    }

    fn inline_schema() -> bool {
        Json::inline_schema()
    }
}

/// A number is shown.
impl From<i64> for GuardedValue {
    fn from(number: i64) -> Self {
        Self { visible: number.into(), full: None }
    }
}

//! Differences between the resolved properties of a resource before and after a change.

use serde_json::{Map as Object, Value as Json, json};

use super::resolve::KNOWN_AFTER_APPLY;
use crate::cfn::schema::{CreateOnly, ReplacementOrder, Schema, ValueChange, conditional_replacement};

/// A difference in a property.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::rehearsal) struct PropertyDiff {
    pub(in crate::rehearsal) property: String,
    /// Whether the difference replaces the resource.
    pub(in crate::rehearsal) recreation: CreateOnly,
    /// Whether the new value is only known during the operation.
    pub(in crate::rehearsal) dynamic: bool,
    pub(in crate::rehearsal) before: Option<String>,
    pub(in crate::rehearsal) after: Option<String>,
}

/// Returns the properties that differ.
pub(in crate::rehearsal) fn differences(kind: &str, before: &Json, after: &Json) -> Vec<PropertyDiff> {
    let empty = Object::new();
    let (old, new) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let names = new.keys().chain(old.keys().filter(|name| !new.contains_key(*name)));
    let differing = names.filter(|name| !same(old.get(*name), new.get(*name)));
    let schema = Schema::embedded().get(kind);
    differing
        .map(|name| {
            let mut paths = Vec::new();
            leaves(name, old.get(name), new.get(name), &mut paths);
            let decided = conditional_replacement(kind, name, value_change(old.get(name), new.get(name)));
            let of_schema = || schema.iter().flat_map(|kind| paths.iter().map(|path| kind.create_only(path))).max();
            let recreation = decided.or_else(of_schema);
            let text = |value: Option<&Json>| value.map(plain);
            let dynamic = text(new.get(name)).is_some_and(|text| text.contains(KNOWN_AFTER_APPLY));
            PropertyDiff {
                property: name.clone(),
                recreation: recreation.unwrap_or(CreateOnly::No),
                dynamic,
                before: text(old.get(name)),
                after: text(new.get(name)),
            }
        })
        .collect()
}

/// Returns the change of a value that differs.
fn value_change(before: Option<&Json>, after: Option<&Json>) -> ValueChange {
    match (before, after) {
        (None, _) => ValueChange::Added,
        (_, None) => ValueChange::Removed,
        _ => ValueChange::Changed,
    }
}

/// Returns whether the old resource is deleted before the new one is created.
pub(in crate::rehearsal) fn deletes_first(kind: &str) -> bool {
    Schema::embedded().get(kind).is_some_and(|kind| kind.replacement() == ReplacementOrder::DeleteFirst)
}

/// Adds the stack's tags to a resource whose type supports tags; its own tags take precedence.
pub(in crate::rehearsal) fn tag(kind: &str, properties: &mut Json, tags: &indexmap::IndexMap<String, String>) {
    let Some(tagging) = Schema::embedded().get(kind).and_then(|kind| kind.tags()) else { return };
    if tags.is_empty() {
        return;
    }
    if !properties.is_object() {
        *properties = json!({});
    }
    let slot = &mut properties[tagging.property];
    for (key, value) in tags {
        match slot {
            Json::Object(map) if tagging.map => {
                map.entry(key.clone()).or_insert_with(|| value.as_str().into());
            }
            Json::Array(list) if list.iter().any(|tag| tag.get("Key").and_then(Json::as_str) == Some(key)) => {}
            Json::Array(list) => list.push(json!({ "Key": key, "Value": value })),
            Json::Null if tagging.map => *slot = json!({ key: value }),
            Json::Null => *slot = json!([{ "Key": key, "Value": value }]),
            _ => {}
        }
    }
}

/// Returns a value as text, strings without quotes.
pub(in crate::rehearsal) fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Returns whether CloudFormation treats two values as equal: `"2"` is 2, `"true"` is true.
pub(in crate::rehearsal) fn same(before: Option<&Json>, after: Option<&Json>) -> bool {
    match (before, after) {
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            old.len() == new.len() && old.iter().all(|(key, value)| same(Some(value), new.get(key)))
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(Some(old), Some(new)))
        }
        (Some(old), Some(new)) => old == new || (is_scalar(old) && is_scalar(new) && plain(old) == plain(new)),
        (None, None) => true,
        _ => false,
    }
}

/// Returns whether a value is a text, a number or a Boolean.
fn is_scalar(json: &Json) -> bool {
    !(json.is_array() || json.is_object() || json.is_null())
}

/// Collects the paths of the scalar values that differ.
fn leaves(path: &str, before: Option<&Json>, after: Option<&Json>, paths: &mut Vec<String>) {
    match (before, after) {
        _ if same(before, after) => {}
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            let keys = new.keys().chain(old.keys().filter(|key| !new.contains_key(*key)));
            keys.for_each(|key| leaves(&format!("{path}.{key}"), old.get(key), new.get(key), paths));
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => (0..old.len().max(new.len()))
            .for_each(|at| leaves(&format!("{path}.{at}"), old.get(at), new.get(at), paths)),
        _ => paths.push(path.to_owned()),
    }
}

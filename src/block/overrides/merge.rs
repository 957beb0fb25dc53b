//! Merging of values: maps by key, lists of named items by name; everything else is replaced.

use super::Changes;
use crate::cfn::{Map, Value, emit};
use crate::cfn::{PathSegment, PropertyPath};

/// The keys that name the items of a list.
pub(super) const NAMES: [&str; 4] = ["Name", "Key", "ContainerName", "PolicyName"];

/// The longest description of a lost value, in characters.
const LONGEST: usize = 60;

/// Merges a value into another one. `paths` are those of the two values, in the resource and in the override.
pub(super) fn merge(into: &mut Value, from: &Value, paths: (PropertyPath, PropertyPath), changes: &mut Changes) {
    match (&mut *into, from) {
        (Value::Map(old), Value::Map(new)) => merge_maps(old, new, &paths, changes),
        (Value::List(old), Value::List(new)) if let Some(key) = name_key(old, new) => {
            merge_lists(old, new, key, &paths, changes);
        }
        _ => {
            note_lost(into, from, &paths.0, changes);
            *into = from.clone();
            changes.replaced.push(paths);
        }
    }
}

fn merge_maps(old: &mut Map, new: &Map, paths: &(PropertyPath, PropertyPath), changes: &mut Changes) {
    for (key, value) in new {
        let step = |path: &PropertyPath| path.clone().then(PathSegment::Key(key.clone()));
        let paths = (step(&paths.0), step(&paths.1));
        match old.get_mut(key) {
            Some(old) => merge(old, value, paths, changes),
            None => {
                old.insert(key.clone(), value.clone());
                changes.replaced.push(paths);
            }
        }
    }
}

fn merge_lists(
    old: &mut Vec<Value>,
    new: &[Value],
    key: &str,
    paths: &(PropertyPath, PropertyPath),
    changes: &mut Changes,
) {
    for (from, item) in new.iter().enumerate() {
        let known = old.iter().position(|known| known.get(key) == item.get(key));
        let at = known.unwrap_or(old.len());
        let paths = (paths.0.clone().then(PathSegment::Index(at)), paths.1.clone().then(PathSegment::Index(from)));
        if known.is_some() {
            merge(&mut old[at], item, paths, changes);
        } else {
            old.push(item.clone());
            changes.replaced.push(paths);
        }
    }
}

/// Returns the key that names every item of both lists, each once.
fn name_key(old: &[Value], new: &[Value]) -> Option<&'static str> {
    let names = |items: &[Value], key: &str| {
        let mut names: Vec<String> =
            items.iter().map(|item| item.get(key)?.as_str().map(str::to_owned)).collect::<Option<_>>()?;
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        (names.len() == count && count > 0).then_some(())
    };
    NAMES.into_iter().find(|key| names(old, key).is_some() && names(new, key).is_some())
}

/// Records the items of a list that its new value does not have, and the parts that a named item loses.
pub(super) fn note_lost(old: &Value, new: &Value, path: &PropertyPath, changes: &mut Changes) {
    let Some(items) = old.as_list() else { return };
    let kept = new.as_list().unwrap_or_default();
    let lost: Vec<String> =
        items.iter().filter(|item| !kept.contains(item)).flat_map(|item| lost_of(item, kept)).collect();
    if !lost.is_empty() {
        changes.lost.push((path.clone(), lost));
    }
}

/// Returns what is lost of an item: the parts that the item of the same name does not have, else the item.
fn lost_of(item: &Value, kept: &[Value]) -> Vec<String> {
    let name = NAMES.iter().find_map(|key| Some((*key, item.get(key)?)));
    let same = name.and_then(|(key, name)| kept.iter().find(|other| other.get(key) == Some(name)));
    match (same, item.as_map()) {
        (Some(same), Some(parts)) => {
            let lost = parts.keys().filter(|key| same.get(key).is_none());
            lost.map(|key| format!("{}.{key}", described(item))).collect()
        }
        _ => vec![described(item)],
    }
}

/// Returns the name of an item, else a part of it.
fn described(item: &Value) -> String {
    if let Some(name) = NAMES.iter().find_map(|key| item.get(key)?.as_str()) {
        return name.to_owned();
    }
    if let Some(text) = item.as_str() {
        return text.to_owned();
    }
    let text = emit::json::compact(item);
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("..".chars()).collect()
}

//! Reads properties of resources, in which a number may be text.

use std::time::Duration;

use serde_json::Value as Json;

/// Reads a text, a number or a Boolean as text.
pub(super) fn text(json: &Json, name: &str) -> Option<String> {
    match json.get(name)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

/// Reads a number from 0 to 86400.
pub(super) fn number(json: &Json, name: &str) -> Option<u32> {
    let number: f64 = text(json, name)?.parse().ok()?;
    // Counts, percentages and seconds of AWS are smaller than this.
    (0.0..=86_400.0).contains(&number).then(|| format!("{number:.0}").parse().ok())?
}

/// Reads a number of seconds.
pub(super) fn seconds(json: &Json, name: &str, default: u32) -> Duration {
    Duration::from_secs(number(json, name).unwrap_or(default).into())
}

/// Returns whether a property is true.
pub(super) fn boolean(json: &Json, name: &str) -> bool {
    text(json, name).is_some_and(|text| text == "true")
}

/// Returns the items of a list.
pub(super) fn list<'a>(json: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    json.get(name).and_then(Json::as_array).into_iter().flatten()
}

/// Returns the texts in a list.
pub(super) fn strings(json: &Json, name: &str) -> Vec<String> {
    list(json, name).filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

//! Values as JSON, for programs.

use rhai::{Dynamic, ImmutableString};
use serde_json::Value as Json;

use super::DisplayValue;

impl DisplayValue {
    /// Returns the value as JSON, if it consists of strings, numbers, booleans, lists and maps.
    pub fn to_json(&self) -> Option<Json> {
        json(&self.value)
    }
}

fn json(value: &Dynamic) -> Option<Json> {
    if value.is_unit() {
        return Some(Json::Null);
    }
    if let Ok(items) = value.as_array_ref() {
        return items.iter().map(json).collect();
    }
    if let Ok(map) = value.as_map_ref() {
        return map.iter().map(|(key, value)| Some((key.to_string(), json(value)?))).collect();
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Some(Json::from(text.as_str()));
    }
    let number = value.as_int().map(Json::from).or_else(|_| value.as_float().map(Json::from));
    number.or_else(|_| value.as_bool().map(Json::from)).ok()
}

//! The properties of a resource, of which the ones that were used are known.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::importers::writer::Expr;

/// A resource or a part of it.
pub(super) struct Properties<'j> {
    value: &'j Json,
    used: RefCell<BTreeSet<&'static str>>,
}

impl<'j> Properties<'j> {
    pub(super) fn of(value: &'j Json) -> Self {
        Self { value, used: RefCell::default() }
    }

    /// Returns a property, which is used from now on; none if it is empty.
    pub(super) fn get(&self, key: &'static str) -> Option<&'j Json> {
        self.used.borrow_mut().insert(key);
        Some(&self.value[key]).filter(|value| !is_empty(value))
    }

    pub(super) fn text(&self, key: &'static str) -> Option<&'j str> {
        self.get(key)?.as_str()
    }

    pub(super) fn int(&self, key: &'static str) -> Option<i64> {
        int(self.get(key)?)
    }

    pub(super) fn is_true(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| *value == true)
    }

    pub(super) fn items(&self, key: &'static str) -> impl Iterator<Item = &'j Json> + use<'j> {
        self.get(key).and_then(Json::as_array).into_iter().flatten()
    }

    pub(super) fn texts(&self, key: &'static str) -> Vec<&'j str> {
        self.items(key).filter_map(Json::as_str).collect()
    }

    /// Marks properties as used that follow from others, or that mean nothing for a new resource.
    pub(super) fn skip(&self, keys: &[&'static str]) {
        self.used.borrow_mut().extend(keys);
    }

    /// Returns the properties that were not used and are not empty.
    pub(super) fn rest(&self) -> Vec<(&'j str, &'j Json)> {
        let used = self.used.borrow();
        let all = self.value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value));
        all.filter(|(key, value)| !used.contains(key) && !is_empty(value)).collect()
    }
}

/// Returns whether a value says nothing: AWS returns empty lists for properties that are not set.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Returns a whole number, also one that is written as a text or with a fraction of 0.
pub(super) fn int(value: &Json) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "figures of AWS are small, and the fraction is 0")]
    let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(whole)).or_else(|| value.as_str()?.parse().ok())
}

/// Returns a value as it is.
pub(super) fn literal(value: &Json) -> Expr {
    match value {
        Json::Null => Expr::Unit,
        Json::Bool(flag) => Expr::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Expr::Int(whole),
            None => Expr::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Expr::text(text),
        Json::Array(items) => Expr::List(items.iter().map(literal).collect()),
        Json::Object(map) => Expr::Map(map.iter().map(|(key, value)| (key.clone(), literal(value))).collect()),
    }
}

/// Returns texts as a list.
pub(super) fn list(texts: &[&str]) -> Expr {
    Expr::List(texts.iter().map(|text| Expr::text(*text)).collect())
}

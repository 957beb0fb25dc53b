//! The value in place of a statement that ended in an error: it takes every method and has every property, and calls that get it
//! report nothing.

use rhai::{Array, Dynamic, Map};

/// The function that returns the value. Its name is in no documentation.
pub(super) const FUNCTION: &str = "value_with_an_error__";

/// The name of its type in messages of Rhai, which are not shown.
pub(super) const TYPE: &str = "value with an error";

/// A value in place of a statement that ended in an error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Poison;

/// Returns whether a value is one with an error.
pub(super) fn is(value: &Dynamic) -> bool {
    value.is::<Poison>()
}

/// Removes values with errors from the lists and maps of an argument. Returns whether there were any.
pub(super) fn remove(value: &mut Dynamic) -> bool {
    if let Some(mut items) = value.write_lock::<Array>() {
        let before = items.len();
        items.retain(|item| !is(item));
        let mut found = items.len() < before;
        items.iter_mut().for_each(|item| found |= remove(item));
        return found;
    }
    let Some(mut entries) = value.write_lock::<Map>() else { return false };
    let before = entries.len();
    entries.retain(|_, item| !is(item));
    let mut found = entries.len() < before;
    entries.values_mut().for_each(|item| found |= remove(item));
    found
}

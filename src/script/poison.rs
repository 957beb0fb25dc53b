//! The value in place of a statement that ended in an error: it takes every method and has every property, and calls that get it
//! report nothing.

use std::any::TypeId;
use std::collections::BTreeSet;

use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext};

use super::bindings;
use super::eval_state::EvalState;

/// The function that returns the value. Its name is in no documentation.
pub(super) const FUNCTION: &str = "value_with_an_error__";

/// The name of its type in messages of Rhai, which are not shown.
pub(super) const TYPE: &str = "value with an error";

/// A value in place of a statement that ended in an error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Poison;

/// Registers the value with the methods of every block.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Poison>(TYPE);
    engine.register_fn(FUNCTION, |ctx: NativeCallContext| {
        EvalState::of(&ctx).has_poison.set(true);
        Poison
    });
    engine.register_indexer_get(|_: &mut Poison, _: ImmutableString| Poison);
    for name in ["to_string", "to_debug"] {
        engine.register_fn(name, |_: &mut Poison| String::new());
    }
    engine.register_fn("+", |text: ImmutableString, _: Poison| text);
    engine.register_fn("+", |_: Poison, text: ImmutableString| text);
    let types = bindings::types();
    let methods: BTreeSet<(&str, usize)> =
        types.iter().flat_map(|kind| &kind.methods).map(|method| (method.name, method.parameters.len())).collect();
    for (name, parameters) in methods {
        let mut types = vec![TypeId::of::<Poison>()];
        types.extend((0..parameters).map(|_| TypeId::of::<Dynamic>()));
        engine.register_raw_fn(name, types, |_, _| Ok(Poison));
    }
}

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

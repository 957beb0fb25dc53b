//! The function pointers and shared values inside of a value.

use rhai::{Array, Dynamic, EvalAltResult, FnPtr, Map, Position};

use crate::diag::{Code, Diagnostic};

/// The maximum number of lists and maps inside each other in a value that passes between packages.
const MAX_DEPTH: usize = 100;

/// Makes a value constant: what closures in it have captured is copied, so that no call changes what the next one sees.
///
/// # Errors
///
/// The value has too many lists inside each other.
pub(super) fn freeze(value: &mut Dynamic) -> Result<(), Box<EvalAltResult>> {
    change_pointers(value, &mut |mut pointer| {
        let mut captured = pointer.curry().to_vec();
        captured.iter_mut().try_for_each(freeze)?;
        pointer.set_curry(captured);
        Ok(pointer)
    })
}

/// Replaces each function pointer in a value, and what is shared by a copy.
///
/// # Errors
///
/// The value has too many lists inside each other, or the change fails.
pub(super) fn change_pointers(value: &mut Dynamic, change: Change<'_>) -> Result<(), Box<EvalAltResult>> {
    each_pointer(value, 0, change)
}

/// Returns another function pointer in place of one.
pub(super) type Change<'c> = &'c mut dyn FnMut(FnPtr) -> Result<FnPtr, Box<EvalAltResult>>;

fn each_pointer(value: &mut Dynamic, depth: usize, change: Change<'_>) -> Result<(), Box<EvalAltResult>> {
    if depth > MAX_DEPTH {
        let message =
            format!("a value with more than {MAX_DEPTH} lists inside each other is passed to another package");
        let problem = Diagnostic::new(Code::LimitValue, message);
        return Err(Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(problem), Position::NONE)));
    }
    if value.is_shared() {
        *value = value.flatten_clone();
    }
    if let Some(pointer) = value.read_lock::<FnPtr>().map(|pointer| pointer.clone()) {
        *value = Dynamic::from(change(pointer)?);
    } else if let Some(mut items) = value.write_lock::<Array>() {
        items.iter_mut().try_for_each(|item| each_pointer(item, depth + 1, change))?;
    } else if let Some(mut entries) = value.write_lock::<Map>() {
        entries.values_mut().try_for_each(|item| each_pointer(item, depth + 1, change))?;
    }
    Ok(())
}

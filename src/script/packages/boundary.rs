//! Calls from one domain into another, and values on their way: a function pointer that leaves its domain is bound to it.

use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult, FnPtr, GlobalRuntimeState, NativeCallContext};

use super::crossings::Crossing;
use super::pointers::change_pointers;
use crate::script::eval_state::{EvalState, package_of_tag};
use crate::script::package_paths::PASSED_FUNCTION;
use crate::script::registration::arguments_of;

/// The name of a function pointer that is bound to its domain. A pointer that only has this name is bound to nothing, and finds
/// nothing.
const BOUND: &str = PASSED_FUNCTION;

/// The function that is called.
#[derive(Clone, Copy)]
pub(super) enum Callee<'a> {
    /// A function of the domain.
    Named(&'a str),
    /// A function pointer of the domain to a function of a script.
    Pointer(&'a FnPtr),
    /// A function pointer of the domain to a function of rtiler or Rhai, whose place is the call.
    Native(&'a FnPtr),
}

/// Calls a function of a domain in the state `home` of this domain, with arguments of the caller's.
///
/// # Errors
///
/// The error of the function.
pub(super) fn call(
    ctx: &NativeCallContext,
    home: &Rc<GlobalRuntimeState>,
    callee: Callee<'_>,
    arguments: &mut [&mut Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let outside = ctx.global_runtime_state();
    let mut values = arguments_of(arguments);
    let (from, into) = (package_of_tag(&outside.tag), package_of_tag(&home.tag));
    let crosses = from.as_ref().map(Rc::as_ptr) != into.as_ref().map(Rc::as_ptr);
    if crosses {
        let home_of_caller = Rc::new(outside.clone());
        values.iter_mut().try_for_each(|value| carry(value, &home_of_caller))?;
    }
    let mut inside = home.as_ref().clone();
    inside.level = outside.level;
    inside.num_operations = outside.num_operations();
    if matches!(callee, Callee::Native(_)) {
        inside.source.clone_from(&outside.source);
    }
    let state = EvalState::of(ctx);
    let name = match callee {
        Callee::Named(name) => name.to_owned(),
        Callee::Pointer(_) | Callee::Native(_) => "a function that was passed to it".to_owned(),
    };
    let crossing = Crossing { into, is_of_project: from.is_none(), function: name, origin: state.origin(ctx) };
    state.enter(crossing);
    let result = run(ctx, &inside, callee, &mut values);
    state.leave(result.as_ref().err().map(|error| &**error));
    let mut result = result;
    if crosses {
        match &mut result {
            Ok(value) => carry(value, home)?,
            Err(error) => carry_thrown(error, home),
        }
    }
    result
}

fn run(
    ctx: &NativeCallContext,
    inside: &GlobalRuntimeState,
    callee: Callee<'_>,
    values: &mut [Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let (engine, position) = (ctx.engine(), ctx.call_position());
    let within = |name| NativeCallContext::new_with_all_fields(engine, name, inside.source(), inside, position);
    match callee {
        Callee::Named(name) => {
            let mut arguments: Vec<&mut Dynamic> = values.iter_mut().collect();
            within(name).call_fn_raw(name, false, false, &mut arguments)
        }
        Callee::Pointer(pointer) | Callee::Native(pointer) => {
            pointer.call_raw(&within(pointer.fn_name()), None, values)
        }
    }
}

/// Prepares a value for another domain. `home` is the state of the domain that it comes from.
///
/// # Errors
///
/// The value has too many lists inside each other.
pub(super) fn carry(value: &mut Dynamic, home: &Rc<GlobalRuntimeState>) -> Result<(), Box<EvalAltResult>> {
    change_pointers(value, &mut |pointer| bind(pointer, home))
}

/// Binds a function pointer to the domain that it comes from: it is called in the state that the domain has now.
#[allow(clippy::unnecessary_wraps, reason = "a change of a pointer may fail")]
fn bind(mut pointer: FnPtr, home: &Rc<GlobalRuntimeState>) -> Result<FnPtr, Box<EvalAltResult>> {
    if pointer.fn_name() == BOUND {
        // It is bound already, but what was curried to it since is not.
        let mut curried = pointer.curry().to_vec();
        curried.iter_mut().try_for_each(|value| carry(value, home))?;
        pointer.set_curry(curried);
        return Ok(pointer);
    }
    let home = Rc::clone(home);
    let mut functions = home.lib.iter().flat_map(|module| module.iter_script_fn_info());
    let is_script = pointer.is_anonymous() || functions.any(|(_, _, name, ..)| name == pointer.fn_name());
    drop(functions);
    let target = move |ctx: NativeCallContext, arguments: &mut [&mut Dynamic]| {
        let callee = if is_script { Callee::Pointer(&pointer) } else { Callee::Native(&pointer) };
        call(&ctx, &home, callee, arguments).map_err(|error| renamed(error, pointer.fn_name()))
    };
    #[allow(deprecated, reason = "Rhai marks what may change in another version; the version is pinned")]
    FnPtr::from_fn(BOUND, target)
}

/// Gives the error of a call with a wrong number of arguments the name of the bound pointer: Rhai's `map` and `filter` call it
/// again with the index then.
fn renamed(mut error: Box<EvalAltResult>, name: &str) -> Box<EvalAltResult> {
    if let EvalAltResult::ErrorFunctionNotFound(signature, _) = &mut *error
        && let Some(arguments) = signature.strip_prefix(name)
    {
        *signature = format!("{BOUND}{arguments}");
    }
    error
}

/// Prepares the value that a `throw` takes to another domain.
pub(super) fn carry_thrown(error: &mut EvalAltResult, home: &Rc<GlobalRuntimeState>) {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            carry_thrown(inner, home);
        }
        EvalAltResult::ErrorRuntime(value, _) => {
            let is_carried = carry(value, home).is_ok();
            if !is_carried {
                *value = Dynamic::UNIT;
            }
        }
        _ => {}
    }
}

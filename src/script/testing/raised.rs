//! `assert_error` and `assert_warning`: calls a function and compares the problems that it has.

use std::any::TypeId;
use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext};
use wildmatch::WildMatch;

use super::arguments::{Stacks, failed, session};
use super::declared::{ASSERT_ERROR, ASSERT_WARNING};
use crate::block::Stack;
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};
use crate::script::block_types::block;
use crate::script::call::Call;
use crate::script::describe::describe;
use crate::script::error;
use crate::script::eval_state::EvalState;
use crate::script::global_functions::GlobalFunctions;
use crate::script::registration::stop;
use crate::synth::synth;

/// Registers the functions.
pub(super) fn register(globals: &mut GlobalFunctions) {
    for (declaration, errors) in [(ASSERT_ERROR, true), (ASSERT_WARNING, false)] {
        let types = [TypeId::of::<Dynamic>(), TypeId::of::<Dynamic>()];
        globals.register_raw_fn(
            declaration.name,
            &types,
            move |ctx: NativeCallContext, arguments: &mut [&mut Dynamic]| -> Result<Dynamic, Box<EvalAltResult>> {
                let state = EvalState::of(&ctx);
                let values: Vec<Dynamic> = arguments.iter_mut().map(|argument| argument.clone().flatten()).collect();
                let call = Call::new(&state, &ctx, declaration.name.to_owned(), Vec::new());
                let (Some(function), Ok(expected)) =
                    (values[0].clone().try_cast::<FnPtr>(), values[1].clone().into_string())
                else {
                    call.report(wrong_arguments(declaration.name, &values));
                    return Err(stop(&ctx));
                };
                if expected.trim_matches(['*', ' ']).is_empty() {
                    call.report(any_problem(declaration.name));
                    return Err(stop(&ctx));
                }
                let found = problems(&ctx, &state, &function)?;
                match missing(&found, &expected, errors) {
                    None => Ok(Dynamic::UNIT),
                    Some(problem) => {
                        call.report(problem);
                        Err(stop(&ctx))
                    }
                }
            },
        );
    }
}

fn wrong_arguments(name: &str, values: &[Dynamic]) -> Diagnostic {
    let message =
        format!("`{name}` takes a function and text, not {} and {}", describe(&values[0]), describe(&values[1]));
    Diagnostic::new(Code::WrongArgument, message)
        .help(format!("write `{name}(|| app::stack(#{{ cpu: 3 }}), \"fargate-size\")`"))
}

/// Returns the error of an expectation that every problem fulfils.
fn any_problem(name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::WrongArgument,
        format!("`{name}` takes a code or a part of a message; every message has this one"),
    )
    .help(format!("name the problem: `{name}(|| app::stack(#{{ cpu: 3 }}), \"fargate-size\")`"))
}

/// Calls a function, synthesises its result, and returns the problems of both; the test has none of them.
fn problems(
    ctx: &NativeCallContext,
    state: &Rc<EvalState>,
    function: &FnPtr,
) -> Result<Vec<Diagnostic>, Box<EvalAltResult>> {
    let before = (state.problems.take(), state.reported.take(), state.recovered.take());
    let result = function.call_within_context::<Dynamic>(ctx, ());
    let result = match result {
        Ok(value) => Some(value),
        Err(error) if is_limit(&error) => {
            (*state.problems.borrow_mut(), *state.reported.borrow_mut(), *state.recovered.borrow_mut()) = before;
            return Err(error);
        }
        Err(error) => {
            let limits = session(state).limits.clone();
            let source = ctx.call_source().unwrap_or_default();
            error::report(*error, source, state, &limits);
            None
        }
    };
    let mut found = state.problems.take();
    if let Some(stacks) = result.and_then(|value| placed(&value)) {
        let (program, warnings) = session(state).program(stacks, &state.mentions.borrow());
        found.extend(warnings);
        found.extend(synth(&program, Schema::embedded()).problems);
    }
    (*state.problems.borrow_mut(), *state.reported.borrow_mut(), *state.recovered.borrow_mut()) = before;
    state.ended_at.take();
    Ok(found)
}

/// Returns whether an error ends the whole test: a limit is exceeded.
fn is_limit(error: &EvalAltResult) -> bool {
    use EvalAltResult as E;
    match error {
        E::ErrorInFunctionCall(_, _, inner, _) | E::ErrorInModule(_, inner, _) => is_limit(inner),
        E::ErrorTerminated(..) | E::ErrorTooManyOperations(_) | E::ErrorTooManyModules(_) => true,
        _ => false,
    }
}

/// Returns the stacks of a value: blocks are put into a stack.
fn placed(value: &Dynamic) -> Option<Vec<Rc<Stack>>> {
    if let Some(given) = Stacks::of(value) {
        return Some(given.stacks);
    }
    let items = match value.as_array_ref() {
        Ok(items) => items.to_vec(),
        Err(_) => vec![value.clone()],
    };
    let origin = Origin::unknown();
    let blocks: Option<Vec<_>> = items.iter().map(block).collect();
    let adds: Vec<_> = blocks?.into_iter().map(|block| WithOrigin::new(block, origin.clone())).collect();
    let stack = Stack { adds, ..Stack::new(WithOrigin::new("test".to_owned(), origin)) };
    (!stack.adds.is_empty()).then(|| vec![Rc::new(stack)])
}

/// Returns the failure if no problem is as expected.
fn missing(found: &[Diagnostic], expected: &str, errors: bool) -> Option<Diagnostic> {
    let pattern = WildMatch::new(&format!("*{expected}*"));
    let is_expected = |problem: &Diagnostic| match Code::from_name(expected) {
        Some(code) => problem.code == code,
        None => pattern.matches(&problem.message),
    };
    if found.iter().any(|problem| problem.is_error() == errors && is_expected(problem)) {
        return None;
    }
    let noun = if errors { "error" } else { "warning" };
    let problem = failed(&format!("there is no {noun} `{expected}`"));
    let line = |problem: &Diagnostic| {
        let severity = if problem.is_error() { "error" } else { "warning" };
        format!("  {severity}[{}]: {}", problem.code, problem.message)
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    let problem = match lines.as_slice() {
        [] => problem.note("the function has no problems"),
        lines => problem.note(format!("the function has these problems:\n{}", lines.join("\n"))),
    };
    let is_code = Code::from_name(expected).is_none() && !expected.contains([' ', '*', '`']);
    let names = Code::ALL.iter().map(|code| code.as_str());
    Some(problem.help_if(did_you_mean(expected, names).filter(|_| is_code)))
}

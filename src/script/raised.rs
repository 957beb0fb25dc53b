//! Problems that functions of scripts report about how they are called: `fail(message)` and `warn(message)`.
//!
//! The place of such a problem is the call of the function, as for a block of rtiler: in a package the last call that the project made,
//! in the project the call of the function that contains `fail` or `warn`, and outside of functions its own line.

use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult, ImmutableString, NativeCallContext};

use super::eval_state::{EvalState, package_of};
use super::registration::stop;
use crate::diag::{Code, Diagnostic, Label, Origin, TraceFrame};
use crate::script::global_functions::GlobalFunctions;

/// The codes of problems that [`report`] reports.
pub(super) const REPORTED: [Code; 2] = [Code::FunctionOption, Code::PackageWarning];

/// A problem that `fail` threw; its place may be known only after the functions around it have ended.
struct Raised {
    problem: Diagnostic,
}

/// Registers `fail` and `warn`.
pub(super) fn register(globals: &mut GlobalFunctions) {
    globals.register_type_with_name::<Rc<Raised>>("problem");
    for name in ["to_string", "to_debug"] {
        globals.register_fn(name, |raised: &mut Rc<Raised>| raised.problem.message.clone());
    }
    globals.register_get("message", |raised: &mut Rc<Raised>| raised.problem.message.clone());
    globals.register_fn("fail", |ctx: NativeCallContext, message: ImmutableString| fail(&ctx, &message, None));
    globals.register_fn("fail", |ctx: NativeCallContext, message: ImmutableString, help: ImmutableString| {
        fail(&ctx, &message, Some(&help))
    });
    globals.register_fn("warn", |ctx: NativeCallContext, message: ImmutableString| warn(&ctx, &message, None));
    globals.register_fn("warn", |ctx: NativeCallContext, message: ImmutableString, help: ImmutableString| {
        warn(&ctx, &message, Some(&help))
    });
}

type Fallible<T> = Result<T, Box<EvalAltResult>>;

fn fail(ctx: &NativeCallContext, message: &str, help: Option<&str>) -> Fallible<()> {
    let problem = problem(Code::PackageError, message, help);
    let problem = match call_of_project(ctx) {
        Some((function, origin)) => problem.at(&origin, format!("in this call of `{function}`")),
        None => problem,
    };
    let raised = Dynamic::from(Rc::new(Raised { problem }));
    Err(Box::new(EvalAltResult::ErrorRuntime(raised, ctx.call_position())))
}

fn warn(ctx: &NativeCallContext, message: &str, help: Option<&str>) -> Fallible<()> {
    report(ctx, problem(Code::PackageWarning, message, help), None);
    if EvalState::of(ctx).ends_here() { Err(stop(ctx)) } else { Ok(()) }
}

/// Reports a problem at the call of the function that contains this call, or at the option that it is about; the evaluation
/// continues.
pub(super) fn report(ctx: &NativeCallContext, problem: Diagnostic, option: Option<&str>) {
    let state = EvalState::of(ctx);
    match call_of_project(ctx) {
        Some((function, origin)) => {
            let call = TraceFrame { what: format!("in this call of `{function}`"), origin };
            let mut problem = problem;
            place_at_call(&mut problem, call, option, &state);
            state.report_each(problem);
        }
        None => {
            if let Some(name) = option {
                state.note_option(name);
            }
            let call = state.next_call(ctx);
            let problem = problem.at(&state.origin(ctx).in_call(call), "");
            if call == 0 { state.report_each(problem) } else { state.report_each_in_call(problem) }
        }
    }
}

fn problem(code: Code, message: &str, help: Option<&str>) -> Diagnostic {
    Diagnostic::new(code, message).help_if(help.map(str::to_owned))
}

/// Returns the last call that the project made, if a package runs.
fn call_of_project(ctx: &NativeCallContext) -> Option<(String, Origin)> {
    package_of(ctx)?;
    EvalState::of(ctx).crossings.call_of_project()
}

/// Returns whether an error is one of `fail`.
pub(super) fn is_raised(value: &Dynamic) -> bool {
    value.is::<Rc<Raised>>()
}

/// Returns the problem of an error of `fail` in a function that was called at these places, innermost first.
pub(super) fn placed(value: &Dynamic, at: &Origin, calls: &mut Vec<TraceFrame>) -> Option<Diagnostic> {
    let mut problem = value.read_lock::<Rc<Raised>>()?.problem.clone();
    match problem.origin() {
        Some(origin) => {
            // The calls inside of the package are of no use for the project.
            let known = calls.iter().position(|call| call.origin == *origin);
            calls.drain(..known.map_or(0, |known| known + 1));
        }
        None if calls.is_empty() => problem = problem.at(at, ""),
        None => {
            let call = calls.remove(0);
            problem.labels = vec![Label { origin: call.origin, message: call.what }];
        }
    }
    Some(problem)
}

/// Moves a problem of [`report`] from its line to the call of the function around it.
pub(super) fn place_warning(problem: &mut Diagnostic, option: Option<&str>, state: &EvalState) {
    let is_own_line = REPORTED.contains(&problem.code) && problem.origin().is_some_and(|origin| origin.call > 0);
    if is_own_line && !problem.trace.is_empty() {
        let call = problem.trace.remove(0);
        place_at_call(problem, call, option, state);
    }
}

/// Moves a problem to a call. If it is about an option that is written there, the option is its first place.
fn place_at_call(problem: &mut Diagnostic, call: TraceFrame, option: Option<&str>, state: &EvalState) {
    let key = option.and_then(|name| state.key_origin(&call.origin, name));
    problem.labels = key.map(|origin| Label { origin, message: String::new() }).into_iter().collect();
    problem.labels.push(Label { origin: call.origin, message: call.what });
}

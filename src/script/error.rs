//! Rhai's errors as diagnostics: the problem in terms of blocks, its line, and the calls that led to it.

use rhai::{Dynamic, EvalAltResult, ParseErrorType, Position};

use super::call::Aborted;
use super::describe::{friendly, lower};
use super::eval_state::EvalState;
use super::limits::{Exceeded, Limits};
use super::loops::point_at_loops;
use super::packages::crossings::Exhausted;
use super::packages::point_at_caller;
use super::poison;
use super::raised;
use super::syntax_error;
use super::unresolved_names;
use super::value_in_use;
use crate::diag::{Code, Diagnostic, Label, TraceFrame};

/// Reports an error that ended the evaluation of a source. Returns whether the user interrupted it.
pub(crate) fn report(error: EvalAltResult, source: &str, state: &EvalState, limits: &Limits) -> bool {
    let mut frames = Vec::new();
    let place = error.position();
    let (error, inside) = innermost(error, source.to_owned(), state, &mut frames);
    // An error of the compilation has its place inside.
    let place = if place.is_none() && inside == source { error.position() } else { place };
    let source = inside;
    if is_stop(&error) {
        // The problem is known; the calls that led there are known only now.
        frames.reverse();
        if state.is_at_last_call() {
            *state.calls_to_end.borrow_mut() = frames;
            return false;
        }
        set_end(&error, place, state);
        let option = state.option_of_last_problem();
        if let Some(problem) = state.problems.borrow_mut().last_mut() {
            add_calls(problem, frames, option.as_deref(), state);
        }
        return false;
    }
    if is_interruption(&error) {
        return true;
    }
    set_end(&error, place, state);
    if error.to_string().contains(poison::TYPE) {
        return false;
    }
    frames.reverse();
    let problem = match &error {
        EvalAltResult::ErrorRuntime(value, position) if raised::is_raised(value) => {
            raised::placed(value, &state.origin_at(&source, *position), &mut frames)
        }
        _ => None,
    };
    if let Some(mut problem) = problem.or_else(|| diagnose(error, &source, state, limits)) {
        name_package(&mut problem, state);
        if state.exhausted().is_none() && problem.origin().is_some_and(|origin| origin.line > 0) {
            point_at_loops(&mut problem, None, &state.sources.borrow());
        }
        add_calls(&mut problem, frames, None, state);
        state.report(problem);
    }
    false
}

/// Adds the calls that led to a problem, and moves it to the one that users can change, or to the option in it.
fn add_calls(problem: &mut Diagnostic, calls: Vec<TraceFrame>, option: Option<&str>, state: &EvalState) {
    problem.trace.extend(calls);
    raised::place_warning(problem, option, state);
    point_at_caller(problem, &state.packages());
}

/// Adds the package that was running when a limit ended the evaluation.
fn name_package(problem: &mut Diagnostic, state: &EvalState) {
    let Some(Exhausted { package, call }) = state.exhausted() else { return };
    problem.message = match problem.message.strip_prefix("the script ") {
        Some(rest) => format!("the package `{package}` {rest}"),
        None => format!("{} in the package `{package}`", problem.message),
    };
    if let Some((function, origin)) = call {
        let message = format!("in this call of `{function}`");
        problem.labels.retain(|label| label.origin != origin);
        problem.labels.insert(0, Label { origin, message });
    }
}

/// Records the place of an error after which the rest of the script can be evaluated: no limit is exceeded, and it is not an
/// error of the script's own `throw`.
fn set_end(error: &EvalAltResult, place: Position, state: &EvalState) {
    use EvalAltResult as E;
    let ends = matches!(
        error,
        E::ErrorTerminated(..)
            | E::ErrorTooManyOperations(_)
            | E::ErrorStackOverflow(_)
            | E::ErrorTooManyVariables(_)
            | E::ErrorTooManyModules(_)
            | E::ErrorDataTooLarge(..)
    ) || matches!(error, E::ErrorParsing(kind, _) if !matches!(kind, ParseErrorType::VariableUndefined(_)))
        || matches!(error, E::ErrorRuntime(token, _)
            if !token.is::<std::rc::Rc<Aborted>>() && !raised::is_raised(token));
    let is_limit = state.problems.borrow().last().is_some_and(|problem| problem.code == Code::LimitBlocks);
    let part = |number: Option<usize>| number.and_then(|number| u32::try_from(number).ok());
    if let (false, false, Some(line), Some(column)) = (ends, is_limit, part(place.line()), part(place.position())) {
        state.ended_at.set(Some((line, column)));
    }
}

fn is_interruption(error: &EvalAltResult) -> bool {
    matches!(error, EvalAltResult::ErrorTerminated(token, _)
        if token.clone().try_cast::<Exceeded>() == Some(Exceeded::Interrupted))
}

/// Returns the innermost error; each call around it becomes a frame.
fn innermost(
    error: EvalAltResult,
    source: String,
    state: &EvalState,
    frames: &mut Vec<TraceFrame>,
) -> (EvalAltResult, String) {
    match error {
        EvalAltResult::ErrorInFunctionCall(function, inside, inner, position) => {
            let origin = state.origin_at(&source, position);
            // A closure has no name, and is called where `map` is.
            let is_closure = function.starts_with("anon$");
            if !(is_closure && frames.last().is_some_and(|outer| outer.origin == origin)) {
                let name = if is_closure { "a closure".to_owned() } else { format!("`{function}`") };
                frames.push(TraceFrame { what: format!("in this call of {name}"), origin });
            }
            let source = if inside.is_empty() { source } else { inside };
            innermost(*inner, source, state, frames)
        }
        EvalAltResult::ErrorInModule(module, inner, position) => {
            if !position.is_none() {
                frames.push(TraceFrame { what: "imported here".into(), origin: state.origin_at(&source, position) });
            }
            innermost(*inner, module, state, frames)
        }
        other => (other, source),
    }
}

fn is_stop(error: &EvalAltResult) -> bool {
    matches!(error, EvalAltResult::ErrorRuntime(token, _) if token.is::<std::rc::Rc<Aborted>>())
}

/// Returns the diagnostic of an error; none if it was reported already.
fn diagnose(error: EvalAltResult, source: &str, state: &EvalState, limits: &Limits) -> Option<Diagnostic> {
    use EvalAltResult as E;
    let position = error.position();
    let at = state.origin_at(source, position);
    let here = |problem: Diagnostic| Some(problem.at(&at, ""));
    match error {
        E::ErrorRuntime(value, _) => Some(thrown(&value, &at)),
        E::ErrorTerminated(token, _) => here(exceeded(token, limits)),
        E::ErrorParsing(kind, _) => Some(syntax_error::diagnose(&kind, source, position, state)),
        E::ErrorFunctionNotFound(signature, _) => here(unresolved_names::function(&signature, source, &at, state)),
        E::ErrorDotExpr(message, _) => here(unresolved_names::property(&message)),
        E::ErrorPropertyNotFound(name, _) => {
            let settings = state.settings.borrow();
            here(unresolved_names::map_key(&name, settings.settings().iter().map(|setting| setting.name.as_str())))
        }
        E::ErrorVariableNotFound(name, _) => {
            here(unresolved_names::variable(&name, state.sources.borrow().text(source)))
        }
        E::ErrorModuleNotFound(name, _) => here(unresolved_names::module(&name)),
        E::ErrorStackOverflow(_) => here(
            limit(Code::LimitCalls, format!("calls are nested more than {} deep", limits.calls))
                .help("check for endless recursion"),
        ),
        E::ErrorTooManyVariables(_) => here(limit(Code::LimitVariables, "the script has too many variables".into())),
        E::ErrorTooManyModules(_) => here(limit(Code::LimitModules, "the script imports too many modules".into())),
        E::ErrorDataTooLarge(what, _) => here(too_large(&what, limits)),
        E::ErrorArithmetic(message, _) => here(Diagnostic::new(Code::Arithmetic, lower(&message))),
        E::ErrorMismatchDataType(expected, found, _) | E::ErrorMismatchOutputType(expected, found, _) => {
            here(mismatch(&expected, &found))
        }
        E::ErrorDataRace(call, _) => {
            let (problem, place) =
                value_in_use::diagnose(&call, state.sources.borrow().text(source).unwrap_or_default());
            let part = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
            let place = place.map_or(position, |(line, column)| Position::new(part(line), part(column)));
            Some(problem.at(&state.origin_at(source, place), ""))
        }
        other => here(Diagnostic::new(Code::ScriptError, lower(&text_of(other)))),
    }
}

/// Returns the diagnostic of a thrown value: one of ours, or a value of the script's own `throw`.
fn thrown(value: &Dynamic, at: &crate::diag::Origin) -> Diagnostic {
    match value.clone().try_cast::<Diagnostic>() {
        Some(problem) if problem.labels.is_empty() => problem.at(at, ""),
        Some(problem) => problem,
        None => Diagnostic::new(Code::ScriptThrow, value.to_string()).at(at, "thrown here"),
    }
}

fn limit(code: Code, message: String) -> Diagnostic {
    Diagnostic::new(code, message)
}

fn exceeded(token: Dynamic, limits: &Limits) -> Diagnostic {
    match token.try_cast::<Exceeded>() {
        Some(Exceeded::Memory) => {
            limit(Code::LimitMemory, format!("the script uses more than {} MiB of memory", limits.memory >> 20))
                .help("check for a loop that adds to a list or text without limit")
        }
        Some(Exceeded::Operations) => {
            limit(Code::LimitOperations, format!("the script takes more than {} operations", limits.operations))
                .help("check for an endless loop")
        }
        Some(Exceeded::ShareOfOperations) => {
            let share = limits.share_of_package().steps;
            let message = format!("the script takes more than {share} operations, half of those of an evaluation");
            limit(Code::LimitOperations, message).help("check for an endless loop")
        }
        Some(Exceeded::ShareOfTime) => {
            let share = limits.share_of_package().time.as_secs();
            let message = format!("the script takes longer than {share} s, half of the time of an evaluation");
            limit(Code::LimitTime, message).help("check for an endless loop")
        }
        _ => limit(Code::LimitTime, format!("the script takes longer than {} s", limits.time.as_secs()))
            .help("check for an endless loop"),
    }
}

fn too_large(what: &str, limits: &Limits) -> Diagnostic {
    let (code, name, most) = match what {
        what if what.contains("string") => (Code::LimitString, "a text", format!("{} bytes", limits.string)),
        what if what.contains("map") => (Code::LimitMap, "a map", format!("{} entries", limits.map)),
        _ => (Code::LimitArray, "a list", format!("{} items", limits.array)),
    };
    limit(code, format!("{name} grows over {most}")).help("check for a loop that adds to it without limit")
}

fn mismatch(expected: &str, found: &str) -> Diagnostic {
    let name = |kind: &str| match friendly(kind).as_str() {
        "" => "something else".to_owned(),
        "()" => "nothing".to_owned(),
        other => format!("`{other}`"),
    };
    Diagnostic::new(Code::WrongType, format!("expected {}, found {}", name(expected), name(found)))
}

/// Returns the message of an error without its position.
fn text_of(mut error: EvalAltResult) -> String {
    error.set_position(Position::NONE);
    error.to_string()
}

//! The script host: the only place that knows Rhai.
//!
//! [`eval`] turns a script into stacks. The functions, methods and properties that scripts see are declared in `bindings`,
//! one file for each block, with the documentation that users read; `registration` registers them, `call` and `convert`
//! take their arguments. `modules` resolves imports, `lint` finds mistakes in scripts that parse, `error`, `syntax_error` and
//! `unresolved_names` turn Rhai's errors into diagnostics, `recovery` continues after them, `limits` ends evaluations that are
//! too expensive. `format` formats scripts. `versions` knows
//! how each value came about, and `version_checks` finds changes that are lost.
//!
//! May import `package`, `block`, `cfn`, `settings` and `diag`.
//!
//! *Invariant*: an evaluation reads nothing but its source, what [`SourceLoader`] gives it, and the given settings: no clock,
//! no network; the same input gives the same stacks and the same problems.

#![allow(clippy::unnecessary_box_returns, reason = "Rhai's errors are boxed everywhere")]

mod argument_hint;
mod bindings;
mod block_types;
mod call;
mod call_correction;
mod call_forms;
mod call_history;
mod call_traces;
mod concatenated_source;
mod convert;
mod declaration;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod declared;
mod describe;
mod error;
mod eval_state;
mod exports;
mod foreign_words;
mod format;
mod global_functions;
mod growth;
mod import_names;
mod last_statement;
mod lexer;
mod limited_engine;
mod limits;
mod lint;
mod loops;
mod map_key_spans;
mod modules;
mod name_comparisons;
mod package_paths;
mod packages;
mod poison;
pub mod policies;
mod property_words;
mod raised;
mod reading;
mod recovery;
pub mod reference;
mod registration;
mod restricted_files;
pub mod session;
mod source;
mod source_loader;
mod syntax_error;
mod template_view;
pub mod testing;
mod unresolved_module_function;
mod unresolved_names;
mod usage;
mod value;
mod value_in_use;
mod version_checks;
mod versions;

pub(crate) mod completion;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use rhai::packages::{Package, StandardPackage};
use rhai::{Array, Dynamic, Engine, EvalAltResult, Module, OptimizationLevel, Scope, Shared};

pub use call_traces::{trace_problems, trace_problems_of_packages};
pub use format::format;
pub use limits::Limits;
pub use source_loader::{ContextError, LoadError, NoFiles, Reader, SourceLoader};

use crate::block::{Program, Stack};
use crate::budget::Budget;
use crate::diag::{Code, Diagnostic, Origin, Report, Sink, SourceMap};
use crate::settings::{Setting, SettingInput, SettingsResolver, secret_settings};
use concatenated_source::ConcatenatedSource;
use eval_state::EvalState;
use global_functions::GlobalFunctions;
use source::Source;

/// A script and all that its evaluation may read.
pub struct Input<'a> {
    /// The name of the script as users know it: its path.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The files that it may import.
    pub files: Rc<dyn SourceLoader>,
    /// The values that users set.
    pub given: Vec<SettingInput>,
    /// The limits of the evaluation.
    pub limits: Limits,
}

/// The result of an evaluation.
pub struct Evaluation {
    /// The stacks, unless there is an error, and every problem.
    pub report: Report<Program>,
    /// The texts that problems point into.
    pub sources: SourceMap,
    /// The settings that the script declared, with their values.
    pub settings: Vec<Setting>,
    /// The lines that the script printed, each with its origin.
    pub printed: Vec<(Origin, String)>,
    /// The time and memory that the evaluation left for the next step.
    pub budget: Budget,
    /// The stacks of a script with errors, for further checks.
    partial: Option<PartialProgram>,
}

/// The stacks of a script with errors.
struct PartialProgram {
    program: Program,
    /// The places of calls whose values are not what the script describes: a setter of them failed.
    doubtful: HashSet<Origin>,
    /// Whether a statement was left out, so that blocks may be missing.
    is_incomplete: bool,
}

/// Codes of problems that conclude from what is not there.
const OF_ABSENCE: [Code; 23] = [
    Code::AccessLogsBucket,
    Code::AlbTwoNetworks,
    Code::AlbWithoutNetwork,
    Code::CallNotAdmitted,
    Code::ClusterWithoutNetwork,
    Code::DualStackSubnets,
    Code::EfsMountTarget,
    Code::EmptyStack,
    Code::HostNotFound,
    Code::ListenerDependency,
    Code::MissingSubnets,
    Code::NoInternetRoute,
    Code::NoResources,
    Code::PublicIpInPrivateSubnet,
    Code::ScalingWithoutPolicy,
    Code::ServiceConnectAccess,
    Code::SharedAcrossRegions,
    Code::TaskNoRoute,
    Code::TemplateLimit,
    Code::UndefinedDependency,
    Code::UndefinedReference,
    Code::UnusedBlock,
    Code::UnusedStackVpc,
];

impl Evaluation {
    /// Applies the next step to the program. If the script has errors, the step only finds further problems, of the blocks that
    /// have none yet.
    pub fn and_then<T>(&mut self, next: impl FnOnce(Program) -> Report<T>) -> Report<T> {
        let report = std::mem::replace(&mut self.report, Report::failed(Sink::new()));
        let may_continue = report.value.is_none() && self.budget.exceeded().is_none();
        let Some(PartialProgram { program, doubtful, is_incomplete }) = self.partial.take().filter(|_| may_continue)
        else {
            return report.and_then(next);
        };
        let mut problems = report.problems;
        let labels = problems.iter().flat_map(|problem| &problem.labels);
        let lines: HashSet<(Arc<str>, u32)> =
            labels.map(|label| (Arc::clone(&label.origin.source), label.origin.line)).collect();
        let is_doubtful =
            |origin: &Origin| doubtful.contains(origin) || lines.contains(&(Arc::clone(&origin.source), origin.line));
        let is_certain = |problem: &Diagnostic| {
            let follows = is_incomplete && OF_ABSENCE.contains(&problem.code);
            !follows && problem.origin().is_some() && !problem.labels.iter().any(|label| is_doubtful(&label.origin))
        };
        problems.extend(next(program).problems.into_iter().filter(is_certain));
        Report::failed(problems)
    }
}

/// Evaluates a script. Call it on a thread with a few hundred MiB of stack: deeply nested scripts recurse.
pub fn eval(input: &Input<'_>) -> Evaluation {
    let budget = input.limits.start();
    let run = recovery::continued(evaluate(input, None, &budget), input, &budget);
    let stacks = run.value.map_or_else(Vec::new, |value| stacks(value, input, &run.state));
    version_checks::report(&run.state, &stacks, input);
    finish(&run.state, stacks, budget)
}

/// The outcome of one evaluation.
struct EvalOutput {
    state: Rc<EvalState>,
    /// The last value; none if an error ended the evaluation.
    value: Option<Dynamic>,
    /// The variables and constants at its end, in the order of their declarations.
    variables: Vec<(String, Dynamic)>,
    /// Whether the user interrupted it.
    interrupted: bool,
}

/// Evaluates a text to its end. In a concatenated source, every origin is in one of its parts.
fn evaluate(input: &Input<'_>, whole: Option<&Rc<ConcatenatedSource>>, budget: &Budget) -> EvalOutput {
    let mut types: BTreeSet<String> = source::resource_types(input.text).into_iter().collect();
    loop {
        let run = attempt(input, whole, &types, (budget, LastCall::None));
        let missing = run.state.missing_types.take();
        // A module named types that this engine has no functions for: evaluation is pure, so it starts again with them.
        if !missing.is_empty() {
            types.extend(missing);
            continue;
        }
        if !run.interrupted {
            call_traces::add(&run.state, (input, budget), whole, &types);
        }
        return run;
    }
}

/// The call that ends an evaluation early, so that Rhai reports the calls that led to it.
#[derive(Clone, Copy)]
enum LastCall {
    /// No call.
    None,
    /// The call of the problem with this index.
    OfProblem(usize),
    /// The call with this number among those inside of functions.
    Number(u32),
}

fn attempt(
    input: &Input<'_>,
    whole: Option<&Rc<ConcatenatedSource>>,
    types: &BTreeSet<String>,
    (budget, last): (&Budget, LastCall),
) -> EvalOutput {
    let state = Rc::new(EvalState::new(whole.cloned(), Rc::clone(&input.files), input.limits.clone()));
    match last {
        LastCall::None => {}
        LastCall::OfProblem(at) => state.ends_at.set(Some(at)),
        LastCall::Number(number) => state.ends_at_call.set(Some(number)),
    }
    state.known_types.borrow_mut().clone_from(types);
    *state.settings.borrow_mut() = SettingsResolver::new(input.given.clone());
    let mut run = EvalOutput { state: Rc::clone(&state), value: None, variables: Vec::new(), interrupted: false };
    if let Some(problem) = unreadable(input) {
        state.sources.borrow_mut().add(input.name, input.text);
        state.report(problem);
        return run;
    }
    let engine = engine(input, &state, types, budget);
    let mut scope = Scope::new();
    match evaluate_in(&mut scope, &engine, input, &state) {
        Ok(value) => run.value = Some(value),
        Err(error) => run.interrupted = error::report(*error, input.name, &state, &input.limits),
    }
    run.variables = scope.iter_raw().map(|(name, _, value)| (name.to_owned(), value.clone())).collect();
    run.variables.reverse();
    run
}

fn unreadable(input: &Input<'_>) -> Option<Diagnostic> {
    let origin = Origin::new(input.name, 0, 0);
    if input.text.len() > input.limits.source {
        let size = u64::try_from(input.text.len()).unwrap_or(u64::MAX);
        return Some(LoadError::TooLarge(size).problem(input.name).at(&origin, ""));
    }
    binary(input.name, input.text)
}

/// Returns the problem of a text with NUL characters, as programs and images have them.
fn binary(name: &str, text: &str) -> Option<Diagnostic> {
    let problem = || Diagnostic::new(Code::NotAScript, format!("`{name}` is not text: it holds NUL characters"));
    text.contains('\0').then(|| problem().at(&Origin::new(name, 0, 0), ""))
}

thread_local! {
    /// Rhai's own functions, which the engines of a thread share.
    static STANDARD: StandardPackage = StandardPackage::new();

    /// Holds the functions for problems and packages, which no block has.
    static OWN: Shared<Module> = {
        let mut globals = GlobalFunctions::new();
        packages::register(&mut globals);
        raised::register(&mut globals);
        globals.shared()
    };
}

fn engine(input: &Input<'_>, state: &Rc<EvalState>, types: &BTreeSet<String>, budget: &Budget) -> Engine {
    let mut engine = Engine::new_raw();
    STANDARD.with(|package| {
        package.register_into_engine(&mut engine);
    });
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    // A text that is evaluated has no file, and no lint sees it.
    engine.disable_symbol("eval");
    engine.set_default_tag(state.tag());
    engine.set_module_resolver(modules::ImportResolver::new(Rc::clone(&input.files), Rc::clone(state)));
    limited_engine::apply(&mut engine, &input.limits, budget, state);
    bindings::register_all(&mut engine, types);
    OWN.with(|functions| engine.register_global_module(Shared::clone(functions)));
    if input.text.contains(poison::FUNCTION) {
        recovery::register(&mut engine);
    }
    let printing = Rc::clone(state);
    engine.on_print(move |text| printing.print(Origin::unknown(), text));
    let debugging = Rc::clone(state);
    engine.on_debug(move |text, source, position| {
        let origin = debugging.origin_at(source.unwrap_or(""), position);
        debugging.print(origin, text);
    });
    engine
}

fn evaluate_in(
    scope: &mut Scope<'_>,
    engine: &Engine,
    input: &Input<'_>,
    state: &EvalState,
) -> Result<Dynamic, Box<EvalAltResult>> {
    let ast = Source::new(input.name, input.text).compile(engine, state)?;
    engine.eval_ast_with_scope::<Dynamic>(scope, &ast)
}

/// Returns the stacks that a script ends with: one, or a list of them.
fn stacks(value: Dynamic, input: &Input<'_>, state: &EvalState) -> Vec<Rc<Stack>> {
    if input.text.trim().is_empty() {
        state.report(not_a_stack("the script is empty", input));
        return Vec::new();
    }
    let items = match value.clone().try_cast::<Array>() {
        Some(items) => items,
        None => vec![value],
    };
    if items.is_empty() {
        state.report(not_a_stack("the script ends with an empty list", input));
    }
    let mut stacks = Vec::new();
    for item in items.into_iter().filter(|item| !poison::is(item)) {
        let found = describe::describe(&item);
        match item.try_cast::<Rc<Stack>>() {
            Some(stack) => stacks.push(stack),
            None => {
                let problem = not_a_stack(&format!("the script ends with {found} and not with a stack"), input);
                state.report(problem.help_if(of_a_package(&found, input)));
            }
        }
    }
    stacks
}

/// Returns what to do with a script of a project that has functions and no stack.
fn of_a_package(found: &str, input: &Input<'_>) -> Option<String> {
    let has_functions = || exports::exports_of(input.text).items.iter().any(|item| item.parameters.is_some());
    let is_package = found == "nothing" && input.files.packages().project().is_some() && has_functions();
    is_package.then(|| "for a package, which has functions for others: `rtiler test` runs its tests".to_owned())
}

fn not_a_stack(message: &str, input: &Input<'_>) -> Diagnostic {
    let last = lexer::tokens(input.text).filter(|token| token.kind != lexer::Kind::Comment).last();
    let origin = last.map_or_else(|| Origin::new(input.name, 0, 0), |token| Origin::new(input.name, token.line, 0));
    Diagnostic::new(Code::NotAStack, message)
        .at(&origin, "")
        .help("let the last expression be a stack, `Stack(\"name\").add(service)`, or a list of stacks")
}

fn finish(state: &EvalState, stacks: Vec<Rc<Stack>>, budget: Budget) -> Evaluation {
    let settings = state.settings.take();
    let mut problems = state.problems.take();
    // A script that was stopped has not declared all its settings yet.
    if !stacks.is_empty() {
        problems.extend(settings.unclaimed());
    }
    // Rhai evaluates arguments before the chain around them; users read from the top.
    problems.sort_by_cached_key(|problem| problem.origin().cloned());
    let secrets = secret_settings(settings.settings());
    let program = Program { stacks, referenced_blocks: state.mentions.take(), secrets };
    let has_errors = problems.iter().any(Diagnostic::is_error);
    let partial = has_errors.then(|| PartialProgram {
        program: program.clone(),
        doubtful: state.versions.borrow().doubtful(),
        is_incomplete: state.has_poison.get(),
    });
    Evaluation {
        report: Report::new(program, problems),
        partial: partial.filter(|partial| !partial.program.stacks.is_empty()),
        sources: state.sources.take(),
        settings: settings.settings().to_vec(),
        printed: state.printed.take(),
        budget,
    }
}

//! Tests of scripts: functions `test_*` of a file in `tests/`, each evaluated for itself.
//!
//! [`tests_of`] lists the tests of a file, [`run_test`] runs one. `declared` documents the functions that only tests have, `functions` has them, `arguments` what these share, `other_script` evaluates scripts, `raised`
//! those that wait for a problem, `resource_match` compares resources, `comparison` values, `snapshot` recorded ones,
//! `rehearsal` deploys. What reaches outside is behind [`TestHost`].
//!
//! *Invariant*: a test reads the files of the project and nothing else: no environment, no `.env`, no clock, no network. It has
//! the limits of an evaluation.

mod arguments;
mod comparison;
mod declared;
mod functions;
mod other_script;
mod raised;
mod rehearsal;
mod resource_match;
mod session;
mod snapshot;

use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{CallFnOptions, Dynamic, Scope};

pub(crate) use declared::{names, template_methods};
use session::TestSession;
pub use session::{RehearsalRequest, RehearsedStack, SnapshotUse, TestHost};

use super::eval_state::EvalState;
use super::lexer::{Kind, Token, tokens};
use super::loops::point_at_loops;
use super::restricted_files::{FilesOfTest, TestVariables};
use super::source::{Source, resource_types};
use super::{Input, Limits, SourceLoader, engine, error, policies, unreadable};
use crate::budget::Budget;
use crate::diag::{Code, Diagnostic, Origin, SourceMap};
use crate::script::global_functions::GlobalFunctions;

/// The beginning of the names of tests.
const PREFIX: &str = "test_";

/// A file of tests and all that its tests may use.
pub struct TestInput<'a> {
    /// The path of the file as users know it.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The files of the project.
    pub files: Rc<dyn SourceLoader>,
    /// The port to rehearsals and snapshots.
    pub host: Rc<dyn TestHost>,
    /// The limits of each test.
    pub limits: Limits,
}

/// A test of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFunction {
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub origin: Origin,
    /// Whether it has parameters, which a test cannot have.
    has_parameters: bool,
}

/// The result of a test.
pub struct TestRun {
    /// The errors, in the order of their occurrence; the test passed if there are none.
    pub problems: Vec<Diagnostic>,
    /// The texts that problems point into.
    pub sources: SourceMap,
    /// The lines that the test printed, each with its origin.
    pub printed: Vec<(Origin, String)>,
}

/// Returns the tests of a file in their order. Nothing is evaluated.
pub fn tests_of(name: &str, text: &str) -> Vec<TestFunction> {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let found = |window: &[Token<'_>]| match window {
        [keyword, function, open, close] if keyword.is_word(&["fn"]) && function.text.starts_with(PREFIX) => {
            let origin = Origin::new(name, function.line, function.column);
            let has_parameters = open.is("(") && !close.is(")");
            Some(TestFunction { name: function.text.to_owned(), origin, has_parameters })
        }
        _ => None,
    };
    tokens.windows(4).filter_map(found).collect()
}

/// Runs a test. Call it on a thread with a few hundred MiB of stack, as for [`eval`](super::eval).
pub fn run_test(input: &TestInput<'_>, test: &TestFunction) -> TestRun {
    if test.has_parameters {
        let problem = Diagnostic::new(Code::WrongArguments, format!("the test `{}` has parameters", test.name));
        let problem = problem.at(&test.origin, "").help(format!("write `fn {}() {{ .. }}`", test.name));
        let mut sources = SourceMap::default();
        sources.add(input.name, input.text);
        return TestRun { problems: vec![problem], sources, printed: Vec::new() };
    }
    run(input, test)
}

fn run(input: &TestInput<'_>, test: &TestFunction) -> TestRun {
    let budget = input.limits.start();
    let mut types: BTreeSet<String> = resource_types(input.text).into_iter().collect();
    loop {
        let state = attempt(input, test, &types, &budget);
        // As for scripts: a module named types that the engine has no functions for.
        let missing = state.missing_types.take();
        if missing.is_empty() {
            return finished(&state);
        }
        types.extend(missing);
    }
}

fn finished(state: &EvalState) -> TestRun {
    let mut problems = state.problems.take();
    problems.retain(Diagnostic::is_error);
    // A call of the test itself, which Rhai has not.
    problems.iter_mut().for_each(|problem| problem.trace.retain(|frame| frame.origin.line > 0));
    TestRun { problems, sources: state.sources.take(), printed: state.printed.take() }
}

fn attempt(input: &TestInput<'_>, test: &TestFunction, types: &BTreeSet<String>, budget: &Budget) -> Rc<EvalState> {
    let variables = TestVariables::default();
    let files = FilesOfTest { files: Rc::clone(&input.files), variables: Rc::clone(&variables) };
    let files: Rc<dyn SourceLoader> = Rc::new(files);
    let limits = input.limits.clone();
    let state = Rc::new(EvalState::new(None, Rc::clone(&files), limits.clone()));
    state.known_types.borrow_mut().clone_from(types);
    let host = Rc::clone(&input.host);
    let session = TestSession::new(host, (Rc::clone(&files), variables), limits.clone(), stem(input.name));
    let _ = state.test.set(Rc::new(session));
    let script = Input { name: input.name, text: input.text, files, given: Vec::new(), limits };
    if let Some(problem) = unreadable(&script) {
        state.sources.borrow_mut().add(input.name, input.text);
        state.report(problem);
        return state;
    }
    let mut engine = engine(&script, &state, types, budget);
    let mut globals = GlobalFunctions::new();
    functions::register(&mut globals);
    policies::functions::register(&mut globals);
    globals.add_to(&mut engine);
    let compiled = Source::new(input.name, input.text).compile(&engine, &state);
    let mut scope = Scope::new();
    let result = compiled.and_then(|ast| {
        let options = CallFnOptions::new().eval_ast(true);
        engine.call_fn_with_options::<Dynamic>(options, &mut scope, &ast, &test.name, ())
    });
    if let Err(error) = result
        && error::report(*error, input.name, &state, &input.limits)
    {
        state.report(Diagnostic::new(Code::LimitTime, "the test was interrupted"));
    }
    place_limit(&state, test);
    state
}

/// Gives the error of a limit a place: Rhai knows the call of the test only, which is in no file.
fn place_limit(state: &EvalState, test: &TestFunction) {
    let mut problems = state.problems.borrow_mut();
    let Some(problem) = problems.last_mut() else { return };
    if problem.origin().is_none_or(|origin| origin.line == 0) {
        point_at_loops(problem, Some(&test.name), &state.sources.borrow());
    }
    let is_placed = problem.labels.iter().any(|label| label.origin.line > 0);
    problem.labels.retain(|label| label.origin.line > 0 || !is_placed);
    for label in problem.labels.iter_mut().filter(|label| label.origin.line == 0) {
        label.origin = test.origin.clone();
    }
}

/// Returns the name of a file without its folder and its end.
fn stem(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.strip_suffix(".rhai").unwrap_or(file).to_owned()
}

#[cfg(test)]
mod tests;

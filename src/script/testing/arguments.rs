//! The arguments of the functions of tests, and what these functions share: failures, and the synthesis of stacks.

use std::rc::Rc;

use rhai::{Dynamic, Map};

use super::session::TestSession;
use crate::block::Stack;
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic, apply_suppressions};
use crate::script::call::{Argument, Call, ConversionError, FromScript};
use crate::script::eval_state::EvalState;
use crate::synth::{DesiredStack, synth};

/// Any value.
pub(super) struct Anything(pub(super) Dynamic);
/// A map of names and values.
pub(super) struct AnyMap(pub(super) Map);
/// A stack, or a list of stacks.
pub(super) struct Stacks {
    pub(super) stacks: Vec<Rc<Stack>>,
    /// Whether they are in a list.
    pub(super) is_list: bool,
}

impl FromScript for Anything {
    const EXPECTED: &'static str = "a value";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        Ok(Self(value.flatten()))
    }
}

impl FromScript for AnyMap {
    const EXPECTED: &'static str = "a map";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        value.flatten().try_cast::<Map>().map(Self).ok_or(None)
    }
}

impl FromScript for Stacks {
    const EXPECTED: &'static str = "a stack, or a list of stacks";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        Self::of(&value.flatten()).ok_or(None)
    }
}

impl Stacks {
    /// Returns the stacks of a value; none if it is something else, or an empty list.
    pub(super) fn of(value: &Dynamic) -> Option<Self> {
        let stack = |item: &Dynamic| item.read_lock::<Rc<Stack>>().map(|stack| Rc::clone(&stack));
        if let Ok(items) = value.as_array_ref() {
            let stacks: Option<Vec<_>> = items.iter().map(stack).collect();
            return stacks.filter(|stacks| !stacks.is_empty()).map(|stacks| Self { stacks, is_list: true });
        }
        stack(value).map(|stack| Self { stacks: vec![stack], is_list: false })
    }
}

/// Returns the state of the test that makes a call.
pub(super) fn session(state: &EvalState) -> Rc<TestSession> {
    let session = state.test.get().and_then(|session| Rc::clone(session).downcast().ok());
    session.expect("only the engines of tests have the functions of tests")
}

/// Reports the failure of an assertion, which ends the test.
pub(super) fn fail(call: &Call<'_>, problem: Diagnostic) -> Option<Dynamic> {
    let mut problem = problem;
    let others = std::mem::take(&mut problem.labels);
    let mut problem = problem.at(&call.at.origin, "");
    problem.labels.extend(others);
    call.report(problem);
    None
}

/// Creates the failure of an assertion.
pub(super) fn failed(message: &str) -> Diagnostic {
    Diagnostic::new(Code::Assertion, message)
}

/// Returns the templates of stacks with their warnings; reports errors of the synthesis.
pub(super) fn synthesized(call: &Call<'_>, stacks: Vec<Rc<Stack>>) -> Option<(Vec<DesiredStack>, Vec<Diagnostic>)> {
    let (program, mut warnings) = session(call.state).program(stacks, &call.state.mentions.borrow());
    let report = synth(&program, Schema::embedded());
    let Some(stacks) = report.value else {
        for problem in report.problems.into_iter().filter(Diagnostic::is_error) {
            let is_elsewhere = problem.origin().is_some_and(|origin| origin.source != call.at.origin.source);
            let problem = if is_elsewhere { problem.at(&call.at.origin, "found here") } else { problem };
            call.report(problem);
        }
        return None;
    };
    warnings.extend(report.problems);
    let mut warnings = apply_suppressions(warnings, &call.state.sources.borrow(), false);
    warnings.retain(|problem| problem.code != Code::SuppressionWithoutReason);
    Some((stacks, warnings))
}

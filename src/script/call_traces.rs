//! The calls that led to a problem inside of a function.
//!
//! Rhai reports the calls only of the error that ends an evaluation, so the script is evaluated again for each problem and
//! ends there.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::concatenated_source::ConcatenatedSource;
use super::eval_state::EvalState;
use super::packages::{is_inside, point_at_caller};
use super::raised::REPORTED;
use super::source::resource_types;
use super::{Input, LastCall, attempt};
use crate::budget::Budget;
use crate::diag::{Diagnostic, TraceFrame};

/// The maximum number of problems that get a call trace.
const MAX_TRACES: usize = 20;

/// The maximum number of problems of `warn` and `options` that are moved to the calls of their functions.
const MAX_MOVED: usize = 100;

/// Adds the call traces of the problems after which the evaluation continued.
pub(super) fn add(
    state: &EvalState,
    (input, budget): (&Input<'_>, &Budget),
    whole: Option<&Rc<ConcatenatedSource>>,
    types: &BTreeSet<String>,
) {
    let is_moved =
        |at: &usize| state.problems.borrow().get(*at).is_some_and(|problem| REPORTED.contains(&problem.code));
    let (moved, others): (Vec<usize>, Vec<usize>) = state.recovered.take().into_iter().partition(is_moved);
    for at in moved.into_iter().take(MAX_MOVED).chain(others.into_iter().take(MAX_TRACES)) {
        if budget.exceeded().is_some() {
            return;
        }
        let again = attempt(input, whole, types, (budget, LastCall::OfProblem(at))).state;
        // The evaluation that ended there has the same problem, with its calls.
        let traced = again.problems.borrow().get(at).cloned();
        if let (Some(problem), Some(traced)) = (state.problems.borrow_mut().get_mut(at), traced) {
            *problem = traced;
        }
    }
}

/// Adds the call traces of problems that synthesis found at a line inside of a function, within what is left of the budget.
pub fn trace_problems(of: (&Input<'_>, &Budget), problems: &mut [Diagnostic]) {
    trace(of, problems.iter_mut());
}

/// Moves the problems that synthesis found inside of packages and modules of rtiler to the calls of the project, so that comments above the calls
/// suppress them.
pub fn trace_problems_of_packages(of: (&Input<'_>, &Budget), problems: &mut [Diagnostic]) {
    let packages = of.0.files.packages();
    trace(of, problems.iter_mut().filter(|problem| is_inside(problem, &packages)));
}

fn trace<'p>((input, budget): (&Input<'_>, &Budget), problems: impl Iterator<Item = &'p mut Diagnostic>) {
    let mut types: BTreeSet<String> = resource_types(input.text).into_iter().collect();
    let without = problems.filter(|problem| problem.trace.is_empty());
    let inside = without.filter_map(|problem| Some((problem.origin()?.call, problem))).filter(|(call, _)| *call > 0);
    for (call, problem) in inside.take(MAX_TRACES) {
        if budget.exceeded().is_some() {
            return;
        }
        problem.trace = calls_to(call, (input, budget), &mut types);
        point_at_caller(problem, &input.files.packages());
    }
}

/// Returns the calls that lead to a call, innermost first.
fn calls_to(call: u32, (input, budget): (&Input<'_>, &Budget), types: &mut BTreeSet<String>) -> Vec<TraceFrame> {
    loop {
        let state = attempt(input, None, types, (budget, LastCall::Number(call))).state;
        let missing = state.missing_types.take();
        if missing.is_empty() {
            return state.calls_to_end.take();
        }
        types.extend(missing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Limits, NoFiles, eval};

    #[test]
    fn only_calls_inside_of_functions_have_a_number() {
        let text = "fn sized(s) { s.cpu(256) }\nlet a = sized(FargateService(\"A\")).memory(512).cpu(512);\n\
                    Stack(\"a\").add(a).add(sized(a))";
        let input =
            Input { name: "a.rhai", text, files: Rc::new(NoFiles), given: Vec::new(), limits: Limits::default() };
        let problems = eval(&input).report.problems;
        let calls: Vec<(u32, bool)> = problems
            .iter()
            .flat_map(|problem| &problem.labels)
            .map(|label| (label.origin.line, label.origin.call > 0))
            .collect();
        assert_eq!(calls, [(1, true), (2, false), (2, false), (1, true)]);
    }
}

//! Scripts: evaluated, synthesised, and what is accepted rehearsed.

use std::rc::Rc;

use arbitrary::Unstructured;

use super::{Allocated, NAME, assert_shown, generate, limits, rehearsal, template};
use crate::cfn::schema::Schema;
use crate::cfn::{check, emit};
use crate::diag::{Diagnostic, apply_suppressions};
use crate::script::{Input, NoFiles, eval, trace_problems};
use crate::synth::{DesiredStack, synth_within};

/// Evaluates an input as a script.
pub(super) fn text(input: &[u8], allocated: Allocated) {
    if let Ok(text) = std::str::from_utf8(input) {
        evaluate(text, allocated);
    }
}

/// Makes a script from an input, most of it valid, and evaluates it.
pub(super) fn generated(input: &[u8], allocated: Allocated) {
    if let Ok(text) = generate::script(&mut Unstructured::new(input)) {
        evaluate(&text, allocated);
    }
}

/// Asserts what holds for every script: its problems have places, and what is accepted can be deployed.
fn evaluate(text: &str, allocated: Allocated) {
    let input = Input { name: NAME, text, files: Rc::new(NoFiles), given: Vec::new(), limits: limits(allocated) };
    let evaluation = eval(&input);
    let report = evaluation.report.and_then(|program| synth_within(&program, Schema::embedded(), &evaluation.budget));
    let mut problems = apply_suppressions(report.problems, &evaluation.sources, report.value.is_some());
    problems.dedup();
    trace_problems((&input, &evaluation.budget), &mut problems);
    assert_shown(&problems, &evaluation.sources);
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    match report.value {
        Some(stacks) if errors == 0 => assert_deployable(&stacks, text),
        Some(_) => {}
        None => assert_ne!(errors, 0, "no stack and no error:\n{text}"),
    }
}

/// Asserts that the templates of accepted stacks are read as they were written, and that a rehearsal of them ends.
fn assert_deployable(stacks: &[DesiredStack], text: &str) {
    /// The largest script that is rehearsed: others take too long for one input.
    const MOST: usize = 60;
    for stack in stacks {
        template::assert_written_alike(&stack.template);
        for (name, body) in [("input.yaml", stack.body().into_owned()), ("input.json", emit::json(&stack.template))] {
            let errors: Vec<Diagnostic> = check::file(name, &body, Schema::embedded());
            let errors: Vec<&str> =
                errors.iter().filter(|problem| problem.is_error()).map(|problem| problem.message.as_str()).collect();
            assert!(errors.is_empty(), "an accepted script has a wrong template: {errors:?}\n{text}\n{body}");
        }
    }
    if stacks.iter().map(|stack| stack.template.resources.len()).sum::<usize>() <= MOST {
        rehearsal::assert_ends(stacks);
    }
}

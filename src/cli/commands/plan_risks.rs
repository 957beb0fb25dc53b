//! Warnings of `plan` and `diff` about deployments that would fail.

use super::context::CommandContext;
use crate::cfn::schema::Schema;
use crate::deploy::plan::Plan;
use crate::deploy::plan::fixed_names::fixed_names;
use crate::diag::Diagnostic;

/// Reports what `deploy` would refuse about these plans.
pub(super) fn report<'p>(plans: impl Iterator<Item = &'p Plan>, cx: &CommandContext<'_>) {
    let problems = plans.flat_map(|plan| {
        let desired = cx.stacks.iter().find(|stack| stack.name == plan.stack);
        desired.map(|stack| fixed_names(plan, &stack.template, Schema::embedded())).unwrap_or_default()
    });
    let problems: Vec<Diagnostic> = problems.map(Diagnostic::as_warning).collect();
    cx.report(&problems);
}

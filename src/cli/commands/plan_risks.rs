//! Warnings of `plan` and `diff` about deployments that would fail, lose data or interrupt a service.

use super::context::CommandContext;
use crate::cfn::schema::Schema;
use crate::deploy::plan::Plan;
use crate::deploy::plan::fixed_names::fixed_names;
use crate::deploy::plan::warnings::plan_warnings;
use crate::diag::Diagnostic;

/// Reports what `deploy` would refuse or warn about.
pub(super) fn report<'p>(plans: impl Iterator<Item = &'p Plan>, cx: &CommandContext<'_>) {
    let mut problems = Vec::new();
    for plan in plans {
        let Some(stack) = cx.stacks.iter().find(|stack| stack.name == plan.stack) else { continue };
        let refused = fixed_names(plan, &stack.template, Schema::embedded());
        problems.extend(refused.into_iter().map(Diagnostic::as_warning));
        problems.extend(plan_warnings(plan, stack));
    }
    cx.report(&problems);
}

//! Diagnostics of calls that AWS refused after a stack was changed: what was done, what was not, and what to run.

use crate::deploy::api::AwsError;
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::plan::Plan;
use crate::diag::{Code, CommandName, Diagnostic, Hint, SuggestedCommand};
use crate::synth::DesiredStack;

/// Reports that the stack is deployed, and its termination protection could not be set.
pub(super) fn protection_not_set(stack: &DesiredStack, error: &AwsError) -> Diagnostic {
    let (name, action) = (&stack.name, if stack.termination_protection { "enabled" } else { "disabled" });
    let message = format!("stack `{name}` is deployed, but its termination protection was not {action}");
    let again = Hint::from("run ").command(CommandName::Deploy.of(name)).text(" again: only this is left to do");
    because(Diagnostic::new(Code::ProtectionNotSet, message), refused(stack, error)).help(again)
}

/// Reports that the stack is deployed, and services that the change set did not touch may still run a hotswapped task
/// definition.
pub(super) fn hotswap_not_reverted(stack: &DesiredStack, plan: &Plan, cause: Diagnostic) -> Diagnostic {
    let name = &stack.name;
    let services = plan.hotswapped.iter().map(|it| format!("`{}`", it.service)).collect::<Vec<_>>().join(", ");
    let message = format!("stack `{name}` is deployed, but {services} may still run what a hotswap started");
    let again = Hint::from("run ")
        .command(CommandName::Deploy.of(name))
        .text(" again: it restores the stack's task definitions");
    because(Diagnostic::new(Code::ServiceNotRestored, message), cause).help(again)
}

/// Reports that the services did not become stable, and the applied configuration was not reverted. `created`: the stack
/// is new, so that the revert deletes it.
pub(super) fn not_reverted(stack: &DesiredStack, created: bool, cause: Diagnostic) -> Diagnostic {
    let name = &stack.name;
    let (action, alternative) = if created {
        ("deleted", Hint::from("or delete it with ").command(CommandName::Destroy.of(name)))
    } else {
        ("reverted", Hint::from("or return to the previous version with ").command(CommandName::Rollback.of(name)))
    };
    let message =
        format!("stack `{name}` was not {action}: it has the script's configuration, and its services are not stable");
    let problem = because(Diagnostic::new(Code::RevertFailed, message), cause);
    problem.help(fix_then(CommandName::Deploy.of(name))).help(alternative)
}

/// Reports that the services of a hotswap did not become stable, and not all of them run their previous task definition.
pub(super) fn hotswap_not_rolled_back(stack: &DesiredStack, cause: Diagnostic) -> Diagnostic {
    let name = &stack.name;
    let message = format!("the services of stack `{name}` were not given back what they ran before");
    because(Diagnostic::new(Code::RevertFailed, message), cause).help(fix_then(CommandName::Hotswap.of(name))).help(
        Hint::from("or run ").command(CommandName::Deploy.of(name)).text(": it restores the stack's task definitions"),
    )
}

fn fix_then(command: SuggestedCommand) -> Hint {
    Hint::from("fix what keeps the services from stabilizing, then run ").command(command).text(" again")
}

/// Reports that the caller stopped the run before AWS was asked.
pub(super) fn stopped(stack: &DesiredStack) -> Diagnostic {
    Diagnostic::new(Code::RevertFailed, "the run was stopped before AWS was asked to").at(&stack.origin, "this stack")
}

/// Adds a cause: its origin, its message and notes, and first of all its help.
fn because(problem: Diagnostic, cause: Diagnostic) -> Diagnostic {
    let problem = Diagnostic { labels: cause.labels, ..problem }.note(cause.message);
    let problem = cause.notes.into_iter().fold(problem, Diagnostic::note);
    cause.hints.into_iter().fold(problem, Diagnostic::help)
}

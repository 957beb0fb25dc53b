//! What AWS refuses once a stack was changed: what is done, what is not, and what to run.

use crate::deploy::api::AwsError;
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::plan::Plan;
use crate::diag::{Code, CommandName, Diagnostic, Hint, SuggestedCommand};
use crate::synth::DesiredStack;

/// The stack is deployed, and its termination protection is not what the script says.
pub(super) fn unprotected(desired: &DesiredStack, error: &AwsError) -> Diagnostic {
    let (name, switched) = (&desired.name, if desired.termination_protection { "on" } else { "off" });
    let message = format!("stack `{name}` is deployed, but its termination protection was not switched {switched}");
    let again = Hint::from("run ").command(CommandName::Deploy.of(name)).text(" again: nothing else is left to do");
    because(Diagnostic::new(Code::ProtectionNotSet, message), refused(desired, error)).help(again)
}

/// The stack is deployed, and services that the change set did not touch still run what a rollout left.
pub(super) fn strayed(desired: &DesiredStack, plan: &Plan, error: &AwsError) -> Diagnostic {
    let name = &desired.name;
    let services = plan.rolled_out.iter().map(|it| format!("`{}`", it.service)).collect::<Vec<_>>().join(", ");
    let message = format!("stack `{name}` is deployed, but {services} may still run what a hotswap started");
    let again = Hint::from("run ")
        .command(CommandName::Deploy.of(name))
        .text(" again: it restores them to the stack's version");
    because(Diagnostic::new(Code::ServiceNotRestored, message), refused(desired, error)).help(again)
}

/// The services did not become stable, CloudFormation has applied everything, and it was not put back. `made`: the stack
/// is new, so that going back is to delete it.
pub(super) fn not_put_back(desired: &DesiredStack, made: bool, why: Diagnostic) -> Diagnostic {
    let name = &desired.name;
    let (what, or) = if made {
        ("deleted", Hint::from("or delete it with ").command(CommandName::Destroy.of(name)))
    } else {
        ("rolled back", Hint::from("or return to the previous version with ").command(CommandName::Rollback.of(name)))
    };
    let message =
        format!("stack `{name}` was not {what}: it has what the script wants, and its services are not stable");
    because(Diagnostic::new(Code::RevertFailed, message), why).help(fix_then(CommandName::Deploy.of(name))).help(or)
}

/// The services of a rollout did not become stable, and not all of them got back what they ran.
pub(super) fn not_exchanged_back(desired: &DesiredStack, error: &AwsError) -> Diagnostic {
    let name = &desired.name;
    let message = format!("the services of stack `{name}` were not given back what they ran before");
    because(Diagnostic::new(Code::RevertFailed, message), refused(desired, error))
        .help(fix_then(CommandName::Hotswap.of(name)))
        .help(
            Hint::from("or run ")
                .command(CommandName::Deploy.of(name))
                .text(": it restores them to the stack's version"),
        )
}

fn fix_then(command: SuggestedCommand) -> Hint {
    Hint::from("fix what keeps the services from stabilizing, then run ").command(command).text(" again")
}

/// A problem with its reason in AWS's words: where that one stands, what it notes, and what to do about it first.
fn because(problem: Diagnostic, why: Diagnostic) -> Diagnostic {
    let problem = Diagnostic { labels: why.labels, ..problem }.note(why.message);
    let problem = why.notes.into_iter().fold(problem, Diagnostic::note);
    why.hints.into_iter().fold(problem, Diagnostic::help)
}

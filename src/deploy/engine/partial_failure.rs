//! What AWS refuses once a stack was changed: what is done, what is not, and what to run.

use crate::deploy::api::AwsError;
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::plan::Plan;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// The stack is deployed, and its termination protection is not what the script says.
pub(super) fn unprotected(desired: &DesiredStack, error: &AwsError) -> Diagnostic {
    let (name, switched) = (&desired.name, if desired.termination_protection { "on" } else { "off" });
    let message = format!("stack `{name}` is deployed, but its termination protection was not switched {switched}");
    let again = format!("run `deploy {name}` again: nothing else is left to do");
    because(Diagnostic::new(Code::ProtectionNotSet, message), refused(desired, error)).help(again)
}

/// The stack is deployed, and services that the change set did not touch still run what a rollout left.
pub(super) fn strayed(desired: &DesiredStack, plan: &Plan, error: &AwsError) -> Diagnostic {
    let name = &desired.name;
    let services = plan.rolled_out.iter().map(|it| format!("`{}`", it.service)).collect::<Vec<_>>().join(", ");
    let message = format!("stack `{name}` is deployed, but {services} may still run what a `hotswap` left");
    let again = format!("run `deploy {name}` again: it gives them what the stack has for them");
    because(Diagnostic::new(Code::ServiceNotRestored, message), refused(desired, error)).help(again)
}

/// The services did not become stable, CloudFormation has applied everything, and it was not put back. `made`: the stack
/// is new, so that going back is to delete it.
pub(super) fn not_put_back(desired: &DesiredStack, made: bool, why: Diagnostic) -> Diagnostic {
    let name = &desired.name;
    let (what, or) = if made {
        ("deleted", format!("or take it away with `destroy {name}`"))
    } else {
        ("put back", format!("or go back to what was deployed before with `rollback {name}`"))
    };
    let message =
        format!("stack `{name}` was not {what}: it has what the script wants, and its services are not stable");
    because(Diagnostic::new(Code::RevertFailed, message), why)
        .help(format!("mend what keeps the services from being stable and run `deploy {name}` again"))
        .help(or)
}

/// The services of a rollout did not become stable, and not all of them got back what they ran.
pub(super) fn not_exchanged_back(desired: &DesiredStack, error: &AwsError) -> Diagnostic {
    let name = &desired.name;
    let message = format!("the services of stack `{name}` were not given back what they ran before");
    because(Diagnostic::new(Code::RevertFailed, message), refused(desired, error))
        .help(format!("mend what keeps the services from being stable and run `hotswap {name}` again"))
        .help(format!("or run `deploy {name}`: it gives them what the stack has for them"))
}

/// A problem with its reason in AWS's words: where that one stands, what it notes, and what to do about it first.
fn because(problem: Diagnostic, why: Diagnostic) -> Diagnostic {
    let problem = Diagnostic { labels: why.labels, ..problem }.note(why.message);
    let problem = why.notes.into_iter().fold(problem, Diagnostic::note);
    why.hints.into_iter().fold(problem, Diagnostic::help)
}

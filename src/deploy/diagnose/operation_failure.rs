//! Why an operation did not come to what was wanted.

use super::stack_failure::{diagnose_stack_failure, rollback_failures};
use super::task_failure::diagnose_task_failure;
use crate::deploy::engine::event::CancelReason;
use crate::deploy::engine::progress::OperationResult;
use crate::deploy::engine::watch::FinishedOperation;
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// One cause is no chance when it stopped so many tasks.
const NO_CHANCE: u32 = 2;

/// The causes of an operation's end at their lines of the script.
pub(crate) fn diagnose(desired: &DesiredStack, ended: &FinishedOperation) -> Vec<Diagnostic> {
    let diagnoses = ended.services.dog.diagnoses();
    let (template, origin) = (&desired.template, &desired.origin);
    let Some(why) = &ended.cancelled else {
        return diagnose_stack_failure(&desired.name, template, origin, &ended.progress, ended.verdict, &diagnoses);
    };
    let mut told = diagnose_cancelled(desired, why, &diagnoses);
    told.extend(rollback_failures(&desired.name, template, origin, &ended.progress));
    let note = match ended.verdict {
        OperationResult::RolledBack => "it was cancelled, and the stack was rolled back",
        _ => "it was cancelled, and the stack needs a decision",
    };
    if let Some(first) = told.first_mut() {
        first.notes.push(note.to_owned());
    }
    told
}

/// Why an operation was cancelled: the caller's wish or its time, then what was wrong with its services.
pub(crate) fn diagnose_cancelled(
    desired: &DesiredStack,
    why: &CancelReason,
    diagnoses: &[Diagnosis],
) -> Vec<Diagnostic> {
    let own = match why {
        CancelReason::GaveUp { .. } => None,
        CancelReason::TimedOut { after_s } => Some(
            Diagnostic::new(
                Code::DeploymentTimedOut,
                format!("stack `{}` was not done after {after_s} seconds", desired.name),
            )
            .at(&desired.origin, "this stack")
            .help("give it more time with `--timeout`, or leave the limit out"),
        ),
        CancelReason::Asked => {
            let message = format!("the deployment of stack `{}` was cancelled, as you asked", desired.name);
            Some(Diagnostic::new(Code::DeploymentCancelled, message).at(&desired.origin, "this stack"))
        }
    };
    let given_up =
        |seen: &&Diagnosis| matches!(why, CancelReason::GaveUp { diagnosis } if diagnosis.service == seen.service);
    let worth = diagnoses.iter().filter(|seen| given_up(seen) || seen.times >= NO_CHANCE);
    let located = worth.map(|seen| diagnose_task_failure(seen, &desired.template, &desired.origin));
    own.into_iter().chain(located).collect()
}

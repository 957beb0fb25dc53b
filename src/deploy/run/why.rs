//! Why an operation did not come to what was wanted.

use super::follow::Ended;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Why;
use crate::deploy::explain::{explain, undoings};
use crate::deploy::progress::Verdict;
use crate::deploy::watch::{Diagnosis, locate};
use crate::diag::{Code, Diagnostic};

/// One cause is no chance when it stopped so many tasks.
const NO_CHANCE: u32 = 2;

/// The causes of an operation's end at their lines of the script.
pub(super) fn why(desired: &DesiredStack, ended: &Ended) -> Vec<Diagnostic> {
    let diagnoses = ended.services.dog.diagnoses();
    let (template, origin) = (&desired.template, &desired.origin);
    let Some(why) = &ended.cancelled else {
        return explain(&desired.name, template, origin, &ended.progress, ended.verdict, &diagnoses);
    };
    let mut told = of_cancelled(desired, why, &diagnoses);
    told.extend(undoings(&desired.name, template, origin, &ended.progress));
    let note = match ended.verdict {
        Verdict::RolledBack => "it was cancelled, and the stack was rolled back",
        _ => "it was cancelled, and the stack needs a decision",
    };
    if let Some(first) = told.first_mut() {
        first.notes.push(note.to_owned());
    }
    told
}

/// Why an operation was cancelled: the caller's wish or its time, then what was wrong with its services.
pub(super) fn of_cancelled(desired: &DesiredStack, why: &Why, diagnoses: &[Diagnosis]) -> Vec<Diagnostic> {
    let own = match why {
        Why::GaveUp { .. } => None,
        Why::TimedOut { after_s } => Some(
            Diagnostic::new(
                Code::DeploymentTimedOut,
                format!("stack `{}` was not done after {after_s} seconds", desired.name),
            )
            .at(&desired.origin, "this stack")
            .help("give it more time with `--timeout`, or leave the limit out"),
        ),
        Why::Asked => {
            let message = format!("the deployment of stack `{}` was cancelled, as you asked", desired.name);
            Some(Diagnostic::new(Code::DeploymentCancelled, message).at(&desired.origin, "this stack"))
        }
    };
    let given_up = |seen: &&Diagnosis| matches!(why, Why::GaveUp { diagnosis } if diagnosis.service == seen.service);
    let worth = diagnoses.iter().filter(|seen| given_up(seen) || seen.times >= NO_CHANCE);
    let located = worth.map(|seen| locate(seen, &desired.template, &desired.origin));
    own.into_iter().chain(located).collect()
}

//! Diagnostics of task failures, at the line of the script that set what failed.

mod explanation;
mod resources;

use crate::cfn::Template;
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Diagnostic, Hint, Origin};
use explanation::{Effect, Subject, explanation};
use resources::TaskResources;

/// The number of log lines that are shown with a problem.
const LOG_LINES: usize = 10;

/// Returns the diagnostic of a cause, at the line of the script that set what failed.
pub(crate) fn diagnose_task_failure(diagnosis: &Diagnosis, template: &Template, stack: &Origin) -> Diagnostic {
    let cause = &diagnosis.cause;
    let explanation = explanation(cause);
    let problem = Diagnostic::new(explanation.code, explanation.title(&diagnosis.service, cause.code));
    let resources = TaskResources::of(template, diagnosis);
    let label = label(diagnosis, explanation.effect);
    let problem = match resources.blamed(explanation) {
        Some((resource, path)) => problem.at(resource.origin_of(&path), label),
        None => problem.at(stack, label),
    };
    let message = cause.message.trim();
    let is_whole = message.contains(&cause.brief()) && cause.brief().len() == message.len();
    let problem = if is_whole { problem } else { problem.note(format!("AWS says: {message}")) };
    let subject = Subject {
        service: &diagnosis.service,
        image: resources.image(),
        health_check_path: resources.health_check_path(),
        grace_period: resources.grace_period(),
    };
    let hints: Vec<Hint> = (explanation.help)(cause, &subject);
    with_log(hints.into_iter().fold(problem, Diagnostic::help), diagnosis)
}

fn with_log(problem: Diagnostic, diagnosis: &Diagnosis) -> Diagnostic {
    let skipped = diagnosis.log.len().saturating_sub(LOG_LINES);
    let lines: Vec<_> = diagnosis.log.iter().skip(skipped).map(|line| line.text.trim_end()).collect();
    if lines.is_empty() { problem } else { problem.note(format!("last log lines:\n{}", lines.join("\n"))) }
}

/// Returns the label: `3 tasks stopped: CannotPullContainerError: manifest unknown`.
fn label(diagnosis: &Diagnosis, effect: Effect) -> String {
    let message = diagnosis.cause.brief();
    match (effect, diagnosis.times) {
        (Effect::NotPlaced, 1) => format!("no task could be placed: {message}"),
        (Effect::NotPlaced, times) => format!("no task could be placed, {times} times: {message}"),
        (Effect::Judged, _) => message,
        (Effect::NotReplaced, _) => format!("no task could be replaced: {message}"),
        (Effect::CheckFailed, 1) => format!("1 task failed this health check: {message}"),
        (Effect::CheckFailed, times) => format!("{times} tasks failed this health check: {message}"),
        (Effect::Stopped, 1) => format!("1 task stopped: {message}"),
        (Effect::Stopped, times) => format!("{times} tasks stopped: {message}"),
    }
}

#[cfg(test)]
mod tests;

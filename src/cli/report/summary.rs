use std::time::Duration;

use super::event_text::duration;
use super::style::{bad, bold, faint, good};
use crate::deploy::api::StackOutput;
use crate::deploy::diagnose::timeline::Timeline;
use crate::deploy::{StackOutcome, StackResult};

/// What came of a stack, with its outputs.
pub(crate) fn closing(outcome: &StackOutcome) -> String {
    closing_of(&outcome.stack, &outcome.ending, outcome.duration, &outcome.outputs, &outcome.retained)
}

/// The same, of its parts: what a record keeps.
pub(crate) fn closing_of(
    stack: &str,
    ending: &StackResult,
    lasted: Duration,
    outputs: &[StackOutput],
    retained: &[String],
) -> String {
    let took = faint(&format!("in {}", duration(lasted)));
    let said = match ending {
        StackResult::Created => format!("{} {took}", good("created")),
        StackResult::Updated => format!("{} {took}", good("updated")),
        StackResult::RolledBackOnRequest => format!("{} {took}", good("rolled back, as you asked")),
        StackResult::Deleted => format!("{} {took}", good("deleted")),
        StackResult::Unchanged => "no changes".into(),
        StackResult::NotDeployed => "is not deployed".into(),
        StackResult::Declined => "not deployed".into(),
        StackResult::RolledBack => format!("{} {took}", bad("failed and was rolled back")),
        StackResult::Failed => format!("{} {took}", bad("failed")),
        StackResult::Rejected => bad("refused"),
        StackResult::Blocked => bad("not deployed"),
        StackResult::Skipped => "not started".into(),
        StackResult::Detached => "left running".into(),
        StackResult::ConnectionLost => bad("goes on, and AWS cannot be asked any more"),
    };
    let mut text = format!("{} {said}\n", bold(stack));
    if ending.is_good() {
        let width = outputs.iter().map(|output| output.key.len()).max().unwrap_or(0);
        for output in outputs {
            text.push_str(&format!("  {:<width$} = {}\n", output.key, output.value));
        }
    }
    for kept in retained {
        text.push_str(&format!("  kept, and yours to delete: {kept}\n"));
    }
    text
}

/// The chain of resources that decides how long a deployment takes, each with its share.
pub(crate) fn critical_path(stack: &str, timeline: &Timeline) -> String {
    // What takes less than a second is not what makes it slow.
    let steps =
        timeline.critical.iter().filter_map(|at| timeline.spans.get(*at)).filter(|span| span.duration().as_secs() > 0);
    let steps: Vec<String> =
        steps.map(|span| format!("  {:>9}  {}", duration(span.duration()), span.logical_id)).collect();
    if steps.is_empty() {
        return String::new();
    }
    let title = format!("what takes the time in {stack}, one after the other:");
    format!("{}\n{}\n", faint(&title), steps.join("\n"))
}

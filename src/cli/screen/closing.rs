use std::time::Duration;

use super::paint::{bad, bold, faint, good};
use super::words::duration;
use crate::deploy::ports::StackOutput;
use crate::deploy::timeline::Timeline;
use crate::deploy::{Ending, StackOutcome};

/// What came of a stack, with its outputs.
pub(crate) fn closing(outcome: &StackOutcome) -> String {
    closing_of(&outcome.stack, &outcome.ending, outcome.duration, &outcome.outputs, &outcome.retained)
}

/// The same, of its parts: what a record keeps.
pub(crate) fn closing_of(
    stack: &str,
    ending: &Ending,
    lasted: Duration,
    outputs: &[StackOutput],
    retained: &[String],
) -> String {
    let took = faint(&format!("in {}", duration(lasted)));
    let said = match ending {
        Ending::Created => format!("{} {took}", good("created")),
        Ending::Updated => format!("{} {took}", good("updated")),
        Ending::Undone => format!("{} {took}", good("rolled back, as you asked")),
        Ending::Deleted => format!("{} {took}", good("deleted")),
        Ending::Unchanged => "no changes".into(),
        Ending::Absent => "is not deployed".into(),
        Ending::Declined => "not deployed".into(),
        Ending::RolledBack => format!("{} {took}", bad("failed and was rolled back")),
        Ending::Failed => format!("{} {took}", bad("failed")),
        Ending::Refused => bad("refused"),
        Ending::Withheld => bad("not deployed"),
        Ending::NotStarted => "not started".into(),
        Ending::LeftRunning => "left running".into(),
        Ending::LostTouch => bad("goes on, and AWS cannot be asked any more"),
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

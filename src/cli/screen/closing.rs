use super::paint::{bad, bold, faint, good};
use super::words::duration;
use crate::deploy::{Ending, StackOutcome};

/// What came of a stack, with its outputs.
pub(crate) fn closing(outcome: &StackOutcome) -> String {
    let took = faint(&format!("in {}", duration(outcome.duration)));
    let said = match outcome.ending {
        Ending::Created => format!("{} {took}", good("created")),
        Ending::Updated => format!("{} {took}", good("updated")),
        Ending::Deleted => format!("{} {took}", good("deleted")),
        Ending::Unchanged => "no changes".into(),
        Ending::Absent => "is not deployed".into(),
        Ending::Declined => "not deployed".into(),
        Ending::RolledBack => format!("{} {took}", bad("failed and was rolled back")),
        Ending::Failed => format!("{} {took}", bad("failed")),
        Ending::Refused => bad("refused"),
        Ending::NotStarted => "not started".into(),
        Ending::LeftRunning => "left running".into(),
        Ending::LostTouch => bad("goes on, and AWS cannot be asked any more"),
    };
    let mut text = format!("{} {said}\n", bold(&outcome.stack));
    if outcome.ending.is_good() {
        let width = outcome.outputs.iter().map(|output| output.key.len()).max().unwrap_or(0);
        for output in &outcome.outputs {
            text.push_str(&format!("  {:<width$} = {}\n", output.key, output.value));
        }
    }
    for kept in &outcome.retained {
        text.push_str(&format!("  kept, and yours to delete: {kept}\n"));
    }
    text
}

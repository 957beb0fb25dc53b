//! The parts of the command line that the fuzz targets call: what is shown of files that others wrote.

use super::report::{plan, summary_of};
use super::terminal::Detail;
use crate::deploy::plan::Plan;
use crate::deploy::record::RecordEntry;
use crate::diag::Diagnostic;

pub(crate) use super::process_usage::ProcessUsage;

/// The widths of a narrow terminal, and of a pipe.
const DETAILS: [Detail; 2] =
    [Detail { verbose: true, width: 30, values: None }, Detail { verbose: false, width: usize::MAX, values: None }];

/// Returns the problem of a text that is not a saved plan.
pub(crate) fn plan_problem(name: &str, error: serde_json::Error) -> Diagnostic {
    super::commands::plan_file::unreadable(name, Some(error))
}

/// Returns the entries of a record, and a warning for each line that cannot be read.
pub(crate) fn read_record(name: &str, text: &str) -> (Vec<RecordEntry>, Vec<Diagnostic>) {
    super::replay::entries(name, text)
}

/// Returns a plan as it is shown.
pub(crate) fn shown_plan(planned: &Plan) -> Vec<String> {
    DETAILS.into_iter().map(|detail| plan(planned, detail)).collect()
}

/// Returns the lines of a record as `replay` shows them.
pub(crate) fn shown_record(entries: &[RecordEntry]) -> Vec<String> {
    let stacks: Vec<&str> = entries.iter().flat_map(super::replay::stacks).collect();
    DETAILS.into_iter().flat_map(|detail| shown(entries, &stacks, detail)).collect()
}

fn shown(entries: &[RecordEntry], stacks: &[&str], detail: Detail) -> Vec<String> {
    let mut display = super::report::fuzz::Display::new(stacks);
    let mut lines = Vec::new();
    for entry in entries {
        match entry {
            RecordEntry::RunStarted(started) => lines.push(super::replay::title(started)),
            RecordEntry::Event { time, event } => lines.extend(display.lines(event, *time, detail)),
            RecordEntry::RunFinished(end) => {
                for stack in &end.stacks {
                    let _ = serde_json::to_string(&super::json::StackRunResult::from(stack.clone()));
                    let (outputs, retained) = (&stack.outputs, &stack.retained);
                    let text = summary_of(&stack.stack, &stack.result, stack.duration, outputs, retained, detail.width);
                    lines.push(text);
                }
            }
        }
    }
    lines
}

use std::time::Duration;

use super::format::duration;
use super::style::{bad, bold, faint, good};
use crate::cli::text_width::{pad, width as columns, wrap};
use crate::deploy::api::StackOutput;
use crate::deploy::diagnose::timeline::{Span, Timeline};
use crate::deploy::{StackOutcome, StackResult};
use crate::printable::one_line;

/// Returns the result of a stack, with its outputs.
pub(crate) fn summary(outcome: &StackOutcome, width: usize) -> String {
    summary_of(&outcome.stack, &outcome.result, outcome.duration, &outcome.outputs, &outcome.retained, width)
}

/// Returns the result of a stack from the parts that a record has.
pub(crate) fn summary_of(
    stack: &str,
    ending: &StackResult,
    took: Duration,
    outputs: &[StackOutput],
    retained: &[String],
    width: usize,
) -> String {
    let stack = &*one_line(stack);
    let took = faint(&format!("in {}", duration(took)));
    let result = match ending {
        StackResult::Declined | StackResult::Blocked | StackResult::Interrupted | StackResult::Rejected => {
            return format!("nothing was changed in {}\n", bold(stack));
        }
        StackResult::Created => format!("{} {took}", good("created")),
        StackResult::Updated => format!("{} {took}", good("updated")),
        StackResult::Imported => format!("{} {took}", good("imported")),
        StackResult::RolledBackOnRequest => format!("{} {took}", good("rolled back")),
        StackResult::Deleted => format!("{} {took}", good("deleted")),
        StackResult::Unchanged => return format!("{}: no changes\n", bold(stack)),
        StackResult::NotDeployed => "is not deployed".into(),
        StackResult::RolledBack => format!("{} {took}", bad("failed and was rolled back")),
        StackResult::Failed => format!("{} {took}", bad("failed")),
        StackResult::Skipped => "skipped".into(),
        StackResult::Detached => "detached".into(),
        StackResult::ConnectionLost => bad("result unknown: lost connection to AWS while the operation was running"),
    };
    let mut text = format!("{} {result}\n", bold(stack));
    if ending.is_success() {
        let widest = outputs.iter().map(|output| columns(&output.key)).max().unwrap_or(0);
        for output in outputs {
            let line = format!("  {} = {}", pad(&output.key, widest), one_line(&output.value));
            text.push_str(&wrap(&line, width, 2));
            text.push('\n');
        }
    }
    for id in retained {
        text.push_str(&format!("  retained, no longer managed: {}\n", one_line(id)));
    }
    text
}

/// Returns the chain of resources that determines the duration of an operation. The durations of a rehearsal are estimates.
pub(crate) fn critical_path(stack: &str, timeline: &Timeline, estimated: bool) -> String {
    let stack = one_line(stack);
    // A step of less than a second is not worth a line.
    let steps =
        timeline.critical.iter().filter_map(|at| timeline.spans.get(*at)).filter(|span| span.duration().as_secs() > 0);
    let about = if estimated { "about " } else { "" };
    let took = |span: &Span| format!("{about}{}", duration(span.duration()));
    let steps: Vec<String> = steps.map(|span| format!("  {:>9}  {}", took(span), one_line(&span.logical_id))).collect();
    if steps.is_empty() {
        return String::new();
    }
    let title = if estimated {
        format!("critical path of {stack}, with estimated durations:")
    } else {
        format!("critical path of {stack}:")
    };
    format!("{}\n{}\n", faint(&title), steps.join("\n"))
}

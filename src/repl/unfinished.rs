//! Notes about a block that is not finished yet: while it is built line by line, a missing part is not a mistake.

use super::styled_text::{StyledText, TextStyle};
use crate::diag::{Code, Diagnostic};

/// The problems of a value that a further setter solves.
const UNFINISHED: [Code; 5] =
    [Code::ClusterWithoutNetwork, Code::EmptyStack, Code::MissingImage, Code::MissingProperty, Code::MissingSubnets];

/// Returns whether a problem only says that something is missing yet.
pub(super) fn is_unfinished(problem: &Diagnostic) -> bool {
    UNFINISHED.contains(&problem.code)
}

/// Returns a line for each missing part.
pub(super) fn notes(missing: &[Diagnostic]) -> StyledText {
    let mut text = StyledText::default();
    for problem in missing {
        let hints: Vec<String> = problem.hints.iter().map(ToString::to_string).collect();
        let hints = if hints.is_empty() { String::new() } else { format!("; {}", hints.join("; ")) };
        text.end_line();
        text.push(TextStyle::Changed, "note: ");
        text.push(TextStyle::Faint, format!("not finished yet: {}{hints}\n", problem.message));
    }
    text
}

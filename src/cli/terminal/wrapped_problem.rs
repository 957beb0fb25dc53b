//! Diagnostics on a narrow terminal: sentences are wrapped between words, source lines stay as they are.

use crate::cli::text_width::{width, wrap_with};
use crate::printable::plain;

/// The columns that a wrapped text has at least; in fewer columns it is not readable.
const NARROWEST: usize = 16;

/// Wraps the sentences of a rendered diagnostic.
pub(super) fn wrapped(text: &str, to: usize) -> String {
    text.split('\n').map(|line| wrapped_line(line, to)).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, to: usize) -> String {
    let shown = plain(line);
    let is_place = ["-->", ":::"].iter().any(|arrow| shown.trim_start().starts_with(arrow));
    // An editor opens a place by its whole line.
    if is_place { line.to_owned() } else { wrap_with(line, to, &continuation(&shown, to)) }
}

/// Returns what the further lines of a line begin with.
fn continuation(line: &str, to: usize) -> String {
    let blank = |columns: usize| " ".repeat(if columns + NARROWEST <= to { columns } else { 2 });
    let trimmed = line.trim_start();
    for mark in ["= note: ", "= help: ", "help: ", "note: "] {
        if let Some(text) = trimmed.strip_prefix(mark) {
            return blank(width(line) - width(text));
        }
    }
    // The text of a label is behind the gutter and its carets.
    let label = trimmed.trim_start_matches([' ', '|', '^', '-', '_']);
    let (before, gutter) = (width(line) - width(label), width(line) - width(trimmed));
    if trimmed.starts_with('|') && before + NARROWEST <= to {
        return format!("{}|{}", " ".repeat(gutter), " ".repeat(before - gutter - 1));
    }
    // A further line of a note continues where it began.
    blank(gutter.max(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_wrapped_and_continue_where_they_began() {
        let text = "\
error[fargate-size]: Fargate cannot run 256 CPU units
 --> folder/of/stacks/app.rhai:2:5
  |
2 | .memory(300)
  |  ^^^^^^ not offered for 256 CPU units
  |
  = note: the table of sizes has no such pair
          its last line is longer
help: with 256 CPU units, memory is one of `512, 1024, 2048`";
        let expected = "\
error[fargate-size]: Fargate
  cannot run 256 CPU units
 --> folder/of/stacks/app.rhai:2:5
  |
2 | .memory(300)
  |  ^^^^^^ not offered for
  |         256 CPU units
  |
  = note: the table of sizes
          has no such pair
          its last line is
          longer
help: with 256 CPU units,
      memory is one of
      `512, 1024, 2048`";
        assert_eq!(wrapped(text, 28), expected);
        assert_eq!(wrapped(text, usize::MAX), text, "in a pipe");
    }
}

//! Long output goes through a pager.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::cli::terminal::{Stream, Terminal};
use crate::cli::text_width::width;
use crate::printable::{Painted, plain};

/// The prompt of `less`, with its special characters escaped. Its own is a colon, which looks like the beginning of a
/// command.
const LESS_PROMPT: &str = "[pager] space\\: next page, q\\: back to rtiler";

/// The number of screens that are printed without a pager.
const SCREENS: usize = 3;

/// Shows a text; through `$PAGER`, else `less`, if the user wants that or it is longer than three screens.
pub(super) fn show(text: &str, is_requested: bool, terminal: &Terminal) {
    if text.is_empty() {
        return;
    }
    let size = Stream::Output.size();
    let is_long = size.is_some_and(|(columns, height)| rows(text, columns) > SCREENS * height.max(1));
    let uses_pager = size.is_some() && (is_requested || is_long);
    if !uses_pager || !show_in_pager(&terminal.painted(text)) {
        terminal.print(text);
    }
}

/// Returns the rows that a text takes in a window of a width.
fn rows(text: &str, columns: usize) -> usize {
    plain(text).lines().map(|line| width(line).div_ceil(columns.max(1)).max(1)).sum()
}

/// Shows a text in the pager; returns whether there is one.
fn show_in_pager(text: &Painted) -> bool {
    let variable = std::env::var("PAGER").ok();
    let pager = variable.as_deref().map_or("less -R", str::trim);
    if pager.is_empty() || pager == "cat" || std::env::var("TERM").is_ok_and(|kind| kind == "dumb") {
        return false;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", pager]).stdin(Stdio::piped());
    shell.env("LESS", less_options(&std::env::var("LESS").unwrap_or_default()));
    // Lines that are typed into the pager by mistake must not run programs or write files.
    let Ok(mut child) = shell.env("LESSSECURE", "1").spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // The user may leave the pager before the end.
        let _ = input.write_all(text.as_str().as_bytes());
    }
    // A shell that finds no such program ends with 127.
    child.wait().is_ok_and(|status| status.code() != Some(127))
}

/// Returns the options of `less`: those of the user with colours and our prompt, in each of its three lengths.
fn less_options(of_user: &str) -> String {
    format!("{of_user} -R -Ps{LESS_PROMPT}$ -Pm{LESS_PROMPT}$ -PM{LESS_PROMPT}$").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_of_the_pager_is_never_a_colon() {
        assert!(less_options("-iM").starts_with("-iM -R -Ps[pager] "));
        assert!(!LESS_PROMPT.starts_with([':', '>']));
    }

    #[test]
    fn rows_include_wrapped_lines_and_ignore_colours() {
        assert_eq!(rows("abc\n\nabcdefghijk\n", 10), 4);
        assert_eq!(rows(&(crate::cli::report::bold("abcdefghij") + "\n"), 10), 1);
        assert_eq!(rows("abc", 0), 3);
    }
}

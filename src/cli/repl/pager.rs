//! Long answers go through a pager.

use std::io::Write;
use std::process::{Command, Stdio};

use anstream::adapter::strip_str;

use crate::cli::terminal::Terminal;

/// What `less` says at its last row.
const LESS_PROMPT: &str = "more below\\: space goes on, q returns to the prompt";

/// Shows an answer; through `$PAGER`, else `less -R`, where it is longer than the window.
pub(super) fn show(text: &str, terminal: &Terminal) {
    if text.is_empty() {
        return;
    }
    let size = terminal_size::terminal_size_of(std::io::stdout());
    let fits = size.is_none_or(|(width, height)| {
        // The prompt below wants a row, too.
        rows(text, usize::from(width.0)) < usize::from(height.0).max(1)
    });
    if fits || !paged(text, terminal) {
        terminal.answer(text);
    }
}

/// Rows of a window so wide that a text takes.
fn rows(text: &str, width: usize) -> usize {
    let plain = strip_str(text).to_string();
    plain.lines().map(|line| line.chars().count().div_ceil(width.max(1)).max(1)).sum()
}

/// True where a pager showed it.
fn paged(text: &str, terminal: &Terminal) -> bool {
    let named = std::env::var("PAGER").ok();
    let pager = named.as_deref().map_or("less -R", str::trim);
    if pager.is_empty() || pager == "cat" || std::env::var("TERM").is_ok_and(|kind| kind == "dumb") {
        return false;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", pager]).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Its own prompt is a colon, which looks like the beginning of a command.
        shell.env("LESS", format!("-R -P{LESS_PROMPT}$"));
    }
    // What is typed in the belief that this is the prompt must not run programs or write files.
    let Ok(mut child) = shell.env("LESSSECURE", "1").spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // Who has seen enough leaves the pager before the end.
        let _ = input.write_all(terminal.painted(text).as_bytes());
    }
    // A shell that finds no such program ends with 127.
    child.wait().is_ok_and(|status| status.code() != Some(127))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_what_is_wrapped_and_no_colours() {
        assert_eq!(rows("abc\n\nabcdefghijk\n", 10), 4);
        assert_eq!(rows("\u{1b}[1mabcdefghij\u{1b}[0m\n", 10), 1);
        assert_eq!(rows("abc", 0), 3);
    }
}

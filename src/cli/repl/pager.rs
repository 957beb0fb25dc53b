//! Long output goes through a pager.

use std::io::Write;
use std::process::{Command, Stdio};

use anstream::adapter::strip_str;

use crate::cli::terminal::Terminal;

/// The prompt of `less`.
const LESS_PROMPT: &str = "more below\\: space continues, q returns to the prompt";

/// Shows a text; through `$PAGER`, else `less -R`, if it is longer than the window.
pub(super) fn show(text: &str, terminal: &Terminal) {
    if text.is_empty() {
        return;
    }
    let size = terminal_size::terminal_size_of(std::io::stdout());
    let fits = size.is_none_or(|(width, height)| {
        // The prompt below takes a row.
        rows(text, usize::from(width.0)) < usize::from(height.0).max(1)
    });
    if fits || !show_in_pager(text, terminal) {
        terminal.print(text);
    }
}

/// Returns the rows that a text takes in a window of a width.
fn rows(text: &str, width: usize) -> usize {
    let plain = strip_str(text).to_string();
    plain.lines().map(|line| line.chars().count().div_ceil(width.max(1)).max(1)).sum()
}

/// Shows a text in the pager; returns whether there is one.
fn show_in_pager(text: &str, terminal: &Terminal) -> bool {
    let variable = std::env::var("PAGER").ok();
    let pager = variable.as_deref().map_or("less -R", str::trim);
    if pager.is_empty() || pager == "cat" || std::env::var("TERM").is_ok_and(|kind| kind == "dumb") {
        return false;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", pager]).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Its default prompt is a colon, which looks like the beginning of a command.
        shell.env("LESS", format!("-R -P{LESS_PROMPT}$"));
    }
    // Lines that are typed into the pager by mistake must not run programs or write files.
    let Ok(mut child) = shell.env("LESSSECURE", "1").spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // The user may leave the pager before the end.
        let _ = input.write_all(terminal.painted(text).as_bytes());
    }
    // A shell that finds no such program ends with 127.
    child.wait().is_ok_and(|status| status.code() != Some(127))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_include_wrapped_lines_and_ignore_colours() {
        assert_eq!(rows("abc\n\nabcdefghijk\n", 10), 4);
        assert_eq!(rows("\u{1b}[1mabcdefghij\u{1b}[0m\n", 10), 1);
        assert_eq!(rows("abc", 0), 3);
    }
}

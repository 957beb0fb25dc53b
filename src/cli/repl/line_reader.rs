//! User input, and reading it from a terminal that cannot move its cursor.

use super::ctrl_c::SigintFlag;
use crate::cli::terminal::Terminal;
use crate::script::session::EntryReader;

/// The input of a user.
pub(super) enum LineInput {
    /// One entry or several.
    Text(String),
    /// The user cleared the line with Ctrl-C.
    Cleared {
        /// Whether the line was blank.
        was_blank: bool,
    },
    /// The end of the input, by Ctrl-D.
    End,
    /// The input cannot be read.
    Failed(String),
}

/// Reads an entry from a terminal that cannot move its cursor: `TERM=dumb`.
pub(super) fn read_without_cursor(sigint: &SigintFlag, terminal: &Terminal) -> LineInput {
    let mut text = String::new();
    loop {
        terminal.print(if text.is_empty() { "> " } else { ". " });
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) => return LineInput::End,
            Ok(_) => {}
            Err(error) => return LineInput::Failed(error.to_string()),
        }
        // The terminal drops the line in which Ctrl-C was pressed; the lines before it are dropped here.
        if sigint.clear() {
            text.clear();
        }
        text += &line;
        if !EntryReader::is_open(&text) {
            return LineInput::Text(text);
        }
    }
}

//! Text from a person, or from a terminal that only knows lines.

use std::io::Write;

use super::ctrl_c::SigintFlag;
use crate::script::session::EntryReader;

/// What was typed.
pub(super) enum LineInput {
    /// An entry, or several.
    Text(String),
    /// The line was given up; whether there was nothing in it.
    Cleared {
        /// Nothing was typed.
        was_blank: bool,
    },
    /// The user leaves.
    Left,
    /// Nothing can be read any more.
    Broken(String),
}

/// Reads an entry from a terminal that cannot move its cursor: `TERM=dumb`.
pub(super) fn read_plainly(interrupt: &SigintFlag) -> LineInput {
    let mut text = String::new();
    loop {
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "{}", if text.is_empty() { "> " } else { ". " }).and_then(|()| out.flush());
        drop(out);
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) => return LineInput::Left,
            Ok(_) => {}
            Err(error) => return LineInput::Broken(error.to_string()),
        }
        // The terminal itself forgets the line in which Ctrl-C was pressed; what was typed before it goes, too.
        if interrupt.clear() {
            text.clear();
        }
        text += &line;
        if !EntryReader::is_open(&text) {
            return LineInput::Text(text);
        }
    }
}

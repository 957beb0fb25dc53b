//! Text from a person, or from a terminal that only knows lines.

use std::io::Write;

use super::interrupt::Interrupt;
use crate::script::session::Reading;

/// What was typed.
pub(super) enum Typed {
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
pub(super) fn read_plainly(interrupt: &Interrupt) -> Typed {
    let mut text = String::new();
    loop {
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "{}", if text.is_empty() { "> " } else { ". " }).and_then(|()| out.flush());
        drop(out);
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) => return Typed::Left,
            Ok(_) => {}
            Err(error) => return Typed::Broken(error.to_string()),
        }
        // The terminal itself forgets the line in which Ctrl-C was pressed; what was typed before it goes, too.
        if interrupt.clear() {
            text.clear();
        }
        text += &line;
        if !Reading::is_open(&text) {
            return Typed::Text(text);
        }
    }
}

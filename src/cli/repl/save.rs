//! `:save`: a file is written whole or not at all, and never over another one without a word.

use std::path::Path;

use crate::cli::files::{read_text, write_whole};
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::repl::{StyledText, TextStyle};
use crate::script::session::Diagnostics;

/// Writes a file; who is `asked` may say that another one is overwritten.
pub(super) fn file(path: &str, text: &str, asked: Option<&Terminal>) -> Result<StyledText, Diagnostics> {
    let place = Path::new(path);
    if place.is_dir() {
        return Err(unwritable(path, "it is a folder"));
    }
    if place.exists() {
        if read_text(place).is_ok_and(|old| old == text) {
            return Ok(StyledText::default().with(TextStyle::Faint, format!("{path} says the same already\n")));
        }
        let question = format!("{path} is there already; overwrite it?");
        match asked.and_then(|terminal| terminal.ask(&question)) {
            Some(true) => {}
            Some(false) => return Ok(StyledText::default().with(TextStyle::Faint, "nothing was written\n")),
            None => return Err(occupied(path)),
        }
    }
    match write_whole(place, text) {
        Ok(()) => Ok(StyledText::default().with(TextStyle::Good, format!("wrote {path}\n"))),
        Err(error) => Err(unwritable(path, &error.to_string())),
    }
}

fn unwritable(path: &str, why: &str) -> Diagnostics {
    let problem = Diagnostic::new(Code::FileUnwritable, format!("`{path}` could not be written: {why}"));
    Diagnostics::of(problem.help("choose another place"))
}

fn occupied(path: &str) -> Diagnostics {
    let problem = Diagnostic::new(Code::FileExists, format!("`{path}` is there already; nothing was written"));
    Diagnostics::of(problem.help("choose another name, or take the file away first"))
}

//! `:save`: a file is written whole or not at all, and another one is never overwritten without a question.

use std::path::Path;

use crate::cli::files::{read_text, write_whole};
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::repl::{StyledText, TextStyle};
use crate::script::session::Diagnostics;

/// Writes a file; asks at the terminal, if there is one, before it overwrites another one.
pub(super) fn file(path: &str, text: &str, terminal: Option<&Terminal>) -> Result<StyledText, Diagnostics> {
    let target = Path::new(path);
    if target.is_dir() {
        return Err(unwritable(path, "it is a directory"));
    }
    if target.exists() {
        if read_text(target).is_ok_and(|old| old == text) {
            return Ok(StyledText::default().with(TextStyle::Faint, format!("{path} is unchanged\n")));
        }
        let question = format!("{path} exists; overwrite it?");
        match terminal.and_then(|terminal| terminal.ask(&question)) {
            Some(true) => {}
            Some(false) => return Ok(StyledText::default().with(TextStyle::Faint, format!("{path} was not written\n"))),
            None => return Err(exists(path)),
        }
    }
    match write_whole(target, text) {
        Ok(()) => Ok(StyledText::default().with(TextStyle::Good, format!("wrote {path}\n"))),
        Err(error) => Err(unwritable(path, &error.to_string())),
    }
}

fn unwritable(path: &str, reason: &str) -> Diagnostics {
    let problem = Diagnostic::new(Code::FileUnwritable, format!("cannot write `{path}`: {reason}"));
    Diagnostics::of(problem.help("choose another path"))
}

fn exists(path: &str) -> Diagnostics {
    let problem = Diagnostic::new(Code::FileExists, format!("`{path}` exists; it was not overwritten"));
    Diagnostics::of(problem.help("choose another name, or remove the file first"))
}

//! `:edit`: the user's own editor.

use std::path::Path;
use std::process::Command;

use crate::diag::{Code, Diagnostic};
use crate::script::session::Diagnostics;

/// Opens a file in the editor of `$VISUAL` or `$EDITOR` and waits for its end; true where the file is there after it.
pub(super) fn file(path: &str, attended: bool) -> Result<bool, Diagnostics> {
    let named =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()));
    let editor = named.ok_or_else(|| {
        told("neither `$VISUAL` nor `$EDITOR` names an editor".to_owned(), "set one: `export EDITOR=nano`")
    })?;
    if !attended {
        return Err(told("an editor wants a terminal".to_owned(), "change the file by other means, then `:reload`"));
    }
    // Both variables may hold arguments, and quotes: a shell reads them as they were meant.
    let ended = Command::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh", path]).status();
    match ended {
        Ok(status) if status.success() => Ok(Path::new(path).exists()),
        Ok(status) => Err(told(format!("`{editor}` ended with {status}"), "the session is as it was before")),
        Err(error) => Err(told(format!("`{editor}` could not be started: {error}"), "set `$EDITOR` to an editor")),
    }
}

fn told(message: String, help: &str) -> Diagnostics {
    Diagnostics::of(Diagnostic::new(Code::NoEditor, message).help(help))
}

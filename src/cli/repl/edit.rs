//! `:edit`: the editor of the user.

use std::path::Path;
use std::process::Command;

use crate::diag::{Code, Diagnostic};
use crate::script::session::Diagnostics;

/// Opens a file in the editor of `$VISUAL` or `$EDITOR` and waits for it; returns whether the file exists then.
pub(super) fn file(path: &str, interactive: bool) -> Result<bool, Diagnostics> {
    let editor =
        ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|it| !it.trim().is_empty()));
    let editor = editor.ok_or_else(|| {
        no_editor("neither `$VISUAL` nor `$EDITOR` is set".to_owned(), "set one: `export EDITOR=nano`")
    })?;
    if !interactive {
        return Err(no_editor(
            "an editor needs a terminal".to_owned(),
            "change the file in another way, then `:reload`",
        ));
    }
    // Both variables may hold arguments and quotes, which a shell parses.
    let status = Command::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh", path]).status();
    match status {
        Ok(status) if status.success() => Ok(Path::new(path).exists()),
        Ok(status) => Err(no_editor(format!("`{editor}` failed: {status}"), "the session did not change")),
        Err(error) => Err(no_editor(format!("cannot start `{editor}`: {error}"), "set `$EDITOR` to an editor")),
    }
}

fn no_editor(message: String, help: &str) -> Diagnostics {
    Diagnostics::of(Diagnostic::new(Code::NoEditor, message).help(help))
}

//! What was typed, in this session and those before.

use std::path::{Path, PathBuf};

use super::Inner;

/// The file of the history, by the rules of the XDG base directories: `$XDG_STATE_HOME/rtiler/history`, else
/// `~/.local/state/rtiler/history`.
pub(super) fn file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(state.join("rtiler").join("history"))
}

/// Puts what is new at the end of the file.
pub(super) fn append(editor: &mut Inner, file: &Path) -> rustyline::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    editor.append_history(file)
}

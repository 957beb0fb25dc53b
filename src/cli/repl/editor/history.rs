//! The file of the history.

use std::path::{Path, PathBuf};

use super::Inner;

/// Returns the file of the history, by the rules of the XDG base directories: `$XDG_STATE_HOME/rtiler/history`, else
/// `~/.local/state/rtiler/history`.
pub(super) fn file() -> Option<PathBuf> {
    let directory = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = directory("XDG_STATE_HOME").or_else(|| Some(directory("HOME")?.join(".local/state")))?;
    Some(state.join("rtiler").join("history"))
}

/// Appends the new entries to the file.
pub(super) fn append(editor: &mut Inner, file: &Path) -> rustyline::Result<()> {
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    editor.append_history(file)
}

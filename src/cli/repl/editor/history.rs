//! The file of the history.

use std::path::{Path, PathBuf};

use rustyline::history::DefaultHistory;
use rustyline::{Editor, Helper};

/// Returns the file of the history, by the rules of the XDG base directories: `$XDG_STATE_HOME/rtiler/history`, else
/// `~/.local/state/rtiler/history`.
pub(super) fn file() -> Option<PathBuf> {
    let directory = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = directory("XDG_STATE_HOME").or_else(|| Some(directory("HOME")?.join(".local/state")))?;
    Some(state.join("rtiler").join("history"))
}

/// Loads the entries of earlier sessions. The first session has none; a file that cannot be read is ignored.
pub(super) fn load<H: Helper>(editor: &mut Editor<H, DefaultHistory>, file: &Path) {
    // Opening a named pipe would wait for its writer.
    if std::fs::metadata(file).is_ok_and(|found| found.is_file()) {
        close_to_others(file);
        let _ = editor.load_history(file);
    }
}

/// Appends the new entries to the file, which only the owner may read: an entry may hold a secret.
pub(super) fn append<H: Helper>(editor: &mut Editor<H, DefaultHistory>, file: &Path) -> rustyline::Result<()> {
    if let Some(directory) = file.parent() {
        create_private(directory)?;
    }
    editor.append_history(file)?;
    close_to_others(file);
    Ok(())
}

fn create_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Lets only the owner read the file, if the system allows it.
fn close_to_others(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0) {
            let _ = std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600));
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rustyline::history::History;

    use super::*;

    #[test]
    fn history_is_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rtiler/history");
        let mode = || std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777;
        let mut editor = Editor::<(), _>::with_config(rustyline::Config::default()).expect("an editor");
        editor.history_mut().add("let a = 1;").expect("an entry");
        append(&mut editor, &file).expect("it is appended");
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("a mode");
        load(&mut editor, &file);
        assert_eq!(mode(), 0o600);
    }
}

//! The files of a project.

use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::script::{LoadError, SourceLoader};

/// The largest file that is read as a script or template.
const LARGEST: u64 = 16 << 20;

/// The source files of a project: files above its root are not read.
pub(crate) struct ProjectFiles {
    root: PathBuf,
}

impl ProjectFiles {
    /// Creates the loader for the project of a script. Its root is the nearest folder above it with `rtiler.toml` or
    /// `.git`, else the working directory if that is above it, else the script's own folder.
    pub(crate) fn of(script: &Path) -> Self {
        let script = script.canonicalize().unwrap_or_else(|_| script.to_owned());
        let folder = script.parent().unwrap_or(Path::new("/")).to_owned();
        let is_root = |folder: &&Path| folder.join("rtiler.toml").exists() || folder.join(".git").exists();
        let marked = folder.ancestors().find(is_root).map(Path::to_owned);
        let working = std::env::current_dir().and_then(|working| working.canonicalize()).ok();
        let root = marked.or_else(|| working.filter(|working| folder.starts_with(working))).unwrap_or(folder);
        Self { root }
    }
}

impl SourceLoader for ProjectFiles {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        let full = Path::new(path).canonicalize().map_err(|error| unreadable(&error))?;
        if !full.starts_with(&self.root) {
            return Err(LoadError::Outside(self.root.display().to_string()));
        }
        read_text(&full)
    }
}

/// Reads a file as text.
pub(crate) fn read_text(path: &Path) -> Result<String, LoadError> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    let about = file.metadata().map_err(|error| unreadable(&error))?;
    if about.is_dir() {
        return Err(LoadError::Folder);
    }
    if about.len() > LARGEST {
        return Err(LoadError::TooLarge(about.len()));
    }
    // A device or pipe has no size and may never end.
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > LARGEST) {
        return Err(LoadError::TooLarge(LARGEST));
    }
    // Editors on Windows add a byte order mark, which is not part of the text.
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        LoadError::NotText(1 + good.iter().filter(|byte| **byte == b'\n').count())
    })
}

fn unreadable(error: &std::io::Error) -> LoadError {
    match error.kind() {
        ErrorKind::NotFound => LoadError::Missing,
        ErrorKind::IsADirectory => LoadError::Folder,
        _ => LoadError::Other(error.to_string()),
    }
}

/// Writes a file completely or not at all: to a temporary file in the same folder, which is then renamed.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut options = tempfile::Builder::new();
    // A temporary file is private by default; the file gets the usual mode, from which the system takes the umask.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = options.prefix(".").suffix(".part").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_file_replaces_the_old_one_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/plan.json");
        write_whole(&path, "first").expect("a file");
        write_whole(&path, "second").expect("a file");
        assert_eq!(read_text(&path), Ok("second".into()));
        assert_eq!(std::fs::read_dir(folder.path().join("new")).expect("a folder").count(), 1);
        #[cfg(unix)]
        {
            let mode = |path: &Path| {
                let permissions = std::fs::metadata(path).expect("a file").permissions();
                std::os::unix::fs::PermissionsExt::mode(&permissions)
            };
            let plain = folder.path().join("plain");
            std::fs::write(&plain, "").expect("a file");
            assert_eq!(mode(&path), mode(&plain), "the mode of any other file");
        }
        std::fs::create_dir(folder.path().join("taken")).expect("a folder");
        assert!(write_whole(&folder.path().join("taken"), "text").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), if cfg!(unix) { 3 } else { 2 });
    }

    #[test]
    fn file_that_is_not_text_is_an_error_with_its_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.rhai");
        std::fs::write(&file, b"let a = 1;\nlet b = \xff;").expect("a file");
        assert_eq!(read_text(&file), Err(LoadError::NotText(2)));
        assert_eq!(read_text(folder.path()), Err(LoadError::Folder));
        assert_eq!(read_text(&folder.path().join("none")), Err(LoadError::Missing));
        assert!(matches!(read_text(Path::new("/dev/zero")), Err(LoadError::TooLarge(_))));
    }

    #[test]
    fn file_above_the_root_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("project");
        std::fs::create_dir_all(project.join("scripts")).expect("folders");
        std::fs::write(project.join("rtiler.toml"), "").expect("a file");
        std::fs::write(project.join("lib.rhai"), "1").expect("a file");
        std::fs::write(folder.path().join("secret.rhai"), "2").expect("a file");
        let script = project.join("scripts/app.rhai");
        std::fs::write(&script, "").expect("a file");
        let files = ProjectFiles::of(&script);
        let read = |path: PathBuf| files.read(&path.display().to_string());
        assert_eq!(read(project.join("scripts/../lib.rhai")), Ok("1".into()));
        assert!(matches!(read(project.join("../secret.rhai")), Err(LoadError::Outside(_))));
    }
}

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::script::{LoadError, SourceLoader};

/// The largest file that is read as a script or template.
const LARGEST: u64 = 16 << 20;

/// The files of a project: nothing above its root is read.
pub(crate) struct ProjectFiles {
    root: PathBuf,
}

impl ProjectFiles {
    /// The project of a script: the nearest folder above it that holds `rtiler.toml` or `.git`, else the working
    /// directory where that is above it, else the script's own folder.
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

/// A file as text.
pub(crate) fn read_text(path: &Path) -> Result<String, LoadError> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(&error))?;
    let about = file.metadata().map_err(|error| unreadable(&error))?;
    if about.is_dir() {
        return Err(LoadError::Folder);
    }
    if about.len() > LARGEST {
        return Err(LoadError::TooLarge(about.len()));
    }
    // A device or pipe tells no size and may never end.
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > LARGEST) {
        return Err(LoadError::TooLarge(LARGEST));
    }
    // Editors on Windows begin a text with a mark that is no part of it.
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

/// Writes a file whole or not at all: beside its place first, then moved there.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.part", std::process::id()));
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_says_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.rhai");
        std::fs::write(&file, b"let a = 1;\nlet b = \xff;").expect("a file");
        assert_eq!(read_text(&file), Err(LoadError::NotText(2)));
        assert_eq!(read_text(folder.path()), Err(LoadError::Folder));
        assert_eq!(read_text(&folder.path().join("none")), Err(LoadError::Missing));
        assert!(matches!(read_text(Path::new("/dev/zero")), Err(LoadError::TooLarge(_))));
    }

    #[test]
    fn a_file_above_the_root_is_not_read() {
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

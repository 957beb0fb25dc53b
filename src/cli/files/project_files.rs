//! The source files of a project.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::{read_text, unreadable};
use crate::package::Packages;
use crate::script::{LoadError, SourceLoader};

/// The source files of a project: files above its root are not read.
pub(crate) struct ProjectFiles {
    root: PathBuf,
    packages: Arc<Packages>,
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
        Self { root, packages: Arc::default() }
    }

    /// Adds the packages that the scripts may import.
    pub(crate) fn with_packages(self, packages: Arc<Packages>) -> Self {
        Self { packages, ..self }
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

    fn packages(&self) -> Arc<Packages> {
        Arc::clone(&self.packages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

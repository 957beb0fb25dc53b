//! The source files of a project.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;

use super::image_context::{self, ContextPaths};
use super::open::Links;
use super::read::{read_file, read_text, unreadable};
use crate::image::{ImageArchive, ImageContext};
use crate::package::Packages;
use crate::script::{ContextError, LoadError, SourceLoader};

/// The maximum number of files and folders that a list looks at.
const MOST_ENTRIES: usize = 100_000;

/// The source files of a project: files above its root are not read.
pub(crate) struct ProjectFiles {
    root: PathBuf,
    packages: Arc<Packages>,
    /// The texts of the data files that scripts read, by path.
    data: RefCell<BTreeMap<PathBuf, String>>,
    /// The build contexts that were read, by folder and Dockerfile: a script is evaluated again for the places of its errors.
    contexts: RefCell<HashMap<(String, String), Result<ImageContext, ContextError>>>,
    /// The images in files that were read.
    archives: RefCell<HashMap<String, Result<ImageArchive, LoadError>>>,
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
        Self {
            root,
            packages: Arc::default(),
            data: RefCell::default(),
            contexts: RefCell::default(),
            archives: RefCell::default(),
        }
    }

    /// Returns the root of the project.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Adds the packages that the scripts may import.
    pub(crate) fn with_packages(self, packages: Arc<Packages>) -> Self {
        Self { packages, ..self }
    }

    /// Returns the data files, build contexts and images in files that scripts use and that have another content now. Each
    /// change is returned once.
    pub(crate) fn changed_data(&self) -> Vec<String> {
        let mut changed = self.changed_images();
        for (path, known) in self.data.borrow_mut().iter_mut() {
            // A missing file may be about to be replaced: editors write another file and rename it.
            let Ok(text) = read_file(path, Links::Refused) else { continue };
            if *known != text {
                *known = text;
                changed.push(self.relative(path).unwrap_or_else(|| path.display().to_string()));
            }
        }
        changed
    }

    fn changed_images(&self) -> Vec<String> {
        let mut changed = Vec::new();
        for ((folder, dockerfile), known) in self.contexts.borrow_mut().iter_mut() {
            let now = image_context::read(&ContextPaths { root: &self.root, folder, dockerfile });
            if std::mem::replace(known, now) != *known {
                changed.push(folder.clone());
            }
        }
        for (file, known) in self.archives.borrow_mut().iter_mut() {
            let now = image_context::read_archive(&self.root, file);
            if std::mem::replace(known, now) != *known {
                changed.push(file.clone());
            }
        }
        changed.sort();
        changed
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

    fn locate(&self, path: &str) -> Result<String, LoadError> {
        let full = self.root.join(path).canonicalize().map_err(|error| unreadable(&error))?;
        self.relative(&full).ok_or_else(|| LoadError::Outside(self.root.display().to_string()))
    }

    fn read_located(&self, path: &str) -> Result<String, LoadError> {
        let path = self.root.join(path);
        let text = read_file(&path, Links::Refused)?;
        self.data.borrow_mut().insert(path, text.clone());
        Ok(text)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, LoadError> {
        let Ok(folder) = self.root.join(folder).canonicalize() else { return Ok(Vec::new()) };
        if !folder.starts_with(&self.root) {
            return Err(LoadError::Outside(self.root.display().to_string()));
        }
        let is_of_tools = |name: &std::ffi::OsStr| [".git", ".rtiler"].iter().any(|known| *known == name);
        let walk = WalkBuilder::new(folder)
            .standard_filters(false)
            .follow_links(false)
            .filter_entry(move |entry| !is_of_tools(entry.file_name()))
            .build();
        let mut found = Vec::new();
        for (visited, entry) in walk.enumerate() {
            if visited >= MOST_ENTRIES {
                return Err(LoadError::Other(format!("it has more than {MOST_ENTRIES} files and folders")));
            }
            let files = entry.ok().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
            found.extend(files.and_then(|entry| self.relative(entry.path())));
        }
        found.sort();
        Ok(found)
    }

    fn image_context(&self, folder: &str, dockerfile: &str) -> Result<ImageContext, ContextError> {
        let key = (folder.to_owned(), dockerfile.to_owned());
        let read = || image_context::read(&ContextPaths { root: &self.root, folder, dockerfile });
        self.contexts.borrow_mut().entry(key).or_insert_with(read).clone()
    }

    fn image_archive(&self, file: &str) -> Result<ImageArchive, LoadError> {
        let read = || image_context::read_archive(&self.root, file);
        self.archives.borrow_mut().entry(file.to_owned()).or_insert_with(read).clone()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

impl ProjectFiles {
    /// Returns a path below the root, relative to it and with `/` between its parts; none for another path.
    fn relative(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.root).ok()?;
        let parts = below.components().map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        });
        Some(parts.collect::<Option<Vec<&str>>>()?.join("/"))
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

    #[test]
    fn changed_data_file_is_returned_once() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("rtiler.toml"), "").expect("a file");
        let path = folder.path().join("sizes.json");
        std::fs::write(&path, "1").expect("a file");
        let files = ProjectFiles::of(&folder.path().join("app.rhai"));
        assert!(files.changed_data().is_empty(), "no script read it");
        assert_eq!(files.read_located("sizes.json"), Ok("1".into()));
        assert!(files.changed_data().is_empty());
        std::fs::write(&path, "2").expect("a file");
        assert_eq!(files.changed_data(), ["sizes.json"]);
        assert!(files.changed_data().is_empty());
    }

    #[test]
    fn changed_build_context_is_returned_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("app")).expect("a folder");
        for (name, text) in [("rtiler.toml", ""), ("app/Dockerfile", "FROM scratch"), ("app/main.py", "1")] {
            std::fs::write(path(name), text).expect("a file");
        }
        let files = ProjectFiles::of(&path("app.rhai"));
        let before = files.image_context("app", "app/Dockerfile").expect("a context");
        assert!(files.changed_data().is_empty());
        std::fs::write(path("app/main.py"), "22").expect("a file");
        assert_eq!(files.changed_data(), ["app"]);
        assert!(files.changed_data().is_empty());
        let after = files.image_context("app", "app/Dockerfile").expect("a context");
        assert_ne!(before.digest, after.digest);
    }

    #[cfg(unix)]
    #[test]
    fn data_file_is_a_regular_file_of_the_project_after_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("project");
        std::fs::create_dir_all(project.join("config")).expect("folders");
        std::fs::write(project.join("rtiler.toml"), "").expect("a file");
        std::fs::write(project.join("app.rhai"), "").expect("a file");
        std::fs::write(project.join("config/a.json"), "{}").expect("a file");
        std::fs::write(folder.path().join("secret"), "s").expect("a file");
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, project.join(name)).expect("a link");
        link("../secret", "out");
        link("config/a.json", "in");
        link("/proc/self/environ", "config/environ");
        link("..", "config/up");
        let made = std::process::Command::new("mkfifo").arg(project.join("pipe")).status().expect("mkfifo");
        assert!(made.success());
        let files = ProjectFiles::of(&project.join("app.rhai"));
        assert_eq!(files.locate("in"), Ok("config/a.json".into()));
        for outside in ["out", "config/environ", "config/up/../secret"] {
            assert!(matches!(files.locate(outside), Err(LoadError::Outside(_) | LoadError::Missing)), "{outside}");
        }
        assert!(matches!(files.read_located("pipe"), Err(LoadError::NotRegular(_))));
        assert!(matches!(files.read_located("in"), Err(LoadError::NotRegular(_))));
        assert_eq!(files.read_located("config"), Err(LoadError::Folder));
        assert_eq!(files.list("config"), Ok(vec!["config/a.json".into()]));
        assert!(matches!(files.list("config/up/.."), Err(LoadError::Outside(_))));
    }
}

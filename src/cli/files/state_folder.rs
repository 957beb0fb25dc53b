//! The folder `.rtiler/` of a project: the rehearsal account, records of runs, previous templates.
//!
//! It may come with a repository of a stranger, so no link below it is followed, neither for reading nor for
//! writing. Its files hold names and values of an account: only their owner can read them, and git ignores them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::open_folder::{Access, OpenFolder, PRIVATE_FILE};
use super::project_root::working_project;
use super::read::{read_open, unreadable};
use crate::script::LoadError;

/// The name of the folder, in the working directory.
const NAME: &str = ".rtiler";

/// The text of its `.gitignore`.
const IGNORE: &str = "# Written by rtiler: records and state of this machine.\n*\n";

/// `.rtiler/`, or a folder below it. Its files are opened here only: callers get no path, but what is to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateFolder {
    /// The folders from `.rtiler` to this one.
    path: PathBuf,
    /// The directory of the project.
    project: PathBuf,
}

impl StateFolder {
    /// Returns the folder of the project that the working directory is in; without `rtiler.toml` it is in the working directory.
    pub(crate) fn of_project() -> Self {
        Self::below(&working_project())
    }

    /// Returns the folder of the project in a directory.
    pub(crate) fn below(project: &Path) -> Self {
        Self { path: PathBuf::from(NAME), project: project.to_owned() }
    }

    /// Returns a folder below this one.
    pub(crate) fn subfolder(mut self, name: &str) -> Self {
        self.path.push(name);
        self
    }

    /// Returns the path of the folder, to be printed.
    pub(crate) fn shown(&self) -> String {
        self.path_for_programs().display().to_string()
    }

    /// Returns the path of a file in it, to be printed.
    pub(crate) fn shown_file(&self, name: &str) -> String {
        self.path_for_programs().join(name).display().to_string()
    }

    /// Returns the path of the folder, for programs that rtiler starts: they follow what it leads to then.
    pub(crate) fn path_for_programs(&self) -> PathBuf {
        self.project.join(&self.path)
    }

    /// Creates the folder, private to its owner, unless it exists.
    ///
    /// # Errors
    ///
    /// The error of the system, or one that names the link or file in place of a folder.
    pub(crate) fn create(&self) -> Result<()> {
        self.created().map(drop)
    }

    /// Reads a file of the folder as text.
    pub(crate) fn read_text(&self, name: &str) -> std::result::Result<String, LoadError> {
        let file = self.opened().and_then(|folder| folder.file(name, Access::Read));
        read_open(file.map_err(|error| unreadable(&error))?)
    }

    /// Writes a file of the folder completely or not at all.
    pub(crate) fn write_whole(&self, name: &str, text: &str) -> Result<()> {
        self.created()?.replace(name, text, PRIVATE_FILE).map_err(|error| self.named(name, &error))
    }

    /// Creates a file of the folder, which must not exist.
    pub(crate) fn create_new(&self, name: &str) -> Result<File> {
        self.created()?.file(name, Access::CreateNew)
    }

    /// Opens a file of the folder for reading and writing; creates it unless it exists.
    pub(crate) fn open_or_create(&self, name: &str) -> Result<File> {
        self.created()?.file(name, Access::OpenOrCreate).map_err(|error| self.named(name, &error))
    }

    /// Returns the names of the files in the folder, in order; without hidden ones.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = self.opened().and_then(|folder| folder.names()).unwrap_or_default();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }

    /// Removes a file of the folder.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        self.opened()?.remove(name)
    }

    /// Checks that the folder, if it exists, is not reached through a link.
    pub(crate) fn check(&self) -> Result<()> {
        match self.opened() {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Opens the folder, one part of its path after the other.
    fn opened(&self) -> Result<OpenFolder> {
        self.each_part(super::open_folder::OpenFolder::subfolder)
    }

    /// Opens the folder, and creates what is missing.
    fn created(&self) -> Result<OpenFolder> {
        self.each_part(|folder, part| {
            let inner = folder.private_subfolder(part)?;
            if part == NAME && !inner.has(".gitignore") {
                inner.replace(".gitignore", IGNORE, PRIVATE_FILE)?;
            }
            Ok(inner)
        })
    }

    fn each_part(&self, step: impl Fn(&OpenFolder, &OsStr) -> Result<OpenFolder>) -> Result<OpenFolder> {
        let (mut folder, mut at) = (OpenFolder::at(&self.project)?, self.project.clone());
        for part in &self.path {
            at.push(part);
            folder = step(&folder, part).map_err(|error| match error.kind() {
                ErrorKind::NotADirectory => Error::new(error.kind(), format!("`{}` is {error}", at.display())),
                _ => error,
            })?;
        }
        Ok(folder)
    }

    fn named(&self, name: &str, error: &Error) -> Error {
        Error::new(error.kind(), format!("`{}`: {error}", self.shown_file(name)))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn folder_and_its_files_are_private_and_ignored_by_git() {
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path()).subfolder("runs");
        folder.write_whole("a.json", "{}").expect("a file");
        folder.create_new("b.json").expect("a file");
        folder.open_or_create("c.lock").expect("a file");
        for name in ["a.json", "b.json", "c.lock"] {
            assert_eq!(mode(&folder.path_for_programs().join(name)), 0o600, "{name}");
        }
        assert_eq!(mode(&folder.path_for_programs()), 0o700);
        assert_eq!(mode(&project.path().join(".rtiler")), 0o700);
        let ignore = std::fs::read_to_string(project.path().join(".rtiler/.gitignore")).expect("a text");
        assert!(ignore.lines().any(|line| line == "*"));
        assert_eq!(folder.names(), ["a.json", "b.json", "c.lock"]);
    }

    #[test]
    fn folder_that_others_could_read_becomes_private() {
        let project = tempfile::tempdir().expect("a folder");
        let outer = project.path().join(".rtiler");
        std::fs::create_dir(&outer).expect("a folder");
        std::fs::set_permissions(&outer, std::fs::Permissions::from_mode(0o777)).expect("a mode");
        StateFolder::below(project.path()).subfolder("runs").create().expect("a folder");
        assert_eq!((mode(&outer), mode(&outer.join("runs"))), (0o700, 0o700));
    }

    #[test]
    fn socket_or_pipe_in_place_of_a_file_is_named() {
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path());
        folder.create().expect("a folder");
        let _socket = std::os::unix::net::UnixListener::bind(folder.path_for_programs().join("rehearsal.json"))
            .expect("a socket");
        let read = folder.read_text("rehearsal.json");
        assert_eq!(read, Err(LoadError::NotRegular("it is a socket, not a regular file".into())));
        let error = folder.write_whole("rehearsal.json", "{}").expect_err("a socket");
        assert!(error.to_string().contains("it is a socket, not a regular file"), "{error}");
    }

    #[test]
    fn links_below_the_project_are_not_followed() {
        let outside = tempfile::tempdir().expect("a folder");
        let victim = outside.path().join("victim");
        std::fs::write(&victim, "mine").expect("a file");
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path());
        folder.create().expect("a folder");
        for name in ["rehearsal.json", "rehearsal.lock"] {
            symlink(&victim, folder.path_for_programs().join(name)).expect("a link");
        }
        assert!(folder.write_whole("rehearsal.json", "theirs").is_err());
        assert!(folder.open_or_create("rehearsal.lock").is_err());
        assert!(folder.create_new("rehearsal.lock").is_err());
        assert!(matches!(folder.read_text("rehearsal.json"), Err(LoadError::NotRegular(_))));
        assert_eq!(std::fs::read_to_string(&victim).expect("a text"), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn folder_of_an_older_version_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path()).subfolder("runs");
        std::fs::create_dir_all(folder.path_for_programs()).expect("a folder");
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.path().join(".rtiler"), open).expect("a folder of one's own");
        folder.write_whole("a.json", "{}").expect("a file");
        let mode = std::fs::metadata(project.path().join(".rtiler")).expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn link_in_place_of_a_folder_is_refused() {
        let outside = tempfile::tempdir().expect("a folder");
        for link in [".rtiler", ".rtiler/runs"] {
            let project = tempfile::tempdir().expect("a folder");
            if link != ".rtiler" {
                std::fs::create_dir(project.path().join(".rtiler")).expect("a folder");
            }
            symlink(outside.path(), project.path().join(link)).expect("a link");
            let folder = StateFolder::below(project.path()).subfolder("runs");
            let error = folder.write_whole("a.json", "{}").expect_err("a link");
            assert!(error.to_string().contains("is a link, not a folder: remove it"), "{error}");
            assert!(folder.read_text("a.json").is_err());
        }
        assert_eq!(std::fs::read_dir(outside.path()).expect("a folder").count(), 0);
    }
}

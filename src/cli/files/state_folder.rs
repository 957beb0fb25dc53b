//! The folder `.rtiler/` of a project: the rehearsal account, records of runs, previous templates.
//!
//! It may come with a repository of a stranger, so no link below it is followed, neither for reading nor for
//! writing. Its files hold names and values of an account: only their owner can read them, and git ignores them.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::open::{Links, not_regular, refuse_link, regular};
use super::project_root::working_project;
use super::read::{read_file, unreadable};
use super::write::replace;
use crate::script::LoadError;

/// The name of the folder, in the working directory.
const NAME: &str = ".rtiler";

/// The text of its `.gitignore`.
const IGNORE: &str = "# Written by rtiler: records and state of this machine.\n*\n";

/// `.rtiler/`, or a folder below it.
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

    /// Returns the path of the folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.project.join(&self.path)
    }

    /// Returns the path of a file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Creates the folder, private to its owner, unless it exists.
    ///
    /// # Errors
    ///
    /// The error of the system, or one that names the link or file in place of a folder.
    pub(crate) fn create(&self) -> Result<()> {
        let mut at = self.project.clone();
        for part in &self.path {
            at.push(part);
            match folder_at(&at) {
                Ok(true) => close_to_others(&at),
                Ok(false) => create_private(&at)?,
                Err(error) => return Err(error),
            }
        }
        let ignore = self.project.join(NAME).join(".gitignore");
        if std::fs::symlink_metadata(&ignore).is_err() {
            replace(&ignore, IGNORE, 0o600)?;
        }
        Ok(())
    }

    /// Reads a file of the folder as text.
    pub(crate) fn read_text(&self, name: &str) -> std::result::Result<String, LoadError> {
        self.check().map_err(|error| unreadable(&error))?;
        read_file(&self.file(name), Links::Refused)
    }

    /// Writes a file of the folder completely or not at all.
    pub(crate) fn write_whole(&self, name: &str, text: &str) -> Result<()> {
        self.create()?;
        let path = self.file(name);
        match std::fs::symlink_metadata(&path) {
            Ok(found) if !found.is_file() => Err(named(&path, &not_regular(found.file_type()))),
            _ => replace(&path, text, 0o600),
        }
    }

    /// Creates a file of the folder, which must not exist.
    pub(crate) fn create_new(&self, name: &str) -> Result<File> {
        self.create()?;
        private(OpenOptions::new().write(true).create_new(true)).open(self.file(name))
    }

    /// Opens a file of the folder for reading and writing; creates it unless it exists.
    pub(crate) fn open_or_create(&self, name: &str) -> Result<File> {
        self.create()?;
        let path = self.file(name);
        let mut options = OpenOptions::new();
        let options = private(options.read(true).write(true).create(true).truncate(false));
        regular(&path, options, Links::Refused).map_err(|error| named(&path, &error))
    }

    /// Returns the names of the files in the folder, in order; without hidden ones.
    pub(crate) fn names(&self) -> Vec<String> {
        let is_visible = |name: &String| !name.starts_with('.');
        if self.check().is_err() {
            return Vec::new();
        }
        let entries = std::fs::read_dir(self.path()).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(is_visible).collect();
        names.sort();
        names
    }

    /// Removes a file of the folder.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        self.check()?;
        std::fs::remove_file(self.file(name))
    }

    /// Checks that the folder, if it exists, is not reached through a link.
    pub(crate) fn check(&self) -> Result<()> {
        let mut at = self.project.clone();
        for part in &self.path {
            at.push(part);
            folder_at(&at)?;
        }
        Ok(())
    }
}

/// Returns whether there is a folder at a path; a link or a file in its place is an error.
fn folder_at(path: &Path) -> Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(found) => {
            let is = if found.is_symlink() { "a link" } else { "a file" };
            let message = format!("`{}` is {is}, not a folder: remove it", path.display());
            Err(Error::new(ErrorKind::NotADirectory, message))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets only the owner into a folder that an older version of rtiler created, if the system allows it: its files are private
/// in any case.
fn close_to_others(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
        if open {
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn create_private(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Another process may have created it.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => refuse_link(path),
        created => created,
    }
}

/// Lets only the owner read a new file.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn named(path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}

#[cfg(all(test, unix))]
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
            assert_eq!(mode(&folder.file(name)), 0o600, "{name}");
        }
        assert_eq!(mode(&folder.path()), 0o700);
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
        let _socket = std::os::unix::net::UnixListener::bind(folder.file("rehearsal.json")).expect("a socket");
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
            symlink(&victim, folder.file(name)).expect("a link");
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
        std::fs::create_dir_all(folder.path()).expect("a folder");
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

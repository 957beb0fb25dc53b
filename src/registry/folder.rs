//! The files of packages in folders.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;
use rustix::fs::{Mode, OFlags};

use crate::diag::{Code, Diagnostic};
use crate::package::{Contents, FileTree, MANIFEST, Manifest, is_candidate};

/// The largest file that is read, in bytes: more than a package may have.
const LARGEST: u64 = 17 << 20;
/// The largest listing, record or `.gitignore` in bytes.
const LARGEST_SIDE_FILE: u64 = 1 << 20;

/// Reads every file below a folder. A link or another special file is an error: a package has none.
///
/// # Errors
///
/// The error of the system; a file that a package cannot have.
pub(super) fn exact_tree(folder: &Path) -> Result<FileTree> {
    let mut tree = FileTree::default();
    add_files(&mut tree, folder, "")?;
    Ok(tree)
}

fn add_files(tree: &mut FileTree, folder: &Path, prefix: &str) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| refused("a file name is not UTF-8"))?;
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            add_files(tree, &entry.path(), &path)?;
        } else if kind.is_file() {
            add_file(tree, &path, &entry.path())?;
        } else {
            return Err(refused(&format!("`{path}` is not a regular file")));
        }
    }
    Ok(())
}

/// Reads the files of the package in a folder that people work in: hidden files and those that its `.gitignore` names are left
/// out, and the manifest chooses among the others.
///
/// # Errors
///
/// The error of the system; a file that a package cannot have; a glob that is not valid.
pub(super) fn working_tree(folder: &Path, manifest: &Manifest) -> Result<FileTree> {
    let contents = Contents::of(manifest).map_err(|problem| refused(&problem.message))?;
    let mut tree = FileTree::default();
    // The settings of this machine's git must not change what a package is.
    let mut walk = WalkBuilder::new(folder);
    walk.git_global(false).git_exclude(false).parents(false).require_git(false).ignore(false).follow_links(false);
    let root = folder.to_owned();
    let refusal: Arc<Mutex<Option<Error>>> = Arc::default();
    let found = Arc::clone(&refusal);
    // The walk asks before it enters a folder and reads the ignore file in it.
    walk.filter_entry(move |entry| {
        let is_wanted = relative(&root, entry.path()).is_none_or(|path| path.is_empty() || is_candidate(&path));
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let refusal = if is_wanted && is_folder { check_ignore_file(entry.path()).err() } else { None };
        let is_refused = refusal.is_some();
        if let Some(refusal) = refusal {
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
        }
        is_wanted && !is_refused
    });
    check_ignore_file(folder)?;
    for entry in walk.build() {
        let entry = entry.map_err(Error::other)?;
        let path = relative(folder, entry.path()).ok_or_else(|| refused("a file name is not UTF-8"))?;
        match entry.file_type() {
            Some(kind) if kind.is_dir() => {}
            _ if path.is_empty() || !contents.has(&path) => {}
            Some(kind) if kind.is_file() => add_file(&mut tree, &path, entry.path())?,
            Some(kind) if kind.is_symlink() => return Err(refused(&format!("`{path}` is a link"))),
            _ => return Err(refused(&format!("`{path}` is not a regular file"))),
        }
    }
    let refusal = refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
    refusal.map_or(Ok(tree), Err)
}

/// Reads the files that are published of the package in a folder.
///
/// # Errors
///
/// A file that a package cannot have: a link, a device, a path that leaves the folder; a file that cannot be read.
pub fn published_tree(folder: &Path, manifest: &Manifest) -> std::result::Result<FileTree, Diagnostic> {
    working_tree(folder, manifest).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => {
            Diagnostic::new(Code::PackageContent, format!("the package cannot be published: {error}"))
        }
        _ => Diagnostic::new(Code::FileUnreadable, format!("the files of the package cannot be read: {error}")),
    })
}

/// Reads a small file that the cache or `vendor/` has next to a package; none if it is a link or not a regular file.
pub(super) fn side_file(file: &Path) -> Option<String> {
    let mut text = String::new();
    regular(file).ok()?.take(LARGEST_SIDE_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Refuses an ignore file that is not a small regular file: the walk would read a device or a pipe without an end.
fn check_ignore_file(folder: &Path) -> Result<()> {
    match std::fs::symlink_metadata(folder.join(".gitignore")) {
        Ok(found) if !found.is_file() => Err(refused("`.gitignore` is not a regular file")),
        Ok(found) if found.len() > LARGEST_SIDE_FILE => Err(refused("`.gitignore` is larger than 1 MiB")),
        _ => Ok(()),
    }
}

/// Reads the manifest of the package in a folder.
///
/// # Errors
///
/// The error of the system.
pub(super) fn manifest_text(folder: &Path) -> Result<String> {
    let mut tree = FileTree::default();
    add_file(&mut tree, MANIFEST, &folder.join(MANIFEST))?;
    tree.manifest().map(str::to_owned).ok_or_else(|| refused("`rtiler.toml` is not UTF-8"))
}

/// Writes the files of a package into a folder.
///
/// # Errors
///
/// The error of the system.
pub(super) fn write_tree(tree: &FileTree, folder: &Path) -> Result<()> {
    for (path, content) in tree.files() {
        let path = folder.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, content)?;
    }
    Ok(())
}

fn add_file(tree: &mut FileTree, path: &str, file: &Path) -> Result<()> {
    let mut content = Vec::new();
    let file = regular(file).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => refused(&format!("`{path}` is not a regular file")),
        _ => error,
    })?;
    file.take(LARGEST).read_to_end(&mut content)?;
    tree.add(path, content).map_err(|problem| refused(&problem.message))
}

/// Opens a regular file; a link is not followed.
fn regular(file: &Path) -> Result<File> {
    // A pipe that takes the place of the file must not block.
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(file, flags, Mode::empty())?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused("it is not a regular file")) }
}

/// Returns the path of a file below a folder, with `/` between its parts.
fn relative(folder: &Path, file: &Path) -> Option<String> {
    let parts = file.strip_prefix(folder).ok()?.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>()?;
    Some(parts.join("/"))
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, content) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
        folder
    }

    fn names(tree: &FileTree) -> Vec<&str> {
        tree.files().map(|(path, _)| path).collect()
    }

    const WEB: &str = "[package]\nname = \"web\"\nversion = \"1.0.0\"\n";

    fn web() -> Manifest {
        Manifest::parse("rtiler.toml", WEB).expect("a manifest")
    }

    #[test]
    fn package_of_a_folder_has_neither_hidden_nor_ignored_files() {
        let folder = folder(&[
            ("rtiler.toml", WEB),
            ("main.rhai", "1"),
            (".gitignore", "out/\n"),
            (".env", "SECRET=1"),
            (".git/config", "x"),
            (".rtiler/state", "x"),
            ("out/a.rhai", "2"),
            ("vendor/net/main.rhai", "3"),
            ("rtiler.lock", "format = 1"),
        ]);
        let tree = working_tree(folder.path(), &web()).expect("a package");
        assert_eq!(names(&tree), ["main.rhai", "rtiler.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn ignore_file_that_is_a_link_or_a_pipe_is_refused_and_not_read() {
        for path in ["", "lib"] {
            let folder = folder(&[("rtiler.toml", WEB), ("lib/a.rhai", "1")]);
            std::os::unix::fs::symlink("/dev/zero", folder.path().join(path).join(".gitignore")).expect("a link");
            let error = working_tree(folder.path(), &web()).expect_err("a refusal");
            assert!(error.to_string().contains("`.gitignore` is not a regular file"), "{path}: {error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn side_file_that_is_a_link_is_not_followed() {
        let folder = folder(&[("web.sha256", "a  main.rhai\n")]);
        let file = folder.path().join("web.sha256");
        assert_eq!(side_file(&file).as_deref(), Some("a  main.rhai\n"));
        std::fs::remove_file(&file).expect("a file");
        std::os::unix::fs::symlink("/dev/zero", &file).expect("a link");
        assert_eq!(side_file(&file), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_in_a_folder_are_refused() {
        let folder = folder(&[("rtiler.toml", WEB)]);
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("users.txt")).expect("a link");
        assert!(working_tree(folder.path(), &web()).is_err_and(|error| error.to_string() == "`users.txt` is a link"));
        assert!(exact_tree(folder.path()).is_err());
        std::fs::remove_file(folder.path().join("users.txt")).expect("a link");
        assert!(
            std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status().expect("mkfifo").success()
        );
        assert!(
            working_tree(folder.path(), &web()).is_err_and(|error| error.to_string().contains("not a regular file"))
        );
        assert!(exact_tree(folder.path()).is_err());
    }

    #[test]
    fn written_package_is_read_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut tree = FileTree::default();
        for path in ["rtiler.toml", "lib/a.rhai"] {
            tree.add(path, path.as_bytes().to_vec()).expect("a file");
        }
        write_tree(&tree, folder.path()).expect("files");
        assert_eq!(exact_tree(folder.path()).expect("files"), tree);
    }
}

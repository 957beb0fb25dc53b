//! The files of packages in folders.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

use ignore::WalkBuilder;

use crate::diag::{Code, Diagnostic};
use crate::package::{Contents, FileTree, MANIFEST, Manifest, is_candidate};

/// The largest file that is read, in bytes: more than a package may have.
const LARGEST: u64 = 17 << 20;

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
    walk.filter_entry(move |entry| {
        relative(&root, entry.path()).is_none_or(|path| path.is_empty() || is_candidate(&path))
    });
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
    Ok(tree)
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
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe that takes the place of the file must not block.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_NOCTTY);
    let mut content = Vec::new();
    let file = options.open(file)?;
    if !file.metadata()?.is_file() {
        return Err(refused(&format!("`{path}` is not a regular file")));
    }
    file.take(LARGEST).read_to_end(&mut content)?;
    tree.add(path, content).map_err(|problem| refused(&problem.message))
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

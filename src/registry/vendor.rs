//! `vendor/`: copies of packages within the project, which are used instead of the cache.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::folder::{exact_tree, side_file, write_tree};
use crate::diag::{Code, Diagnostic};
use crate::package::{FileTree, MANIFEST, PackageCopy, PackageName, TreeHash, VENDOR_FOLDER};

/// The folder `vendor/` of a project: `NAME/` has the files of a package, `NAME.sha256` their listing, which `sha256sum -c`
/// reads.
pub struct VendorFolder(PathBuf);

impl VendorFolder {
    /// Creates the folder of a project, which need not exist.
    pub fn of(project: &Path) -> Self {
        Self(project.join(VENDOR_FOLDER))
    }

    /// Returns whether there is a folder. A link in its place is not one.
    pub fn exists(&self) -> bool {
        is_folder(&self.0)
    }

    /// Returns the files of a package, if it is here and they are those of the lock file; `listing` is that of the cache.
    ///
    /// # Errors
    ///
    /// The file that differs, with both hashes.
    pub(super) fn verified(
        &self,
        name: &PackageName,
        locked: &TreeHash,
        listing: Option<&str>,
    ) -> std::result::Result<Option<FileTree>, Diagnostic> {
        let folder = self.0.join(name.as_str());
        if !self.exists() || !is_folder(&folder) {
            return Ok(None);
        }
        let repair = "look at what changed; `rtiler vendor` writes the locked files again";
        let files = exact_tree(&folder).map_err(|error| {
            Diagnostic::new(
                Code::PackageHash,
                format!("the copy of `{name}` in `{VENDOR_FOLDER}/` cannot be used: {error}"),
            )
            .help(repair)
        })?;
        let own = side_file(&self.listing(name));
        let place = format!("in `{}`", folder.display());
        let copy = PackageCopy { package: name.as_str(), place: &place, remedy: repair };
        copy.verify(&files, locked, listing.or(own.as_deref()))?;
        Ok(Some(files))
    }

    /// Writes the files of a package in place of what is there.
    ///
    /// # Errors
    ///
    /// The error of the system, or one that names the link in place of a folder.
    pub fn write(&self, name: &PackageName, files: &FileTree) -> Result<()> {
        std::fs::create_dir_all(&self.0)?;
        if !self.exists() {
            return Err(Error::new(ErrorKind::NotADirectory, format!("`{VENDOR_FOLDER}` is a link, not a folder")));
        }
        let part = tempfile::Builder::new().prefix(".part-").tempdir_in(&self.0)?;
        let (new, old) = (part.path().join("new"), part.path().join("old"));
        write_tree(files, &new)?;
        let listing = part.path().join("listing");
        std::fs::write(&listing, files.listing())?;
        let folder = self.0.join(name.as_str());
        if std::fs::symlink_metadata(&folder).is_ok() {
            std::fs::rename(&folder, old)?;
        }
        std::fs::rename(new, folder)?;
        std::fs::rename(listing, self.listing(name))
    }

    /// Removes the copies of packages that are not among these, and returns their names.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn retain(&self, names: &[&PackageName]) -> Result<Vec<PackageName>> {
        let mut removed = Vec::new();
        for name in self.names() {
            if names.contains(&&name) {
                continue;
            }
            std::fs::remove_dir_all(self.0.join(name.as_str()))?;
            let _ = std::fs::remove_file(self.listing(&name));
            removed.push(name);
        }
        Ok(removed)
    }

    /// Returns the packages in the folder: other files in it are not ours.
    fn names(&self) -> Vec<PackageName> {
        let entries = if self.exists() { std::fs::read_dir(&self.0).ok() } else { None };
        let name = |entry: std::fs::DirEntry| {
            let name = PackageName::parse(entry.file_name().to_str()?).ok()?;
            (is_folder(&entry.path()) && entry.path().join(MANIFEST).is_file()).then_some(name)
        };
        let mut names: Vec<_> = entries.into_iter().flatten().flatten().filter_map(name).collect();
        names.sort();
        names
    }

    fn listing(&self, name: &PackageName) -> PathBuf {
        self.0.join(format!("{name}.sha256"))
    }
}

fn is_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

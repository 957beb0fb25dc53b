//! The cache of packages: the files of each below the hash of their listing.

use std::io::{ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::{exact_tree, side_file, write_tree};
use crate::package::{FileTree, TreeHash};

/// The name of the listing of a package, next to the folder with its files.
const LISTING: &str = "listing";
/// The name of the folder with the files of a package.
const FILES: &str = "files";

/// The time after which a part of an entry belongs to a process that was killed: to write a package takes seconds.
const PART_LIFETIME: Duration = Duration::from_hours(1);

/// A folder of packages that several processes may use at the same time: an entry appears whole, by the renaming of its folder,
/// and is never changed.
pub struct PackageCache {
    folder: PathBuf,
}

impl PackageCache {
    /// Creates the cache in a folder, which need not exist.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Returns the folder of the copy of a git repository, by its URL.
    pub fn git_copy(&self, url: &str) -> PathBuf {
        self.folder.join("git").join(name_of(url))
    }

    /// Adds a package; one that is there already stays.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn add(&self, tree: &FileTree) -> Result<TreeHash> {
        let hash = tree.hash();
        let entry = self.entry(&hash);
        if entry.join(LISTING).exists()
            && self.files(&hash).is_ok_and(|found| found.is_some_and(|it| it.hash() == hash))
        {
            return Ok(hash);
        }
        let packages = self.folder.join("packages");
        std::fs::create_dir_all(&packages)?;
        remove_parts_of_killed_runs(&packages, PART_LIFETIME);
        let part = tempfile::Builder::new().prefix(".part-").tempdir_in(&packages)?;
        write_tree(tree, &part.path().join(FILES))?;
        std::fs::write(part.path().join(LISTING), tree.listing())?;
        // A damaged entry is moved away first: the renaming of a folder does not replace one that has files.
        if entry.exists() {
            let damaged = tempfile::Builder::new().prefix(".old-").tempdir_in(&packages)?;
            let _ = std::fs::rename(&entry, damaged.path().join("entry"));
        }
        match std::fs::rename(part.path(), &entry) {
            // Another process was faster.
            Err(error) if !matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {
                Err(error)
            }
            _ => Ok(hash),
        }
    }

    /// Returns the files of a package as they are now, which may differ from its hash; none if it is not in the cache.
    ///
    /// # Errors
    ///
    /// The error of the system; a file that a package cannot have.
    pub fn files(&self, hash: &TreeHash) -> Result<Option<FileTree>> {
        let folder = self.entry(hash).join(FILES);
        if !folder.is_dir() {
            return Ok(None);
        }
        exact_tree(&folder).map(Some)
    }

    /// Returns the listing of a package as it is now.
    pub fn listing(&self, hash: &TreeHash) -> Option<String> {
        side_file(&self.entry(hash).join(LISTING))
    }

    /// Returns the files of a commit or digest, which never change, if they are in the cache as they were added.
    pub fn files_of_revision(&self, source: &str, revision: &str) -> Option<FileTree> {
        let hash = self.hash_of_revision(source, revision)?;
        self.files(&hash).ok().flatten().filter(|files| files.hash() == hash)
    }

    /// Returns the hash of the files of a commit or digest, as it was recorded.
    pub fn hash_of_revision(&self, source: &str, revision: &str) -> Option<TreeHash> {
        let hash = side_file(&self.revision(source, revision))?;
        TreeHash::parse(hash.trim_end()).ok()
    }

    /// Records the hash of the files of a commit or digest.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn add_revision(&self, source: &str, revision: &str, hash: &TreeHash) -> Result<()> {
        let file = self.revision(source, revision);
        let folder = file.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let mut part = tempfile::NamedTempFile::new_in(folder)?;
        writeln!(part, "{hash}")?;
        part.persist(&file).map(drop).map_err(|error| error.error)
    }

    fn revision(&self, source: &str, revision: &str) -> PathBuf {
        self.folder.join("revisions").join(name_of(&format!("{source} {revision}")))
    }

    /// Returns the folder of a package.
    pub fn entry(&self, hash: &TreeHash) -> PathBuf {
        self.folder.join("packages").join(digits(hash))
    }
}

/// Returns a file name for a text that may have any characters: the digits of a hash.
fn name_of(text: &str) -> String {
    let mut tree = FileTree::default();
    let _ = tree.add("text", text.as_bytes().to_vec());
    digits(&tree.hash())
}

/// Returns the digits of a hash: a colon is special in paths of some systems.
fn digits(hash: &TreeHash) -> String {
    hash.to_string().trim_start_matches("sha256:").to_owned()
}

/// Removes the parts of entries, and the damaged entries that were moved away, that are older than a time. A folder that cannot be
/// removed stays.
fn remove_parts_of_killed_runs(packages: &Path, age: Duration) {
    for entry in std::fs::read_dir(packages).into_iter().flatten().flatten() {
        let is_part = [".part-", ".old-"].iter().any(|prefix| entry.file_name().to_string_lossy().starts_with(prefix));
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let is_old = modified.and_then(|time| time.elapsed().ok()).is_some_and(|elapsed| elapsed >= age);
        if is_part && is_old {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::PackageCopy;

    fn tree(content: &str) -> FileTree {
        let mut tree = FileTree::default();
        for (path, content) in [("rtiler.toml", "x"), ("lib/a.rhai", content)] {
            tree.add(path, content.as_bytes().to_vec()).expect("a file");
        }
        tree
    }

    #[test]
    fn package_is_read_as_it_was_added() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = PackageCache::new(folder.path());
        let hash = cache.add(&tree("1")).expect("an entry");
        assert_eq!(cache.files(&hash).expect("files"), Some(tree("1")));
        assert_eq!(cache.listing(&hash).expect("a listing"), tree("1").listing());
        assert_eq!(cache.files(&tree("2").hash()).expect("no error"), None);
        assert_eq!(cache.add(&tree("1")).expect("an entry"), hash);
    }

    #[test]
    fn files_of_a_revision_are_those_that_were_added_or_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = PackageCache::new(folder.path());
        let hash = cache.add(&tree("1")).expect("an entry");
        cache.add_revision("git+https://x", "c0ffee", &hash).expect("a record");
        assert_eq!(cache.files_of_revision("git+https://x", "c0ffee"), Some(tree("1")));
        assert_eq!(cache.files_of_revision("git+https://y", "c0ffee"), None);
        std::fs::write(cache.entry(&hash).join("files/lib/a.rhai"), "2").expect("a file");
        assert_eq!(cache.files_of_revision("git+https://x", "c0ffee"), None);
    }

    #[test]
    fn changed_entry_is_found_and_replaced_by_the_next_addition() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = PackageCache::new(folder.path());
        let hash = cache.add(&tree("1")).expect("an entry");
        std::fs::write(cache.entry(&hash).join("files/lib/a.rhai"), "2").expect("a file");
        let found = cache.files(&hash).expect("files").expect("an entry");
        let copy = PackageCopy { package: "web", place: "in the cache", remedy: "" };
        let problem = copy.verify(&found, &hash, cache.listing(&hash).as_deref()).expect_err("a change");
        assert!(problem.message.contains("`lib/a.rhai` of the package `web`"), "{}", problem.message);
        cache.add(&tree("1")).expect("an entry");
        assert_eq!(cache.files(&hash).expect("files"), Some(tree("1")));
    }

    #[test]
    fn parts_of_killed_runs_are_removed_once_they_are_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let packages = folder.path().join("packages");
        let cache = PackageCache::new(folder.path());
        cache.add(&tree("1")).expect("an entry");
        std::fs::create_dir_all(packages.join(".part-killed/files")).expect("a folder");
        remove_parts_of_killed_runs(&packages, PART_LIFETIME);
        assert!(packages.join(".part-killed").exists(), "another process may be writing it");
        remove_parts_of_killed_runs(&packages, Duration::ZERO);
        assert_eq!(std::fs::read_dir(&packages).expect("a folder").count(), 1, "the entry stays");
    }

    #[test]
    fn link_in_an_entry_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = PackageCache::new(folder.path());
        let hash = cache.add(&tree("1")).expect("an entry");
        let file = cache.entry(&hash).join("files/lib/a.rhai");
        std::fs::remove_file(&file).expect("a file");
        std::os::unix::fs::symlink("/etc/passwd", &file).expect("a link");
        assert!(cache.files(&hash).is_err_and(|error| error.to_string().contains("not a regular file")));
    }

    #[test]
    fn processes_that_add_the_same_package_at_once_all_succeed() {
        let folder = tempfile::tempdir().expect("a folder");
        let add = || PackageCache::new(folder.path()).add(&tree("1")).expect("an entry");
        std::thread::scope(|scope| {
            (0..8).map(|_| scope.spawn(add)).collect::<Vec<_>>().into_iter().for_each(|thread| {
                thread.join().expect("no panic");
            });
        });
        let left = std::fs::read_dir(folder.path().join("packages")).expect("a folder").count();
        assert_eq!(left, 1);
        assert_eq!(PackageCache::new(folder.path()).files(&tree("1").hash()).expect("files"), Some(tree("1")));
    }
}

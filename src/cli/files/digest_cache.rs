//! Digests of files, kept from run to run: a file whose size, inode and times are the same is not read again.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::Metadata;
use std::io::Error;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::open::{Links, regular};
use super::state_folder::StateFolder;
use crate::package::Digest;

/// The file of the digests, in `.rtiler/`.
const FILE: &str = "digests";
/// The first line of the file.
const HEADER: &str = "rtiler digests 1";
/// A file that changed so recently may change again without a new time: its digest is not kept.
const SETTLED: Duration = Duration::from_secs(2);
/// The maximum number of digests that are kept: those of the files that were read last, and those of other contexts up to it.
const MOST: usize = 200_000;

/// A file whose digest is needed.
pub(super) struct FileToDigest {
    /// The path in the context.
    pub(super) name: String,
    /// The path on disk.
    pub(super) path: PathBuf,
    /// The facts about it, without following links.
    pub(super) metadata: Metadata,
}

/// The digests of earlier runs.
pub(super) struct CachedDigests {
    folder: StateFolder,
    root: PathBuf,
    known: HashMap<String, Known>,
    is_changed: bool,
}

/// A digest, with the facts about the file at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    stamp: Stamp,
    digest: String,
}

/// The facts that change with a file. The time of the last change of status (ctime) cannot be set by programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: i128,
    changed: i128,
}

impl CachedDigests {
    /// Reads the digests of a project. A cache that cannot be read is empty.
    pub(super) fn of_project(root: &Path) -> Self {
        let folder = StateFolder::below(root).subfolder("images");
        let text = folder.read_text(FILE).unwrap_or_default();
        let mut lines = text.lines();
        let is_ours = lines.next() == Some(HEADER);
        let known = lines.filter(|_| is_ours).filter_map(parse).collect();
        Self { folder, root: root.to_owned(), known, is_changed: false }
    }

    /// Returns the digest of each file, several at a time.
    ///
    /// # Errors
    ///
    /// The path of the first file that cannot be read, with the reason.
    pub(super) fn digests(&mut self, files: &[FileToDigest]) -> Result<Vec<String>, (PathBuf, Error)> {
        let settled_before = SystemTime::now().checked_sub(SETTLED).map(nanoseconds).unwrap_or_default();
        let keys: Vec<String> = files.iter().map(|file| self.key(&file.path)).collect();
        let stamps: Vec<Stamp> = files.iter().map(|file| stamp(&file.metadata)).collect();
        let found = |at: usize| self.known.get(&keys[at]).filter(|known| known.stamp == stamps[at]);
        let mut digests: Vec<Option<String>> =
            (0..files.len()).map(|at| found(at).map(|known| known.digest.clone())).collect();
        let missing: Vec<usize> = (0..files.len()).filter(|at| digests[*at].is_none()).collect();
        for (at, digest) in read_all(files, &missing)? {
            if stamps[at].modified.max(stamps[at].changed) < settled_before {
                self.known.insert(keys[at].clone(), Known { stamp: stamps[at], digest: digest.clone() });
                self.is_changed = true;
            }
            digests[at] = Some(digest);
        }
        Ok(digests.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Writes the digests. A failure costs the next run time, and nothing else.
    pub(super) fn save(&self) {
        if !self.is_changed {
            return;
        }
        let mut text = format!("{HEADER}\n");
        for (key, Known { stamp, digest }) in self.known.iter().take(MOST) {
            let Stamp { inode, size, modified, changed } = stamp;
            let _ = writeln!(text, "{inode} {size} {modified} {changed} {digest} {key}");
        }
        let _ = self.folder.write_whole(FILE, &text);
    }

    /// Returns the path below the root of the project, on one line.
    fn key(&self, path: &Path) -> String {
        format!("{}", path.strip_prefix(&self.root).unwrap_or(path).display().to_string().escape_debug())
    }
}

fn parse(line: &str) -> Option<(String, Known)> {
    let mut fields = line.splitn(6, ' ');
    let stamp = Stamp {
        inode: fields.next()?.parse().ok()?,
        size: fields.next()?.parse().ok()?,
        modified: fields.next()?.parse().ok()?,
        changed: fields.next()?.parse().ok()?,
    };
    let digest = fields.next().filter(|digest| digest.len() == 64)?.to_owned();
    Some((fields.next()?.to_owned(), Known { stamp, digest }))
}

fn stamp(metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let time = |seconds: i64, nanoseconds: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    Stamp {
        inode: metadata.ino(),
        size: metadata.len(),
        modified: time(metadata.mtime(), metadata.mtime_nsec()),
        changed: time(metadata.ctime(), metadata.ctime_nsec()),
    }
}

fn nanoseconds(time: SystemTime) -> i128 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}

/// Returns the digests of some of the files, with their indices.
fn read_all(files: &[FileToDigest], wanted: &[usize]) -> Result<Vec<(usize, String)>, (PathBuf, Error)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(wanted.len());
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(wanted.len())));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(at) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let digest = digest(&files[*at].path);
                    let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    results.push((*at, digest));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    let named = |(at, digest): (usize, Result<String, Error>)| match digest {
        Ok(digest) => Ok((at, digest)),
        Err(error) => Err((files[at].path.clone(), error)),
    };
    results.into_iter().map(named).collect()
}

/// Returns the SHA-256 of a regular file.
fn digest(path: &Path) -> Result<String, Error> {
    let file = regular(path, Links::Refused)?;
    Digest::of_reader(file).map(|digest| digest.digits().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &Path) -> FileToDigest {
        let metadata = path.symlink_metadata().expect("a file");
        FileToDigest { name: "a".to_owned(), path: path.to_owned(), metadata }
    }

    /// Returns a cache whose only digest is a wrong one, which shows whether a file was read.
    fn cache_with(root: &Path, path: &Path, digest: &str) -> CachedDigests {
        let mut cache = CachedDigests::of_project(root);
        let known = Known { stamp: stamp(&path.symlink_metadata().expect("a file")), digest: digest.to_owned() };
        cache.known.insert(cache.key(path), known);
        cache.is_changed = true;
        cache
    }

    #[test]
    fn file_with_the_same_facts_is_not_read_again_and_a_changed_one_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a b\nc");
        std::fs::write(&path, "1").expect("a file");
        let kept = "0".repeat(64);
        cache_with(folder.path(), &path, &kept).save();
        let digest = |path: &Path| CachedDigests::of_project(folder.path()).digests(&[file(path)]).expect("a digest");
        assert_eq!(digest(&path), std::slice::from_ref(&kept));
        // A file of the same size in its place has another inode, and another time of change.
        std::fs::write(folder.path().join("new"), "2").expect("a file");
        std::fs::rename(folder.path().join("new"), &path).expect("a file");
        assert_ne!(digest(&path), [kept]);
    }

    #[test]
    fn digest_of_a_file_that_just_changed_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "1").expect("a file");
        let mut cache = CachedDigests::of_project(folder.path());
        cache.digests(&[file(&path)]).expect("a digest");
        assert!(cache.known.is_empty());
    }

    #[test]
    fn damaged_cache_is_ignored() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateFolder::below(folder.path()).subfolder("images");
        for text in ["", "other\n1 2 3 4 5 6", &format!("{HEADER}\n1 2 x\n\u{0}\n1 2 3 4 short a")] {
            state.write_whole(FILE, text).expect("a file");
            assert!(CachedDigests::of_project(folder.path()).known.is_empty(), "{text:?}");
        }
    }
}

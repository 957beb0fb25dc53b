//! Files that change during the session.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::cli::files::read_text;
use crate::diag::SourceMap;

/// The files of a session, as they were when they were last compared with it.
#[derive(Default)]
pub(super) struct FileWatcher {
    seen: BTreeMap<String, FileStamp>,
    /// A script that could not be loaded, with its stamp at that time.
    retry: Option<(String, Option<FileStamp>)>,
}

/// The modification time of a file, and its size in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileStamp(SystemTime, u64);

impl FileWatcher {
    /// Returns the files whose content differs from the session. Each change is returned once, so that a file with errors
    /// is not read again before it changes again.
    pub(super) fn changed(&mut self, sources: &SourceMap) -> Vec<String> {
        let mut changed = Vec::new();
        let files = sources.names().filter(|name| !name.starts_with("repl:") && !name.starts_with("std/"));
        for name in files {
            // A missing file may be about to be replaced: editors write another file and rename it.
            let Some(stamp) = stamp(name) else { continue };
            if self.seen.insert(name.to_string(), stamp) == Some(stamp) {
                continue;
            }
            let text = read_text(Path::new(name.as_ref()));
            if text.is_ok_and(|text| sources.text(name) != Some(text.as_str())) {
                changed.push(name.to_string());
            }
        }
        changed
    }

    /// Remembers a script that could not be loaded, to load it when it changes.
    pub(super) fn retry_when_changed(&mut self, path: &str) {
        self.retry = Some((path.to_owned(), stamp(path)));
    }

    /// Takes the script that could not be loaded, if it changed.
    pub(super) fn take_retry(&mut self) -> Option<String> {
        let (path, seen) = self.retry.as_ref()?;
        let now = stamp(path)?;
        if *seen == Some(now) {
            return None;
        }
        self.retry.take().map(|(path, _)| path)
    }
}

fn stamp(path: &str) -> Option<FileStamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(FileStamp(metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_returned_once_and_equal_content_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.rhai").display().to_string();
        let write = |text: &str| std::fs::write(&path, text).expect("a file");
        let mut sources = SourceMap::default();
        sources.add(path.as_str(), "1");
        sources.add("repl:1", "1");
        write("1");
        let mut watcher = FileWatcher::default();
        assert!(watcher.changed(&sources).is_empty());
        write("12");
        assert_eq!(watcher.changed(&sources), std::slice::from_ref(&path));
        assert!(watcher.changed(&sources).is_empty(), "it was returned before");
        sources.add(path.as_str(), "12");
        std::fs::remove_file(&path).expect("the file is there");
        assert!(watcher.changed(&sources).is_empty());
        write("12");
        assert!(watcher.changed(&sources).is_empty(), "the content is equal");
    }

    #[test]
    fn script_that_could_not_be_loaded_is_retried_when_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.rhai").display().to_string();
        let mut watcher = FileWatcher::default();
        watcher.retry_when_changed(&path);
        assert_eq!(watcher.take_retry(), None, "the file is missing");
        std::fs::write(&path, "1").expect("a file");
        assert_eq!(watcher.take_retry(), Some(path.clone()));
        assert_eq!(watcher.take_retry(), None);
    }
}

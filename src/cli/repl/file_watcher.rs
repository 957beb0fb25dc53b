//! Files that change while the session goes on.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::cli::files::read_text;
use crate::diag::SourceMap;

/// What files looked like when they were last compared with the session.
#[derive(Default)]
pub(super) struct FileWatcher {
    seen: BTreeMap<String, FileStamp>,
    /// A script that could not be loaded, as it was then.
    wanted: Option<(String, Option<FileStamp>)>,
}

/// When a file was changed last, and its size in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileStamp(SystemTime, u64);

impl FileWatcher {
    /// The files that say something else than the session was evaluated with. Each change is told once, so that a file
    /// with errors is not read again until it changes again.
    pub(super) fn changed(&mut self, sources: &SourceMap) -> Vec<String> {
        let mut changed = Vec::new();
        let files = sources.names().filter(|name| !name.starts_with("repl:") && !name.starts_with("std/"));
        for name in files {
            // What is not there may be on its way: editors write beside the file and move.
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

    /// A script could not be loaded: it is tried again when it changes.
    pub(super) fn wants(&mut self, path: &str) {
        self.wanted = Some((path.to_owned(), stamp(path)));
    }

    /// The script that could not be loaded, once it changed.
    pub(super) fn wanted(&mut self) -> Option<String> {
        let (path, seen) = self.wanted.as_ref()?;
        let now = stamp(path)?;
        if *seen == Some(now) {
            return None;
        }
        self.wanted.take().map(|(path, _)| path)
    }
}

fn stamp(path: &str) -> Option<FileStamp> {
    let about = std::fs::metadata(path).ok()?;
    Some(FileStamp(about.modified().ok()?, about.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_a_touch_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.rhai").display().to_string();
        let write = |text: &str| std::fs::write(&path, text).expect("a file");
        let mut sources = SourceMap::default();
        sources.add(path.as_str(), "1");
        sources.add("repl:1", "1");
        write("1");
        let mut watch = FileWatcher::default();
        assert!(watch.changed(&sources).is_empty());
        write("12");
        assert_eq!(watch.changed(&sources), std::slice::from_ref(&path));
        assert!(watch.changed(&sources).is_empty(), "it was told");
        sources.add(path.as_str(), "12");
        std::fs::remove_file(&path).expect("the file is there");
        assert!(watch.changed(&sources).is_empty());
        write("12");
        assert!(watch.changed(&sources).is_empty(), "it says the same");
    }

    #[test]
    fn a_script_that_could_not_be_loaded_is_tried_again_when_it_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.rhai").display().to_string();
        let mut watch = FileWatcher::default();
        watch.wants(&path);
        assert_eq!(watch.wanted(), None, "it is not there");
        std::fs::write(&path, "1").expect("a file");
        assert_eq!(watch.wanted(), Some(path.clone()));
        assert_eq!(watch.wanted(), None);
    }
}

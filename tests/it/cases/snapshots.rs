//! Files that hold what a test expects.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What differs from the files in a folder, gathered so that one run shows everything.
pub(crate) struct Snapshots {
    blesses: bool,
    expected: BTreeSet<PathBuf>,
    differences: String,
}

impl Snapshots {
    pub(crate) fn new() -> Self {
        let blesses = std::env::var_os("BLESS").is_some();
        Self { blesses, expected: BTreeSet::new(), differences: String::new() }
    }

    /// Compares a text with that of its file, or writes the file when the tests are blessed.
    pub(crate) fn compare(&mut self, path: &Path, text: &str) {
        self.expected.insert(path.to_owned());
        let there = std::fs::read_to_string(path).unwrap_or_default();
        if there == text {
            return;
        }
        if self.blesses {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            return;
        }
        let line = there.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
        let around = |text: &str| text.lines().skip(line.saturating_sub(1)).take(5).collect::<Vec<_>>().join("\n");
        let (there, here) = (around(&there), around(text));
        let path = path.display();
        self.differences += &format!("{path} line {}:\n--- recorded\n{there}\n--- now\n{here}\n\n", line + 1);
    }

    /// Refuses files of cases that no longer exist.
    pub(crate) fn and_no_other(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        for file in files.into_iter().filter(|file| !self.expected.contains(file)) {
            if self.blesses {
                std::fs::remove_file(&file).unwrap();
            } else {
                self.differences += &format!("{} belongs to no case\n", file.display());
            }
        }
    }

    pub(crate) fn end(self) {
        assert!(self.differences.is_empty(), "{}bless with BLESS=1 what is meant", self.differences);
    }
}

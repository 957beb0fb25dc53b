#![allow(clippy::disallowed_methods, reason = "the corpus is read")]

use std::path::{Path, PathBuf};

use super::{TARGETS, run};

/// Returns the inputs of a target that fuzzing found worth keeping.
pub(super) fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

#[test]
fn corpus_of_every_target_breaks_no_promise() {
    for (target, _) in TARGETS {
        let files = corpus(target);
        assert!(!files.is_empty(), "{target} has a corpus");
        for file in files {
            let input = std::fs::read(&file).expect("a file");
            let replayed = std::panic::catch_unwind(|| run(target, &input, || 0));
            assert!(replayed.is_ok(), "{}", file.display());
        }
    }
}

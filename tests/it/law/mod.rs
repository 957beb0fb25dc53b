//! The rules of the source code, kept by tests: which room imports which, no import cycles, one place for each part of
//! the outside world, and plain words.
//!
//! Production code is parsed with `syn`: every module that `src/lib.rs` reaches and that is not under `#[cfg(test)]`. Each
//! `use` (grouped, renamed, `self`, `super`, `crate`) and each path in an expression, a type, a pattern or the arguments
//! of a macro is resolved to the file that defines the item, through re-exports.

mod cycles;
mod doc_comments;
mod doors;
mod files;
mod references;
mod resolve;
mod rooms;
mod tests;
mod tree;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write;

/// Fails with the problems of each file, and with their numbers.
fn assert_none(what: &str, problems: &BTreeMap<String, Vec<String>>) {
    let mut text = String::new();
    for (file, problems) in problems {
        let _ = write!(text, "\n{file}: {}", problems.len());
        problems.iter().for_each(|problem| text += &format!("\n    {problem}"));
    }
    let count: usize = problems.values().map(Vec::len).sum();
    assert!(count == 0, "{count} {what} in {} files{text}", problems.len());
}

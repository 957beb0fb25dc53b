//! No two files of production code import each other, directly or through others.
//!
//! # What counts
//!
//! A file uses another if it imports an item that the other one *defines*, or names it in a path. So:
//!
//! - `use super::Plan` in a child counts as a use of the sibling that defines `Plan` if the parent re-exports it.
//! - `mod child;` does not count, nor does `pub use child::Plan;` in a file whose own code does not name `Plan`.
//! - A use of an item that the `mod.rs` of the file's own folder (or of one above it) defines does not count: a folder is
//!   one module, its files are the parts of it and share its terms. Uses across folders count in both directions.
//! - A `use` of a module counts by the paths that begin with it.
//! - Methods do not count: an `impl` of a type may be spread over files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::resolve::Edge;
use super::tree::Tree;

/// The recursions that are in the nature of their data, with the reason.
const ALLOWED: &[(&[&str], &str)] = &[(
    &["src/cfn/text.rs", "src/cfn/value.rs"],
    "a string may contain a call of an intrinsic function, and a value may be a string",
)];

#[test]
fn files_that_import_each_other_are_refused() {
    let edges = Tree::of_this_crate().edges();
    let cycles = cycles(&edges);
    let mut problems = String::new();
    for cycle in &cycles {
        let is_allowed = ALLOWED.iter().any(|(files, _)| cycle.iter().eq(*files));
        if !is_allowed {
            problems += &describe(cycle, &edges);
        }
    }
    assert!(problems.is_empty(), "import cycles between files:\n{problems}");
    for (files, reason) in ALLOWED {
        let is_cycle = cycles.iter().any(|cycle| cycle.iter().eq(*files));
        assert!(is_cycle, "no longer a cycle, take it off the list: {files:?} ({reason})");
    }
}

/// Returns the groups of two or more files that reach each other by imports.
pub(super) fn cycles(edges: &BTreeSet<Edge>) -> Vec<BTreeSet<String>> {
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in edges {
        imports.entry(&edge.from).or_default().insert(&edge.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports.keys().map(|file| (*file, reach(file, &imports))).collect();
    let mut cycles: Vec<BTreeSet<String>> = Vec::new();
    for (file, others) in &reached {
        let back = others.iter().filter(|other| reached.get(*other).is_some_and(|its| its.contains(file)));
        let cycle: BTreeSet<String> = back.map(|&other| other.to_owned()).collect();
        if !cycle.is_empty() && !cycles.contains(&cycle) {
            cycles.push(cycle);
        }
    }
    cycles
}

/// Returns the files that a file imports, directly or through others.
fn reach<'a>(file: &str, imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = imports.get(file).into_iter().flatten().copied().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(imports.get(next).into_iter().flatten());
        }
    }
    reached
}

/// Lists the files of a cycle, each with its imports from the others.
fn describe(cycle: &BTreeSet<String>, edges: &BTreeSet<Edge>) -> String {
    let mut text = format!("\na cycle of {} files\n", cycle.len());
    for file in cycle {
        let _ = writeln!(text, "    {file}");
        let mut imports: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for edge in edges.iter().filter(|edge| edge.from == *file && cycle.contains(&edge.to)) {
            imports.entry(&edge.to).or_default().push(format!("{} (line {})", edge.path, edge.line));
        }
        for (to, paths) in imports {
            let _ = writeln!(text, "        -> {to}: {}", paths.join(", "));
        }
    }
    text
}

//! Compares a copy of a package with the hash of the lock file.

use std::collections::BTreeMap;

use super::tree::{FileTree, TreeHash};
use crate::diag::{Code, Diagnostic};

/// The maximum number of files that a problem lists.
const MAX_LISTED: usize = 5;

/// A copy of a package that is compared with the lock file.
pub struct PackageCopy<'a> {
    /// The name of the package.
    pub package: &'a str,
    /// The place of the copy: `in the cache (/home/..)`.
    pub place: &'a str,
    /// The remedy for a copy that differs.
    pub remedy: &'a str,
}

/// A file with its hashes in the lock file and in the copy.
struct Difference<'a> {
    path: &'a str,
    locked: Option<&'a str>,
    found: Option<&'a str>,
}

impl PackageCopy<'_> {
    /// Compares the files with the hash of the lock file, and with the listing that was kept when they were locked.
    ///
    /// # Errors
    ///
    /// The files that differ, each with both hashes; without a listing that fits the lock file, the hashes of the package.
    pub fn verify(&self, files: &FileTree, locked: &TreeHash, listing: Option<&str>) -> Result<(), Diagnostic> {
        let found = files.hash();
        if found == *locked {
            return Ok(());
        }
        let listing = listing.filter(|listing| TreeHash::of_listing(listing) == *locked).unwrap_or_default();
        let current = files.listing();
        let differences = if listing.is_empty() { Vec::new() } else { differences(listing, &current) };
        let package = self.package;
        let (what, differ) = match differences.as_slice() {
            [] => (format!("the package `{package}`"), "differs"),
            [one] => (format!("`{}` of the package `{package}`", one.path), "differs"),
            [first, rest @ ..] => {
                let files = if rest.len() == 1 { "file" } else { "files" };
                (format!("`{}` and {} other {files} of the package `{package}`", first.path, rest.len()), "differ")
            }
        };
        let problem = Diagnostic::new(
            Code::PackageHash,
            format!("{what} {differ} from `rtiler.lock`; nothing of the package was run"),
        );
        let problem = problem.note(format!("the copy is {}", self.place));
        let problem = match differences.as_slice() {
            [] => hashes(problem, &locked.to_string(), &found.to_string()),
            [one] => hashes(problem, &shown(one.locked), &shown(one.found)),
            several => several.iter().take(MAX_LISTED).fold(problem, |problem, it| {
                problem.note(format!("`{}`: locked {}, found {}", it.path, shown(it.locked), shown(it.found)))
            }),
        };
        Err(problem.help(self.remedy))
    }
}

fn hashes(problem: Diagnostic, locked: &str, found: &str) -> Diagnostic {
    problem.note(format!("locked: {locked}")).note(format!("found:  {found}"))
}

fn shown(hash: Option<&str>) -> String {
    hash.map_or("no such file".to_owned(), |hash| format!("sha256:{hash}"))
}

/// Returns the paths whose hashes differ between two listings.
fn differences<'a>(old: &'a str, new: &'a str) -> Vec<Difference<'a>> {
    let read = |text: &'a str| -> BTreeMap<&'a str, &'a str> {
        text.lines().filter_map(|line| line.split_once("  ")).map(|(hash, path)| (path, hash)).collect()
    };
    let (old, new) = (read(old), read(new));
    let paths: std::collections::BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let of = |path: &'a str| Difference { path, locked: old.get(path).copied(), found: new.get(path).copied() };
    paths.into_iter().map(of).filter(|it| it.locked != it.found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> FileTree {
        let mut tree = FileTree::default();
        for (path, content) in files {
            tree.add(path, content.as_bytes().to_vec()).unwrap_or_else(|problem| panic!("{}", problem.message));
        }
        tree
    }

    fn problem(files: &FileTree, locked: &FileTree, listing: &FileTree) -> Diagnostic {
        let copy = PackageCopy { package: "web", place: "in `vendor/web`", remedy: "run `rtiler vendor`" };
        copy.verify(files, &locked.hash(), Some(&listing.listing())).expect_err("a change")
    }

    fn hash_of(tree: &FileTree, path: &str) -> String {
        let listing = tree.listing();
        let line = listing.lines().find(|line| line.ends_with(path)).expect("a line");
        format!("sha256:{}", line.split(' ').next().expect("a hash"))
    }

    #[test]
    fn changed_file_is_named_with_both_hashes_and_its_place() {
        let (old, new) = (tree(&[("a", "1"), ("b", "2")]), tree(&[("a", "1"), ("b", "3")]));
        let found = problem(&new, &old, &old);
        assert!(found.message.starts_with("`b` of the package `web` differs from `rtiler.lock`"), "{}", found.message);
        let (locked, now) = (hash_of(&old, "b"), hash_of(&new, "b"));
        assert_eq!(
            found.notes,
            ["the copy is in `vendor/web`".to_owned(), format!("locked: {locked}"), format!("found:  {now}")]
        );
        // A listing that does not fit the lock file proves nothing.
        assert!(problem(&new, &old, &new).message.starts_with("the package `web` differs"));
    }

    #[test]
    fn every_changed_file_is_named() {
        let (old, new) = (tree(&[("a", "1"), ("b", "2"), ("c", "3")]), tree(&[("a", "1"), ("b", "3"), ("d", "3")]));
        let found = problem(&new, &old, &old);
        assert!(found.message.starts_with("`b` and 2 other files of the package"), "{}", found.message);
        assert!(found.notes[1].starts_with("`b`: locked sha256:"), "{:?}", found.notes);
        assert!(found.notes[2].ends_with("found no such file") && found.notes[3].contains("locked no such file"));
    }

    #[test]
    fn files_that_are_those_of_the_lock_file_are_no_problem() {
        let files = tree(&[("a", "1")]);
        let copy = PackageCopy { package: "web", place: "", remedy: "" };
        assert_eq!(copy.verify(&files, &files.hash(), None), Ok(()));
    }
}

//! `rtiler test`: runs the tests of a project side by side.
//!
//! `selection` finds the tests, `runner` runs them on threads, `host` writes snapshots, `rehearse` deploys to a simulated account,
//! `report` prints the results, `junit` writes them for CI systems.
//!
//! *Invariant*: a test reaches nothing real: its settings are in the test, its account is simulated, its time virtual.

mod host;
mod junit;
mod rehearse;
mod report;
mod runner;
mod selection;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::args::{PackageOptions, Test};
use super::exit::ExitStatus;
use super::files::write_whole;
use super::packages::packages_of;
use super::terminal::Terminal;
use crate::diag::{Code, SourceMap};
use crate::package::Packages;
use host::Snapshots;
use selection::Selection;

/// Runs `rtiler test [FILTER] [PATH]`.
pub(crate) fn command(test: &Test, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let started = Instant::now();
    let selection = match Selection::new(&test.path, test.filter.as_deref()) {
        Ok(selection) => selection,
        Err(problem) => {
            terminal.problems(&[problem], &SourceMap::default());
            return ExitStatus::Script;
        }
    };
    if test.list {
        report::list(&selection, test.json, terminal);
        return ExitStatus::Ok;
    }
    let Some(packages) = packages(&selection, test.packages, terminal) else { return ExitStatus::Script };
    let snapshots = Snapshots::new(&selection.folder, test.bless);
    let (results, written) = runner::run(&selection, &snapshots, &packages, allocated);
    if let Some(file) = &test.junit
        && let Err(error) = write_whole(file, &junit::document(&results))
    {
        terminal.failure(Code::FileUnwritable, &format!("cannot write {}: {error}", file.display()));
        return ExitStatus::Script;
    }
    let unused = if test.filter.is_none() { snapshots.unused() } else { Vec::new() };
    report::print(&results, (&written, &unused), started.elapsed(), test.json, terminal);
    if results.iter().all(runner::TestResult::passed) { ExitStatus::Ok } else { ExitStatus::Script }
}

/// Runs the tests of a project and prints those that fail; returns whether there is none. A project without tests has none.
pub(crate) fn pass(folder: &Path, terminal: &Terminal, allocated: fn() -> usize) -> bool {
    let selection = match Selection::new(folder, None) {
        Ok(selection) => selection,
        Err(problem) if problem.code == Code::FileMissing => return true,
        Err(problem) => {
            terminal.problems(&[problem], &SourceMap::default());
            return false;
        }
    };
    let Some(packages) = packages(&selection, PackageOptions::default(), terminal) else { return false };
    let snapshots = Snapshots::new(&selection.folder, false);
    let (results, _) = runner::run(&selection, &snapshots, &packages, allocated);
    report::print_failures(&results, terminal);
    results.iter().all(runner::TestResult::passed)
}

/// Returns the packages that the tests may import; prints the problems if they cannot be read.
fn packages(selection: &Selection, options: PackageOptions, terminal: &Terminal) -> Option<Arc<Packages>> {
    let mut sources = SourceMap::default();
    let packages = packages_of(&selection.folder.join("all.rhai"), options, &mut sources, terminal);
    packages.map_err(|problems| terminal.problems(&problems, &sources)).ok()
}

/// Returns a path as users write it: with `/`, and without `./`.
fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}

//! Runs tests side by side: each thread takes the next one.

use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::host::{Snapshots, TestWorld};
use super::selection::{SelectedTest, Selection};
use crate::cli::files::ProjectFiles;
use crate::cli::process_usage::ProcessUsage;
use crate::diag::{Diagnostic, Origin, SourceMap};
use crate::package::Packages;
use crate::script::Limits;
use crate::script::testing::{TestInput, run_test};

/// The stack of a thread: deeply nested scripts recurse. The system gives pages only when they are used.
const STACK_BYTES: usize = 256 << 20;

/// A test with its result.
pub(super) struct TestResult {
    /// The path of its file.
    pub(super) file: String,
    /// The name of the function.
    pub(super) name: String,
    /// The line of the function.
    pub(super) line: u32,
    /// The time that it took.
    pub(super) duration: Duration,
    /// Its errors; it passed if there are none.
    pub(super) problems: Vec<Diagnostic>,
    pub(super) sources: SourceMap,
    /// The lines that it printed.
    pub(super) printed: Vec<(Origin, String)>,
}

impl TestResult {
    pub(super) fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Runs tests, as many side by side as the machine has processors. Returns the results in their order, and the paths of the snapshots
/// that were written.
pub(super) fn run(
    selection: &Selection,
    snapshots: &Snapshots,
    packages: &Arc<Packages>,
    allocated: fn() -> usize,
) -> (Vec<TestResult>, Vec<String>) {
    let tests = &selection.tests;
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((at, test)) = next_of(tests, &next) {
            let world = TestWorld::new(snapshots.clone(), at);
            let result = run_one(test, world, packages, allocated);
            results.lock().expect("no thread panics with the lock").push((at, result));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(tests.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, work).expect("the system gives a thread");
        }
    });
    let mut results = results.into_inner().expect("no thread panics with the lock");
    results.sort_by_key(|(at, _)| *at);
    let mut results: Vec<TestResult> = results.into_iter().map(|(_, result)| result).collect();
    let report = snapshots.finish();
    for (test, problem) in report.problems {
        let problems = &mut results[test].problems;
        // The difference to the snapshot, at the same call, has no remedy of its own.
        problems.retain(|known| known.origin() != problem.origin());
        problems.push(problem);
    }
    (results, report.written)
}

fn next_of<'t>(tests: &'t [SelectedTest], next: &AtomicUsize) -> Option<(usize, &'t SelectedTest)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    tests.get(at).map(|test| (at, test))
}

fn run_one(test: &SelectedTest, world: TestWorld, packages: &Arc<Packages>, allocated: fn() -> usize) -> TestResult {
    let started = Instant::now();
    let file = &test.file;
    let input = TestInput {
        name: &file.name,
        text: &file.text,
        files: Rc::new(ProjectFiles::of(file.name.as_ref()).with_packages(Arc::clone(packages))),
        host: Rc::new(world),
        limits: Limits { meter: Rc::new(ProcessUsage::start(allocated)), ..Limits::default() },
    };
    let run = run_test(&input, &test.function);
    TestResult {
        file: file.name.clone(),
        name: test.function.name.clone(),
        line: test.function.origin.line,
        duration: started.elapsed(),
        problems: run.problems,
        sources: run.sources,
        printed: run.printed,
    }
}

//! The bodies of the fuzz targets: each takes any bytes, and panics if rtiler breaks a promise about them.
//!
//! `script` and `template` read text, `generate` makes scripts and templates that are mostly valid, `rehearsal` deploys what
//! a check accepted, `files` reads what rtiler wrote itself (plans, records, saved accounts) and files of settings,
//! `importers` writes scripts from other sources, `packages` reads manifests, lock files and archives of packages.
//! The adapter to AWS has its target next to it, in `aws::fuzz`. The package in `fuzz/` runs them under libFuzzer; the
//! tests here replay its corpus.
//!
//! May import everything.
//!
//! *Invariant*: no program has it; it is compiled for tests and with the feature `fuzzing`.

#![allow(clippy::panic, reason = "a panic is how a target reports a broken promise")]

mod files;
mod generate;
mod importers;
#[cfg(test)]
mod mutations;
mod packages;
mod rehearsal;
mod script;
mod template;
#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::time::Duration;

use crate::cli::fuzz::ProcessUsage;
use crate::diag::{Color, Diagnostic, SourceMap, render};
use crate::script::Limits;

/// Returns the bytes of memory in use.
pub type Allocated = fn() -> usize;

/// A fuzz target: its name, and what it does with an input.
type Target = (&'static str, fn(&[u8], Allocated));

const TARGETS: &[Target] = &[
    ("script", script::text),
    ("script_generated", script::generated),
    ("template", template::text),
    ("template_generated", template::generated),
    ("plan_file", files::plan_file),
    ("record", files::record),
    ("rehearsal_state", rehearsal::state_file),
    ("env_file", files::env_file),
    ("import_source", importers::source),
    ("manifest", packages::manifest),
    ("lock_file", packages::lock_file),
    ("archive", packages::archive),
    #[cfg(feature = "aws")]
    ("aws_answers", |input, _| crate::aws::fuzz::answers(input)),
];

/// The stack of a target: the program gives its scripts more.
const STACK_BYTES: usize = 512 << 20;

/// Runs the target with this name on an input, on a thread with a large stack.
///
/// # Panics
///
/// If rtiler breaks a promise, or if there is no such target.
pub fn run(target: &str, input: &[u8], allocated: Allocated) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).expect("a fuzz target has this name");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, || body(input, allocated)).expect("the system gives a thread");
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Returns the name of the source that problems point into.
const NAME: &str = "input";

/// Returns limits far below those of the program, so that one input takes milliseconds.
fn limits(allocated: Allocated) -> Limits {
    Limits {
        operations: 50_000,
        source: 64 << 10,
        string: 16 << 10,
        array: 1_000,
        map: 1_000,
        calls: 24,
        time: Duration::from_secs(5),
        memory: allocated() + (256 << 20),
        meter: Rc::new(ProcessUsage::start(allocated)),
    }
}

/// Asserts that problems can be shown, and that every error has its place in one of the sources.
fn assert_shown(problems: &[Diagnostic], sources: &SourceMap) {
    for problem in problems {
        assert!(!problem.message.is_empty(), "a problem without a message: {:?}", problem.code);
        let origin = problem.origin();
        assert!(origin.is_some() || !problem.is_error(), "an error without a place: {}", problem.message);
        let text = origin.and_then(|origin| Some((origin.line, sources.text(&origin.source)?)));
        if let Some((line, text)) = text {
            // An error at the end of a text may be on the line after the last one.
            let last = text.lines().count() + 1;
            assert!(usize::try_from(line).is_ok_and(|line| line <= last), "line {line} of {last}: {}", problem.message);
        }
    }
    // Thousands of problems are shown by the program one after another; a few of them are enough here.
    for problem in problems.iter().take(12) {
        for (color, width) in [(Color::Never, 120), (Color::Always, 30)] {
            assert!(!render(problem, sources, color, width).is_empty());
        }
    }
}

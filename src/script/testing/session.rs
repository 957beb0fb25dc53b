//! The surroundings of the functions of a test: the port to rehearsals and snapshots, and the programs of other scripts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use indexmap::IndexMap;

use crate::block::{Program, ReferencedBlocks, Stack};
use crate::diag::{Diagnostic, Origin};
use crate::script::restricted_files::TestVariables;
use crate::script::{Limits, SourceLoader};
use crate::synth::DesiredStack;

/// Carries out what a test wants of the world: rehearsals in virtual time, and snapshots.
pub trait TestHost {
    /// Deploys stacks to an empty simulated account, in virtual time.
    ///
    /// # Errors
    ///
    /// The faults that are not valid.
    fn rehearse(&self, rehearsal: &RehearsalRequest<'_>) -> Result<Vec<RehearsedStack>, Vec<Diagnostic>>;

    /// Returns the recorded text of the snapshot with which a value is compared; none if there is no such snapshot.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    fn snapshot(&self, compared: &SnapshotUse<'_>) -> Result<Option<String>, Diagnostic>;

    /// Returns whether a snapshot that differs is accepted; the host writes it then.
    fn accepts_snapshots(&self) -> bool;
}

/// A value that a test compares with a snapshot.
pub struct SnapshotUse<'a> {
    /// The name of the snapshot, with that of the test file.
    pub name: &'a str,
    /// The value as text.
    pub text: &'a str,
    /// The place of the call.
    pub origin: &'a Origin,
}

/// A rehearsal that a test needs.
pub struct RehearsalRequest<'a> {
    /// The stacks to deploy.
    pub stacks: &'a [DesiredStack],
    /// The stacks that are deployed before, without faults.
    pub deployed: &'a [DesiredStack],
    /// The faults, as `--fault` has them.
    pub faults: Vec<String>,
    /// The values that other stacks or teams own, as `--assume` has them.
    pub assumed: Vec<(String, String)>,
    /// The seed of the simulator.
    pub seed: u64,
}

/// The result of a rehearsal for one stack.
#[derive(Debug, Clone)]
pub struct RehearsedStack {
    /// The name of the stack.
    pub stack: String,
    /// The result in words: `created`, `rolled back`.
    pub result: String,
    /// Whether the stack is as it was to be.
    pub is_success: bool,
    /// The virtual time that it took.
    pub duration: Duration,
    /// The problems, the cause of a failure first.
    pub problems: Vec<Diagnostic>,
    /// The outputs of the stack.
    pub outputs: IndexMap<String, String>,
}

/// The state of one test.
pub(crate) struct TestSession {
    pub(crate) host: Rc<dyn TestHost>,
    pub(crate) files: Rc<dyn SourceLoader>,
    /// The environment variables that the test sets.
    pub(crate) variables: TestVariables,
    pub(crate) limits: Limits,
    /// The stem of the test file, with which the names of its snapshots begin.
    pub(crate) stem: String,
    /// The stacks of other scripts, with what these refer to.
    programs: RefCell<Vec<EvaluatedScript>>,
}

/// A script that a test evaluated.
struct EvaluatedScript {
    program: Program,
    warnings: Vec<Diagnostic>,
}

impl TestSession {
    pub(crate) fn new(
        host: Rc<dyn TestHost>,
        (files, variables): (Rc<dyn SourceLoader>, TestVariables),
        limits: Limits,
        stem: String,
    ) -> Self {
        Self { host, files, variables, limits, stem, programs: RefCell::default() }
    }

    /// Remembers the program of another script.
    pub(crate) fn add_program(&self, program: Program, warnings: Vec<Diagnostic>) {
        self.programs.borrow_mut().push(EvaluatedScript { program, warnings });
    }

    /// Returns a program of these stacks with the warnings of its evaluation. Stacks of another script keep what that script
    /// refers to; others have the references of the test.
    pub(crate) fn program(&self, stacks: Vec<Rc<Stack>>, own: &ReferencedBlocks) -> (Program, Vec<Diagnostic>) {
        let programs = self.programs.borrow();
        let is_of = |script: &&EvaluatedScript| {
            stacks.iter().all(|stack| script.program.stacks.iter().any(|other| Rc::ptr_eq(other, stack)))
        };
        match programs.iter().find(is_of) {
            Some(script) => (Program { stacks, ..script.program.clone() }, script.warnings.clone()),
            None => (Program { stacks, referenced_blocks: own.clone(), ..Program::default() }, Vec::new()),
        }
    }
}

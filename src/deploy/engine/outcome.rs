use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::progress::ResourceProgress;
use crate::deploy::api::StackOutput;
use crate::deploy::api::status::StackStatus;
use crate::deploy::diagnose::timeline::Timeline;
use crate::diag::Diagnostic;

/// How it ended for a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StackResult {
    /// It was created.
    Created,
    /// It was updated.
    Updated,
    /// There was nothing to do.
    Unchanged,
    /// It was deleted.
    Deleted,
    /// There was none to delete.
    NotDeployed,
    /// The caller did not approve.
    Declined,
    /// It was taken back to what it was, as was asked for.
    RolledBackOnRequest,
    /// It failed and was undone.
    RolledBack,
    /// It failed and needs a decision.
    Failed,
    /// AWS refused before anything was changed.
    Rejected,
    /// It was not begun: the user has something to mend or to decide first.
    Blocked,
    /// A stack that it needs did not come to be.
    Skipped,
    /// The caller let go while AWS goes on.
    Detached,
    /// AWS goes on and cannot be asked any more.
    ConnectionLost,
}

impl StackResult {
    /// True when the stack is as it was wanted.
    pub fn is_good(&self) -> bool {
        matches!(
            self,
            Self::Created
                | Self::Updated
                | Self::Unchanged
                | Self::Deleted
                | Self::NotDeployed
                | Self::RolledBackOnRequest
        )
    }
}

/// What became of a stack.
#[derive(Debug, Clone)]
pub struct StackOutcome {
    /// Its name.
    pub stack: String,
    /// How it ended.
    pub ending: StackResult,
    /// Its status at the end.
    pub status: Option<StackStatus>,
    /// Its outputs.
    pub outputs: Vec<StackOutput>,
    /// What is wrong: errors where it did not end well, warnings where it did.
    pub problems: Vec<Diagnostic>,
    /// What ran when, and what made it slow; none where nothing ran.
    pub timeline: Option<Timeline>,
    /// What the resources went through.
    pub resources: IndexMap<String, ResourceProgress>,
    /// Resources that stay although the stack let go of them.
    pub retained: Vec<String>,
    /// How long it took.
    pub duration: Duration,
}

impl StackOutcome {
    pub(crate) fn new(stack: &str, ending: StackResult) -> Self {
        Self {
            stack: stack.to_owned(),
            ending,
            status: None,
            outputs: Vec::new(),
            problems: Vec::new(),
            timeline: None,
            resources: IndexMap::new(),
            retained: Vec::new(),
            duration: Duration::ZERO,
        }
    }

    pub(crate) fn because(mut self, problem: Diagnostic) -> Self {
        self.problems.push(problem);
        self
    }

    /// What was done is done, and this is not.
    pub(crate) fn but(mut self, problem: Diagnostic) -> Self {
        self.ending = StackResult::Failed;
        self.because(problem)
    }
}

/// What became of every stack, in the order of the script.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The stacks.
    pub stacks: Vec<StackOutcome>,
    /// What is wrong with the set of stacks as a whole; then nothing was started.
    pub problems: Vec<Diagnostic>,
}

impl Outcome {
    /// True when every stack is as it was wanted.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.stacks.iter().all(|stack| stack.ending.is_good())
    }

    /// The outcome of a stack.
    pub fn stack(&self, name: &str) -> Option<&StackOutcome> {
        self.stacks.iter().find(|outcome| outcome.stack == name)
    }
}

//! The results of a run.

use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::progress::ResourceProgress;
use crate::deploy::api::StackOutput;
use crate::deploy::api::status::StackStatus;
use crate::deploy::diagnose::timeline::Timeline;
use crate::diag::Diagnostic;

/// The result for one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StackResult {
    /// It was created.
    Created,
    /// It was updated.
    Updated,
    /// Existing resources were imported into it.
    Imported,
    /// There were no changes.
    Unchanged,
    /// It was deleted.
    Deleted,
    /// It does not exist, so there was nothing to delete or roll back.
    NotDeployed,
    /// The caller did not approve the plan.
    Declined,
    /// The caller stopped the run before anything was changed.
    Interrupted,
    /// It was rolled back, as requested.
    RolledBackOnRequest,
    /// The operation failed and was rolled back.
    RolledBack,
    /// The operation failed and was not rolled back.
    Failed,
    /// AWS refused before anything was changed.
    Rejected,
    /// It was not started: the user has to fix or decide something first.
    Blocked,
    /// A stack that it needs did not succeed.
    Skipped,
    /// The caller detached; CloudFormation continues.
    Detached,
    /// The connection to AWS was lost while the operation was running.
    ConnectionLost,
}

impl StackResult {
    /// Returns whether the stack is as requested.
    pub fn is_success(&self) -> bool {
        matches!(
            self,
            Self::Created
                | Self::Updated
                | Self::Imported
                | Self::Unchanged
                | Self::Deleted
                | Self::NotDeployed
                | Self::RolledBackOnRequest
        )
    }
}

/// The outcome of a run for one stack.
#[derive(Debug, Clone)]
pub struct StackOutcome {
    /// The stack's name.
    pub stack: String,
    /// The result.
    pub result: StackResult,
    /// The stack's status at the end.
    pub status: Option<StackStatus>,
    /// The stack's outputs.
    pub outputs: Vec<StackOutput>,
    /// Errors if it failed, warnings if it succeeded.
    pub problems: Vec<Diagnostic>,
    /// When each step ran, and what took longest; none if no operation ran.
    pub timeline: Option<Timeline>,
    /// The progress of each resource.
    pub resources: IndexMap<String, ResourceProgress>,
    /// Resources that still exist and that the stack does not manage any more.
    pub retained: Vec<String>,
    /// The time that it took.
    pub duration: Duration,
}

impl StackOutcome {
    pub(crate) fn new(stack: &str, result: StackResult) -> Self {
        Self {
            stack: stack.to_owned(),
            result,
            status: None,
            outputs: Vec::new(),
            problems: Vec::new(),
            timeline: None,
            resources: IndexMap::new(),
            retained: Vec::new(),
            duration: Duration::ZERO,
        }
    }

    /// Adds a problem.
    pub(crate) fn with_problem(mut self, problem: Diagnostic) -> Self {
        self.problems.push(problem);
        self
    }

    /// Adds problems.
    pub(crate) fn with_problems(mut self, problems: impl IntoIterator<Item = Diagnostic>) -> Self {
        self.problems.extend(problems);
        self
    }

    /// Makes it a failure with this problem, and keeps what was done.
    pub(crate) fn failed_with(mut self, problem: Diagnostic) -> Self {
        self.result = StackResult::Failed;
        self.with_problem(problem)
    }
}

/// The outcome of a run.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The stacks, in the order of the script.
    pub stacks: Vec<StackOutcome>,
    /// Problems of the set of stacks; if there are any, no stack was started.
    pub problems: Vec<Diagnostic>,
}

impl Outcome {
    /// Returns whether every stack is as requested.
    pub fn is_success(&self) -> bool {
        self.problems.is_empty() && self.stacks.iter().all(|stack| stack.result.is_success())
    }

    /// Returns the outcome of a stack.
    pub fn stack(&self, name: &str) -> Option<&StackOutcome> {
        self.stacks.iter().find(|outcome| outcome.stack == name)
    }
}

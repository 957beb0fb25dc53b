//! The ways in which the work on a stack ends early.

use super::StackTask;
use super::event::{CancelReason, DeployEventKind};
use super::operation_failure::diagnose_cancelled;
use super::outcome::{StackOutcome, StackResult};
use super::stop::{StopRequest, StopRequested};
use crate::deploy::api::{AwsApi, AwsError, ClientRequestToken, Clock};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// The reason why the work on a stack ended early.
#[derive(Debug)]
pub(super) enum Abort {
    /// AWS refused a call, and nothing of the stack was changed.
    Rejected(AwsError),
    /// The state of the stack, or AWS's answer, does not allow the operation.
    RejectedWith(Vec<Diagnostic>),
    /// The user has to fix or decide something before anything is changed.
    Blocked(Vec<Diagnostic>),
    /// The caller did not approve.
    Declined,
    /// The caller stopped the run before an operation had started.
    Stopped(StopRequest),
    /// The caller detached while CloudFormation continues.
    Detached(Option<ClientRequestToken>),
    /// The operation may still be running, and AWS does not answer any more.
    ConnectionLost(AwsError),
    /// The services of a changed stack failed, and restoring the previous configuration ended early, too.
    RevertAborted {
        /// The reason why the services failed.
        problems: Vec<Diagnostic>,
        /// The end of the revert.
        abort: Box<Abort>,
    },
    /// The operation is failing or takes too long, and continues because rollback is disabled.
    LeftInPlace {
        /// The reason why it would have been cancelled.
        reason: CancelReason,
        /// The reason why its services fail.
        diagnoses: Vec<Diagnosis>,
        /// The operation's token.
        token: Option<ClientRequestToken>,
    },
    /// The task of a job continues while the run ends.
    JobLeftRunning(Diagnostic),
    /// The operation of an earlier run was cancelled and rolled back.
    Cancelled(Vec<Diagnostic>),
}

impl From<AwsError> for Abort {
    fn from(error: AwsError) -> Self {
        Self::Rejected(error)
    }
}

impl From<Diagnostic> for Abort {
    fn from(problem: Diagnostic) -> Self {
        Self::RejectedWith(vec![problem])
    }
}

impl From<StopRequested> for Abort {
    fn from(StopRequested(request): StopRequested) -> Self {
        Self::Stopped(request)
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Does work to its end: the outcome has its duration, and an early end is emitted.
    pub(super) async fn finish(&self, work: impl Future<Output = Result<StackOutcome, Abort>>) -> StackOutcome {
        let started = self.now();
        let mut outcome = match work.await {
            Ok(outcome) => outcome,
            Err(abort) => {
                if let Some(event) = abort.event() {
                    self.emit(event);
                }
                abort.outcome(self.stack)
            }
        };
        outcome.duration = self.now().since(started);
        outcome
    }
}

impl Abort {
    /// Returns the event of an early end that the caller caused, or that leaves an operation running.
    fn event(&self) -> Option<DeployEventKind> {
        match self {
            Abort::Declined => Some(DeployEventKind::Declined),
            Abort::Stopped(request) => Some(DeployEventKind::Interrupted { request: *request }),
            Abort::Detached(token) | Abort::LeftInPlace { token, .. } => {
                Some(DeployEventKind::Detached { token: token.clone() })
            }
            Abort::JobLeftRunning(_) => Some(DeployEventKind::Detached { token: None }),
            Abort::RevertAborted { abort, .. } => abort.event(),
            Abort::Rejected(_)
            | Abort::RejectedWith(_)
            | Abort::Blocked(_)
            | Abort::ConnectionLost(_)
            | Abort::Cancelled(_) => None,
        }
    }

    /// Returns the outcome of a stack whose work ended so.
    pub(super) fn outcome(self, stack: &DesiredStack) -> StackOutcome {
        let outcome = |result| StackOutcome::new(&stack.name, result);
        match self {
            Abort::Rejected(error) => outcome(StackResult::Rejected).with_problem(refused(stack, &error)),
            Abort::RejectedWith(problems) => StackOutcome { problems, ..outcome(StackResult::Rejected) },
            Abort::Blocked(problems) => StackOutcome { problems, ..outcome(StackResult::Blocked) },
            Abort::Declined => outcome(StackResult::Declined),
            Abort::Stopped(_) => outcome(StackResult::Interrupted),
            Abort::Detached(_) => outcome(StackResult::Detached).with_problem(detached(stack)),
            Abort::JobLeftRunning(problem) => outcome(StackResult::Detached).with_problem(problem),
            Abort::ConnectionLost(error) => {
                outcome(StackResult::ConnectionLost).with_problem(connection_lost(stack, &error))
            }
            Abort::LeftInPlace { reason, diagnoses, .. } => {
                let problems = diagnose_cancelled(stack, &reason, &diagnoses);
                StackOutcome { problems, ..outcome(StackResult::Failed) }.with_problem(left_in_place(stack))
            }
            Abort::RevertAborted { mut problems, abort } => {
                let outcome = abort.outcome(stack);
                problems.extend(outcome.problems);
                StackOutcome { problems, ..outcome }
            }
            Abort::Cancelled(problems) => StackOutcome { problems, ..outcome(StackResult::RolledBack) },
        }
    }
}

/// Returns the outcome of a stack whose run was ended at once; `is_running`: while CloudFormation changes the stack.
pub fn stopped_stack(stack: &DesiredStack, is_running: bool) -> StackOutcome {
    let abort = if is_running { Abort::Detached(None) } else { Abort::Stopped(StopRequest::Detach) };
    abort.outcome(stack)
}

fn detached(stack: &DesiredStack) -> Diagnostic {
    let message = format!("CloudFormation is still changing stack `{}`", stack.name);
    Diagnostic::new(Code::Detached, message).help(how_to_follow(stack))
}

fn left_in_place(stack: &DesiredStack) -> Diagnostic {
    let name = &stack.name;
    Diagnostic::new(Code::Detached, format!("CloudFormation is still changing stack `{name}`"))
        .note("it was not cancelled (`--no-rollback`): that would roll back what succeeded".to_owned())
        .help(
            Hint::from("fix the cause, then run ")
                .command(CommandName::Deploy.of(name))
                .text(": it cancels the running operation and deploys again"),
        )
        .help(Hint::from("or cancel it and roll back with ").command(CommandName::Rollback.of(name)))
}

fn connection_lost(stack: &DesiredStack, error: &AwsError) -> Diagnostic {
    let cause = diagnose_api_error(error);
    let message = format!("CloudFormation may still be changing stack `{}`, but {}", stack.name, cause.message);
    let problem = Diagnostic::new(Code::ConnectionLost, message).at(&stack.origin, "this stack");
    let problem = cause.notes.into_iter().fold(problem, Diagnostic::note);
    cause.hints.into_iter().fold(problem, Diagnostic::help).help(how_to_follow(stack))
}

fn how_to_follow(stack: &DesiredStack) -> Hint {
    let name = &stack.name;
    Hint::from("follow it with ")
        .command(CommandName::Deploy.of(name))
        .text(", or look at it with ")
        .command(CommandName::Status.of(name))
        .text(" and ")
        .command(CommandName::Events.of(name))
}

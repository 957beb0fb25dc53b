use super::event::{CancelReason, DeployEventKind};
use super::outcome::{StackOutcome, StackResult};
use super::{Engine, StopRequested};
use crate::deploy::api::{AwsApi, AwsError, ClientRequestToken, Clock};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::diagnose::operation_failure::diagnose_cancelled;
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// Why the way of a stack ends early.
#[derive(Debug)]
pub(super) enum Abort {
    /// AWS refused, and nothing of the stack was changed.
    Refused(AwsError),
    /// Something stands in the way on AWS's side, and is told.
    Problems(Vec<Diagnostic>),
    /// The user has something to mend or to decide before anything is changed.
    Blocked(Vec<Diagnostic>),
    /// The caller did not approve, or left before anything was changed.
    Declined,
    /// The caller left while AWS goes on.
    Detached(Option<ClientRequestToken>),
    /// AWS goes on and cannot be asked any more.
    ConnectionLost(AwsError),
    /// The services of a stack that was changed came to grief, and putting them back ended early, too.
    RevertAborted {
        /// What is wrong with them.
        problems: Vec<Diagnostic>,
        /// How putting back ended.
        halt: Box<Abort>,
    },
    /// It leads nowhere, or takes too long, and is left as it is because nothing is to be undone.
    LeftInPlace {
        /// Why it would have been cancelled.
        why: CancelReason,
        /// What is wrong with its services.
        diagnoses: Vec<Diagnosis>,
        /// The operation's token.
        token: Option<ClientRequestToken>,
    },
    /// What an earlier run had begun was cancelled, and is undone.
    Cancelled(Vec<Diagnostic>),
}

impl From<AwsError> for Abort {
    fn from(error: AwsError) -> Self {
        Self::Refused(error)
    }
}

impl From<Diagnostic> for Abort {
    fn from(problem: Diagnostic) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<StopRequested> for Abort {
    fn from(_: StopRequested) -> Self {
        Self::Declined
    }
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// What came of a stack whose way ended early; that AWS goes on is told at once.
    pub(super) fn halted(&self, desired: &DesiredStack, halt: Abort) -> StackOutcome {
        if let Some(token) = halt.goes_on() {
            self.tell(&desired.name, DeployEventKind::Detached { token: token.clone() });
        }
        halt.outcome(desired)
    }
}

impl Abort {
    /// The token of what AWS goes on with although nobody waits for it; of a rollout there is none.
    fn goes_on(&self) -> Option<&Option<ClientRequestToken>> {
        match self {
            Abort::Detached(token) | Abort::LeftInPlace { token, .. } => Some(token),
            Abort::RevertAborted { halt, .. } => halt.goes_on(),
            _ => None,
        }
    }

    pub(super) fn outcome(self, stack: &DesiredStack) -> StackOutcome {
        let ended = |ending| StackOutcome::new(&stack.name, ending);
        match self {
            Abort::Refused(error) => ended(StackResult::Rejected).because(refused(stack, &error)),
            Abort::Problems(problems) => StackOutcome { problems, ..ended(StackResult::Rejected) },
            Abort::Blocked(problems) => StackOutcome { problems, ..ended(StackResult::Blocked) },
            Abort::Declined => ended(StackResult::Declined),
            Abort::Detached(_) => ended(StackResult::Detached).because(left_running(stack)),
            Abort::ConnectionLost(error) => ended(StackResult::ConnectionLost).because(lost_touch(stack, &error)),
            Abort::LeftInPlace { why, diagnoses, .. } => {
                let problems = diagnose_cancelled(stack, &why, &diagnoses);
                StackOutcome { problems, ..ended(StackResult::Failed) }.because(kept_running(stack))
            }
            Abort::RevertAborted { problems: mut first, halt } => {
                let outcome = halt.outcome(stack);
                first.extend(outcome.problems);
                StackOutcome { problems: first, ..outcome }
            }
            Abort::Cancelled(problems) => StackOutcome { problems, ..ended(StackResult::RolledBack) },
        }
    }
}

fn left_running(stack: &DesiredStack) -> Diagnostic {
    let message = format!("stack `{}` is still being changed by CloudFormation", stack.name);
    Diagnostic::new(Code::Detached, message).help(how_to_follow(stack))
}

/// What succeeded is to stay, so nothing was cancelled: the user decides.
fn kept_running(stack: &DesiredStack) -> Diagnostic {
    let name = &stack.name;
    Diagnostic::new(Code::Detached, format!("stack `{name}` is still being changed by CloudFormation"))
        .note("it was not cancelled (`--no-rollback`): that would undo what succeeded".to_owned())
        .help(
            Hint::from("fix the cause, then run ")
                .command(CommandName::Deploy.of(name))
                .text(": it cancels the running operation and deploys again"),
        )
        .help(Hint::from("or cancel and undo it with ").command(CommandName::Rollback.of(name)))
}

fn lost_touch(stack: &DesiredStack, error: &AwsError) -> Diagnostic {
    let why = diagnose_api_error(error);
    let message = format!("CloudFormation goes on with stack `{}`, but {}", stack.name, why.message);
    let problem = Diagnostic::new(Code::ConnectionLost, message).at(&stack.origin, "this stack");
    let problem = why.notes.into_iter().fold(problem, Diagnostic::note);
    why.hints.into_iter().fold(problem, Diagnostic::help).help(how_to_follow(stack))
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

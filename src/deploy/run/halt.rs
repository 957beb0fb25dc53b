use super::why::of_cancelled;
use super::{Run, Stopped};
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::{Fact, Why};
use crate::deploy::explain::refused;
use crate::deploy::outcome::{Ending, StackOutcome};
use crate::deploy::ports::{AwsError, Clock, Ports, Token};
use crate::deploy::refusal::refusal;
use crate::deploy::watch::Diagnosis;
use crate::diag::{Code, Diagnostic};

/// Why the way of a stack ends early.
#[derive(Debug)]
pub(super) enum Halt {
    /// AWS refused, and nothing of the stack was changed.
    Refused(AwsError),
    /// Something stands in the way on AWS's side, and is told.
    Problems(Vec<Diagnostic>),
    /// The user has something to mend or to decide before anything is changed.
    Withheld(Vec<Diagnostic>),
    /// The caller did not approve, or left before anything was changed.
    Declined,
    /// The caller left while AWS goes on.
    LeftRunning(Option<Token>),
    /// AWS goes on and cannot be asked any more.
    LostTouch(AwsError),
    /// The services of a stack that was changed came to grief, and putting them back ended early, too.
    Halfway {
        /// What is wrong with them.
        problems: Vec<Diagnostic>,
        /// How putting back ended.
        halt: Box<Halt>,
    },
    /// It leads nowhere, or takes too long, and is left as it is because nothing is to be undone.
    GivenUp {
        /// Why it would have been cancelled.
        why: Why,
        /// What is wrong with its services.
        diagnoses: Vec<Diagnosis>,
        /// The operation's token.
        token: Option<Token>,
    },
    /// What an earlier run had begun was cancelled, and is undone.
    Cancelled(Vec<Diagnostic>),
}

impl From<AwsError> for Halt {
    fn from(error: AwsError) -> Self {
        Self::Refused(error)
    }
}

impl From<Diagnostic> for Halt {
    fn from(problem: Diagnostic) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<Stopped> for Halt {
    fn from(_: Stopped) -> Self {
        Self::Declined
    }
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// What came of a stack whose way ended early; that AWS goes on is told at once.
    pub(super) fn halted(&self, desired: &DesiredStack, halt: Halt) -> StackOutcome {
        if let Some(token) = halt.goes_on() {
            self.tell(&desired.name, Fact::LeftRunning { token: token.clone() });
        }
        halt.outcome(desired)
    }
}

impl Halt {
    /// The token of what AWS goes on with although nobody waits for it; of a rollout there is none.
    fn goes_on(&self) -> Option<&Option<Token>> {
        match self {
            Halt::LeftRunning(token) | Halt::GivenUp { token, .. } => Some(token),
            Halt::Halfway { halt, .. } => halt.goes_on(),
            _ => None,
        }
    }

    pub(super) fn outcome(self, stack: &DesiredStack) -> StackOutcome {
        let ended = |ending| StackOutcome::new(&stack.name, ending);
        match self {
            Halt::Refused(error) => ended(Ending::Refused).because(refused(stack, &error)),
            Halt::Problems(problems) => StackOutcome { problems, ..ended(Ending::Refused) },
            Halt::Withheld(problems) => StackOutcome { problems, ..ended(Ending::Withheld) },
            Halt::Declined => ended(Ending::Declined),
            Halt::LeftRunning(_) => ended(Ending::LeftRunning).because(left_running(stack)),
            Halt::LostTouch(error) => ended(Ending::LostTouch).because(lost_touch(stack, &error)),
            Halt::GivenUp { why, diagnoses, .. } => {
                let problems = of_cancelled(stack, &why, &diagnoses);
                StackOutcome { problems, ..ended(Ending::Failed) }.because(kept_running(stack))
            }
            Halt::Halfway { problems: mut first, halt } => {
                let outcome = halt.outcome(stack);
                first.extend(outcome.problems);
                StackOutcome { problems: first, ..outcome }
            }
            Halt::Cancelled(problems) => StackOutcome { problems, ..ended(Ending::RolledBack) },
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
        .help(format!("mend the cause, then `deploy {name}` cancels what runs and deploys anew"))
        .help(format!("`rollback {name}` cancels it and undoes what it did"))
}

fn lost_touch(stack: &DesiredStack, error: &AwsError) -> Diagnostic {
    let why = refusal(error);
    let message = format!("CloudFormation goes on with stack `{}`, but {}", stack.name, why.message);
    let problem = Diagnostic::new(Code::ConnectionLost, message).at(&stack.origin, "this stack");
    let problem = why.notes.into_iter().fold(problem, Diagnostic::note);
    why.hints.into_iter().fold(problem, Diagnostic::help).help(how_to_follow(stack))
}

fn how_to_follow(stack: &DesiredStack) -> String {
    format!(
        "run `deploy {}` again to follow it, or see `status {}` and `events {}`",
        stack.name, stack.name, stack.name
    )
}

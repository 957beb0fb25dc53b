use serde::{Deserialize, Serialize};

use super::ports::{ChangeSetKind, LiveStack};
use super::status::StackStatus;
use crate::diag::{Code, Diagnostic, Origin};

/// What a deployment finds where its stack should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Situation {
    /// Nothing: the stack is created.
    Missing,
    /// A stack that can be updated.
    Ready,
    /// What an attempt left behind that holds nothing and can only be deleted: that is done first.
    LeftBehind,
    /// Another operation runs: it is followed to its end first.
    Busy,
    /// A stack that needs a decision.
    Stuck,
}

impl Situation {
    /// What the status of a stack means to a deployment.
    ///
    /// Source: "Stack status codes" and "Update behaviors" of the CloudFormation user guide.
    pub fn of(live: Option<&LiveStack>) -> Situation {
        let Some(status) = live.map(|stack| &stack.status) else { return Situation::Missing };
        match status {
            StackStatus::DeleteComplete => Situation::Missing,
            StackStatus::ReviewInProgress | StackStatus::RollbackComplete => Situation::LeftBehind,
            StackStatus::RollbackFailed
            | StackStatus::DeleteFailed
            | StackStatus::UpdateRollbackFailed
            | StackStatus::ImportRollbackFailed => Situation::Stuck,
            status if !status.is_settled() => Situation::Busy,
            _ => Situation::Ready,
        }
    }

    /// The kind of change set that fits.
    pub fn kind(&self) -> ChangeSetKind {
        match self {
            Situation::Missing | Situation::LeftBehind => ChangeSetKind::Create,
            _ => ChangeSetKind::Update,
        }
    }
}

/// Why a stack that is stuck cannot be deployed to, and the way out.
pub fn stuck(stack: &LiveStack, origin: &Origin) -> Diagnostic {
    let name = &stack.name;
    let remedy = match stack.status {
        StackStatus::UpdateRollbackFailed => {
            format!("mend what failed and run `rollback {name}`; with `--skip RESOURCE` for what cannot be put back")
        }
        StackStatus::DeleteFailed => {
            "see which resource could not be deleted with `events`, mend that, and run `destroy` again".to_owned()
        }
        _ => "run `destroy` for this stack, then `deploy` creates it anew".to_owned(),
    };
    let problem =
        Diagnostic::new(Code::StackNeedsRecovery, format!("stack `{name}` is in {} and cannot be updated", stack.status))
            .at(origin, "this stack")
            .help(remedy);
    match &stack.status_reason {
        Some(reason) => problem.note(format!("AWS says: {reason}")),
        None => problem,
    }
}

use serde::{Deserialize, Serialize};

use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{ChangeSetKind, StackDescription};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};

/// The state of a stack, as a deployment sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StackState {
    /// The stack does not exist: it is created.
    NotFound,
    /// The stack can be updated.
    Updatable,
    /// The stack is left from a failed attempt, is empty and can only be deleted: it is deleted first.
    MustBeDeleted,
    /// Another operation is running: the deployment waits for its end.
    InProgress,
    /// The stack must be recovered by the user.
    NeedsRecovery,
}

impl StackState {
    /// Returns the state that follows from the status of a stack.
    ///
    /// Source: "Stack status codes" and "Update behaviors" of the CloudFormation user guide.
    pub fn of(live: Option<&StackDescription>) -> StackState {
        let Some(status) = live.map(|stack| &stack.status) else { return StackState::NotFound };
        match status {
            StackStatus::DeleteComplete => StackState::NotFound,
            StackStatus::ReviewInProgress | StackStatus::RollbackComplete => StackState::MustBeDeleted,
            StackStatus::RollbackFailed
            | StackStatus::DeleteFailed
            | StackStatus::UpdateRollbackFailed
            | StackStatus::ImportRollbackFailed => StackState::NeedsRecovery,
            status if !status.is_settled() => StackState::InProgress,
            _ => StackState::Updatable,
        }
    }

    /// Returns the kind of change set for the state.
    pub fn kind(&self) -> ChangeSetKind {
        match self {
            StackState::NotFound | StackState::MustBeDeleted => ChangeSetKind::Create,
            _ => ChangeSetKind::Update,
        }
    }
}

/// Returns the error that a stack cannot be updated, with how to recover it.
pub fn needs_recovery(stack: &StackDescription, origin: &Origin) -> Diagnostic {
    let name = &stack.name;
    let remedy = match stack.status {
        StackStatus::UpdateRollbackFailed => Hint::from("fix what failed, then run ")
            .command(CommandName::Rollback.of(name))
            .text("; add `--skip RESOURCE` for a resource that cannot be rolled back"),
        StackStatus::DeleteFailed => Hint::from("find the resource that could not be deleted with ")
            .command(CommandName::Events.of(name))
            .text(", fix the cause, then run ")
            .command(CommandName::Destroy.of(name))
            .text(" again"),
        _ => Hint::from("delete it with ")
            .command(CommandName::Destroy.of(name))
            .text(", then create it again with ")
            .command(CommandName::Deploy.of(name)),
    };
    let problem = Diagnostic::new(
        Code::StackNeedsRecovery,
        format!("stack `{name}` is in {} and cannot be updated", stack.status),
    )
    .at(origin, "this stack")
    .help(remedy);
    match &stack.status_reason {
        Some(reason) => problem.note(format!("AWS says: {reason}")),
        None => problem,
    }
}

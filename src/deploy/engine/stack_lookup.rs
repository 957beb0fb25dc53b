//! Looks a stack up, and waits until it can be changed.

use super::StackTask;
use super::abort::Abort;
use super::event::{CancelReason, DeployEventKind};
use super::event_stream::EventStream;
use super::finished::FinishedOperation;
use super::operation_failure::diagnose;
use super::progress::OperationGoal;
use super::watch::Operation;
use crate::deploy::api::{AwsApi, ClientRequestToken, Clock, StackDescription};
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::stack_state::{StackState, needs_recovery};
use crate::diag::{Code, Diagnostic};

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Describes the stack.
    pub(super) async fn describe(&self) -> Result<(StackState, Option<StackDescription>), Abort> {
        let stack = self.retry(async || self.api.describe_stack(&self.stack.name).await).await?;
        let state = StackState::of(stack.as_ref());
        let status = stack.as_ref().map(|stack| stack.status.clone());
        self.emit(DeployEventKind::StackFound { state: state.clone(), status });
        Ok((state, stack))
    }

    /// Returns the deployed stack, once no operation runs on it; deletes the leftovers of a failed creation.
    pub(super) async fn wait_until_updatable(&self) -> Result<Option<DeployedStack>, Abort> {
        loop {
            match self.describe().await? {
                (StackState::NotFound, _) | (_, None) => return Ok(None),
                (StackState::Updatable, Some(stack)) => return Ok(Some(self.with_template(stack).await?)),
                (StackState::NeedsRecovery, Some(stack)) => {
                    return Err(needs_recovery(&stack, &self.stack.origin).into());
                }
                (StackState::InProgress, Some(stack)) => drop(self.await_other_operation(&stack).await?),
                (StackState::MustBeDeleted, Some(stack)) => self.delete_leftover(&stack).await?,
            }
        }
    }

    /// Reads the template of the stack.
    pub(super) async fn with_template(&self, stack: StackDescription) -> Result<DeployedStack, Abort> {
        Ok(self.retry(async || super::deployed_stack::read_deployed_stack(&self.api, stack.clone()).await).await?)
    }

    /// Watches an operation that this run did not start.
    pub(super) async fn await_other_operation(&self, stack: &StackDescription) -> Result<FinishedOperation, Abort> {
        let events = self.retry(async || EventStream::of_running(&self.api, &stack.id).await).await?;
        let operation = Operation::of_events(&stack.id, OperationGoal::Settled, events);
        let token = operation.token().cloned();
        let by_rtiler = token.as_ref().is_some_and(ClientRequestToken::is_ours);
        self.emit(DeployEventKind::OperationAttached { token, by_rtiler, status: stack.status.clone() });
        let finished = self.watch(operation).await?;
        match &finished.cancelled {
            // It was cancelled for its task failures; the script may be better now.
            None | Some(CancelReason::TaskFailures { .. }) => Ok(finished),
            Some(CancelReason::TimedOut { .. } | CancelReason::ByUser) => {
                Err(Abort::Cancelled(diagnose(self.stack, &finished)))
            }
        }
    }

    /// Deletes a stack without resources that can only be deleted.
    async fn delete_leftover(&self, stack: &StackDescription) -> Result<(), Abort> {
        if stack.termination_protection {
            let message = format!("stack `{}` is in {} and has termination protection", stack.name, stack.status);
            let problem = Diagnostic::new(Code::TerminationProtected, message).at(&self.stack.origin, "this stack");
            return Err(problem.help(disable_protection(&stack.name)).into());
        }
        self.emit(DeployEventKind::LeftoverStackDeleted { status: stack.status.clone() });
        let token = self.token("clear");
        self.retry(async || self.api.delete_stack(&stack.id, &token, &[]).await).await?;
        let finished = self.watch(Operation::new(&stack.id, OperationGoal::Deleted, token)).await?;
        if finished.result.is_success() {
            return Ok(());
        }
        let stack = StackDescription { status: finished.status, ..stack.clone() };
        Err(needs_recovery(&stack, &self.stack.origin).into())
    }
}

/// Returns the help for deleting a stack with termination protection.
pub(super) fn disable_protection(stack: &str) -> String {
    format!("remove `.termination_protection()` from the script and deploy `{stack}`, then delete it")
}

//! Finds out what is there, and clears the way.

use super::Engine;
use super::abort::Abort;
use super::event::{CancelReason, DeployEventKind};
use super::event_stream::{EventFilter, EventStream};
use super::progress::{OperationGoal, OperationResult};
use super::watch::FinishedOperation;
use crate::deploy::api::{AwsApi, ClientRequestToken, Clock, StackDescription};
use crate::deploy::diagnose::operation_failure::diagnose;
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::queries;
use crate::deploy::plan::stack_state::{StackState, stuck};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// What there is, told to the caller.
    pub(super) async fn find(
        &self,
        cloud: &C,
        desired: &DesiredStack,
    ) -> Result<(StackState, Option<StackDescription>), Abort> {
        let stack = self.insist(&desired.name, async || cloud.describe_stack(&desired.name).await).await?;
        let situation = StackState::of(stack.as_ref());
        let status = stack.as_ref().map(|stack| stack.status.clone());
        self.tell(&desired.name, DeployEventKind::StackFound { situation: situation.clone(), status });
        Ok((situation, stack))
    }

    /// The stack as it is, once nobody works on it and nothing unusable is left of it.
    pub(super) async fn look(&self, cloud: &C, desired: &DesiredStack) -> Result<Option<DeployedStack>, Abort> {
        loop {
            match self.find(cloud, desired).await? {
                (StackState::NotFound, _) | (_, None) => return Ok(None),
                (StackState::Updatable, Some(stack)) => return Ok(Some(self.with_template(cloud, stack).await?)),
                (StackState::NeedsRecovery, Some(stack)) => return Err(stuck(&stack, &desired.origin).into()),
                (StackState::InProgress, Some(stack)) => drop(self.let_finish(cloud, desired, &stack).await?),
                (StackState::MustBeDeleted, Some(stack)) => self.clear_away(cloud, &stack, desired).await?,
            }
        }
    }

    pub(super) async fn with_template(&self, cloud: &C, stack: StackDescription) -> Result<DeployedStack, Abort> {
        Ok(self.insist(&stack.name, async || queries::live(cloud, stack.clone()).await).await?)
    }

    /// Follows an operation that somebody else started.
    pub(super) async fn let_finish(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        stack: &StackDescription,
    ) -> Result<FinishedOperation, Abort> {
        let feed = self.insist(&stack.name, async || EventStream::of_running(cloud, &stack.id).await).await?;
        let token = match &feed.scope {
            EventFilter::Token(token) => Some(token.clone()),
            EventFilter::Since(_) => None,
        };
        let ours = token.as_ref().is_some_and(ClientRequestToken::is_ours);
        self.tell(&stack.name, DeployEventKind::OperationAttached { token, ours, status: stack.status.clone() });
        let ended = self.follow(cloud, (&stack.name, &stack.id), OperationGoal::Settled, feed).await?;
        match &ended.cancelled {
            // It was given up for what it did; what the script wants now may be better.
            None | Some(CancelReason::GaveUp { .. }) => Ok(ended),
            Some(_) => Err(Abort::Cancelled(diagnose(desired, &ended))),
        }
    }

    /// Deletes what an earlier attempt left behind: it holds nothing and can only be deleted.
    async fn clear_away(&self, cloud: &C, stack: &StackDescription, desired: &DesiredStack) -> Result<(), Abort> {
        if stack.termination_protection {
            let message = format!("stack `{}` is in {} and protected from being deleted", stack.name, stack.status);
            let problem = Diagnostic::new(Code::TerminationProtected, message).at(&desired.origin, "this stack");
            return Err(problem.help(unprotect(&stack.name)).into());
        }
        self.tell(&stack.name, DeployEventKind::LeftoverStackDeleted { status: stack.status.clone() });
        let token = self.token(&stack.name, "clear");
        self.insist(&stack.name, async || cloud.delete_stack(&stack.id, &token, &[]).await).await?;
        let feed = EventStream::new(&stack.id, EventFilter::Token(token));
        let ended = self.follow(cloud, (&stack.name, &stack.id), OperationGoal::Deleted, feed).await?;
        match ended.verdict {
            OperationResult::Succeeded | OperationResult::SucceededWithLeftovers => Ok(()),
            _ => {
                let stack = StackDescription { status: ended.status, ..stack.clone() };
                Err(stuck(&stack, &desired.origin).into())
            }
        }
    }
}

/// How to let a stack be deleted.
pub(super) fn unprotect(stack: &str) -> String {
    format!("take `.termination_protection()` out of the script and deploy `{stack}`, then delete it")
}

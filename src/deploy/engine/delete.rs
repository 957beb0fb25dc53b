//! The way out of one stack.

use super::Engine;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::event_stream::{EventFilter, EventStream};
use super::outcome::{StackOutcome, StackResult};
use super::progress::{OperationGoal, OperationResult};
use super::stack_lookup::unprotect;
use crate::deploy::api::{AwsApi, Clock, StackDescription};
use crate::deploy::diagnose::operation_failure::diagnose;
use crate::deploy::diagnose::timeline::timeline;
use crate::deploy::plan::stack_state::StackState;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    pub(super) async fn remove_stack(&self, desired: &DesiredStack) -> StackOutcome {
        let began = self.clock.now();
        let mut outcome = self.away(desired).await.unwrap_or_else(|halt| self.halted(desired, halt));
        outcome.duration = self.clock.now().since(began);
        outcome
    }

    async fn away(&self, desired: &DesiredStack) -> Result<StackOutcome, Abort> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        let Some(stack) = self.idle(&cloud, desired).await? else {
            return Ok(StackOutcome::new(&desired.name, StackResult::NotDeployed));
        };
        if stack.termination_protection {
            let message = format!("stack `{}` is protected from being deleted", stack.name);
            let problem = Diagnostic::new(Code::TerminationProtected, message).at(&desired.origin, "this stack");
            return Err(problem.help(unprotect(&stack.name)).into());
        }
        let token = self.token(&desired.name, "delete");
        self.insist(&stack.name, async || cloud.delete_stack(&stack.id, &token, &[]).await).await?;
        self.tell(&desired.name, DeployEventKind::Deletes { token: token.clone(), stack_id: stack.id.clone() });
        let feed = EventStream::new(&stack.id, EventFilter::Token(token));
        let ended = self.follow(&cloud, (&desired.name, &stack.id), OperationGoal::Deleted, feed).await?;
        let gone = matches!(ended.verdict, OperationResult::Succeeded | OperationResult::SucceededWithLeftovers);
        let mut outcome =
            StackOutcome::new(&desired.name, if gone { StackResult::Deleted } else { StackResult::Failed });
        if !gone {
            outcome.problems = diagnose(desired, &ended);
        }
        outcome.status = Some(ended.status);
        outcome.timeline = Some(timeline(&ended.progress.events, &desired.template));
        outcome.resources = ended.progress.resources;
        outcome.retained = ended.progress.retained;
        Ok(outcome)
    }

    /// The stack, once nobody works on it.
    async fn idle(&self, cloud: &C, desired: &DesiredStack) -> Result<Option<StackDescription>, Abort> {
        loop {
            match self.find(cloud, desired).await? {
                (StackState::NotFound, _) | (_, None) => return Ok(None),
                (StackState::InProgress, Some(stack)) => drop(self.let_finish(cloud, desired, &stack).await?),
                (_, stack) => return Ok(stack),
            }
        }
    }
}

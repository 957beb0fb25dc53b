//! The way out of one stack.

use super::Run;
use super::halt::Halt;
use super::look::unprotect;
use super::why::why;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Fact;
use crate::deploy::feed::{Feed, Scope};
use crate::deploy::outcome::{Ending, StackOutcome};
use crate::deploy::ports::{Clock, LiveStack, Ports};
use crate::deploy::progress::{Goal, Verdict};
use crate::deploy::situation::Situation;
use crate::deploy::timeline::timeline;
use crate::diag::{Code, Diagnostic};

impl<C: Ports, K: Clock> Run<'_, C, K> {
    pub(super) async fn remove_stack(&self, desired: &DesiredStack) -> StackOutcome {
        let began = self.clock.now();
        let mut outcome = self.away(desired).await.unwrap_or_else(|halt| self.halted(desired, halt));
        outcome.duration = self.clock.now().since(began);
        outcome
    }

    async fn away(&self, desired: &DesiredStack) -> Result<StackOutcome, Halt> {
        let cloud = desired.home(&self.cloud);
        let Some(stack) = self.idle(&cloud, desired).await? else {
            return Ok(StackOutcome::new(&desired.name, Ending::Absent));
        };
        if stack.termination_protection {
            let message = format!("stack `{}` is protected from being deleted", stack.name);
            let problem = Diagnostic::new(Code::TerminationProtected, message).at(&desired.origin, "this stack");
            return Err(problem.help(unprotect(&stack.name)).into());
        }
        let token = self.token(&desired.name, "delete");
        self.insist(&stack.name, async || cloud.delete_stack(&stack.id, &token, &[]).await).await?;
        self.tell(&desired.name, Fact::Deletes { token: token.clone(), stack_id: stack.id.clone() });
        let feed = Feed::new(&stack.id, Scope::Token(token));
        let ended = self.follow(&cloud, (&desired.name, &stack.id), Goal::Deleted, feed).await?;
        let gone = matches!(ended.verdict, Verdict::Succeeded | Verdict::SucceededWithLeftovers);
        let mut outcome = StackOutcome::new(&desired.name, if gone { Ending::Deleted } else { Ending::Failed });
        if !gone {
            outcome.problems = why(desired, &ended);
        }
        outcome.status = Some(ended.status);
        outcome.timeline = Some(timeline(&ended.progress.events, &desired.template));
        outcome.resources = ended.progress.resources;
        outcome.retained = ended.progress.retained;
        Ok(outcome)
    }

    /// The stack, once nobody works on it.
    async fn idle(&self, cloud: &C, desired: &DesiredStack) -> Result<Option<LiveStack>, Halt> {
        loop {
            match self.find(cloud, desired).await? {
                (Situation::Missing, _) | (_, None) => return Ok(None),
                (Situation::Busy, Some(stack)) => drop(self.let_finish(cloud, desired, &stack).await?),
                (_, stack) => return Ok(stack),
            }
        }
    }
}

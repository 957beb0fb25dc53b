//! Finds out what is there, and clears the way.

use super::Run;
use super::follow::Ended;
use super::halt::Halt;
use super::why::why;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::{Fact, Why};
use crate::deploy::feed::{Feed, Scope};
use crate::deploy::inspect;
use crate::deploy::plan::Live;
use crate::deploy::ports::{Clock, LiveStack, Ports, Token};
use crate::deploy::progress::{Goal, Verdict};
use crate::deploy::situation::{Situation, stuck};
use crate::diag::{Code, Diagnostic};

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// What there is, told to the caller.
    pub(super) async fn find(&self, cloud: &C, desired: &DesiredStack) -> Result<(Situation, Option<LiveStack>), Halt> {
        let stack = self.insist(&desired.name, async || cloud.describe_stack(&desired.name).await).await?;
        let situation = Situation::of(stack.as_ref());
        let status = stack.as_ref().map(|stack| stack.status.clone());
        self.tell(&desired.name, Fact::Found { situation: situation.clone(), status });
        Ok((situation, stack))
    }

    /// The stack as it is, once nobody works on it and nothing unusable is left of it.
    pub(super) async fn look(&self, cloud: &C, desired: &DesiredStack) -> Result<Option<Live>, Halt> {
        loop {
            match self.find(cloud, desired).await? {
                (Situation::Missing, _) | (_, None) => return Ok(None),
                (Situation::Ready, Some(stack)) => return Ok(Some(self.with_template(cloud, stack).await?)),
                (Situation::Stuck, Some(stack)) => return Err(stuck(&stack, &desired.origin).into()),
                (Situation::Busy, Some(stack)) => drop(self.let_finish(cloud, desired, &stack).await?),
                (Situation::LeftBehind, Some(stack)) => self.clear_away(cloud, &stack, desired).await?,
            }
        }
    }

    pub(super) async fn with_template(&self, cloud: &C, stack: LiveStack) -> Result<Live, Halt> {
        Ok(self.insist(&stack.name, async || inspect::live(cloud, stack.clone()).await).await?)
    }

    /// Follows an operation that somebody else started.
    pub(super) async fn let_finish(&self, cloud: &C, desired: &DesiredStack, stack: &LiveStack) -> Result<Ended, Halt> {
        let feed = self.insist(&stack.name, async || Feed::of_running(cloud, &stack.id).await).await?;
        let token = match &feed.scope {
            Scope::Token(token) => Some(token.clone()),
            Scope::Since(_) => None,
        };
        let ours = token.as_ref().is_some_and(Token::is_ours);
        self.tell(&stack.name, Fact::Follows { token, ours, status: stack.status.clone() });
        let ended = self.follow(cloud, (&stack.name, &stack.id), Goal::Settled, feed).await?;
        match &ended.cancelled {
            // It was given up for what it did; what the script wants now may be better.
            None | Some(Why::GaveUp { .. }) => Ok(ended),
            Some(_) => Err(Halt::Cancelled(why(desired, &ended))),
        }
    }

    /// Deletes what an earlier attempt left behind: it holds nothing and can only be deleted.
    async fn clear_away(&self, cloud: &C, stack: &LiveStack, desired: &DesiredStack) -> Result<(), Halt> {
        if stack.termination_protection {
            let message = format!("stack `{}` is in {} and protected from being deleted", stack.name, stack.status);
            let problem = Diagnostic::new(Code::TerminationProtected, message).at(&desired.origin, "this stack");
            return Err(problem.help(unprotect(&stack.name)).into());
        }
        self.tell(&stack.name, Fact::ClearsAway { status: stack.status.clone() });
        let token = self.token(&stack.name, "clear");
        self.insist(&stack.name, async || cloud.delete_stack(&stack.id, &token, &[]).await).await?;
        let feed = Feed::new(&stack.id, Scope::Token(token));
        let ended = self.follow(cloud, (&stack.name, &stack.id), Goal::Deleted, feed).await?;
        match ended.verdict {
            Verdict::Succeeded | Verdict::SucceededWithLeftovers => Ok(()),
            _ => {
                let stack = LiveStack { status: ended.status, ..stack.clone() };
                Err(stuck(&stack, &desired.origin).into())
            }
        }
    }
}

/// How to let a stack be deleted.
pub(super) fn unprotect(stack: &str) -> String {
    format!("take `.termination_protection()` out of the script and deploy `{stack}`, then delete it")
}

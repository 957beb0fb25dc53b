//! Follows an operation to its end.

use std::time::Duration;

use super::Run;
use super::halt::Halt;
use crate::deploy::event::Fact;
use crate::deploy::feed::{Feed, Scope};
use crate::deploy::pace::Pace;
use crate::deploy::ports::{AwsError, Clock, ErrorKind, LiveStack, Ports, Timestamp, Token};
use crate::deploy::progress::{Goal, Progress, Verdict};
use crate::deploy::status::StackStatus;

/// After so many polls without an answer the watch ends (about ten minutes); the operation itself goes on.
const PATIENCE: u32 = 40;

/// Quiet polls until the stack itself is asked: events may be missing, its status is the truth.
const QUIET: u32 = 6;

/// How long AWS may take to show that an operation has begun.
const SLOW_START: Duration = Duration::from_secs(20);

/// Polls for which the stack may look busy after its own last event; longer, and somebody else is at work.
const SLOW_END: u32 = 3;

/// How an operation ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) verdict: Verdict,
    pub(super) status: StackStatus,
    /// The stack, unless it is gone.
    pub(super) stack: Option<LiveStack>,
    pub(super) progress: Progress,
}

struct Watch<'w> {
    stack: &'w str,
    stack_id: &'w str,
    feed: Feed,
    progress: Progress,
    verdict: Option<Verdict>,
    began: Timestamp,
    quiet: u32,
    ending: u32,
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// Tells every event of an operation until it is over.
    pub(super) async fn follow(
        &self,
        cloud: &C,
        (stack, stack_id): (&str, &str),
        goal: Goal,
        feed: Feed,
    ) -> Result<Ended, Halt> {
        let mut pace = Pace::of_events(self.seed(stack));
        let (progress, began) = (Progress::new(goal), self.clock.now());
        let mut watch = Watch { stack, stack_id, feed, progress, verdict: None, began, quiet: 0, ending: 0 };
        loop {
            let wait = match self.look_once(cloud, &mut watch).await {
                Ok(Some(ended)) => return Ok(ended),
                Ok(None) if watch.quiet == 0 => pace.busy(),
                Ok(None) => pace.quiet(),
                Err(error) if error.is_transient() && pace.errors() < PATIENCE => {
                    let wait = pace.failed();
                    let again_in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                    self.tell(stack, Fact::PollFailed { error, again_in_ms });
                    wait
                }
                Err(error) => return Err(Halt::LostTouch(error)),
            };
            self.wait(wait).await.map_err(|_| Halt::LeftRunning(token(&watch.feed)))?;
        }
    }

    async fn look_once(&self, cloud: &C, watch: &mut Watch<'_>) -> Result<Option<Ended>, AwsError> {
        let events = match watch.feed.fresh(cloud).await {
            Err(error) if error.kind == ErrorKind::NoSuchStack => Vec::new(),
            other => other?,
        };
        watch.quiet = if events.is_empty() { watch.quiet + 1 } else { 0 };
        self.take_in(watch, events);
        if watch.verdict.is_some() || watch.quiet % QUIET == QUIET - 1 || watch.quiet == 1 {
            return self.confirm(cloud, watch).await;
        }
        Ok(None)
    }

    fn take_in(&self, watch: &mut Watch<'_>, events: Vec<crate::deploy::ports::StackEvent>) {
        for event in events {
            watch.verdict = watch.progress.apply(&event).or(watch.verdict);
            self.tell(watch.stack, Fact::Progressed { event });
        }
    }

    /// Asks the stack itself: its status is the truth, once the operation has shown.
    async fn confirm(&self, cloud: &C, watch: &mut Watch<'_>) -> Result<Option<Ended>, AwsError> {
        let stack = cloud.describe_stack(watch.stack_id).await?;
        let status = stack.as_ref().map_or(StackStatus::DeleteComplete, |stack| stack.status.clone());
        let shown = watch.progress.status.is_some() || self.clock.now().since(watch.began) >= SLOW_START;
        let over = watch.progress.verdict(&status).filter(|_| shown || stack.is_none());
        watch.ending += u32::from(watch.verdict.is_some());
        let Some(verdict) = over.or(watch.verdict.filter(|_| watch.ending > SLOW_END)) else { return Ok(None) };
        let rest = match watch.feed.rest(cloud).await {
            Err(error) if error.kind == ErrorKind::NoSuchStack => Vec::new(),
            other => other?,
        };
        self.take_in(watch, rest);
        let verdict = watch.progress.verdict(&status).unwrap_or(verdict);
        self.tell(watch.stack, Fact::Settled { verdict, status: status.clone() });
        let progress = std::mem::replace(&mut watch.progress, Progress::new(Goal::Settled));
        Ok(Some(Ended { verdict, status, stack, progress }))
    }
}

fn token(feed: &Feed) -> Option<Token> {
    match &feed.scope {
        Scope::Token(token) => Some(token.clone()),
        Scope::Since(_) => None,
    }
}

//! Ends an operation that leads nowhere, that takes too long, or that the caller does not want any more.

use std::time::Duration;

use super::Run;
use super::follow::Watch;
use super::halt::Halt;
use super::wish::Wish;
use crate::deploy::event::{Fact, Why};
use crate::deploy::pace::Pace;
use crate::deploy::ports::{AwsError, Clock, Ports, Token};
use crate::deploy::status::StackStatus;

/// How often AWS is asked to cancel where it does not answer.
const TRIES: u32 = 10;

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// Cancels the operation where there is a reason to.
    pub(super) async fn cancel_if_hopeless(&self, cloud: &C, watch: &mut Watch<'_>) -> Result<(), Halt> {
        if watch.cancelled.is_some() || !watch.may_cancel {
            return Ok(());
        }
        let Some(why) = self.reason(watch) else { return Ok(()) };
        if self.options.keep {
            // What succeeded is to stay, and whatever cancels would undo it.
            return Err(Halt::GivenUp { why, diagnoses: watch.services.dog.diagnoses(), token: watch.token() });
        }
        self.cancel(cloud, watch, why).await;
        Ok(())
    }

    fn reason(&self, watch: &Watch<'_>) -> Option<Why> {
        if watch.is_undone() || watch.verdict.is_some() {
            return None;
        }
        if let Some(diagnosis) = watch.services.dog.gives_up() {
            return Some(Why::GaveUp { diagnosis });
        }
        let limit = self.options.timeout?;
        (self.clock.now().since(watch.began) >= limit).then_some(Why::TimedOut { after_s: limit.as_secs() })
    }

    /// The caller's wish, while an operation is followed.
    pub(super) async fn heed(&self, cloud: &C, watch: &mut Watch<'_>, wish: Wish) -> Result<(), Halt> {
        watch.heard = Some(wish);
        match wish {
            Wish::Leave => Err(Halt::LeftRunning(watch.token())),
            Wish::Cancel if watch.cancelled.is_some() => Ok(()),
            Wish::Cancel if watch.may_cancel => {
                self.cancel(cloud, watch, Why::Asked).await;
                Ok(())
            }
            Wish::Cancel => {
                let reason = "it is not an operation of rtiler, or a deletion, which nothing cancels".to_owned();
                self.tell(watch.stack, Fact::CannotCancel { reason });
                Ok(())
            }
        }
    }

    async fn cancel(&self, cloud: &C, watch: &mut Watch<'_>, why: Why) {
        let token = self.token(watch.stack, "cancel");
        let mut pace = Pace::of_events(self.seed(watch.stack));
        watch.cancelled = Some(why.clone());
        loop {
            match self.undo(cloud, watch, &token).await {
                Ok(Ok(deletes)) => {
                    watch.feed.also(token);
                    self.tell(watch.stack, Fact::Cancels { why, deletes });
                    if deletes {
                        watch.progress.withdraw();
                    }
                    return;
                }
                Ok(Err(reason)) => return self.tell(watch.stack, Fact::CannotCancel { reason }),
                Err(error) if error.is_transient() && pace.errors() < TRIES => {
                    self.clock.sleep(pace.failed().max(Duration::from_secs(1))).await;
                }
                Err(error) => return self.tell(watch.stack, Fact::CannotCancel { reason: error.to_string() }),
            }
        }
    }

    /// Asks AWS to undo what runs; whether that deletes the stack, or why it cannot be undone.
    ///
    /// `CancelUpdateStack` takes stacks in `UPDATE_IN_PROGRESS` alone; a creation is cancelled by deleting the stack.
    async fn undo(&self, cloud: &C, watch: &Watch<'_>, token: &Token) -> Result<Result<bool, String>, AwsError> {
        match cloud.describe_stack(watch.stack_id).await?.map(|stack| stack.status) {
            Some(StackStatus::CreateInProgress) => {
                cloud.delete_stack(watch.stack_id, token, &[]).await?;
                Ok(Ok(true))
            }
            Some(StackStatus::UpdateInProgress) => {
                cloud.cancel_update(watch.stack_id, token).await?;
                Ok(Ok(false))
            }
            Some(status) => Ok(Err(format!("the stack is in {status}"))),
            None => Ok(Err("the stack is gone".to_owned())),
        }
    }
}

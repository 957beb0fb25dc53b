//! Ends an operation that leads nowhere, that takes too long, or that the caller does not want any more.

use std::time::Duration;

use super::Engine;
use super::abort::Abort;
use super::event::{CancelReason, DeployEventKind};
use super::poll_interval::PollInterval;
use super::stop::StopRequest;
use super::watch::OperationWatch;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, AwsError, ClientRequestToken, Clock};

/// How often AWS is asked to cancel where it does not answer.
const TRIES: u32 = 10;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Cancels the operation where there is a reason to.
    pub(super) async fn cancel_if_hopeless(&self, cloud: &C, watch: &mut OperationWatch<'_>) -> Result<(), Abort> {
        if watch.cancelled.is_some() || !watch.may_cancel {
            return Ok(());
        }
        let Some(why) = self.reason(watch) else { return Ok(()) };
        if self.options.keep {
            // What succeeded is to stay, and whatever cancels would undo it.
            return Err(Abort::LeftInPlace { why, diagnoses: watch.services.dog.diagnoses(), token: watch.token() });
        }
        self.cancel(cloud, watch, why).await;
        Ok(())
    }

    fn reason(&self, watch: &OperationWatch<'_>) -> Option<CancelReason> {
        if watch.is_undone() || watch.verdict.is_some() {
            return None;
        }
        if let Some(diagnosis) = watch.services.dog.fatal_diagnosis() {
            return Some(CancelReason::GaveUp { diagnosis });
        }
        let limit = self.options.timeout?;
        (self.clock.now().since(watch.began) >= limit).then_some(CancelReason::TimedOut { after_s: limit.as_secs() })
    }

    /// The caller's wish, while an operation is followed.
    pub(super) async fn heed(&self, cloud: &C, watch: &mut OperationWatch<'_>, wish: StopRequest) -> Result<(), Abort> {
        watch.heard = Some(wish);
        match wish {
            StopRequest::Detach => Err(Abort::Detached(watch.token())),
            StopRequest::CancelAndRollBack if watch.cancelled.is_some() => Ok(()),
            StopRequest::CancelAndRollBack if watch.may_cancel => {
                self.cancel(cloud, watch, CancelReason::Asked).await;
                Ok(())
            }
            StopRequest::CancelAndRollBack => {
                let reason = "it is not an operation of rtiler, or a deletion, which nothing cancels".to_owned();
                self.tell(watch.stack, DeployEventKind::CancelRejected { reason });
                Ok(())
            }
        }
    }

    async fn cancel(&self, cloud: &C, watch: &mut OperationWatch<'_>, why: CancelReason) {
        let token = self.token(watch.stack, "cancel");
        let mut pace = PollInterval::of_events(self.seed(watch.stack));
        watch.cancelled = Some(why.clone());
        loop {
            match self.undo(cloud, watch, &token).await {
                Ok(Ok(deletes)) => {
                    watch.feed.also(token);
                    self.tell(watch.stack, DeployEventKind::CancelStarted { why, deletes });
                    if deletes {
                        watch.progress.withdraw();
                    }
                    return;
                }
                Ok(Err(reason)) => return self.tell(watch.stack, DeployEventKind::CancelRejected { reason }),
                Err(error) if error.is_transient() && pace.errors() < TRIES => {
                    self.clock.sleep(pace.failed().max(Duration::from_secs(1))).await;
                }
                Err(error) => {
                    return self.tell(watch.stack, DeployEventKind::CancelRejected { reason: error.to_string() });
                }
            }
        }
    }

    /// Asks AWS to undo what runs; whether that deletes the stack, or why it cannot be undone.
    ///
    /// `CancelUpdateStack` takes stacks in `UPDATE_IN_PROGRESS` alone; a creation is cancelled by deleting the stack.
    async fn undo(
        &self,
        cloud: &C,
        watch: &OperationWatch<'_>,
        token: &ClientRequestToken,
    ) -> Result<Result<bool, String>, AwsError> {
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

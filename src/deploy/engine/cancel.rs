//! The calls that cancel an operation.

use super::StackTask;
use super::retry::retry_call;
use super::watch::{CancelAnswer, Operation};
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, AwsError, ClientRequestToken, Clock};

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Cancels an operation; the events of its rollback belong to it.
    pub(super) async fn cancel(&self, operation: &mut Operation) -> CancelAnswer {
        let token = self.token("cancel");
        let interval = PollInterval::of_events(self.seed());
        let call = async || self.request_cancel(&operation.stack_id, &token).await;
        let answer =
            retry_call(self.clock(), RetryPolicy::CANCEL, interval, call, |attempt| self.report_attempt(attempt)).await;
        let answer = answer.unwrap_or_else(|error| CancelAnswer::Rejected(error.to_string()));
        if !matches!(answer, CancelAnswer::Rejected(_)) {
            operation.events.include_cancel(token);
        }
        answer
    }

    /// Asks AWS to cancel. `CancelUpdateStack` accepts stacks in `UPDATE_IN_PROGRESS` alone; a creation is cancelled by
    /// deleting the stack.
    async fn request_cancel(&self, stack_id: &str, token: &ClientRequestToken) -> Result<CancelAnswer, AwsError> {
        match self.api.describe_stack(stack_id).await?.map(|stack| stack.status) {
            Some(StackStatus::CreateInProgress) => {
                self.api.delete_stack(stack_id, token, &[]).await?;
                Ok(CancelAnswer::Deleting)
            }
            Some(StackStatus::UpdateInProgress) => {
                self.api.cancel_update(stack_id, token).await?;
                Ok(CancelAnswer::RollingBack)
            }
            Some(status) => Ok(CancelAnswer::Rejected(format!("the stack is in {status}"))),
            None => Ok(CancelAnswer::Rejected("the stack does not exist any more".to_owned())),
        }
    }
}

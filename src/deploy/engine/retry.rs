//! Retries of API calls by a policy.

use std::time::Duration;

use super::StackTask;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::stop::{StopRequest, StopRequested};
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::{AwsApi, AwsError, Clock, ErrorKind};

/// Returns a duration as events write it.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Repeats a call by a policy, whether or not the caller wants to stop.
pub(super) async fn retry_call<T>(
    clock: &impl Clock,
    policy: RetryPolicy,
    mut interval: PollInterval,
    call: impl AsyncFn() -> Result<T, AwsError>,
) -> Result<T, AwsError> {
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match policy.pause(&error, &mut interval) {
            Some(pause) => clock.sleep(pause).await,
            None => return Err(error),
        }
    }
}

/// The reason why a call has no answer.
#[derive(Debug)]
pub(super) enum CallError {
    /// The error is final.
    Api(AwsError),
    /// The caller stopped the run during a pause.
    Stopped {
        /// The request.
        request: StopRequest,
        /// The error before the pause.
        last: AwsError,
    },
}

impl CallError {
    /// Returns AWS's last error.
    pub(super) fn into_api_error(self) -> AwsError {
        match self {
            Self::Api(error) | Self::Stopped { last: error, .. } => error,
        }
    }
}

impl From<CallError> for Abort {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Api(error) => Abort::Rejected(error),
            CallError::Stopped { request, .. } => Abort::Stopped(request),
        }
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Repeats a call until AWS answers or refuses, or the caller stops the run. The call must be idempotent.
    pub(super) async fn retry<T>(&self, call: impl AsyncFn() -> Result<T, AwsError>) -> Result<T, CallError> {
        let answer = self.retry_idempotent(&[], call).await?;
        Ok(answer.expect("without kinds of errors that mean success there is an answer"))
    }

    /// Repeats a call like [`retry`](Self::retry). After a lost answer, an error of the kinds `done` means that the first
    /// call had succeeded; then there is no answer to return.
    pub(super) async fn retry_idempotent<T>(
        &self,
        done: &[ErrorKind],
        call: impl AsyncFn() -> Result<T, AwsError>,
    ) -> Result<Option<T>, CallError> {
        let reached = &self.engine.reached;
        let mut interval = PollInterval::of_events(self.seed());
        let mut answer_lost = false;
        loop {
            let error = match call().await {
                Ok(answer) => {
                    reached.set(true);
                    return Ok(Some(answer));
                }
                Err(error) => error,
            };
            // A refusal is an answer, too.
            reached.set(reached.get() || error.kind != ErrorKind::Connection);
            if answer_lost && done.contains(&error.kind) {
                return Ok(None);
            }
            answer_lost |= matches!(error.kind, ErrorKind::Connection | ErrorKind::Unavailable);
            let policy = if reached.get() { RetryPolicy::CALL } else { RetryPolicy::FIRST_CALL };
            let Some(pause) = policy.pause(&error, &mut interval) else { return Err(CallError::Api(error)) };
            if error.kind == ErrorKind::Connection {
                self.emit(DeployEventKind::Unreachable { error: error.clone(), retry_in_ms: millis(pause) });
            }
            if let Err(StopRequested(request)) = self.wait(pause).await {
                return Err(CallError::Stopped { request, last: error });
            }
        }
    }
}

//! Retries of API calls: one rule, and a policy for each place that retries.

use std::time::Duration;

use super::StackTask;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::poll_interval::PollInterval;
use super::stop::{StopRequest, StopRequested};
use crate::deploy::api::{AwsApi, AwsError, Clock, ErrorKind};

/// The number of attempts of a call, and the errors that are retried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    /// The number of errors in a row after which the error is final.
    limit: u32,
    /// Whether expired credentials are retried: the user may sign in again in another window.
    retries_expired: bool,
    /// The shortest pause.
    pause: Duration,
}

impl RetryPolicy {
    /// Calls before an operation runs: two to three minutes, with jitter.
    pub(super) const CALL: Self = Self::times(12);
    /// Calls before AWS has answered at all: a wrong address or no network is not worth minutes.
    pub(super) const FIRST_CALL: Self = Self::times(4);
    /// Polls of a change set that is being created.
    pub(super) const CHANGE_SET: Self = Self::times(10);
    /// Polls of a running operation: about ten minutes.
    pub(super) const WATCH: Self = Self { retries_expired: true, ..Self::times(40) };
    /// Calls that cancel an operation.
    pub(super) const CANCEL: Self = Self { pause: Duration::from_secs(1), ..Self::times(10) };
    /// Calls that verify the services of a finished operation.
    pub(super) const VERIFY: Self = Self::times(5);
    /// Polls of logs and of single tasks: some minutes.
    pub(crate) const FOLLOW: Self = Self::times(12);

    const fn times(limit: u32) -> Self {
        Self { limit, retries_expired: false, pause: Duration::ZERO }
    }

    /// Returns the pause before a failed call is repeated; none if the error is final.
    pub(crate) fn pause(self, error: &AwsError, interval: &mut PollInterval) -> Option<Duration> {
        let may_pass = error.is_transient() || (self.retries_expired && error.kind == ErrorKind::Expired);
        (may_pass && interval.errors() < self.limit).then(|| interval.on_error().max(self.pause))
    }
}

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

/// Why a call has no answer.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::ApiCall;

    fn error(kind: ErrorKind) -> AwsError {
        AwsError::new(kind, ApiCall::DescribeStacks, "Code", "message")
    }

    #[test]
    fn transient_error_is_retried_up_to_the_limit() {
        let mut interval = PollInterval::of_events(1);
        let retried =
            (0..100).take_while(|_| RetryPolicy::VERIFY.pause(&error(ErrorKind::Throttled), &mut interval).is_some());
        assert_eq!(retried.count(), 5);
    }

    #[test]
    fn refusal_is_final() {
        for policy in [RetryPolicy::CALL, RetryPolicy::WATCH, RetryPolicy::CANCEL] {
            let mut interval = PollInterval::of_events(1);
            assert_eq!(policy.pause(&error(ErrorKind::AccessDenied), &mut interval), None);
        }
    }

    #[test]
    fn expired_credentials_are_retried_while_an_operation_runs() {
        let mut interval = PollInterval::of_events(1);
        assert!(RetryPolicy::WATCH.pause(&error(ErrorKind::Expired), &mut interval).is_some());
        assert_eq!(RetryPolicy::CALL.pause(&error(ErrorKind::Expired), &mut interval), None);
    }
}

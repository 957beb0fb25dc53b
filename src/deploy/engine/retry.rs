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

/// Repeats a call by a policy, whether or not the caller wants to stop; `on_error` learns of each error before a pause, with the
/// time since the last answer.
pub(super) async fn retry_call<T>(
    clock: &impl Clock,
    policy: RetryPolicy,
    mut interval: PollInterval,
    call: impl AsyncFn() -> Result<T, AwsError>,
    on_error: impl Fn(FailedAttempt),
) -> Result<T, AwsError> {
    let started = clock.now();
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let unanswered = clock.now().since(started);
        let Some(pause) = policy.pause(&error, &mut interval, unanswered) else { return Err(error) };
        on_error(FailedAttempt { error, pause, unanswered });
        clock.sleep(pause).await;
    }
}

/// An attempt that failed and is repeated.
pub(super) struct FailedAttempt {
    pub(super) error: AwsError,
    /// The pause before the next one.
    pub(super) pause: Duration,
    /// The time since the last answer of AWS.
    pub(super) unanswered: Duration,
}

impl FailedAttempt {
    /// Returns the event of an attempt that failed before or after an operation.
    pub(super) fn unreachable(self) -> DeployEventKind {
        let (retry_in_ms, unanswered_ms) = (millis(self.pause), millis(self.unanswered));
        DeployEventKind::Unreachable { error: self.error, retry_in_ms, unanswered_ms }
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
        let (mut answer_lost, started) = (false, self.now());
        loop {
            let error = match call().await {
                Ok(answer) => {
                    reached.set(true);
                    return Ok(Some(answer));
                }
                Err(error) => error,
            };
            // A refusal is an answer, too.
            reached.set(reached.get() || error.is_answer());
            if answer_lost && done.contains(&error.kind) {
                return Ok(None);
            }
            answer_lost |= error.loses_answers();
            let policy = if reached.get() { RetryPolicy::CALL } else { RetryPolicy::FIRST_CALL };
            let unanswered = self.now().since(started);
            let Some(pause) = policy.pause(&error, &mut interval, unanswered) else {
                return Err(CallError::Api(error));
            };
            self.report_attempt(FailedAttempt { error: error.clone(), pause, unanswered });
            if let Err(StopRequested(request)) = self.wait(pause).await {
                return Err(CallError::Stopped { request, last: error });
            }
        }
    }

    /// Emits an attempt that failed. A throttled call is repeated without an event, unless it is for long: AWS answers.
    pub(super) fn report_attempt(&self, attempt: FailedAttempt) {
        const LONG: Duration = Duration::from_secs(20);
        if attempt.error.kind != ErrorKind::Throttled || attempt.unanswered >= LONG {
            self.emit(attempt.unreachable());
        }
    }
}

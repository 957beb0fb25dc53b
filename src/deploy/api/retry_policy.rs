//! Retry policies: one for each place that repeats a call.

use std::time::Duration;

use super::poll_interval::PollInterval;
use super::{AwsError, ErrorKind};

/// The number of retries of a call, and the errors that are retried.
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
    pub(crate) const CALL: Self = Self::times(12);
    /// Calls before AWS has answered at all: a wrong address or no network is not worth minutes of retries.
    pub(crate) const FIRST_CALL: Self = Self::times(4);
    /// Polls of a change set that is being created.
    pub(crate) const CHANGE_SET: Self = Self::times(10);
    /// Polls of a running operation: about ten minutes.
    pub(crate) const WATCH: Self = Self { retries_expired: true, ..Self::times(40) };
    /// Calls that cancel an operation.
    pub(crate) const CANCEL: Self = Self { pause: Duration::from_secs(1), ..Self::times(10) };
    /// Calls that verify the services of a finished operation.
    pub(crate) const VERIFY: Self = Self::times(5);
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

#[cfg(test)]
mod tests {
    use super::super::ApiCall;
    use super::*;

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

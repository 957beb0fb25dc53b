//! Retry policies: one for each place that repeats a call. `docs/connections.md` lists them for users.

use std::time::Duration;

use super::AwsError;
use super::poll_interval::PollInterval;

/// The time for which a call is repeated, and the errors after which it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    /// The time without an answer after which an error is final.
    limit: Duration,
    /// The number of errors in a row before an error is final: after a machine has slept, the limit may be over at once.
    errors: u32,
    /// Whether errors are retried that the user may fix in another window: expired credentials, a wrong clock.
    retries_fixable: bool,
    /// The shortest pause.
    pause: Duration,
}

impl RetryPolicy {
    /// Calls before an operation runs.
    pub(crate) const CALL: Self = Self::within(Duration::from_mins(6));
    /// Calls before AWS has answered at all: a wrong address or no network is not worth minutes of retries.
    pub(crate) const FIRST_CALL: Self = Self { errors: 1, ..Self::within(Duration::from_secs(6)) };
    /// Polls of a running operation, which continues in AWS.
    pub(crate) const WATCH: Self = Self { retries_fixable: true, ..Self::within(Duration::from_mins(15)) };
    /// Calls that cancel an operation.
    pub(crate) const CANCEL: Self = Self { pause: Duration::from_secs(1), ..Self::CALL };
    /// Calls that read what a question shows. A call that waited for its whole time limit is not repeated, so that the command
    /// ends within 30 seconds if a server does not answer.
    pub(crate) const SHOWN: Self = Self { errors: 0, ..Self::within(Duration::from_secs(20)) };
    /// Calls that verify what was deployed.
    pub(crate) const VERIFY: Self = Self { errors: 1, ..Self::within(Duration::from_secs(20)) };
    /// Polls of logs and of single tasks.
    pub(crate) const FOLLOW: Self = Self::CALL;

    const fn within(limit: Duration) -> Self {
        Self { limit, errors: 5, retries_fixable: false, pause: Duration::ZERO }
    }

    /// Returns the pause before a failed call is repeated; none if the error is final. `unanswered`: the time since the last
    /// answer of AWS.
    pub(crate) fn pause(self, error: &AwsError, interval: &mut PollInterval, unanswered: Duration) -> Option<Duration> {
        let may_pass = error.is_transient() || (self.retries_fixable && error.is_fixable());
        let has_time = unanswered < self.limit || interval.errors() < self.errors;
        (may_pass && has_time).then(|| interval.on_error().max(self.pause))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ApiCall, ErrorKind};
    use super::*;

    fn error(kind: ErrorKind) -> AwsError {
        AwsError::new(kind, ApiCall::DescribeStacks, "Code", "message")
    }

    /// Returns whether an error is retried, after this number of errors and time without an answer.
    fn retries(policy: RetryPolicy, kind: ErrorKind, errors: u32, unanswered: Duration) -> bool {
        let mut interval = PollInterval::of_events(1);
        for _ in 0..errors {
            interval.on_error();
        }
        policy.pause(&error(kind), &mut interval, unanswered).is_some()
    }

    #[test]
    fn transient_error_is_retried_until_the_time_is_over() {
        for kind in [ErrorKind::Throttled, ErrorKind::Connection, ErrorKind::Unavailable, ErrorKind::OddAnswer] {
            assert!(retries(RetryPolicy::WATCH, kind, 100, Duration::from_secs(899)), "{kind:?}");
            assert!(!retries(RetryPolicy::WATCH, kind, 100, Duration::from_mins(15)), "{kind:?}");
        }
    }

    #[test]
    fn first_errors_after_the_machine_has_slept_are_retried() {
        assert!(retries(RetryPolicy::WATCH, ErrorKind::Connection, 4, Duration::from_hours(8)));
        assert!(!retries(RetryPolicy::WATCH, ErrorKind::Connection, 5, Duration::from_hours(8)));
    }

    #[test]
    fn deployment_survives_an_outage_of_five_minutes() {
        for policy in [RetryPolicy::CALL, RetryPolicy::WATCH, RetryPolicy::CANCEL, RetryPolicy::FOLLOW] {
            assert!(retries(policy, ErrorKind::Connection, 100, Duration::from_secs(310)), "{policy:?}");
        }
    }

    #[test]
    fn question_without_an_answer_for_its_facts_ends_after_one_call() {
        assert!(retries(RetryPolicy::SHOWN, ErrorKind::Connection, 0, Duration::from_secs(1)));
        assert!(!retries(RetryPolicy::SHOWN, ErrorKind::Connection, 0, Duration::from_secs(25)));
    }

    #[test]
    fn refusal_is_final() {
        for policy in [RetryPolicy::CALL, RetryPolicy::WATCH, RetryPolicy::CANCEL] {
            assert!(!retries(policy, ErrorKind::AccessDenied, 0, Duration::ZERO));
        }
    }

    #[test]
    fn error_that_the_user_can_fix_is_retried_while_an_operation_runs() {
        for kind in [ErrorKind::Expired, ErrorKind::NoCredentials, ErrorKind::ClockSkew] {
            assert!(retries(RetryPolicy::WATCH, kind, 0, Duration::ZERO), "{kind:?}");
            assert!(!retries(RetryPolicy::CALL, kind, 0, Duration::ZERO), "{kind:?}");
        }
    }
}

//! The limits of every call: how long it may take, how often it is repeated, and how large its answer may be.
//!
//! `docs/connections.md` lists them for users.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// The time limit for opening a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// The time limit for one attempt, from the credentials to the last byte of the answer.
const ATTEMPT: Duration = Duration::from_secs(20);

/// The time limit for a call with all of its attempts. A command that reads ends after one call without an answer, so
/// it ends within 30 seconds.
pub(super) const CALL: Duration = Duration::from_secs(25);

/// The limits for an upload of a template of at most 1 MB, over slow lines, too. Under a minute, so that the user sees a line
/// in each minute.
const UPLOAD_ATTEMPT: Duration = Duration::from_secs(50);
pub(super) const UPLOAD: Duration = Duration::from_secs(55);

/// The time limit for credentials: a program, a sign-in service or the metadata of a machine may have to be asked.
pub(super) const CREDENTIALS: Duration = Duration::from_secs(15);

/// The time limit for a request without the SDK: those of `doctor`.
pub(super) const PLAIN_REQUEST: Duration = Duration::from_secs(4);

/// The size limit of an answer. The largest ones have some megabytes: a page of a change set with property values.
pub(super) const ANSWER_BYTES: usize = 32 << 20;

/// The attempts for each call, with half a second before the second and doubled after each.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Returns the time limits of a call.
pub(super) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).operation_timeout(CALL).build()
}

/// Returns the time limits of an upload.
pub(super) fn upload_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(UPLOAD_ATTEMPT)
        .operation_timeout(UPLOAD)
        .build()
}

/// Returns the attempts of a call.
pub(super) fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_PAUSE)
}

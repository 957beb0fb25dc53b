//! Calls that are asked again where AWS does not answer.

use super::Engine;
use super::event::DeployEventKind;
use super::poll_interval::PollInterval;
use crate::deploy::api::{AwsApi, AwsError, Clock, ErrorKind};

/// How often AWS is asked before an operation runs: two to three minutes, with jitter. While one runs, the watch has a
/// patience of its own.
const TRIES: u32 = 12;

/// How often where nothing has answered yet: a wrong address or no network is no weather to sit out.
const FIRST_TRIES: u32 = 4;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Asks until AWS answers, refuses, or the caller wants to go. The request must be harmless when it is repeated.
    pub(super) async fn insist<T>(
        &self,
        stack: &str,
        ask: impl AsyncFn() -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let arrived = self.insist_unless(stack, &[], ask).await?;
        Ok(arrived.expect("no refusal means that a request has arrived before"))
    }

    /// The same where a refusal of one of these kinds, after an answer that was lost, means that the first request did
    /// arrive: then nothing is returned.
    pub(super) async fn insist_unless<T>(
        &self,
        stack: &str,
        arrived: &[ErrorKind],
        ask: impl AsyncFn() -> Result<T, AwsError>,
    ) -> Result<Option<T>, AwsError> {
        let mut pace = PollInterval::of_events(self.seed(stack));
        let mut lost = false;
        loop {
            let error = match ask().await {
                Ok(answer) => {
                    self.answered.set(true);
                    return Ok(Some(answer));
                }
                Err(error) => error,
            };
            // A refusal is an answer, too.
            self.answered.set(self.answered.get() || error.kind != ErrorKind::Connection);
            if lost && arrived.contains(&error.kind) {
                return Ok(None);
            }
            lost |= matches!(error.kind, ErrorKind::Connection | ErrorKind::Unavailable);
            let tries = if self.answered.get() { TRIES } else { FIRST_TRIES };
            if !error.is_transient() || pace.errors() >= tries {
                return Err(error);
            }
            let wait = pace.failed();
            if error.kind == ErrorKind::Connection {
                let again_in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                self.tell(stack, DeployEventKind::Unreachable { error: error.clone(), again_in_ms });
            }
            if self.wait(wait).await.is_err() {
                return Err(error);
            }
        }
    }
}

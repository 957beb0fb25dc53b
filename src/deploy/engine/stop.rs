//! Requests of the caller to stop, from the signal to the engine.
//!
//! A [`StopSignal`] is what the engine sees of them. `guarded` makes a copy that ignores the requests that were already executed: a
//! revert, for example, is itself the answer to a request to cancel, and only a request to detach ends it.

use std::future::Future;

use futures_util::future::{Either, select};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// The way in which a caller stops a run. A later request may go further than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StopRequest {
    /// Cancel the running operation, wait for its rollback, then stop.
    CancelAndRollBack,
    /// Stop now; CloudFormation continues.
    Detach,
}

/// The caller's end of a stop channel.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<Option<StopRequest>>);

/// The engine's end of a stop channel.
#[derive(Debug, Clone)]
pub struct StopSignal {
    requests: watch::Receiver<Option<StopRequest>>,
    /// Requests up to this one are ignored.
    floor: Option<StopRequest>,
}

/// The error of work that a stop request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StopRequested(pub(super) StopRequest);

/// Creates a stop channel.
pub fn stop_channel() -> (StopHandle, StopSignal) {
    let (sender, requests) = watch::channel(None);
    (StopHandle(sender), StopSignal { requests, floor: None })
}

impl StopHandle {
    /// Sends a request; has no effect if an earlier one goes as far.
    pub fn request(&self, request: StopRequest) {
        self.0.send_if_modified(|last| {
            let goes_further = *last < Some(request);
            if goes_further {
                *last = Some(request);
            }
            goes_further
        });
    }
}

impl StopSignal {
    /// Returns a signal that never comes.
    pub fn none() -> Self {
        stop_channel().1
    }

    /// Returns a copy that ignores requests up to `floor`.
    #[must_use]
    pub(super) fn guarded(&self, floor: StopRequest) -> Self {
        Self { requests: self.requests.clone(), floor: self.floor.max(Some(floor)) }
    }

    /// Waits for a request above the floor; forever if none comes.
    pub(super) async fn requested(&self) -> StopRequest {
        let mut requests = self.requests.clone();
        match requests.wait_for(|request| *request > self.floor).await.map(|request| *request) {
            Ok(Some(request)) => request,
            _ => std::future::pending().await,
        }
    }

    /// Does the work unless a request comes first.
    pub(super) async fn or_stop<T>(&self, work: impl Future<Output = T>) -> Result<T, StopRequested> {
        match select(std::pin::pin!(work), std::pin::pin!(self.requested())).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right((request, _)) => Err(StopRequested(request)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn later_request_that_goes_less_far_has_no_effect() {
        let (handle, signal) = stop_channel();
        handle.request(StopRequest::Detach);
        handle.request(StopRequest::CancelAndRollBack);
        assert_eq!(signal.requested().now_or_never(), Some(StopRequest::Detach));
    }

    #[test]
    fn guarded_signal_ignores_requests_up_to_its_floor() {
        let (handle, signal) = stop_channel();
        let guarded = signal.guarded(StopRequest::CancelAndRollBack);
        handle.request(StopRequest::CancelAndRollBack);
        assert_eq!(signal.requested().now_or_never(), Some(StopRequest::CancelAndRollBack));
        assert_eq!(guarded.requested().now_or_never(), None);
        handle.request(StopRequest::Detach);
        assert_eq!(guarded.requested().now_or_never(), Some(StopRequest::Detach));
    }

    #[test]
    fn work_that_is_stopped_names_the_request() {
        let (handle, signal) = stop_channel();
        handle.request(StopRequest::Detach);
        let stopped = signal.or_stop(std::future::pending::<()>()).now_or_never();
        assert_eq!(stopped, Some(Err(StopRequested(StopRequest::Detach))));
    }
}

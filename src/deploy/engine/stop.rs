use tokio::sync::watch;

/// What the caller wants who does not wait any longer. A later wish may go further than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopRequest {
    /// Cancel what runs, see it rolled back, and go.
    CancelAndRollBack,
    /// Go, and let AWS go on.
    Detach,
}

/// Where the caller makes wishes.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<Option<StopRequest>>);

/// Where a run hears them.
#[derive(Debug, Clone)]
pub struct StopSignal(watch::Receiver<Option<StopRequest>>);

/// A caller's end and a run's end.
pub fn stop_channel() -> (StopHandle, StopSignal) {
    let (sender, receiver) = watch::channel(None);
    (StopHandle(sender), StopSignal(receiver))
}

impl StopHandle {
    /// Makes a wish; one that goes less far than the last is not heard.
    pub fn wish(&self, wish: StopRequest) {
        self.0.send_if_modified(|last| {
            let goes_further = *last < Some(wish);
            if goes_further {
                *last = Some(wish);
            }
            goes_further
        });
    }
}

impl StopSignal {
    /// Those of a caller who waits for ever.
    pub fn none() -> Self {
        stop_channel().1
    }

    /// Completes with a wish that goes further than what was heard before; never, where none comes.
    pub(super) async fn beyond(&self, heard: Option<StopRequest>) -> StopRequest {
        let mut receiver = self.0.clone();
        match receiver.wait_for(|wish| *wish > heard).await.map(|wish| *wish) {
            Ok(Some(wish)) => wish,
            _ => std::future::pending().await,
        }
    }
}

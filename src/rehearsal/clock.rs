use std::time::Duration;

use tokio::time::Instant;

use crate::deploy::api::{Clock, Timestamp};

/// The clock of a rehearsal: tokio's, from a moment of the caller's choice, perhaps sped up.
///
/// On a runtime whose time is paused (`start_paused`) it is virtual: when everybody waits, it jumps to the next moment
/// that somebody waits for. So ten minutes take milliseconds, and what goes side by side interleaves as it would.
#[derive(Debug, Clone, Copy)]
pub struct RehearsalClock {
    start: Timestamp,
    began: Instant,
    speed: f64,
}

impl RehearsalClock {
    /// A clock that shows `start` now and goes `speed` times as fast as tokio's. Needs a tokio runtime.
    pub fn new(start: Timestamp, speed: f64) -> Self {
        Self { start, began: Instant::now(), speed: speed.max(0.001) }
    }
}

impl Clock for RehearsalClock {
    fn now(&self) -> Timestamp {
        self.start + self.began.elapsed().mul_f64(self.speed)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}

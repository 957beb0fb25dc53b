//! The clock of a rehearsal.

use std::time::Duration;

use tokio::time::Instant;

use crate::deploy::api::{Clock, Timestamp};

/// The clock of a rehearsal: tokio's clock, from a given start, at a given speed.
///
/// On a runtime whose time is paused (`start_paused`) it is virtual: when all tasks wait, it jumps to the next time that a
/// task waits for. Ten minutes then take milliseconds, and concurrent work interleaves as in real time.
#[derive(Debug, Clone, Copy)]
pub struct RehearsalClock {
    start: Timestamp,
    origin: Instant,
    speed: f64,
}

impl RehearsalClock {
    /// Creates a clock that shows `start` now and runs `speed` times as fast as tokio's. Needs a tokio runtime.
    pub fn new(start: Timestamp, speed: f64) -> Self {
        Self { start, origin: Instant::now(), speed: speed.max(0.001) }
    }
}

impl Clock for RehearsalClock {
    fn now(&self) -> Timestamp {
        self.start + self.origin.elapsed().mul_f64(self.speed)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}

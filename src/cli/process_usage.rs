use std::time::{Duration, Instant};

use crate::budget::UsageMeter;

/// The time since the start and the memory of the process.
pub(crate) struct ProcessUsage {
    started: Instant,
    allocated: fn() -> usize,
}

impl ProcessUsage {
    /// Starts to measure; `allocated` returns the bytes in use.
    pub(crate) fn start(allocated: fn() -> usize) -> Self {
        Self { started: Instant::now(), allocated }
    }
}

impl UsageMeter for ProcessUsage {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn allocated(&self) -> usize {
        (self.allocated)()
    }
}

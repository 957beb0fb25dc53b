use std::time::{Duration, Instant};

use crate::script::Meter;

/// The clock on the wall and the process's allocator.
pub(crate) struct ProcessMeter {
    begun: Instant,
    allocated: fn() -> usize,
}

impl ProcessMeter {
    pub(crate) fn start(allocated: fn() -> usize) -> Self {
        Self { begun: Instant::now(), allocated }
    }
}

impl Meter for ProcessMeter {
    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn allocated(&self) -> usize {
        (self.allocated)()
    }
}

use std::time::{Duration, Instant};

use crate::script::UsageMeter;

/// The clock on the wall and the process's allocator.
pub(crate) struct ProcessUsage {
    begun: Instant,
    allocated: fn() -> usize,
}

impl ProcessUsage {
    pub(crate) fn start(allocated: fn() -> usize) -> Self {
        Self { begun: Instant::now(), allocated }
    }
}

impl UsageMeter for ProcessUsage {
    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn allocated(&self) -> usize {
        (self.allocated)()
    }
}

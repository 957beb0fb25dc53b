use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::budget::UsageMeter;

/// The bytes in use from which the memory of the process is looked at: a usual script never reads it.
const LARGE: usize = 64 << 20;

/// The growth after which the memory of the process is read again.
const GROWTH: usize = 4 << 20;

/// The time since the start and the memory of the process.
pub(crate) struct ProcessUsage {
    started: Instant,
    allocated: fn() -> usize,
    /// The bytes in use when the memory of the process was read last.
    read_at: Cell<usize>,
    /// The memory of the process then.
    resident: Cell<usize>,
}

impl ProcessUsage {
    /// Starts to measure; `allocated` returns the bytes in use.
    pub(crate) fn start(allocated: fn() -> usize) -> Self {
        Self { started: Instant::now(), allocated, read_at: Cell::new(0), resident: Cell::new(0) }
    }

    /// Returns the memory of the process. The allocator rounds each request up, so that millions of small values take up to twice
    /// the bytes that were requested.
    fn resident(&self, allocated: usize) -> usize {
        if allocated.abs_diff(self.read_at.get()) >= GROWTH {
            self.read_at.set(allocated);
            self.resident.set(resident_bytes().unwrap_or(0));
        }
        self.resident.get()
    }
}

impl UsageMeter for ProcessUsage {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn allocated(&self) -> usize {
        let allocated = (self.allocated)();
        if allocated < LARGE { allocated } else { allocated.max(self.resident(allocated)) }
    }
}

/// Returns the memory that the process has, if the system reports it (proc(5): `VmRSS`).
fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()? << 10)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_of_the_process_counts_once_much_is_in_use() {
        let rounded = vec![1_u8; 2 * LARGE];
        assert_eq!(ProcessUsage::start(|| LARGE - 1).allocated(), LARGE - 1);
        let found = ProcessUsage::start(|| LARGE).allocated();
        assert!(found >= rounded.len(), "{found}");
    }
}

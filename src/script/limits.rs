//! The limits of an evaluation. A script that never ends, or that uses too much memory, is reported at its line.

use std::rc::Rc;
use std::time::Duration;

use super::usage::Usage;

/// Limits of one evaluation.
#[derive(Clone)]
pub struct Limits {
    /// Steps of the interpreter.
    pub operations: u64,
    /// Characters of one source.
    pub source: usize,
    /// Bytes of one string.
    pub string: usize,
    /// Items of one list, with the items inside them.
    pub array: usize,
    /// Entries of one map, with the entries inside them.
    pub map: usize,
    /// Calls inside calls.
    pub calls: usize,
    /// Time of the whole evaluation, however often it starts again.
    pub time: Duration,
    /// Bytes of memory of the whole process.
    pub memory: usize,
    /// The measurement of time and memory; the clock and the allocator are the caller's.
    pub meter: Rc<dyn UsageMeter>,
}

/// Measures an evaluation.
pub trait UsageMeter {
    /// Returns the time since any moment before the evaluation.
    fn elapsed(&self) -> Duration;
    /// Returns the bytes of memory in use; 0 if that is not known.
    fn allocated(&self) -> usize;
    /// Returns whether the user interrupted the evaluation.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Measures nothing: for tests and callers that trust the script.
struct Unmeasured;

impl UsageMeter for Unmeasured {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn allocated(&self) -> usize {
        0
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            operations: 50_000_000,
            source: 2 << 20,
            string: 1 << 20,
            array: 20_000,
            map: 20_000,
            calls: 64,
            time: Duration::from_secs(20),
            memory: 512 << 20,
            meter: Rc::new(Unmeasured),
        }
    }
}

/// The limit that ended an evaluation.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Exceeded {
    Operations,
    Time,
    Memory,
    /// The operations that the running package may take.
    ShareOfOperations,
    /// The time that the running package may take.
    ShareOfTime,
    Interrupted,
}

/// The number of operations between two looks at the clock. The memory is checked at every operation: one may take any
/// amount.
const CLOCK_INTERVAL: u64 = 1 << 6;

impl Limits {
    /// Returns the steps and the time that one package may use in an evaluation: half of all.
    pub(super) fn share_of_package(&self) -> Usage {
        Usage { steps: self.operations / 2, time: self.time / 2 }
    }

    /// Returns the limit that an evaluation exceeds at an operation; it started when the meter showed `started`.
    pub(super) fn exceeded(&self, started: Duration, operations: u64) -> Option<Exceeded> {
        if self.meter.allocated() > self.memory {
            return Some(Exceeded::Memory);
        }
        if operations > self.operations {
            return Some(Exceeded::Operations);
        }
        if !operations.is_multiple_of(CLOCK_INTERVAL) {
            return None;
        }
        if self.meter.interrupted() {
            return Some(Exceeded::Interrupted);
        }
        (self.meter.elapsed().saturating_sub(started) > self.time).then_some(Exceeded::Time)
    }
}

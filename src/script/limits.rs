//! The limits of an evaluation. A script that never ends, or that uses too much memory, is reported at its line.

use std::rc::Rc;
use std::time::Duration;

use super::usage::Usage;
use crate::budget::{self, Budget, Unmeasured, UsageMeter};

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

    /// Starts the time and memory of an evaluation.
    pub fn start(&self) -> Budget {
        Budget::start(self.time, self.memory, Rc::clone(&self.meter))
    }

    /// Returns the limit that an evaluation exceeds at an operation.
    pub(super) fn exceeded(&self, budget: &Budget, operations: u64) -> Option<Exceeded> {
        if operations > self.operations {
            return Some(Exceeded::Operations);
        }
        if !operations.is_multiple_of(CLOCK_INTERVAL) {
            return budget.is_memory_exceeded().then_some(Exceeded::Memory);
        }
        budget.exceeded().map(|exceeded| match exceeded {
            budget::Exceeded::Memory => Exceeded::Memory,
            budget::Exceeded::Interrupted => Exceeded::Interrupted,
            budget::Exceeded::Time => Exceeded::Time,
        })
    }
}

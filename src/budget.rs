//! The time and memory that a script may take: its evaluation and the synthesis of its templates share one budget.
//!
//! Imports `diag`.
//!
//! *Invariant*: has no clock and no allocator: the meter is the caller's.

use std::rc::Rc;
use std::time::Duration;

use crate::diag::{Code, Diagnostic, Origin};

/// Measures a process.
pub trait UsageMeter {
    /// Returns the time since any moment before the script.
    fn elapsed(&self) -> Duration;
    /// Returns the bytes of memory in use; 0 if that is not known.
    fn allocated(&self) -> usize;
    /// Returns whether the user interrupted the script.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Measures nothing: for tests and callers that trust the script.
pub struct Unmeasured;

impl UsageMeter for Unmeasured {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn allocated(&self) -> usize {
        0
    }
}

/// The limit that ended a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// The time.
    Time,
    /// The memory.
    Memory,
    /// The user interrupted it.
    Interrupted,
}

/// The time and memory that a script may take, from a moment on.
#[derive(Clone)]
pub struct Budget {
    time: Duration,
    memory: usize,
    started: Duration,
    meter: Rc<dyn UsageMeter>,
}

impl Budget {
    /// Starts a budget.
    pub fn start(time: Duration, memory: usize, meter: Rc<dyn UsageMeter>) -> Self {
        Self { time, memory, started: meter.elapsed(), meter }
    }

    /// Creates a budget without limits.
    pub fn unlimited() -> Self {
        Self::start(Duration::MAX, usize::MAX, Rc::new(Unmeasured))
    }

    /// Returns whether more memory is in use than permitted.
    pub(crate) fn is_memory_exceeded(&self) -> bool {
        self.meter.allocated() > self.memory
    }

    /// Returns whether more than a part of the time has passed: a sixteenth for 16.
    pub(crate) fn has_passed(&self, part: u32) -> bool {
        self.meter.elapsed().saturating_sub(self.started) > self.time / part
    }

    /// Returns the limit that is exceeded.
    pub fn exceeded(&self) -> Option<Exceeded> {
        match () {
            () if self.is_memory_exceeded() => Some(Exceeded::Memory),
            () if self.meter.interrupted() => Some(Exceeded::Interrupted),
            () => self.has_passed(1).then_some(Exceeded::Time),
        }
    }

    /// Returns an error if a limit is exceeded before a step of synthesis: the problems to report, none after an interruption.
    pub(crate) fn permits(&self, origin: &Origin, step: impl FnOnce() -> String) -> Result<(), Vec<Diagnostic>> {
        let Some(exceeded) = self.exceeded() else { return Ok(()) };
        let problem = match exceeded {
            Exceeded::Interrupted => return Err(Vec::new()),
            Exceeded::Time => {
                let message = format!("the script and its templates take longer than {} s", self.time.as_secs());
                Diagnostic::new(Code::LimitTime, message)
            }
            Exceeded::Memory => {
                let message = format!("the script and its templates use more than {} MiB of memory", self.memory >> 20);
                Diagnostic::new(Code::LimitMemory, message)
            }
        };
        let problem = problem.at(origin, format!("the limit was reached before {}", step()));
        Err(vec![problem.help("create fewer or smaller stacks, or split the script into several")])
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Meter(Cell<u64>, Cell<usize>);

    impl UsageMeter for Meter {
        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.get())
        }

        fn allocated(&self) -> usize {
            self.1.get()
        }
    }

    #[test]
    fn time_counts_from_the_start_of_the_budget() {
        let meter = Rc::new(Meter(Cell::new(1_000), Cell::new(0)));
        let budget = Budget::start(Duration::from_secs(20), 1 << 20, Rc::clone(&meter) as Rc<dyn UsageMeter>);
        meter.0.set(1_020);
        assert_eq!(budget.exceeded(), None);
        assert!(budget.has_passed(16));
        meter.0.set(1_021);
        assert_eq!(budget.exceeded(), Some(Exceeded::Time));
    }

    #[test]
    fn exceeded_memory_names_the_step_and_its_place() {
        let meter = Rc::new(Meter(Cell::new(0), Cell::new(2 << 20)));
        let budget = Budget::start(Duration::from_secs(20), 1 << 20, meter);
        let problems = budget.permits(&Origin::new("app.rhai", 3, 1), || "the block `Api`".to_owned()).unwrap_err();
        assert_eq!(problems[0].code, Code::LimitMemory);
        assert_eq!(problems[0].message, "the script and its templates use more than 1 MiB of memory");
        assert_eq!(problems[0].labels[0].message, "the limit was reached before the block `Api`");
    }
}

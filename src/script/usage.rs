//! Steps of the interpreter and time, of a package or of an evaluation.

use std::time::Duration;

/// Steps of the interpreter and time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Usage {
    pub(super) steps: u64,
    pub(super) time: Duration,
}

impl Usage {
    /// No limit.
    pub(super) const UNLIMITED: Self = Self { steps: u64::MAX, time: Duration::MAX };

    /// Returns the sum.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { steps: self.steps.saturating_add(other.steps), time: self.time.saturating_add(other.time) }
    }

    /// Returns the difference, 0 at least.
    pub(super) fn minus(self, other: Self) -> Self {
        Self { steps: self.steps.saturating_sub(other.steps), time: self.time.saturating_sub(other.time) }
    }
}

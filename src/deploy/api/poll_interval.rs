//! Pauses between polls of a task, a service, a change set or an operation.

use std::time::Duration;

/// A pause between polls: short after changes, longer without them, and with full jitter after an error.
#[derive(Debug, Clone)]
pub(crate) struct PollInterval {
    shortest: Duration,
    longest: Duration,
    current: Duration,
    errors: u32,
    seed: u64,
}

impl PollInterval {
    /// Returns the interval of an operation that takes minutes: 1 s to 5 s.
    pub(crate) fn of_events(seed: u64) -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(5), seed)
    }

    /// Returns the interval of a change set that is being created: 0.3 s to 3 s.
    pub(crate) fn of_change_sets(seed: u64) -> Self {
        Self::new(Duration::from_millis(300), Duration::from_secs(3), seed)
    }

    /// Returns the interval of services: 2 s to 10 s.
    pub(crate) fn of_services(seed: u64) -> Self {
        Self::new(Duration::from_secs(2), Duration::from_secs(10), seed)
    }

    fn new(shortest: Duration, longest: Duration, seed: u64) -> Self {
        Self { shortest, longest, current: shortest, errors: 0, seed }
    }

    /// Returns the pause after a poll with changes, which is short: more may follow soon.
    pub(crate) fn on_activity(&mut self) -> Duration {
        self.errors = 0;
        self.current = self.shortest;
        self.current
    }

    /// Returns the pause after a poll without changes.
    pub(crate) fn on_idle(&mut self) -> Duration {
        self.errors = 0;
        let now = self.current;
        self.current = self.longest.min(now * 5 / 4);
        now
    }

    /// Returns the pause after an error: any time up to 1 s, 2 s, 4 s, ... 30 s.
    pub(crate) fn on_error(&mut self) -> Duration {
        let ceiling = Duration::from_millis(1000 << self.errors.min(5)).min(Duration::from_secs(30));
        self.errors += 1;
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (self.seed >> 33) % 1000;
        self.shortest / 2 + ceiling * u32::try_from(part).unwrap_or(0) / 1000
    }

    /// Returns the number of errors in a row.
    pub(crate) fn errors(&self) -> u32 {
        self.errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_polls_become_rarer_until_something_happens() {
        let mut interval = PollInterval::of_events(1);
        let pauses: Vec<_> = (0..20).map(|_| interval.on_idle()).collect();
        assert!(pauses.is_sorted());
        assert_eq!((pauses[0], pauses[19]), (Duration::from_secs(1), Duration::from_secs(5)));
        assert_eq!(interval.on_activity(), Duration::from_secs(1));
    }

    #[test]
    fn pauses_after_errors_are_bounded_and_differ_by_seed() {
        let pauses = |seed| {
            let mut interval = PollInterval::of_events(seed);
            (0..50).map(|_| interval.on_error()).collect::<Vec<_>>()
        };
        assert!(pauses(1).iter().all(|pause| *pause <= Duration::from_secs(31)));
        assert_ne!(pauses(1), pauses(2));
    }
}

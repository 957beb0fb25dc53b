use std::time::Duration;

/// How long to wait until AWS is asked again: soon while things happen, less often in quiet times, and with full jitter
/// after an error.
#[derive(Debug, Clone)]
pub(crate) struct PollInterval {
    shortest: Duration,
    longest: Duration,
    current: Duration,
    errors: u32,
    seed: u64,
}

impl PollInterval {
    /// The pace of an operation that takes minutes: 1 s to 5 s.
    pub(crate) fn of_events(seed: u64) -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(5), seed)
    }

    /// The pace of a change set that is being written: 0.3 s to 3 s.
    pub(crate) fn of_change_sets(seed: u64) -> Self {
        Self::new(Duration::from_millis(300), Duration::from_secs(3), seed)
    }

    /// The pace of what happens behind services: 2 s to 10 s.
    pub(crate) fn of_services(seed: u64) -> Self {
        Self::new(Duration::from_secs(2), Duration::from_secs(10), seed)
    }

    fn new(shortest: Duration, longest: Duration, seed: u64) -> Self {
        Self { shortest, longest, current: shortest, errors: 0, seed }
    }

    /// Something happened: more may follow at once.
    pub(crate) fn busy(&mut self) -> Duration {
        self.errors = 0;
        self.current = self.shortest;
        self.current
    }

    /// Nothing happened.
    pub(crate) fn quiet(&mut self) -> Duration {
        self.errors = 0;
        let now = self.current;
        self.current = self.longest.min(now * 5 / 4);
        now
    }

    /// AWS did not answer: any time up to 1 s, 2 s, 4 s, ... 30 s.
    pub(crate) fn failed(&mut self) -> Duration {
        let ceiling = Duration::from_millis(1000 << self.errors.min(5)).min(Duration::from_secs(30));
        self.errors += 1;
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = (self.seed >> 33) % 1000;
        self.shortest / 2 + ceiling * u32::try_from(part).unwrap_or(0) / 1000
    }

    /// How many answers in a row did not come.
    pub(crate) fn errors(&self) -> u32 {
        self.errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_times_are_asked_about_less_often_until_something_happens() {
        let mut pace = PollInterval::of_events(1);
        let waits: Vec<_> = (0..20).map(|_| pace.quiet()).collect();
        assert!(waits.is_sorted());
        assert_eq!((waits[0], waits[19]), (Duration::from_secs(1), Duration::from_secs(5)));
        assert_eq!(pace.busy(), Duration::from_secs(1));
    }

    #[test]
    fn waits_after_errors_stay_bounded_and_differ_by_seed() {
        let waits = |seed| {
            let mut pace = PollInterval::of_events(seed);
            (0..50).map(|_| pace.failed()).collect::<Vec<_>>()
        };
        assert!(waits(1).iter().all(|wait| *wait <= Duration::from_secs(31)));
        assert_ne!(waits(1), waits(2));
    }
}

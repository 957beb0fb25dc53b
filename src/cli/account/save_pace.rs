//! How often the rehearsal account is saved.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The time that saving may take before it is counted.
const FREE: Duration = Duration::from_secs(2);

/// The pause after a save, as a multiple of the time that it took.
const PAUSE: u32 = 9;

/// Decides after which calls the account is saved. The whole account is written each time, so to save it after each call takes
/// quadratic time: with hundreds of stacks, nearly all of it. An account of a few stacks is saved after each call; of a large one,
/// a kill of the process may lose the last tenths of a second.
#[derive(Debug, Default)]
pub(super) struct SavePace {
    spent: Cell<Duration>,
    next: Cell<Option<Instant>>,
}

impl SavePace {
    /// Saves, unless the saves so far took long and the last one was a short time ago. Returns whether it did.
    pub(super) fn save(&self, save: impl FnOnce()) -> bool {
        let begin = Instant::now();
        if self.spent.get() > FREE && self.next.get().is_some_and(|next| begin < next) {
            return false;
        }
        save();
        self.took(begin, begin.elapsed());
        true
    }

    fn took(&self, begin: Instant, cost: Duration) {
        self.spent.set(self.spent.get() + cost);
        self.next.set(Some(begin + cost * (PAUSE + 1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_is_saved_after_each_call_until_saves_have_taken_long() {
        let pace = SavePace::default();
        assert!((0..100).all(|_| pace.save(|| ())));
        pace.took(Instant::now(), FREE + Duration::from_secs(100));
        assert!(!pace.save(|| panic!("it is too early")));
        pace.next.set(Some(Instant::now()));
        assert!(pace.save(|| ()));
    }
}

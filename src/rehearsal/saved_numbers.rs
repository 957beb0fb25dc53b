//! Numbers of a saved account, which may come with the repository of a stranger. A number that grows has room to grow, and
//! no service has more tasks than AWS permits; a file with another number is not an account.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The largest number that grows with the history of an account.
const LARGEST: u64 = 1_000_000_000;

/// The largest number of tasks of a service ("Amazon ECS service quotas": tasks per service).
const MOST_TASKS: u64 = 5_000;

/// Reads a number that grows.
pub(super) fn growing<'de, N: TryFrom<u64>, D: Deserializer<'de>>(input: D) -> Result<N, D::Error> {
    bounded(u64::deserialize(input)?, LARGEST)
}

/// Reads numbers that grow, by name.
pub(super) fn growing_by_name<'de, N: TryFrom<u64>, D: Deserializer<'de>>(
    input: D,
) -> Result<BTreeMap<String, N>, D::Error> {
    let numbers = BTreeMap::<String, u64>::deserialize(input)?;
    numbers.into_iter().map(|(name, number)| Ok((name, bounded(number, LARGEST)?))).collect()
}

/// Reads a number of tasks.
pub(super) fn tasks<'de, N: TryFrom<u64>, D: Deserializer<'de>>(input: D) -> Result<N, D::Error> {
    bounded(u64::deserialize(input)?, MOST_TASKS)
}

fn bounded<N: TryFrom<u64>, E: Error>(number: u64, limit: u64) -> Result<N, E> {
    let found = Some(number).filter(|number| *number <= limit).and_then(|number| N::try_from(number).ok());
    found.ok_or_else(|| E::custom(format_args!("{number} is larger than {limit}")))
}

#[cfg(test)]
mod tests {
    use super::super::AccountState;

    #[test]
    fn counter_without_room_to_grow_is_not_read() {
        let written = serde_json::to_string(&AccountState::new(1)).expect("a state");
        assert!(serde_json::from_str::<AccountState>(&written).is_ok());
        for (name, value) in [("counter", "0"), ("runs", "0"), ("revisions", "{}")] {
            let huge = if value == "0" { u64::MAX.to_string() } else { format!("{{\"web\":{}}}", u32::MAX) };
            let changed = written.replace(&format!("\"{name}\":{value}"), &format!("\"{name}\":{huge}"));
            assert_ne!(changed, written, "{name}");
            assert!(serde_json::from_str::<AccountState>(&changed).is_err(), "{name}");
        }
    }
}

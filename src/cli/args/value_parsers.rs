use std::str::FromStr;
use std::time::Duration;

use crate::deploy::api::{Timestamp, parse_duration};

/// The start of a time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// This long ago.
    Ago(Duration),
    /// At this time.
    At(Timestamp),
}

impl Since {
    /// Returns the time that it means, given the current time.
    pub(crate) fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Since::Ago(ago) => now - ago,
            Since::At(moment) => moment,
        }
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let wrong = "expected a time span such as `10m` or `1h30m`, or a time in UTC such as `2026-11-22T10:00`";
        let ago = || at_least_a_second(written).map(Since::Ago);
        Timestamp::parse(written).map(Since::At).or_else(ago).ok_or_else(|| wrong.to_owned())
    }
}

/// Parses a duration of at least a second.
fn at_least_a_second(written: &str) -> Option<Duration> {
    parse_duration(written).filter(|duration| *duration >= Duration::from_secs(1))
}

/// Parses a span of time: `90s`, `20m`, `1h30m`.
pub(super) fn time(written: &str) -> Result<Duration, String> {
    at_least_a_second(written).ok_or_else(|| "expected a time span such as `90s`, `20m` or `1h30m`".to_owned())
}

/// Parses a positive whole number.
pub(super) fn at_least_one(written: &str) -> Result<usize, String> {
    written.parse().ok().filter(|number| *number > 0).ok_or_else(|| "expected a whole number of at least 1".to_owned())
}

/// Parses a whole number that may be 0.
pub(super) fn whole<N: FromStr>(written: &str) -> Result<N, String> {
    written.parse().map_err(|_| "expected a whole number of at least 0".to_owned())
}

/// Parses the speed of virtual time.
pub(super) fn speed(written: &str) -> Result<f64, String> {
    let in_range = |speed: &f64| (0.01..=1e6).contains(speed);
    written.parse().ok().filter(in_range).ok_or_else(|| "expected a number from 0.01 to 1000000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_and_times_are_parsed_and_typos_rejected() {
        let seconds = |text: &str| match text.parse() {
            Ok(Since::Ago(ago)) => Some(ago.as_secs()),
            _ => None,
        };
        assert_eq!([seconds("45s"), seconds("1h30m"), seconds("2d")], [Some(45), Some(5400), Some(172_800)]);
        assert_eq!("2026-11-22T20:41:07Z".parse(), Ok(Since::At(Timestamp::from_secs(1_795_380_067))));
        assert_eq!("2026-11-22T20:41".parse(), Ok(Since::At(Timestamp::from_secs(1_795_380_060))));
        for wrong in
            ["", "0m", "10", "m", "10 m", "99999999999999999999h", "2026-13-01", "2026-02-30T00:00", "soon", "1h-3m"]
        {
            assert!(wrong.parse::<Since>().is_err(), "{wrong}");
        }
    }
}

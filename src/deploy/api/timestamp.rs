use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Creates the timestamp of this many seconds after 1970.
    pub fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// Parses a date in UTC, with or without time, seconds, fraction and `Z`: `2026-11-22T20:41`.
    pub fn parse(written: &str) -> Option<Self> {
        let written = written.strip_suffix('Z').unwrap_or(written);
        let (date, time) = written.split_once(['T', ' ']).unwrap_or((written, "00:00"));
        let whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())?;
        let date: Vec<i64> = date.split('-').map(whole).collect::<Option<_>>()?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let clock: Vec<i64> = clock.split(':').map(whole).collect::<Option<_>>()?;
        let (&[year, month, day], (&[hour, minute], second)) = (date.as_slice(), (clock.get(..2)?, clock.get(2)))
        else {
            return None;
        };
        let second = *second.unwrap_or(&0);
        let in_range = (1970..=9999).contains(&year) && hour < 24 && minute < 60 && second < 60 && clock.len() < 4;
        let days = day_number(year, month, day)?;
        let thousandths: i64 = whole(&format!("{fraction:0<3.3}"))?;
        in_range.then(|| Self((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000 + thousandths))
    }

    /// Returns the duration since an earlier timestamp; zero if it is not earlier.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Writes it as AWS does: `2026-11-22T20:41:07Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1000);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Returns the date of a day number since 1970, counted in eras of 400 years that start in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Returns the day number since 1970 of a date; none if the calendar does not have it.
fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    let near = (year - 1970) * 365 + (year - 1970) / 4 + (month - 1) * 30 + day;
    // An estimate, then a search around it, so that the calendar is implemented once.
    (near - 80..near + 20).find(|days| civil(*days) == (year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamp_is_written_as_a_date() {
        assert_eq!(Timestamp::from_secs(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_secs(951_782_400).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Timestamp(1_795_380_067_900).to_string(), "2026-11-22T20:41:07Z");
    }

    #[test]
    fn written_timestamp_is_parsed_to_the_same() {
        for seconds in [0, 951_782_400, 1_795_380_067, 4_102_444_799] {
            let timestamp = Timestamp::from_secs(seconds);
            assert_eq!(Timestamp::parse(&timestamp.to_string()), Some(timestamp));
        }
        assert_eq!(Timestamp::parse("2026-11-22T20:41:07.900Z"), Some(Timestamp(1_795_380_067_900)));
        assert_eq!(Timestamp::parse("2000-02-29"), Some(Timestamp::from_secs(951_782_400)));
        assert_eq!(Timestamp::parse("1999-02-29"), None);
    }

    #[test]
    fn duration_since_a_later_timestamp_is_zero() {
        let (early, late) = (Timestamp::from_secs(5), Timestamp::from_secs(8));
        assert_eq!(late.since(early), Duration::from_secs(3));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}

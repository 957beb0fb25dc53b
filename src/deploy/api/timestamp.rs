use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Creates the timestamp of this many seconds after 1970.
    pub fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// Parses a date in UTC since 1970, with or without time, seconds, fraction and `Z`: `2026-11-22T20:41`.
    pub fn parse(written: &str) -> Option<Self> {
        let civil: DateTime = written.strip_suffix('Z').unwrap_or(written).parse().ok()?;
        let milliseconds = TimeZone::UTC.to_timestamp(civil).ok()?.as_millisecond();
        (milliseconds >= 0).then_some(Self(milliseconds))
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

/// Writes it in UTC with milliseconds: `2026-11-22T20:41:07.900Z`.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => out.collect_str(&format_args!("{time:.3}")),
            Err(_) => out.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(input)?;
        let time: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(time.as_millisecond()))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A point in time in UTC, with milliseconds.",
            "type": "string",
            "format": "date-time",
            "pattern": "Z$",
        })
    }
}

/// Writes it as AWS does, in whole seconds: `2026-11-22T20:41:07Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1000);
        let latest = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        write!(out, "{:.0}", jiff::Timestamp::from_second(seconds).unwrap_or(latest))
    }
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
        assert_eq!(Timestamp::parse("2026-11-22 20:41"), Timestamp::parse("2026-11-22T20:41:00Z"));
        for wrong in ["1999-02-29", "2026-02-30", "1969-12-31", "2026-13-01", "2026-11-22T24:00", "yesterday", ""] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn timestamp_in_json_keeps_its_milliseconds() {
        let time = Timestamp(1_795_380_067_900);
        let text = serde_json::to_string(&time).expect("it is JSON");
        assert_eq!(text, r#""2026-11-22T20:41:07.900Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&text).expect("a time"), time);
        assert!(serde_json::from_str::<Timestamp>(r#""yesterday""#).is_err());
    }

    #[test]
    fn timestamp_beyond_the_calendar_is_written_as_its_end() {
        assert!(Timestamp(i64::MAX).to_string().starts_with("9999-12-30"));
        assert!(Timestamp(i64::MIN).to_string().starts_with("-009999-01-02"));
    }

    #[test]
    fn duration_since_a_later_timestamp_is_zero() {
        let (early, late) = (Timestamp::from_secs(5), Timestamp::from_secs(8));
        assert_eq!(late.since(early), Duration::from_secs(3));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}

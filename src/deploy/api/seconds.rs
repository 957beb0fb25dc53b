//! Durations as seconds in JSON: `12.5`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// The longest duration that is read, so that sums of durations do not overflow.
const LONGEST: f64 = 1e12;

/// Writes a duration in seconds, exact to the millisecond.
#[allow(clippy::cast_precision_loss, reason = "a number of milliseconds has fewer digits than a float")]
pub(crate) fn serialize<S: Serializer>(duration: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_f64(duration.as_millis() as f64 / 1000.0)
}

/// Reads a duration in seconds.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(input)?;
    if seconds > LONGEST {
        return Err(serde::de::Error::custom(format_args!("{seconds} s are too long")));
    }
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
}

/// Durations that the program keeps in milliseconds.
pub(crate) mod of_milliseconds {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    /// Writes milliseconds in seconds.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(crate) fn serialize<S: Serializer>(milliseconds: &u64, out: S) -> Result<S::Ok, S::Error> {
        super::serialize(&Duration::from_millis(*milliseconds), out)
    }

    /// Reads seconds as milliseconds.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
        super::deserialize(input).map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Times {
        #[serde(with = "super")]
        total: Duration,
        #[serde(with = "super::of_milliseconds")]
        pause: u64,
    }

    #[test]
    fn duration_is_written_in_seconds_and_read_back() {
        let times = Times { total: Duration::from_millis(267_250), pause: 1500 };
        let text = serde_json::to_string(&times).expect("it is JSON");
        assert_eq!(text, r#"{"total":267.25,"pause":1.5}"#);
        assert_eq!(serde_json::from_str::<Times>(&text).expect("times"), times);
        assert!(serde_json::from_str::<Times>(r#"{"total":-1,"pause":0}"#).is_err());
        assert!(serde_json::from_str::<Times>(r#"{"total":1e19,"pause":0}"#).is_err());
    }
}

//! Durations as the user writes them.

use std::time::Duration;

/// Ten years: more is a typing mistake.
const LIMIT: f64 = 3650.0 * 86_400.0;

/// Parses a duration such as `250ms`, `45s`, `1.5m`, `1h30m` or `2d`; nothing if it is not valid.
pub fn parse_duration(written: &str) -> Option<Duration> {
    let mut rest = written;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, tail) = rest.split_at(unit_at);
        let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
        seconds += decimal(number)? * unit_seconds(unit)?;
        rest = tail;
    }
    (!written.is_empty() && seconds <= LIMIT).then(|| Duration::from_secs_f64(seconds))
}

/// Parses digits with an optional fraction.
fn decimal(written: &str) -> Option<f64> {
    let is_decimal = written.starts_with(|c: char| c.is_ascii_digit())
        && written.ends_with(|c: char| c.is_ascii_digit())
        && written.chars().all(|c| c.is_ascii_digit() || c == '.');
    written.parse().ok().filter(|_| is_decimal)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_added_and_a_number_needs_one() {
        let millis = |written| parse_duration(written).map(|duration| duration.as_millis());
        for (written, expected) in
            [("250ms", 250), ("45s", 45_000), ("1.5m", 90_000), ("1h30m", 5_400_000), ("2d", 172_800_000), ("0s", 0)]
        {
            assert_eq!(millis(written), Some(expected), "{written}");
        }
        for wrong in ["", "10", "m", "10 m", "1h-3m", "-1s", "1h3", "1w", "99999999999999999999h", "1.s", ".5s", "1e3s"]
        {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}

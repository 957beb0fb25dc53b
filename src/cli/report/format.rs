//! Durations, counts and ids as they are printed.

use std::time::Duration;

/// Formats a duration with its units: `4 s`, `3 m 05 s`.
pub(crate) fn duration(duration: Duration) -> String {
    match (duration.as_secs() / 60, duration.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) if minutes < 60 => format!("{minutes} m {seconds:02} s"),
        (minutes, _) => format!("{} h {:02} m", minutes / 60, minutes % 60),
    }
}

/// Returns an age in its largest unit: `5 minutes`, `3 days`, `2 years`.
pub(crate) fn age(age: Duration) -> String {
    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;
    match age.as_secs() {
        seconds @ 0..60 => counted(seconds, "second"),
        seconds @ 60..HOUR => counted(seconds / 60, "minute"),
        seconds @ HOUR..DAY => counted(seconds / HOUR, "hour"),
        seconds if seconds < 60 * DAY => counted(seconds / DAY, "day"),
        seconds if seconds < 730 * DAY => counted(seconds / (30 * DAY), "month"),
        seconds => counted(seconds / (365 * DAY), "year"),
    }
}

/// Formats a duration like a clock: `4:31`.
pub(super) fn clock(duration: Duration) -> String {
    format!("{}:{:02}", duration.as_secs() / 60, duration.as_secs() % 60)
}

/// Returns a time that is not more exact than the model: `40 s`, `3 m`.
pub(super) fn rounded(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..=75 => format!("{} s", seconds.div_ceil(10).max(1) * 10),
        seconds => format!("{} m", seconds.saturating_add(30) / 60),
    }
}

/// Returns a count with its noun: `1 stack`, `2 stacks`.
pub(crate) fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Returns the beginning of a task's id, which distinguishes tasks.
pub(crate) fn short(task: &str) -> &str {
    task.get(..8).unwrap_or(task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_fitting_units() {
        let printed = [4, 185, 4000].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(printed, ["4 s", "3 m 05 s", "1 h 06 m"]);
        assert_eq!(clock(Duration::from_secs(271)), "4:31");
    }

    #[test]
    fn age_has_its_largest_unit() {
        let printed = [1, 150, 7_200, 86_400 * 59, 86_400 * 400, 86_400 * 731].map(|s| age(Duration::from_secs(s)));
        assert_eq!(printed, ["1 second", "2 minutes", "2 hours", "59 days", "13 months", "2 years"]);
    }

    #[test]
    fn noun_of_a_count_of_one_is_singular() {
        assert_eq!([0_usize, 1, 2].map(|count| counted(count, "task")), ["0 tasks", "1 task", "2 tasks"]);
    }

    #[test]
    fn remaining_time_is_rounded() {
        let printed = [3, 41, 75, 90, 170].map(|seconds| rounded(Duration::from_secs(seconds)));
        assert_eq!(printed, ["10 s", "50 s", "80 s", "2 m", "3 m"]);
    }
}

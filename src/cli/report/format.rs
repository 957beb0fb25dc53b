//! Durations and ids as they are printed.

use std::time::Duration;

/// Formats a duration with its units: `4 s`, `3 m 05 s`.
pub(crate) fn duration(duration: Duration) -> String {
    match (duration.as_secs() / 60, duration.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) if minutes < 60 => format!("{minutes} m {seconds:02} s"),
        (minutes, _) => format!("{} h {:02} m", minutes / 60, minutes % 60),
    }
}

/// Formats a duration like a clock: `4:31`.
pub(super) fn clock(duration: Duration) -> String {
    format!("{}:{:02}", duration.as_secs() / 60, duration.as_secs() % 60)
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
}

//! Versions of engines as they are compared.

use std::cmp::Ordering;

/// Returns the numbers of a version: `8.0.mysql_aurora.3.04.0` has 8, 0, 3, 4 and 0.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    let parts = version.split(|letter: char| !letter.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// Compares two versions as far as both are given: `16` is equal to `16.4`.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (numbers(one), numbers(other));
    let length = one.len().min(other.len());
    one[..length].cmp(&other[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers_as_far_as_both_are_given() {
        for (one, other, expected) in [
            ("9.6", "16.1", Ordering::Less),
            ("16", "16.4", Ordering::Equal),
            ("8.0.mysql_aurora.3.10.0", "8.0.mysql_aurora.3.4.0", Ordering::Greater),
            ("6.x", "6.2", Ordering::Equal),
        ] {
            assert_eq!(compare(one, other), expected, "{one} and {other}");
        }
    }
}

//! Compares two routes: is there a request that matches both?

use super::Route;
use crate::diag::WithOrigin;

/// Returns whether a request exists that matches both routes.
pub(super) fn overlap(one: &Route, other: &Route) -> bool {
    some_in_common(&one.host, &other.host, true)
        && some_in_common(&one.path, &other.path, false)
        && one.header.iter().all(|header| {
            let same_name =
                |found: &&WithOrigin<super::Header>| found.value.name.eq_ignore_ascii_case(&header.value.name);
            other.header.iter().filter(same_name).all(|found| intersect(&header.value.value, &found.value.value, true))
        })
        && one.query.iter().all(|query| {
            let same_name =
                |found: &&WithOrigin<super::Query>| found.value.name.eq_ignore_ascii_case(&query.value.name);
            other.query.iter().filter(same_name).all(|found| intersect(&query.value.value, &found.value.value, true))
        })
        && (one.method.is_empty() || other.method.is_empty() || one.method.iter().any(|it| other.method.contains(it)))
        && common_address(&one.source_ip, &other.source_ip)
}

/// Returns whether some address is in a block of each list; an empty list has every address.
fn common_address(one: &[WithOrigin<String>], other: &[WithOrigin<String>]) -> bool {
    let blocks = |list: &[WithOrigin<String>]| -> Vec<ipnet::IpNet> {
        list.iter().filter_map(|cidr| cidr.value.parse().ok()).collect()
    };
    let (one, other) = (blocks(one), blocks(other));
    one.is_empty()
        || other.is_empty()
        || one.iter().any(|a| other.iter().any(|b| a.contains(&b.network()) || b.contains(&a.network())))
}

/// Returns about how many steps the comparison of two routes takes.
pub(super) fn steps(one: &Route, other: &Route) -> usize {
    let length =
        |patterns: &[WithOrigin<String>]| patterns.iter().map(|pattern| pattern.value.len() + 1).sum::<usize>();
    let headers = |route: &Route| {
        let headers = route.header.iter().map(|header| header.value.value.len() + 1);
        headers.chain(route.query.iter().map(|query| query.value.value.len() + 1)).sum::<usize>()
    };
    let product = |one: usize, other: usize| one.saturating_mul(other);
    product(length(&one.host), length(&other.host))
        .saturating_add(product(length(&one.path), length(&other.path)))
        .saturating_add(product(headers(one), headers(other)))
}

/// Returns whether two lists of patterns match a common text; an empty list matches every text.
fn some_in_common(one: &[WithOrigin<String>], other: &[WithOrigin<String>], ignore_case: bool) -> bool {
    one.is_empty()
        || other.is_empty()
        || one.iter().any(|a| other.iter().any(|b| intersect(&a.value, &b.value, ignore_case)))
}

/// Returns whether a text exists that matches both patterns: `*` is any text, `?` any character (Elastic Load Balancing,
/// "Rule condition types"). Time and memory grow with the product of the lengths.
fn intersect(one: &str, other: &str, ignore_case: bool) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars().map(|letter| if ignore_case { letter.to_ascii_lowercase() } else { letter }).collect()
    };
    let (one, other) = (letters(one), letters(other));
    // `ends[j]` is true if the rest of `one` and the rest of `other` from `j` have a text in common.
    let mut ends = vec![false; other.len() + 1];
    for i in (0..=one.len()).rev() {
        let below = ends.clone();
        for j in (0..=other.len()).rev() {
            let (a, b) = (one.get(i), other.get(j));
            ends[j] = match (a, b) {
                (None, None) => true,
                (Some('*'), _) if below[j] => true,
                (_, Some('*')) if ends[j + 1] => true,
                (Some('*'), Some(_)) => ends[j + 1],
                (Some(_), Some('*')) => below[j],
                (Some(a), Some(b)) => (a == b || *a == '?' || *b == '?') && below[j + 1],
                _ => false,
            };
        }
    }
    ends[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_with_a_common_text_intersect() {
        let cases = [
            ("/api/*", "/api/beta/*", true),
            ("/api/*", "/docs/*", false),
            ("/img/*.png", "/img/a*", true),
            ("*a", "b*", true),
            ("/a?", "/a", false),
            ("/a?", "/ab", true),
            ("", "*", true),
            ("*", "*", true),
            ("a*b*c", "*x*", true),
            ("a*b", "a*c", false),
            ("/a", "/A", false),
        ];
        for (one, other, wanted) in cases {
            assert_eq!(intersect(one, other, false), wanted, "{one} {other}");
            assert_eq!(intersect(other, one, false), wanted, "{other} {one}");
        }
        assert!(intersect("API.example.com", "api.*", true));
    }

    #[test]
    fn patterns_of_many_stars_are_compared_at_once() {
        assert!(!intersect(&format!("{}b", "*a".repeat(60)), &format!("{}c", "*a".repeat(60)), false));
    }
}

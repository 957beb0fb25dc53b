//! The specificity of a route, and the priority that follows from its conditions and the name of its service.
//!
//! The priority of a route never depends on other routes or on the order of calls, so that a route that is added or removed
//! changes no other rule. More specific routes get lower numbers: an exact host before a host pattern before none, a longer
//! path before a shorter one, more conditions before fewer. Routes that are equally specific share a class of priorities,
//! and a hash of the conditions and the service's name selects the number in the class.

use super::Route;
use crate::cfn::hash::{FNV_OFFSET, fnv1a};

/// The kinds of paths: exact, three or more literal segments, two, one, none, every path.
const PATHS: i64 = 6;
/// Whether there are further conditions.
const EXTRAS: i64 = 2;
/// The kinds of hosts: exact, pattern, none.
const HOSTS: i64 = 3;
/// The priorities of a class; all classes together end below the last priority of a rule, 50,000 (Elastic Load Balancing
/// API, `CreateRule`), which belongs to the rule for all other requests.
const WIDTH: i64 = PRIORITIES / (HOSTS * PATHS * EXTRAS);
const PRIORITIES: i64 = 49_999;

/// Returns the class of a route: 0 for the most specific ones.
pub(super) fn class(route: &Route) -> i64 {
    let has_none = route.header.is_empty() && route.query.is_empty() && route.method.is_empty();
    let extras = i64::from(has_none && route.source_ip.is_empty());
    (host_kind(route) * PATHS + path_kind(route)) * EXTRAS + extras
}

/// Returns the priority of a route without `.priority`. The name of the service is part of the hash: a route that moves to
/// another service is another rule, which exists before the old one is deleted, and a number is taken until then.
pub(super) fn priority(service: &str, route: &Route) -> i64 {
    let hash = fnv1a(FNV_OFFSET, public_conditions(route).bytes());
    let hash = fnv1a(hash, service.bytes());
    let place = i64::try_from(hash % WIDTH.unsigned_abs()).unwrap_or(0);
    1 + class(route) * WIDTH + place
}

/// Returns the priorities of the class of a route, from the one after `taken` on and then from the first.
pub(super) fn others(route: &Route, taken: i64) -> impl Iterator<Item = i64> {
    let first = 1 + class(route) * WIDTH;
    let taken = taken.clamp(0, PRIORITIES);
    (taken + 1..first + WIDTH).chain(first..taken)
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Returns the kind of the least specific pattern, since one pattern is enough.
fn host_kind(route: &Route) -> i64 {
    match route.host.iter().map(|host| i64::from(is_pattern(&host.value))).max() {
        Some(kind) => kind,
        None => HOSTS - 1,
    }
}

fn path_kind(route: &Route) -> i64 {
    route.path.iter().map(|path| one_path_kind(&path.value)).max().unwrap_or(PATHS - 1)
}

fn one_path_kind(path: &str) -> i64 {
    if !is_pattern(path) {
        return 0;
    }
    let literal = &path[..path.find(['*', '?']).unwrap_or(path.len())];
    match literal.matches('/').count() {
        _ if path == "*" || path == "/*" => PATHS - 1,
        0 | 1 => 4,
        2 => 3,
        3 => 2,
        _ => 1,
    }
}

/// Returns the conditions as one text in sorted order. Hosts and names of headers ignore case.
pub(super) fn canonical(route: &Route) -> String {
    conditions(route, |value, _| value)
}

/// Returns the conditions without secrets, for numbers and names that follow from them: a weak secret can be guessed from a hash.
pub(super) fn public_conditions(route: &Route) -> String {
    conditions(route, |value, is_secret| if is_secret { "" } else { value })
}

fn conditions(route: &Route, shown: fn(&str, bool) -> &str) -> String {
    let sorted = |mut values: Vec<String>| {
        values.sort();
        values.join("\u{1}")
    };
    let hosts = sorted(route.host.iter().map(|host| host.value.to_ascii_lowercase()).collect());
    let paths = sorted(route.path.iter().map(|path| path.value.clone()).collect());
    let header = |header: &super::Header| {
        format!("{}\u{2}{}", header.name.to_ascii_lowercase(), shown(&header.value, header.is_secret))
    };
    let headers = sorted(route.header.iter().map(|found| header(&found.value)).collect());
    let query = |query: &super::Query| {
        format!("{}\u{2}{}", query.name.to_ascii_lowercase(), shown(&query.value, query.is_secret))
    };
    let further = [
        ("query", sorted(route.query.iter().map(|found| query(&found.value)).collect())),
        ("method", sorted(route.method.iter().map(|found| found.value.clone()).collect())),
        ("source-ip", sorted(route.source_ip.iter().map(|found| found.value.clone()).collect())),
    ];
    let mut parts = vec![hosts, paths, headers];
    // A kind of condition that a route has not leaves the text as it is, and so the priority.
    let further = further.into_iter().filter(|(_, values)| !values.is_empty());
    parts.extend(further.map(|(kind, values)| format!("{kind}\u{2}{values}")));
    parts.join("\u{3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Header;
    use crate::diag::{Origin, WithOrigin};

    fn at<T>(value: T) -> WithOrigin<T> {
        WithOrigin::new(value, Origin::unknown())
    }

    fn path(path: &str) -> Route {
        Route::path(at(path.to_owned()))
    }

    fn host(host: &str, route: Route) -> Route {
        Route { host: vec![at(host.to_owned())], ..route }
    }

    #[test]
    fn more_specific_route_has_the_lower_priority() {
        let header = at(Header { name: "X-Stage".to_owned(), value: "beta".to_owned(), is_secret: false });
        let ordered = [
            host("api.example.com", path("/v1")),
            host("api.example.com", Route { header: vec![header.clone()], ..path("/v1/*") }),
            host("api.example.com", path("/v1/*")),
            host("api.example.com", Route::default()),
            host("*.example.com", path("/v1/*")),
            Route { header: vec![header], ..path("/a/b/*") },
            path("/a/b/c/*"),
            path("/a/b/*"),
            path("/a/*"),
            path("/a*"),
            path("/*"),
        ];
        let ordered: Vec<i64> = ordered[..5].iter().chain(&ordered[6..]).map(|route| priority("Web", route)).collect();
        assert!(ordered.is_sorted() && ordered[0] >= 1 && ordered[9] < 50_000, "{ordered:?}");
    }

    #[test]
    fn order_of_conditions_does_not_change_the_priority() {
        let two =
            |one: &str, two: &str| Route { path: vec![at(one.to_owned()), at(two.to_owned())], ..Route::default() };
        let priority = |route: &Route| priority("Web", route);
        assert_eq!(priority(&two("/a/*", "/b/*")), priority(&two("/b/*", "/a/*")));
        assert_eq!(priority(&host("API.example.com", path("/a"))), priority(&host("api.example.com", path("/a"))));
        assert_ne!(priority(&path("/a/*")), priority(&path("/b/*")));
    }

    #[test]
    fn equal_routes_of_two_services_have_two_priorities_in_one_class() {
        let route = path("/a/*");
        let (one, other) = (priority("Api", &route), priority("Orders", &route));
        assert_ne!(one, other);
        assert_eq!((one - 1) / WIDTH, (other - 1) / WIDTH);
    }

    #[test]
    fn other_priorities_stay_in_the_class() {
        let route = path("/a/*");
        let taken = priority("Web", &route);
        let others: Vec<i64> = others(&route, taken).collect();
        assert_eq!(i64::try_from(others.len()).unwrap(), WIDTH - 1);
        assert!(super::others(&route, i64::MIN).count() <= 50_000 && super::others(&route, i64::MAX).count() <= 50_000);
        assert!(!others.contains(&taken) && others.iter().all(|other| (other - 1) / WIDTH == class(&route)));
    }
}

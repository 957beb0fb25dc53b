//! Conditions of a route that Elastic Load Balancing refuses.
//!
//! Sources: `HttpRequestMethodConditionConfig`, `SourceIpConditionConfig` and `QueryStringKeyValuePair` of the Elastic Load
//! Balancing API.

use super::Route;
use crate::block::range_checks::within;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

const LONGEST_METHOD: usize = 40;
const LONGEST_VALUE: usize = 128;

/// Elastic Load Balancing quotas: condition values for each rule, and the range of priorities.
const MOST_PATTERNS: usize = 5;
const PRIORITIES: std::ops::RangeInclusive<i64> = 1..=50_000;

impl Route {
    /// Returns the number of values of all conditions.
    fn values(&self) -> usize {
        let lists = [&self.path, &self.host, &self.method, &self.source_ip];
        lists.into_iter().map(Vec::len).sum::<usize>() + self.header.len() + self.query.len()
    }

    /// Returns every problem of the conditions, the priority and the login of a route that is used at `origin`.
    pub(crate) fn problems(&self, origin: &Origin) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> = count(self, origin).into_iter().collect();
        problems.extend(values(self));
        problems.extend(
            self.priority
                .as_ref()
                .and_then(|priority| within(priority, PRIORITIES, Code::RoutePriority, "the priority of a route", "")),
        );
        problems.extend(self.authenticate.iter().flat_map(|set| set.value.problems()));
        problems
    }
}

fn count(route: &Route, origin: &Origin) -> Option<Diagnostic> {
    let count = route.values();
    match count {
        0 => Some(
            Diagnostic::new(Code::EmptyRoute, "this route takes every request")
                .at(origin, "no path, host, header, query, method or source address")
                .help("name the requests: `Route().path(\"/api/*\")`, or leave the route out"),
        ),
        1..=MOST_PATTERNS => None,
        _ => Some(
            Diagnostic::new(Code::RoutePatterns, format!("a route has at most {MOST_PATTERNS} values, not {count}"))
                .at(origin, "")
                .help("add another `.behind` with a second route"),
        ),
    }
}

/// Returns every problem of the methods, addresses and parameters of a route.
fn values(route: &Route) -> Vec<Diagnostic> {
    let methods = route.method.iter().filter_map(method);
    let addresses = route.source_ip.iter().filter_map(address);
    let queries = route.query.iter().filter_map(|query| {
        let (name, value) = (&query.value.name, &query.value.value);
        let text = [name, value].into_iter().find(|text| text.len() > LONGEST_VALUE);
        let message = match text {
            Some(long) => {
                format!("a name or value of a query has at most {LONGEST_VALUE} characters, not {}", long.len())
            }
            None if value.is_empty() => format!("the query `{name}` has no value to compare"),
            None => return None,
        };
        Some(
            Diagnostic::new(Code::RoutePatterns, message)
                .at(&query.origin, "")
                .help("`*` is any text, `?` any character"),
        )
    });
    methods.chain(addresses).chain(queries).collect()
}

fn method(method: &WithOrigin<String>) -> Option<Diagnostic> {
    let text = &method.value;
    let allowed = |letter: char| letter.is_ascii_uppercase() || letter == '-' || letter == '_';
    if !text.is_empty() && text.len() <= LONGEST_METHOD && text.chars().all(allowed) {
        return None;
    }
    let problem =
        Diagnostic::new(Code::RoutePatterns, format!("`{text}` is not an HTTP method")).at(&method.origin, "");
    let upper = text.to_ascii_uppercase();
    let meant = (!upper.is_empty() && upper.len() <= LONGEST_METHOD && upper.chars().all(allowed)).then_some(upper);
    Some(
        problem
            .help_if(meant.map(|meant| format!("methods are in upper case: `{meant}`")))
            .help("a method has capital letters, `-` and `_`, and no wildcards"),
    )
}

fn address(cidr: &WithOrigin<String>) -> Option<Diagnostic> {
    cidr.value.parse::<ipnet::IpNet>().is_err().then(|| {
        Diagnostic::new(Code::InvalidCidr, format!("`{}` is not a block of addresses", cidr.value))
            .at(&cidr.origin, "")
            .help("write it as `203.0.113.0/24`; one address is `203.0.113.7/32`")
    })
}

//! The part of a rule's logical id that names its route.
//!
//! It follows from the conditions alone, so that a rule keeps its logical id when other routes come or go.

use super::specificity::public_conditions;
use super::{Header, Route};
use crate::cfn::TemplateString;
use crate::cfn::hash::{FNV_OFFSET, fnv1a};
use crate::diag::WithOrigin;

/// The longest name; a longer one ends in a hash.
const LONGEST: usize = 60;

/// Returns the name of a route: `Api` for the path `/api/*`, `ApiExact` for `/api`.
pub(crate) fn rule_name(route: &Route) -> String {
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names.join("Or")
    };
    let paths = sorted(route.path.iter().map(|path| path_name(&path.value)).collect());
    let hosts = sorted(route.host.iter().map(|host| format!("Host{}", host_name(&host.value))).collect());
    let mut headers: Vec<String> = route
        .header
        .iter()
        .map(|header| {
            let Header { name, value, is_secret } = &header.value;
            format!("Header{}{}", words(&name.to_ascii_lowercase(), '-'), words(shown(value, *is_secret), ' '))
        })
        .collect();
    headers.sort();
    let query = |query: &super::Query| {
        format!("Query{}{}", words(&query.name, '-'), words(shown(&query.value, query.is_secret), ' '))
    };
    let mut queries: Vec<String> = route.query.iter().map(|found| query(&found.value)).collect();
    queries.sort();
    let method = |method: &WithOrigin<String>| format!("Method{}", words(&method.value.to_ascii_lowercase(), '-'));
    let methods = sorted(route.method.iter().map(method).collect());
    let sources = sorted(route.source_ip.iter().map(|cidr| format!("From{}", words(&cidr.value, ' '))).collect());
    let name = [paths, hosts, headers.concat(), queries.concat(), methods, sources].concat();
    if name.len() <= LONGEST {
        return name;
    }
    format!("{}{:08x}", &name[..LONGEST - 8], fnv1a(FNV_OFFSET, public_conditions(route).bytes()) & 0xffff_ffff)
}

/// Returns the part of a value that may be shown: nothing of a secret, whose rule has the name of its header or parameter only.
fn shown(value: &str, is_secret: bool) -> &str {
    if is_secret { "" } else { value }
}

/// Returns the name of a host or of a pattern of hosts: `ApiExampleCom` for `api.example.com`.
fn host_name(host: &str) -> String {
    words(&host.to_ascii_lowercase(), '.')
}

fn path_name(path: &str) -> String {
    match path.strip_suffix("/*") {
        Some("") => "All".to_owned(),
        Some(folder) => words(folder, '/'),
        None if path.contains(['*', '?']) => words(path, '/'),
        None => format!("{}Exact", words(path, '/')),
    }
}

/// Returns the part of a logical id that names a domain name or another text, which may hold references.
pub(crate) fn text_name(text: &TemplateString) -> String {
    let plain = text.to_string().to_ascii_lowercase().replace("${", ".").replace('}', ".").replace("::", ".");
    words(&plain, '.')
}

/// Returns a text in CamelCase; characters that a logical id cannot have are written as words.
fn words(text: &str, separator: char) -> String {
    let mut name = String::new();
    let mut starts_word = true;
    for letter in text.chars() {
        if letter == separator {
            starts_word = true;
            continue;
        }
        match letter {
            'a'..='z' if starts_word => name.push(letter.to_ascii_uppercase()),
            'a'..='z' | '0'..='9' => name.push(letter),
            'A'..='Z' => name.extend(["Cap", &letter.to_string()]),
            '*' => name.push_str("Any"),
            '?' => name.push_str("One"),
            '-' => name.push_str("Dash"),
            '.' => name.push_str("Dot"),
            '/' => name.push_str("Slash"),
            '_' => name.push_str("Underscore"),
            other => name.extend(["X", &format!("{:x}", u32::from(other))]),
        }
        starts_word = !letter.is_ascii_alphanumeric();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Origin;

    fn at<T>(value: T) -> WithOrigin<T> {
        WithOrigin::new(value, Origin::unknown())
    }

    fn named(path: &str) -> String {
        rule_name(&Route::path(at(path.to_owned())))
    }

    #[test]
    fn name_of_a_route_is_that_of_its_conditions() {
        assert_eq!(
            ["/api/*", "/api", "/*", "/api*", "/v2/a-b/*"].map(named),
            ["Api", "ApiExact", "All", "ApiAny", "V2ADashB"]
        );
        let header = Header { name: "X-Stage".to_owned(), value: "beta".to_owned(), is_secret: false };
        let route =
            Route { host: vec![at("api.example.com".to_owned())], header: vec![at(header)], ..Route::default() };
        assert_eq!(rule_name(&route), "HostApiExampleComHeaderXStageBeta");
    }

    #[test]
    fn different_routes_have_different_names() {
        let paths =
            ["/a/b/*", "/ab/*", "/a-b/*", "/a_b/*", "/a.b/*", "/aB/*", "/A/b/*", "/a/b", "/a/b*", "/a?b", "/a/*b"];
        let mut names = paths.map(named).to_vec();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), paths.len(), "{names:?}");
        assert!(named(&format!("/{}/*", "x".repeat(128))).len() == LONGEST);
    }
}

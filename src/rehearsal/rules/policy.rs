//! Policy documents: their statements, and the services that a trust policy lets assume a role.

use serde_json::Value as Json;

use super::view::{AccountView, Existing};
use crate::cfn::type_names::ROLE;

/// Returns the statements of a policy document; one statement needs no list.
pub(super) fn statements(document: &Json) -> Vec<&Json> {
    match document.get("Statement") {
        Some(Json::Array(statements)) => statements.iter().collect(),
        Some(one @ Json::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

/// Returns the texts of an element, which is a text or a list of texts.
pub(super) fn texts<'a>(element: &'a Json, name: &str) -> Vec<&'a str> {
    match element.get(name) {
        Some(Json::String(text)) => vec![text],
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Returns whether a statement allows.
pub(super) fn allows(statement: &Json) -> bool {
    statement.get("Effect").and_then(Json::as_str) == Some("Allow")
}

/// Returns whether a statement applies to everyone.
pub(super) fn is_for_everyone(statement: &Json) -> bool {
    match statement.get("Principal") {
        Some(Json::String(principal)) => principal == "*",
        Some(principal) => texts(principal, "AWS").contains(&"*"),
        None => false,
    }
}

/// Returns whether a text matches a pattern, in which `*` is any text and `?` any character.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[place] => (at, place) = (at + 1, place + 1),
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (at, place) = (after + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// Returns the role with an ARN or a name.
pub(super) fn role<'v, 'a>(view: &'v AccountView<'a>, reference: &str) -> Option<&'v Existing<'a>> {
    let name = reference.rsplit('/').next()?;
    let mut roles = view.in_all_regions(ROLE);
    roles.find(|role| role.physical_id == Some(name))
}

/// Returns whether a role is known and its trust policy does not let a service assume it.
pub(super) fn is_closed_to(view: &AccountView<'_>, reference: &str, service: &str) -> bool {
    let trust = role(view, reference).and_then(|role| role.properties.get("AssumeRolePolicyDocument"));
    trust.is_some_and(|trust| {
        !statements(trust).into_iter().any(|statement| allows(statement) && names_service(statement, service))
    })
}

/// Returns whether the principal of a statement is a service. Service names may contain a region.
fn names_service(statement: &Json, service: &str) -> bool {
    let is_service = |name: &&str| {
        let name = name.trim_end_matches(".cn");
        name == service
            || (name.starts_with(service.trim_end_matches("amazonaws.com")) && name.ends_with(".amazonaws.com"))
    };
    let named = statement.get("Principal").is_some_and(|principal| texts(principal, "Service").iter().any(is_service));
    named || is_for_everyone(statement) || statement.get("NotPrincipal").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_iam() {
        for (pattern, text, expected) in [
            ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/app/AWSLogs/1/x", true),
            ("arn:aws:s3:::logs/app*/AWSLogs/*", "arn:aws:s3:::logs/app/AWSLogs/1/x", true),
            ("arn:aws:s3:::logs", "arn:aws:s3:::logs/app", false),
            ("secret:db-??????", "secret:db-AbCdEf", true),
            ("secret:db-??????", "secret:db-AbCdEfg", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}

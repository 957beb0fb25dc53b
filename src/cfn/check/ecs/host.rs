//! Addresses in the values of environment variables.

use crate::cfn::{Ref, Segment, Value};

/// The character in place of a reference.
const REFERENCE: char = '\u{FFFC}';

/// The host and port of a value such as `http://api:8080/v1`, `api:6379` or `${Alb.DNSName}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The host, with a mark in place of each reference.
    pub(super) host: String,
    /// The port, or the one of the scheme.
    pub(super) port: Option<i64>,
    /// The reference that the host begins with.
    first: Option<Ref>,
    /// Whether a scheme or a port says that it is an address.
    certain: bool,
}

impl Address {
    /// Reads a value; `None` if it is not an address.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let Value::Text(text) = value else { return None };
        let mut references = Vec::new();
        let mut whole = String::new();
        for piece in text.pieces() {
            match piece {
                Segment::Literal(literal) => whole.push_str(literal),
                Segment::Ref(reference) => {
                    references.push(reference.clone());
                    whole.push(REFERENCE);
                }
                Segment::Call(_) => whole.push(REFERENCE),
            }
        }
        let (scheme, rest) = match whole.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, whole.as_str()),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok().filter(|port| (1..=65_535).contains(port))?)),
            None => (authority, None),
        };
        let is_host = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter) || letter == REFERENCE;
        let certain = scheme.is_some() || port.is_some();
        if host.is_empty() || !host.chars().all(is_host) || !(certain || host.starts_with(REFERENCE)) {
            return None;
        }
        let before =
            scheme.unwrap_or_default().chars().chain(user.chars()).filter(|letter| *letter == REFERENCE).count();
        let first = host.starts_with(REFERENCE).then(|| references.get(before).cloned()).flatten();
        let port = port.or(match scheme {
            Some("http" | "ws") => Some(80),
            Some("https" | "wss") => Some(443),
            _ => None,
        });
        Some(Self { host: host.to_owned(), port, first, certain })
    }

    /// Returns the reference that the host begins with.
    pub(super) fn reference(&self) -> Option<&Ref> {
        self.first.as_ref()
    }

    /// Returns whether a scheme or a port says that it is an address.
    pub(super) fn is_certain(&self) -> bool {
        self.certain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::TemplateString;

    fn read(text: &str) -> Option<(String, Option<i64>)> {
        let value = Value::Text(TemplateString::from_sub(text));
        let address = Address::of(&value)?;
        let host = address.reference().map_or_else(|| address.host.clone(), ToString::to_string);
        Some((host, address.port))
    }

    #[test]
    fn host_and_port_are_read_from_the_usual_forms() {
        for (text, host, port) in [
            ("http://api:8080/v1?x=1", "api", Some(8080)),
            ("http://api", "api", Some(80)),
            ("https://api/", "api", Some(443)),
            ("cache:6379", "cache", Some(6379)),
            ("amqp://app:word@queue:5672/", "queue", Some(5672)),
            ("http://${Alb.DNSName}", "Alb.DNSName", Some(80)),
            ("${Alb.DNSName}", "Alb.DNSName", None),
            ("postgres://${User}:${Word}@${Db.Host}:5432/app", "Db.Host", Some(5432)),
        ] {
            assert_eq!(read(text), Some((host.to_owned(), port)), "{text}");
        }
        for text in ["api", "production", "12:30:00", "a b:80", "arn:aws:sqs:eu-central-1:1:x", "", "key=value"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

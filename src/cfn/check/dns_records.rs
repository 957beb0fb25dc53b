//! Records of Route 53 against their type.
//!
//! Sources: "Supported DNS record types", "DNS domain name format" and "Choosing between alias and non-alias records" (a CNAME
//! record cannot have the name of its zone) of the Route 53 developer guide; `ResourceRecord` of the Route 53 API (more than one
//! value for all types except CNAME and SOA).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::diag::{Code, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for found in scope.all("AWS::Route53::RecordSet") {
        Record { found, prefix: String::new(), scope }.check(sink);
    }
    for found in scope.all("AWS::Route53::RecordSetGroup") {
        for at in 0..found.list("RecordSets").len() {
            Record { found, prefix: format!("RecordSets.{at}."), scope }.check(sink);
        }
    }
}

struct Record<'a> {
    found: ResourceEntry<'a>,
    prefix: String,
    scope: &'a CheckContext<'a>,
}

impl Record<'_> {
    fn path(&self, property: &str) -> String {
        format!("{}{property}", self.prefix)
    }

    fn check(&self, sink: &mut Sink) {
        let Some(kind) = self.found.text(&self.path("Type")) else { return };
        let values = self.found.list(&self.path("ResourceRecords"));
        for (at, value) in values.iter().enumerate() {
            let Some(text) = value.as_str().filter(|text| !text.contains("{{resolve:")) else { continue };
            if let Some((what, example)) = wrong(kind, text) {
                let place = self.path(&format!("ResourceRecords.{at}"));
                let problem = self.found.error(Code::DnsRecord, &place, format!("`{text}` is not {what}"));
                // Route 53 accepts nearly all characters in a name, and no resolver finds an address or a URL.
                let problem = if kind == "CNAME" { problem.as_warning() } else { problem };
                sink.push(problem.help(format!("a record of type {kind} looks like `{example}`")));
            }
        }
        if kind == "CNAME" {
            self.cname(values, sink);
        }
    }

    fn cname(&self, values: &[Value], sink: &mut Sink) {
        if values.len() > 1 && values.iter().all(|value| matches!(value, Value::Text(_))) {
            let message = format!("a CNAME record has one value, not {}", values.len());
            let problem = self.found.error(Code::DnsRecord, &self.path("ResourceRecords"), message);
            sink.push(problem.help("write records with `SetIdentifier` and `Weight` to choose among several"));
        }
        if self.is_apex() {
            let message = "the name of the hosted zone itself cannot have a CNAME record";
            let problem = self.found.error(Code::DnsRecord, &self.path("Name"), message);
            sink.push(problem.help("write an alias: type A with an `AliasTarget`"));
        }
    }

    /// Returns whether the record has the name of its zone.
    fn is_apex(&self) -> bool {
        let Some(name) = self.found.get(&self.path("Name")) else { return false };
        let shared = |property: &str| {
            self.found
                .get(&self.path(property))
                .or_else(|| self.found.get(property).filter(|_| !self.prefix.is_empty()))
        };
        let zone = shared("HostedZoneName").or_else(|| {
            let zone = self.scope.target(shared("HostedZoneId")?, "AWS::Route53::HostedZone")?;
            zone.get("Name")
        });
        match (zone, name.as_str(), zone.and_then(Value::as_str)) {
            (_, Some(name), Some(zone)) => plain(name) == plain(zone),
            (Some(zone), ..) => zone == name,
            _ => false,
        }
    }
}

/// Returns a name without the final dot, in lower case.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

/// Returns what a value should be, with an example, if it is not that.
fn wrong(kind: &str, text: &str) -> Option<(&'static str, &'static str)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| words.get(at).is_some_and(|word| word.parse::<u16>().is_ok());
    let (is_right, what, example) = match kind {
        "A" => (text.trim().parse::<Ipv4Addr>().is_ok(), "an IPv4 address", "192.0.2.1"),
        "AAAA" => (text.trim().parse::<Ipv6Addr>().is_ok(), "an IPv6 address", "2001:db8::1"),
        "CNAME" => (is_name(text), "a domain name", "www.example.com"),
        "MX" => (words.len() == 2 && number(0), "a priority and a mail server", "10 mail.example.com"),
        "SRV" => {
            let is_right = words.len() == 4 && (0..3).all(number);
            (is_right, "a priority, a weight, a port and a server", "10 5 5060 sip.example.com")
        }
        "CAA" => {
            let is_right = words.len() >= 3
                && words[0].parse::<u8>().is_ok()
                && words[2].starts_with('"')
                && text.trim_end().ends_with('"');
            (is_right, "a flag, a tag and a value in quotes", "0 issue \"amazon.com\"")
        }
        "TXT" | "SPF" => (are_quoted(text), "strings of at most 255 characters, each in quotes", "\"v=spf1 -all\""),
        _ => return None,
    };
    (!is_right).then_some((what, example))
}

/// Returns whether a text can be a name: not an address, not a URL. Reverse zones without classes have names with `/` (RFC 2317).
fn is_name(text: &str) -> bool {
    let text = text.trim();
    let is_address = text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok();
    !is_address && !text.is_empty() && !text.contains("://") && !text.contains(char::is_whitespace)
}

/// Returns whether a text is one or more strings in quotes.
fn are_quoted(text: &str) -> bool {
    let mut rest = text.trim();
    while let Some(inner) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = inner.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end.filter(|(end, _)| inner[..*end].chars().count() <= 255) else { return false };
        rest = inner[end + 1..].trim_start();
        if rest.is_empty() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_fits_its_type() {
        for (kind, text) in [
            ("A", "192.0.2.1"),
            ("AAAA", "2001:db8::1"),
            ("CNAME", "_x.example.com."),
            ("CNAME", "1.0/25.2.0.192.in-addr.arpa."),
            ("MX", "10 mail.example.com"),
            ("TXT", "\"a\" \"b \\\" c\""),
            ("SRV", "0 5 5060 sip.example.com."),
            ("CAA", "0 issue \"ca.example.net; policy=ev\""),
            ("NS", "anything"),
        ] {
            assert_eq!(wrong(kind, text), None, "{kind} {text}");
        }
        for (kind, text) in [
            ("A", "2001:db8::1"),
            ("A", "www.example.com"),
            ("AAAA", "192.0.2.1"),
            ("CNAME", "192.0.2.1"),
            ("CNAME", "https://example.com"),
            ("MX", "mail.example.com"),
            ("TXT", "v=spf1 -all"),
            ("TXT", "\"open"),
            ("SRV", "5060 sip.example.com"),
        ] {
            assert!(wrong(kind, text).is_some(), "{kind} {text}");
        }
        assert!(wrong("TXT", &format!("\"{}\"", "x".repeat(256))).is_some());
    }
}

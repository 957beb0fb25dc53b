//! Amazon Route 53: records and hosted zones.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::view::{AccountView, Existing};
use super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use crate::rehearsal::property_access::{strings, text};

const RECORD: &str = "AWS::Route53::RecordSet";
const ZONE: &str = "AWS::Route53::HostedZone";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: RECORD, intents: CREATION, check: record_exists },
    Rule { kind: RECORD, intents: CHANGES, check: name_of_an_alias },
    Rule { kind: RECORD, intents: CHANGES, check: name_outside_its_zone },
    Rule { kind: RECORD, intents: CHANGES, check: alias_at_the_apex },
    Rule { kind: RECORD, intents: CHANGES, check: alias_with_a_time_to_live },
    Rule { kind: RECORD, intents: CHANGES, check: invalid_value },
    Rule { kind: ZONE, intents: DELETION, check: zone_not_empty },
];

/// Returns a refusal of a change.
fn invalid_batch(text: impl Into<String>) -> Refusal {
    Refusal::new("Route53", "InvalidChangeBatch", "InvalidRequest", text)
}

/// Returns a name as Route 53 writes it: in lower case, with a dot at its end.
fn canonical(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_lowercase())
}

/// Returns the canonical name of a record.
fn name(properties: &serde_json::Value) -> Option<String> {
    text(properties, "Name").map(|name| canonical(&name))
}

/// Returns the zone of a record: its id, or its name.
fn zone_of(properties: &serde_json::Value) -> Option<String> {
    text(properties, "HostedZoneId").or_else(|| text(properties, "HostedZoneName").map(|name| canonical(&name)))
}

/// Returns the canonical name of the zone of a record, if it is known.
fn zone_name(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<String> {
    if let Some(name) = text(subject.properties, "HostedZoneName") {
        return Some(canonical(&name));
    }
    let zone = view.find(ZONE, &text(subject.properties, "HostedZoneId")?)?;
    zone.text("Name").map(|name| canonical(&name))
}

/// Refuses a record that exists (`InvalidChangeBatch` of `ChangeResourceRecordSets`, Route 53 API: "you tried to create a resource
/// record set that already exists"). Records with a routing policy differ by their identifier.
fn record_exists(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (own, zone) = (name(subject.properties)?, zone_of(subject.properties)?);
    let kind = text(subject.properties, "Type")?;
    let identifier = text(subject.properties, "SetIdentifier");
    let same = |other: &Existing<'_>| {
        name(other.properties).as_ref() == Some(&own)
            && zone_of(other.properties).as_ref() == Some(&zone)
            && other.has("Type", &kind)
            && other.text("SetIdentifier") == identifier
    };
    view.others(RECORD, subject).find(|other| same(other))?;
    let text = format!("[Tried to create resource record set [name='{own}', type='{kind}'] but it already exists]");
    Some(Refusal { handler: "AlreadyExists", ..invalid_batch(text) })
}

/// Refuses another record next to a CNAME of the same name (`InvalidChangeBatch`, Route 53 API; "CNAME record type", developer
/// guide: "you cannot create other records of the same name").
fn name_of_an_alias(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (own, zone) = (name(subject.properties)?, zone_of(subject.properties)?);
    let kind = text(subject.properties, "Type")?;
    let conflicts = |other: &Existing<'_>| {
        let other_kind = other.text("Type").unwrap_or_default();
        let both = other_kind == "CNAME" || kind == "CNAME";
        both && other_kind != kind
            && name(other.properties).as_ref() == Some(&own)
            && zone_of(other.properties).as_ref() == Some(&zone)
    };
    view.others(RECORD, subject).find(|other| conflicts(other))?;
    let zone = zone_name(subject, view).unwrap_or_else(|| own.clone());
    let text = format!(
        "[RRSet of type {kind} with DNS name {own} is not permitted as it conflicts with other records with the same DNS name \
         in zone {zone}]"
    );
    Some(invalid_batch(text))
}

/// Refuses a name outside the zone (`InvalidChangeBatch`, Route 53 API; "Values that are common for all routing policies", developer
/// guide).
fn name_outside_its_zone(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (own, zone) = (name(subject.properties)?, zone_name(subject, view)?);
    let inside = own == zone || own.ends_with(&format!(".{zone}"));
    (!inside).then(|| invalid_batch(format!("[RRSet with DNS name {own} is not permitted in zone {zone}]")))
}

/// Refuses a CNAME with the name of its zone (`InvalidChangeBatch`, Route 53 API; "CNAME record type", developer guide: "the DNS
/// protocol does not allow you to create a CNAME record for the top node of a DNS namespace").
fn alias_at_the_apex(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "Type").filter(|kind| kind == "CNAME")?;
    let (own, zone) = (name(subject.properties)?, zone_name(subject, view)?);
    let text = format!("[RRSet of type CNAME with DNS name {own} is not permitted at apex in zone {zone}]");
    (own == zone).then(|| invalid_batch(text))
}

/// Refuses an alias with a time to live or values (`AliasTarget` of `ResourceRecordSet`, Route 53 API: "if you're creating an alias
/// resource record set, omit `TTL`" and "omit `ResourceRecords`").
fn alias_with_a_time_to_live(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let alias = subject.properties.get("AliasTarget").is_some();
    let (values, lives) = (subject.properties.get("ResourceRecords"), subject.properties.get("TTL"));
    if alias {
        return (values.is_some() || lives.is_some()).then(|| {
            invalid(
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
                     TrafficPolicyInstanceId], but found more than one in Change with",
            )
        });
    }
    (values.is_none() || lives.is_none()).then(|| {
        invalid(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
                 TrafficPolicyInstanceId], but found none in Change with",
        )
    })
}

/// Returns a refusal of a request, with the record that AWS appends.
fn invalid(text: &str) -> Refusal {
    Refusal::new("Route53", "InvalidInput", "InvalidRequest", format!("{text} [Action=CREATE]"))
}

/// Refuses values that do not fit the type (`InvalidChangeBatch`, Route 53 API; "Supported DNS record types", developer guide).
fn invalid_value(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let kind = text(subject.properties, "Type")?;
    let problem = |value: &String| match kind.as_str() {
        "A" if value.parse::<Ipv4Addr>().is_err() => {
            Some(("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address"))
        }
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
            Some(("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address"))
        }
        "TXT" | "SPF" if !value.trim().starts_with('"') || !value.trim().ends_with('"') => {
            Some(("InvalidCharacterString", "Value should be enclosed in quotation marks"))
        }
        _ => None,
    };
    let values = strings(subject.properties, "ResourceRecords");
    let (value, (code, reason)) = values.iter().find_map(|value| Some((value, problem(value)?)))?;
    Some(invalid_batch(format!(
        "[Invalid Resource Record: 'FATAL problem: {code} ({reason}) encountered with '{value}'']"
    )))
}

/// Refuses the deletion of a zone with records (`HostedZoneNotEmpty` of `DeleteHostedZone`, Route 53 API). The records with which a
/// certificate was validated stay.
fn zone_not_empty(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    let has_records = view.staying().any(|other| other.kind == RECORD && other.has("HostedZoneId", id));
    (has_records || view.has_content(ZONE, id)).then(|| {
        let text = "The specified hosted zone contains non-required resource record sets  and so cannot be deleted.";
        Refusal::new("Route53", "HostedZoneNotEmpty", "ResourceConflict", text)
    })
}

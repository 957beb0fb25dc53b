//! Records of Route 53, and namespaces of Cloud Map.

use super::{accepts_each, refuses_each, refuses_update, template};

/// Returns a record of the zone example.com.
fn record(id: &str, rest: &str) -> String {
    format!("  {id}: {{Type: AWS::Route53::RecordSet, Properties: {{HostedZoneName: example.com., {rest}}}}}\n")
}

#[test]
fn record_that_exists_or_conflicts_is_refused() {
    let app = |id: &str| record(id, "Name: app.example.com, Type: A, TTL: '60', ResourceRecords: [10.0.0.1]");
    let first = template(&[&app("First")]);
    let message = "[Tried to create resource record set [name='app.example.com.', type='A'] but it already exists]";
    refuses_update(&first, &template(&[&app("Renamed")]), "Renamed", ("InvalidChangeBatch", message));
    let name = record("Name", "Name: APP.example.com., Type: CNAME, TTL: '60', ResourceRecords: [x.example.com]");
    let message = "is not permitted as it conflicts with other records with the same DNS name";
    refuses_update(&first, &template(&[&app("First"), &name]), "Name", ("InvalidChangeBatch", message));
    let weighted = |id: &str| {
        record(
            id,
            &format!(
                "Name: w.example.com, Type: A, TTL: '60', ResourceRecords: [10.0.0.1], Weight: 1, SetIdentifier: {id}"
            ),
        )
    };
    accepts_each(&[&format!("{}{}", weighted("One"), weighted("Two"))]);
}

#[test]
fn record_that_does_not_fit_its_type_or_zone_is_refused() {
    let batch = "InvalidChangeBatch";
    let alias = "AliasTarget: {DNSName: x.elb.amazonaws.com, HostedZoneId: Z1}";
    let values = |kind: &str, value: &str| {
        record("It", &format!("Name: app.example.com, Type: {kind}, TTL: '60', ResourceRecords: ['{value}']"))
    };
    refuses_each(&[
        (
            &values("A", "example.com"),
            "It",
            batch,
            "(Value is not a valid IPv4 address) encountered with 'example.com'",
        ),
        (&values("AAAA", "10.0.0.1"), "It", batch, "(Value is not a valid IPv6 address)"),
        (&values("TXT", "v=spf1 -all"), "It", batch, "(Value should be enclosed in quotation marks)"),
        (
            &record("It", "Name: app.example.org, Type: A, TTL: '60', ResourceRecords: [10.0.0.1]"),
            "It",
            batch,
            "[RRSet with DNS name app.example.org. is not permitted in zone example.com.]",
        ),
        (
            &record("It", "Name: example.com, Type: CNAME, TTL: '60', ResourceRecords: [x.example.org]"),
            "It",
            batch,
            "is not permitted at apex in zone example.com.",
        ),
        (
            &record("It", &format!("Name: app.example.com, Type: A, TTL: '60', {alias}")),
            "It",
            "InvalidInput",
            "but found more than one in Change",
        ),
        (&record("It", "Name: app.example.com, Type: A"), "It", "InvalidInput", "but found none in Change"),
    ]);
    accepts_each(&[
        &record("It", &format!("Name: example.com, Type: A, {alias}")),
        &values("TXT", "\"v=spf1 -all\""),
        &values("AAAA", "2001:db8::1"),
    ]);
}

#[test]
fn namespace_or_service_with_a_name_in_use_is_refused() {
    let namespace = |id: &str| {
        format!(
            "  {id}: {{Type: AWS::ServiceDiscovery::PrivateDnsNamespace, Properties: {{Name: apps.internal, Vpc: vpc-1}}}}\n"
        )
    };
    let message = "has already been associated with the hosted zone";
    let (one, two) = (template(&[&namespace("One")]), template(&[&namespace("One"), &namespace("Two")]));
    refuses_update(&one, &two, "Two", ("ConflictingDomainExists", message));
    let service = |id: &str| {
        format!(
            "  {id}: {{Type: AWS::ServiceDiscovery::Service, Properties: {{Name: api, NamespaceId: ns-1, Type: HTTP}}}}\n"
        )
    };
    let (one, two) = (template(&[&service("One")]), template(&[&service("One"), &service("Two")]));
    refuses_update(&one, &two, "Two", ("ServiceAlreadyExists", "Service already exists."));
}

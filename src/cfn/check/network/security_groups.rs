//! Security groups and their rules.

use super::SECURITY_GROUP;
use crate::cfn::check::context::{CheckContext, ResourceEntry, ValueLookup, is_aws_no_value};
use crate::cfn::type_names::{SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS};
use crate::cfn::{LogicalId, Map, Value};
use crate::diag::{Code, Origin, Sink};

/// The sources and destinations of a rule, which has exactly one.
const SOURCES: [&str; 7] = [
    "CidrIp",
    "CidrIpv6",
    "SourcePrefixListId",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "DestinationPrefixListId",
    "DestinationSecurityGroupId",
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for group in scope.all(SECURITY_GROUP) {
        for list in ["SecurityGroupIngress", "SecurityGroupEgress"] {
            for (at, rule) in group.rules(list).iter().enumerate() {
                if let Value::Map(rule) = rule {
                    check_rule(rule, group.origin(&format!("{list}.{at}")), sink);
                }
            }
        }
    }
    for rule in scope.all(SECURITY_GROUP_INGRESS).chain(scope.all(SECURITY_GROUP_EGRESS)) {
        check_rule(&rule.resource.properties, &rule.resource.origin, sink);
    }
}

fn check_rule(rule: &Map, origin: &Origin, sink: &mut Sink) {
    use crate::diag::Diagnostic;
    let error = |code, message: &str| Diagnostic::new(code, message).at(origin, "");
    let is_set = |name: &&str| rule.get(*name).is_some_and(|value| !is_aws_no_value(value));
    let is_certain =
        |name: &&str| rule.get(*name).is_some_and(|value| matches!(ValueLookup::at(value), ValueLookup::Here(_)));
    let certain: Vec<&str> = SOURCES.into_iter().filter(is_certain).collect();
    if certain.len() > 1 {
        let message = format!("a rule has one source or destination, and here are {}", list(&certain));
        sink.push(error(Code::SecurityGroupSource, &message).help("write a rule for each"));
    } else if !SOURCES.iter().any(is_set) {
        let problem = error(Code::SecurityGroupSource, "the rule has no source");
        sink.push(problem.help("add `CidrIp`, `SourceSecurityGroupId` or another source"));
    }
    let port = |name: &str| rule.get(name).and_then(Value::as_int);
    let protocol = rule.get("IpProtocol").and_then(word);
    let is_ported = matches!(protocol.as_deref(), Some("tcp" | "udp" | "6" | "17"));
    if let (Some(from), Some(to), true) = (port("FromPort"), port("ToPort"), is_ported) {
        if from > to {
            let message = format!("the range of ports begins at {from} and ends at {to}");
            sink.push(error(Code::PortRange, &message).help("`FromPort` is the lower one"));
        }
        if let Some(wrong) = [from, to].into_iter().find(|port| !(-1..=65_535).contains(port)) {
            sink.push(error(Code::PortRange, &format!("{wrong} is not a valid port")));
        } else if (from == -1) != (to == -1) {
            let problem = error(Code::PortRange, "`FromPort` and `ToPort` must both be -1, or neither");
            sink.push(problem.help("-1 means all ports"));
        }
    }
    if is_ported && rule.get("FromPort").is_none() && rule.get("ToPort").is_none() {
        let name = protocol.unwrap_or_default();
        sink.push(
            error(Code::PortRange, &format!("a rule for {name} must set its ports"))
                .help("add `FromPort` and `ToPort`"),
        );
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        value => value.as_str().map(str::to_lowercase),
    }
}

/// Returns the security group of the template that a value names.
pub(in super::super) fn group<'a>(value: &Value, scope: &CheckContext<'a>) -> Option<&'a LogicalId> {
    scope.target(value, SECURITY_GROUP).map(|found| found.id)
}

/// Returns false if it is certain that a group admits none of the sources on a TCP port.
pub(in super::super) fn admits(id: &LogicalId, port: i64, sources: &[Value], scope: &CheckContext<'_>) -> bool {
    let Some((id, resource)) = scope.template.resources.get_key_value(id) else { return true };
    let found = ResourceEntry { id, resource };
    match found.look("SecurityGroupIngress") {
        ValueLookup::Absent => {}
        ValueLookup::Unknown => return true,
        ValueLookup::Here(_) => {
            let rules = found.rules("SecurityGroupIngress");
            if rules.iter().any(|rule| rule.as_map().is_none_or(|rule| lets_in(rule, port, sources, scope))) {
                return true;
            }
        }
    }
    let own = scope.referrers(id).filter(|rule| rule.kind() == SECURITY_GROUP_INGRESS);
    own.filter(|rule| ["GroupId", "GroupName"].iter().any(|name| rule.reference(name).is_none_or(|to| to.id == *id)))
        .any(|rule| lets_in(&rule.resource.properties, port, sources, scope))
}

fn lets_in(rule: &Map, port: i64, sources: &[Value], scope: &CheckContext<'_>) -> bool {
    let protocol = rule.get("IpProtocol").and_then(word);
    let other_protocol = protocol.is_some_and(|name| !matches!(name.as_str(), "tcp" | "6" | "-1"));
    let bound = |name: &str| rule.get(name).and_then(Value::as_int);
    let all = rule.get("IpProtocol").and_then(word).as_deref() == Some("-1");
    let outside = !all
        && match (bound("FromPort"), bound("ToPort")) {
            (Some(-1), _) | (_, Some(-1)) => false,
            (from, to) => from.is_some_and(|from| from > port) || to.is_some_and(|to| to < port),
        };
    if other_protocol || outside {
        return false;
    }
    // Without groups of its own a load balancer has the VPC's default group, which no rule here can name.
    let Some(source) = rule.get("SourceSecurityGroupId").and_then(|source| group(source, scope)) else { return true };
    sources.is_empty() || sources.iter().any(|value| group(value, scope).is_none_or(|id| id == source))
}

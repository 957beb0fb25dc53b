//! Target groups: the codes of their health checks, protocol versions against listeners, and their routing algorithms.
//!
//! Sources: "Edit target group attributes for your Application Load Balancer" of the Elastic Load Balancing guide; `Matcher` and `ProtocolVersion` of `CreateTargetGroup` in the Elastic Load Balancing API; "Protocol version" of
//! "Target groups for your Application Load Balancers" (gRPC and HTTP/2 need an HTTPS listener). The refusal is quoted in
//! aws/copilot-cli#4551 and kubernetes-sigs/aws-load-balancer-controller#4497.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, TARGET_GROUP};
use crate::diag::{Code, Sink};

const HTTP_CODE: &str = "Matcher.HttpCode";
const GRPC_CODE: &str = "Matcher.GrpcCode";

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for group in scope.all(TARGET_GROUP) {
        codes(group, sink);
        protocol_version(group, scope, sink);
        algorithm(group, sink);
    }
}

/// Reports attributes that the routing algorithm excludes: a slow start with another algorithm than `round_robin`, and anomaly
/// mitigation without `weighted_random`.
fn algorithm(group: ResourceEntry<'_>, sink: &mut Sink) {
    let attribute = |key: &str| {
        let items = group.list("TargetGroupAttributes").iter().enumerate();
        let mut named = items.filter(|(_, item)| item.get("Key").and_then(Value::as_str) == Some(key));
        named.next().and_then(|(at, item)| Some((at, item.get("Value")?.as_str()?)))
    };
    let (at_algorithm, algorithm) = match attribute("load_balancing.algorithm.type") {
        Some((at, value)) => (Some(at), value),
        None => (None, "round_robin"),
    };
    let slow_start = attribute("slow_start.duration_seconds").filter(|(_, value)| *value != "0");
    let mitigation = attribute("load_balancing.algorithm.anomaly_mitigation").filter(|(_, value)| *value == "on");
    let wrong = [
        (slow_start, algorithm != "round_robin", "a slow start", "leave one of the two out"),
        (mitigation, algorithm != "weighted_random", "anomaly mitigation", "use the algorithm `weighted_random`"),
    ];
    for (set, is_wrong, what, help) in wrong {
        let Some((at, _)) = set.filter(|_| is_wrong) else { continue };
        let place = |at: usize| format!("TargetGroupAttributes.{at}");
        let message = format!("{what} does not work with the algorithm `{algorithm}`");
        let mut problem = group.error(Code::TargetSettings, &place(at), message);
        if let Some(at) = at_algorithm {
            problem = problem.at(group.origin(&place(at)), "the algorithm");
        }
        sink.push(problem.help(help));
    }
}

fn is_grpc(group: ResourceEntry<'_>) -> bool {
    group.text("ProtocolVersion") == Some("GRPC")
}

fn codes(group: ResourceEntry<'_>, sink: &mut Sink) {
    let allowed = match group.text("Protocol") {
        Some("HTTP" | "HTTPS") => 200..=499,
        Some("TCP" | "TLS" | "UDP" | "TCP_UDP") => 200..=599,
        None if group.text("TargetType") == Some("lambda") => 200..=499,
        _ => return,
    };
    if is_grpc(group) && group.get(HTTP_CODE).is_some() {
        let problem = group.error(Code::HealthCheckCodes, HTTP_CODE, "a gRPC health check answers with gRPC codes");
        sink.push(problem.help("set `Matcher: { GrpcCode: \"12\" }`; gRPC codes are 0 to 99"));
    } else if !is_grpc(group) && group.has("ProtocolVersion") && group.get("ProtocolVersion").is_none() {
        // The version is known at deployment only.
    } else if !is_grpc(group) && group.get(GRPC_CODE).is_some() {
        let problem = group.error(Code::HealthCheckCodes, GRPC_CODE, "only a target group for gRPC has gRPC codes");
        sink.push(problem.help("set `ProtocolVersion: GRPC`, or use `HttpCode`"));
    } else {
        matcher(group, HTTP_CODE, &allowed, sink);
    }
    if is_grpc(group) {
        matcher(group, GRPC_CODE, &(0..=99), sink);
    }
}

fn matcher(group: ResourceEntry<'_>, path: &str, allowed: &RangeInclusive<u32>, sink: &mut Sink) {
    let text = match group.get(path) {
        Some(Value::Int(code)) => code.to_string(),
        Some(value) => match value.as_str() {
            Some(text) => text.to_owned(),
            None => return,
        },
        None => return,
    };
    let wrong = text.split(',').map(str::trim).find(|item| !is_within(item, allowed));
    let Some(wrong) = wrong else { return };
    let (least, most) = (allowed.start(), allowed.end());
    let message = format!("`{wrong}` is not a code or range of codes from {least} to {most}");
    let problem = group.error(Code::HealthCheckCodes, path, message).help_if(suggestion(wrong, allowed));
    sink.push(problem.help(format!("write codes and ranges: `{least}`, `{least},{}` or `{least}-{most}`", least + 2)));
}

fn is_within(item: &str, allowed: &RangeInclusive<u32>) -> bool {
    match range(item) {
        Some((from, to)) => from <= to && allowed.contains(&from) && allowed.contains(&to),
        None => false,
    }
}

/// Returns the ends of `200` and `200-299`.
fn range(item: &str) -> Option<(u32, u32)> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    match item.split_once('-') {
        Some((from, to)) => Some((number(from)?, number(to)?)),
        None => number(item).map(|code| (code, code)),
    }
}

fn suggestion(wrong: &str, allowed: &RangeInclusive<u32>) -> Option<String> {
    let meant = match wrong.to_ascii_lowercase().as_bytes() {
        [hundred @ b'2'..=b'4', b'x', b'x'] => {
            let hundred = char::from(*hundred);
            format!("{hundred}00-{hundred}99")
        }
        _ => match range(wrong)? {
            (from, to) if from > to && allowed.contains(&from) && allowed.contains(&to) => format!("{to}-{from}"),
            (from, to) if allowed.contains(&from) && to > *allowed.end() && from < to => {
                format!("{from}-{}", allowed.end())
            }
            _ => return None,
        },
    };
    Some(format!("did you mean `{meant}`?"))
}

/// Reports a target group for gRPC or HTTP/2 to which a listener for HTTP forwards: Elastic Load Balancing refuses it.
fn protocol_version(group: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(version @ ("GRPC" | "HTTP2")) = group.text("ProtocolVersion") else { return };
    let mut reported = HashSet::new();
    for found in scope.referrers(group.id) {
        let listener = match found.kind() {
            LISTENER => Some(found),
            LISTENER_RULE => found.get("ListenerArn").and_then(|listener| scope.target(listener, LISTENER)),
            _ => None,
        };
        let Some(listener) = listener.filter(|it| it.text("Protocol") == Some("HTTP") && reported.insert(it.id)) else {
            continue;
        };
        let message = format!("a listener for HTTP cannot forward to a target group with protocol version {version}");
        let problem = group.error(Code::ProtocolVersion, "ProtocolVersion", message);
        let problem = problem.at(listener.origin("Protocol"), "the listener");
        sink.push(problem.help("use an HTTPS listener with a certificate"));
    }
}

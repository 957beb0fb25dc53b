//! The target group of a service.
//!
//! Source of the defaults: "Target group attributes" and "Health check settings" of the guide to Application Load Balancers.

use serde_json::Value as Json;

use super::properties::{Properties, int, literal};
use crate::importers::draft::Draft;
use crate::importers::writer::Expr;

/// The attributes with the values that mean nothing is set.
const DEFAULTS: &[(&str, &str)] = &[
    ("deregistration_delay.connection_termination.enabled", "false"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
    ("preserve_client_ip.enabled", "false"),
    ("proxy_protocol_v2.enabled", "false"),
    ("slow_start.duration_seconds", "0"),
    ("stickiness.enabled", "false"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
    ("target_health_state.unhealthy.connection_termination.enabled", "true"),
    ("target_health_state.unhealthy.draining_interval_seconds", "0"),
];

/// The seconds of `.drain` unless set.
const DRAIN: i64 = 30;

/// Sets the protocol, the health check and the attributes of a target group.
pub(super) fn write(group: &Json, draft: &mut Draft) {
    let properties = Properties::of(group);
    let version = properties.text("ProtocolVersion").unwrap_or("HTTP1");
    let protocol = properties.text("Protocol").unwrap_or("HTTP");
    match (protocol, version) {
        (_, "HTTP2") => draft.set_text("protocol", "http2"),
        (_, "GRPC") => draft.set_text("protocol", "grpc"),
        ("HTTPS", _) => draft.set_text("protocol", "https"),
        _ => {}
    }
    if let Some(check) = health_check(&properties) {
        draft.set("health_check", [check]);
    }
    let attribute = |key: &str| {
        let attributes = group["TargetGroupAttributes"].as_array().into_iter().flatten();
        attributes.filter(|one| one["Key"] == key).find_map(|one| one["Value"].as_str()).unwrap_or_default().to_owned()
    };
    // Without the attribute a target group has 300 seconds.
    let drain = attribute("deregistration_delay.timeout_seconds").parse().unwrap_or(300);
    if drain != DRAIN {
        draft.set_int("drain", drain);
    }
    stickiness(&attribute, draft);
    if let Some(seconds) = attribute("slow_start.duration_seconds").parse().ok().filter(|seconds| *seconds > 0) {
        draft.set_int("slow_start", seconds);
    }
    let algorithm = attribute("load_balancing.algorithm.type");
    if !matches!(algorithm.as_str(), "" | "round_robin") {
        draft.set_text("algorithm", algorithm);
    }
    if attribute("load_balancing.algorithm.anomaly_mitigation") == "on" {
        draft.set("anomaly_mitigation", []);
    }
    further(group, draft);
}

/// Returns the health check, unless everything is as it is without one.
fn health_check(properties: &Properties<'_>) -> Option<Expr> {
    let path = properties.text("HealthCheckPath").unwrap_or("/");
    let numbers = [
        ("HealthCheckIntervalSeconds", "interval", 30),
        ("HealthCheckTimeoutSeconds", "timeout", 5),
        ("HealthyThresholdCount", "healthy", 5),
        ("UnhealthyThresholdCount", "unhealthy", 2),
    ];
    let given = numbers
        .into_iter()
        .filter_map(|(key, setter, default)| Some((setter, properties.int(key).filter(|number| *number != default)?)));
    let mut setters: Vec<(&str, Expr)> = given.map(|(setter, number)| (setter, Expr::Int(number))).collect();
    let matcher = properties.get("Matcher");
    let codes = matcher.and_then(|matcher| matcher["HttpCode"].as_str().or(matcher["GrpcCode"].as_str()));
    setters.extend(codes.filter(|codes| *codes != "200").map(|codes| ("codes", Expr::text(codes))));
    let port = properties.get("HealthCheckPort").and_then(int);
    setters.extend(port.map(|port| ("port", Expr::Int(port))));
    if setters.is_empty() {
        return (path != "/").then(|| Expr::text(path));
    }
    let check = Expr::call("HealthCheck", [Expr::text(path)]);
    Some(setters.into_iter().fold(check, |check, (setter, value)| check.set(setter, [value])))
}

fn stickiness(attribute: &impl Fn(&str) -> String, draft: &mut Draft) {
    if attribute("stickiness.enabled") != "true" {
        return;
    }
    let kind = attribute("stickiness.type");
    let seconds = |kind: &str| attribute(&format!("stickiness.{kind}.duration_seconds")).parse().unwrap_or(86_400);
    if kind == "app_cookie" {
        let cookie = attribute("stickiness.app_cookie.cookie_name");
        draft.set("sticky", [Expr::Int(seconds("app_cookie")), Expr::Text(cookie)]);
    } else {
        draft.set_int("sticky", seconds("lb_cookie"));
    }
}

/// Overrides the attributes that have no setter and another value than without them.
fn further(group: &Json, draft: &mut Draft) {
    let known = ["stickiness.", "deregistration_delay.timeout_seconds", "slow_start.", "load_balancing.algorithm."];
    for one in group["TargetGroupAttributes"].as_array().into_iter().flatten() {
        let (key, value) = (one["Key"].as_str().unwrap_or_default(), one["Value"].as_str().unwrap_or_default());
        if known.iter().any(|known| key.starts_with(known)) || DEFAULTS.contains(&(key, value)) {
            continue;
        }
        let path = format!("TargetGroupAttributes[{key}].Value");
        draft.set("override", [Expr::text("TargetGroup"), Expr::text(path), literal(&one["Value"])]);
    }
}

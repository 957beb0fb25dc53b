//! The load balancer of a service: its route, its health check and its domains.

use super::{Copilot, Manifest};
use crate::importers::draft::Draft;
use crate::importers::names::block_name;
use crate::importers::source::Node;
use crate::importers::units::seconds;
use crate::importers::writer::Expr;

pub(super) fn write(copilot: &mut Copilot<'_>, manifest: &Manifest, node: &Node, port: Option<i64>, draft: &mut Draft) {
    let Some(http) = node.get("http").filter(|http| http.is_map()) else { return };
    if port.is_none() {
        http.whole();
        return draft.note(http.line, "the service has no port for its load balancer: `image.port`");
    }
    let is_public = manifest.kind == "Load Balanced Web Service";
    let variable = if is_public { "alb" } else { "internal_alb" };
    let slot = if is_public { &mut copilot.balancers.public } else { &mut copilot.balancers.internal };
    let default = &mut slot.get_or_insert_default().default;
    let path = http.text_of("path").unwrap_or_else(|| "/".to_owned());
    let hosts: Vec<String> = http
        .get("alias")
        .map(|alias| alias.items().iter().filter_map(|host| domain(host, draft)).collect())
        .unwrap_or_default();
    let sources: Vec<String> = http
        .get("allowed_source_ips")
        .map(|list| list.items().iter().filter_map(|item| item.text()).collect())
        .unwrap_or_default();
    if !sources.is_empty() {
        draft.note(
            http.line,
            format!(
                "the load balancer admits everyone; to admit only {}: `.allow_from(cidr)` of the load balancer",
                sources.join(", ")
            ),
        );
    }
    let is_default = path.trim_matches('/').is_empty() && hosts.is_empty();
    let target = target(http, port);
    if is_default && target.is_none() && default.as_ref().is_none_or(|known| *known == manifest.name) {
        *default = Some(manifest.name.clone());
        draft.set("behind", [Expr::name(variable)]);
    } else {
        if is_default && default.is_some() {
            draft.note(
                http.line,
                format!(
                    "`{}` has the path `/`, too: give this service a host or a path",
                    default.clone().unwrap_or_default()
                ),
            );
        }
        let route = route(&hosts, path.trim_matches('/'));
        draft.set("behind", [Expr::name(variable), route].into_iter().chain(target));
    }
    for rule in http.get("additional_rules").map(Node::items).unwrap_or_default() {
        additional_rule(rule, variable, port, draft);
    }
    match http.text_of("stickiness").as_deref() {
        Some("true") => draft.set("sticky", []),
        Some("false") | None => {}
        Some(other) => draft.note(http.line, format!("`http.stickiness` is neither true nor false: {other}")),
    }
    if !hosts.is_empty() {
        draft.note(http.line, format!("Copilot makes the certificate and the records of {}: use `.https(certificate_arn)` and `.domain(name, hosted_zone_id)` of the load balancer", hosts.join(", ")));
    }
    health_check(http, draft);
    if let Some(delay) = http.text_of("deregistration_delay").and_then(|text| seconds(&text)) {
        draft.set_int("drain", delay);
    }
}

/// Adds a further rule with a target of its own.
fn additional_rule(rule: &Node, variable: &str, port: Option<i64>, draft: &mut Draft) {
    let hosts: Vec<String> = rule
        .get("alias")
        .map(|alias| alias.items().iter().filter_map(|host| domain(host, draft)).collect())
        .unwrap_or_default();
    let path = rule.text_of("path").unwrap_or_else(|| "/".to_owned());
    let route = route(&hosts, path.trim_matches('/'));
    // A target of its own has settings of its own; without one the rule leads to the target group of the service.
    let target = target(rule, port).map(|target| with_settings(target, rule));
    draft.set("behind", [Expr::name(variable), route].into_iter().chain(target));
    for unused in rule.unused() {
        draft.note(
            unused.line,
            format!("`{}` of the rule for `{path}` is that of the service: a `Target()` has its own", unused.path),
        );
    }
    rule.whole();
}

/// Sets the health check, the stickiness and the delay of a target.
fn with_settings(mut target: Expr, rule: &Node) -> Expr {
    if let Some(check) = rule.get("healthcheck") {
        target = target.set("health_check", [health_check_of(check)]);
    }
    if rule.peek("stickiness").and_then(Node::bool) == Some(true) {
        _ = rule.get("stickiness");
        target = target.set("sticky", []);
    }
    if let Some(delay) = rule.text_of("deregistration_delay").and_then(|text| seconds(&text)) {
        target = target.set("drain", [Expr::Int(delay)]);
    }
    target
}

/// Returns the target of a rule, unless it is the port of the service.
fn target(rule: &Node, port: Option<i64>) -> Option<Expr> {
    let container = rule.text_of("target_container").map(|name| Expr::text(block_name(&name)));
    let target_port = rule.get("target_port").and_then(Node::int);
    let target_port = target_port.filter(|own| container.is_some() || Some(*own) != port).map(Expr::Int);
    if container.is_none() && target_port.is_none() {
        return None;
    }
    let target = container.into_iter().fold(Expr::call("Target", []), |target, name| target.set("container", [name]));
    Some(target_port.into_iter().fold(target, |target, port| target.set("port", [port])))
}

/// Returns the route of a host and a path: Copilot's path `shop` is `/shop` and everything below it.
fn route(hosts: &[String], path: &str) -> Expr {
    let route = hosts.iter().fold(Expr::call("Route", []), |route, host| route.set("host", [Expr::text(host)]));
    match path {
        "" if !hosts.is_empty() => route,
        "" => route.set("path", [Expr::text("/*")]),
        path => route.set("path", [Expr::text(format!("/{path}"))]).set("path", [Expr::text(format!("/{path}/*"))]),
    }
}

/// Returns the name of a domain; its hosted zone is noted.
fn domain(host: &Node, draft: &mut Draft) -> Option<String> {
    if let Some(zone) = host.text_of("hosted_zone") {
        draft.note(
            host.line,
            format!("the hosted zone {zone} belongs to `.domain(name, hosted_zone_id)` of the load balancer"),
        );
    }
    host.text().or_else(|| host.text_of("name"))
}

fn health_check(http: &Node, draft: &mut Draft) {
    let Some(check) = http.get("healthcheck") else { return };
    draft.set("health_check", [health_check_of(check)]);
    if let Some(period) = check.text_of("grace_period").and_then(|text| seconds(&text)) {
        draft.set_int("grace_period", period);
    }
}

/// Returns a health check: a path, or a path with settings.
fn health_check_of(check: &Node) -> Expr {
    let path = check.text().or_else(|| check.text_of("path")).unwrap_or_else(|| "/".to_owned());
    let mut value = Expr::call("HealthCheck", [Expr::text(&path)]);
    for (key, setter) in [("healthy_threshold", "healthy"), ("unhealthy_threshold", "unhealthy"), ("port", "port")] {
        if let Some(number) = check.get(key).and_then(Node::int) {
            value = value.set(setter, [Expr::Int(number)]);
        }
    }
    for key in ["interval", "timeout"] {
        if let Some(number) = check.text_of(key).and_then(|text| seconds(&text)) {
            value = value.set(key, [Expr::Int(number)]);
        }
    }
    if let Some(codes) = check.text_of("success_codes") {
        value = value.set("codes", [Expr::text(codes)]);
    }
    if check.is_map() { value } else { Expr::text(path) }
}

//! Load balancers, target groups, listeners and their rules.
//!
//! Sources: "Elastic Load Balancing" in the CloudFormation reference, "Quotas for your Application Load Balancers" and
//! "Target groups" of its user guide.

use crate::cfn::type_names::{LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP};
use std::collections::HashMap;

use super::condition_logic::Possibility;
use super::context::{CheckContext, ResourceEntry};
use super::network::SUBNET;
use crate::cfn::{Function, Ref, Value};
use crate::diag::{Code, Sink};

const NAME_LENGTH: usize = 32;
/// Values of all conditions of one rule together.
const CONDITION_VALUES: usize = 5;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for balancer in scope.all(LOAD_BALANCER) {
        name(balancer, scope, sink);
        zones(balancer, scope, sink);
    }
    for group in scope.all(TARGET_GROUP) {
        name(group, scope, sink);
        target_group(group, sink);
        attributes(group, sink);
    }
    for listener in scope.all(LISTENER) {
        protocol(listener, scope, sink);
        actions(listener, "DefaultActions", sink);
        login(listener, "DefaultActions", Some(listener), sink);
    }
    for rule in scope.all(LISTENER_RULE) {
        actions(rule, "Actions", sink);
        let listener = rule.get("ListenerArn").and_then(|listener| scope.target(listener, LISTENER));
        login(rule, "Actions", listener, sink);
        conditions(rule, sink);
    }
    unique(scope, LISTENER, "LoadBalancerArn", "Port", Code::DuplicateListenerPort, sink);
    unique(scope, LISTENER_RULE, "ListenerArn", "Priority", Code::DuplicateRoutePriority, sink);
}

fn name(found: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(name) = found.get("Name").and_then(|name| scope.resolved(name)) else { return };
    let is_balancer = found.kind() == LOAD_BALANCER;
    let message = if name.len() > NAME_LENGTH {
        format!("`{name}` has {} characters, and a name here may have {NAME_LENGTH}", name.len())
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') || name.is_empty() {
        format!("`{name}` cannot be a name here: it may have letters, digits and hyphens")
    } else if name.starts_with('-') || name.ends_with('-') {
        format!("`{name}` begins or ends with a hyphen")
    } else if is_balancer && name.starts_with("internal-") {
        format!("`{name}` begins with `internal-`, which AWS keeps for itself")
    } else {
        return;
    };
    let problem = found.error(Code::PhysicalName, "Name", message);
    sink.push(problem.help("leave `Name` out: AWS makes one that is free"));
}

fn is_application(balancer: ResourceEntry<'_>) -> bool {
    balancer.lacks("Type") || balancer.text("Type") == Some("application")
}

/// Checks that an ALB has subnets in two zones, and one in each.
fn zones(balancer: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    if !is_application(balancer) {
        return;
    }
    for property in ["Subnets", "SubnetMappings"] {
        for branch in balancer.branches(property) {
            if !branch.value.is_some_and(|value| is_one_zone(value, scope)) {
                continue;
            }
            let message = "an application load balancer needs subnets in two Availability Zones, and here is one";
            let problem = balancer.error(Code::AlbZones, property, message);
            match branch.assumptions.last() {
                None => return sink.push(problem),
                Some((name, holds)) if scope.possibility(&branch.assumptions) == Possibility::Possible => {
                    return sink.push(problem.as_warning().note(format!("this is so if `{name}` is {holds}")));
                }
                Some(_) => {}
            }
        }
    }
    let subnets = balancer.list("Subnets");
    let mut seen: Vec<(&Value, ResourceEntry<'_>)> = Vec::new();
    for subnet in subnets.iter().filter_map(|subnet| scope.target(subnet, SUBNET)) {
        let Some(zone) = subnet.resource.properties.get("AvailabilityZone") else { continue };
        if let Some((_, other)) = seen.iter().find(|(known, _)| *known == zone) {
            let message = format!("the subnets `{}` and `{}` are in one Availability Zone", other.id, subnet.id);
            let problem = balancer.error(Code::AlbZones, "Subnets", message).at(subnet.origin("AvailabilityZone"), "");
            sink.push(problem.help("a load balancer has one subnet in each of two or more zones"));
        }
        seen.push((zone, subnet));
    }
}

/// Returns whether a list of subnets certainly has one. A subnet of a Local Zone or an Outpost may be alone
/// (`CreateLoadBalancer` of the ELB API).
fn is_one_zone(value: &Value, scope: &CheckContext<'_>) -> bool {
    let Some([item]) = value.as_list() else { return false };
    let subnet = item.get("SubnetId").unwrap_or(item);
    if let Some(subnet) = scope.target(subnet, SUBNET) {
        let is_local = subnet.text("AvailabilityZone").is_some_and(|zone| zone.matches('-').count() > 2);
        return !is_local && subnet.lacks("OutpostArn") && subnet.lacks("AvailabilityZoneId");
    }
    let parameter = subnet.as_reference().and_then(|reference| scope.template.parameters.get(&reference.id));
    let kind = parameter.and_then(|parameter| parameter.body.get("Type")?.as_str());
    let is_selected = matches!(subnet, Value::Call(call) if call.function == Function::Select);
    is_selected || subnet.as_str().is_some() || matches!(kind, Some("String" | "AWS::EC2::Subnet::Id"))
}

fn target_group(group: ResourceEntry<'_>, sink: &mut Sink) {
    let timeout = group.int("HealthCheckTimeoutSeconds");
    let interval =
        group.int("HealthCheckIntervalSeconds").or_else(|| group.lacks("HealthCheckIntervalSeconds").then_some(30));
    if let (Some(timeout), Some(interval)) = (timeout, interval)
        && (timeout > interval || (timeout == interval && !is_network(group)))
    {
        let message = format!("a health check that may take {timeout} seconds cannot be made every {interval}");
        let problem = group.error(Code::HealthCheckTimeout, "HealthCheckTimeoutSeconds", message);
        sink.push(problem.help("the timeout must be below the interval"));
    }
    if let Some(path) = group.text("HealthCheckPath").filter(|path| !path.starts_with('/') || path.len() > 1024) {
        let is_grpc = group.text("ProtocolVersion") == Some("GRPC");
        if !is_grpc {
            let problem = group.error(Code::HealthCheckPath, "HealthCheckPath", format!("`{path}` is not a path"));
            sink.push(problem.help("a path begins with `/` and has at most 1,024 characters"));
        }
    }
}

/// Returns whether a Network or Gateway Load Balancer checks the targets: its timeout may be as long as the interval.
fn is_network(group: ResourceEntry<'_>) -> bool {
    !matches!(group.text("Protocol"), Some("HTTP" | "HTTPS"))
}

/// Checks the attributes, which are strings; the ranges are those of "Target group attributes".
fn attributes(group: ResourceEntry<'_>, sink: &mut Sink) {
    for (at, item) in group.list("TargetGroupAttributes").iter().enumerate() {
        let key = item.get("Key").and_then(Value::as_str).unwrap_or_default();
        let Some(value) = item.get("Value").and_then(Value::as_int) else { continue };
        let allowed = match key {
            "deregistration_delay.timeout_seconds" => (0..=3600).contains(&value),
            "slow_start.duration_seconds" => value == 0 || (30..=900).contains(&value),
            "stickiness.lb_cookie.duration_seconds" | "stickiness.app_cookie.duration_seconds" => {
                (1..=604_800).contains(&value)
            }
            _ => true,
        };
        if !allowed {
            let place = format!("TargetGroupAttributes.{at}.Value");
            sink.push(group.error(Code::AttributeRange, &place, format!("`{key}` cannot be {value} seconds")));
        }
    }
}

fn protocol(listener: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let protocol = listener.text("Protocol");
    if matches!(protocol, Some("HTTPS" | "TLS")) && listener.lacks("Certificates") {
        let name = protocol.unwrap_or_default();
        let problem =
            listener.error(Code::MissingCertificate, "Protocol", format!("a listener for {name} needs a certificate"));
        sink.push(problem.help("set `Certificates` to a certificate of ACM"));
    } else {
        vanishing_certificate(listener, scope, sink);
    }
    let balancer = listener.get("LoadBalancerArn").and_then(|it| scope.target(it, LOAD_BALANCER));
    let (Some(balancer), Some(protocol)) = (balancer, protocol) else { return };
    let kind = balancer.text("Type").or_else(|| balancer.lacks("Type").then_some("application"));
    let known: &[&str] = match kind {
        Some("application") => &["HTTP", "HTTPS"],
        Some("network") => &["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"],
        Some("gateway") => &["GENEVE"],
        _ => return,
    };
    if !known.contains(&protocol) {
        let kind = kind.unwrap_or_default();
        let message = format!("a load balancer of type `{kind}` does not listen for {protocol}");
        sink.push(
            listener.error(Code::ListenerProtocol, "Protocol", message).help(format!("it takes {}", known.join(", "))),
        );
    }
}

/// Reports certificates that a condition removes where the protocol still needs them.
fn vanishing_certificate(listener: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let own = listener.resource.condition.as_deref().map(|name| (name, true));
    for protocol in listener.branches("Protocol") {
        let Some(name) = protocol.value.and_then(Value::as_str).filter(|name| ["HTTPS", "TLS"].contains(name)) else {
            continue;
        };
        let without = [listener.branches("Certificates"), listener.branches("Certificates.0")].concat();
        for certificate in without.iter().filter(|branch| branch.value.is_none() && !branch.assumptions.is_empty()) {
            let assumptions: Vec<_> =
                own.into_iter().chain(protocol.assumptions.clone()).chain(certificate.assumptions.clone()).collect();
            if scope.possibility(&assumptions) != Possibility::Possible {
                continue;
            }
            let (condition, holds) = certificate.assumptions.last().copied().unwrap_or_default();
            let message =
                format!("a listener for {name} needs a certificate, and has none if `{condition}` is {holds}");
            let problem = listener.error(Code::MissingCertificate, "Certificates", message);
            return sink.push(problem.help(format!("make the protocol depend on `{condition}` too")));
        }
    }
}

/// Actions that come before the one that answers.
const AUTHENTICATE: [&str; 3] = ["authenticate-cognito", "authenticate-oidc", "jwt-validation"];

/// Checks that each list of actions ends in one that answers.
fn actions(found: ResourceEntry<'_>, property: &str, sink: &mut Sink) {
    let actions = found.list(property);
    let kinds: Vec<Option<&str>> = actions.iter().map(|action| action.get("Type").and_then(Value::as_str)).collect();
    let answers = |kind: Option<&str>| matches!(kind, Some("forward" | "redirect" | "fixed-response"));
    let are_known =
        kinds.iter().all(|kind| kind.is_some_and(|kind| answers(Some(kind)) || AUTHENTICATE.contains(&kind)));
    if !kinds.is_empty() && are_known && kinds.iter().filter(|kind| answers(**kind)).count() != 1 {
        let message = "a list of actions has just one that forwards, redirects or answers";
        sink.push(found.error(Code::ListenerAction, property, message));
    }
    for (at, action) in actions.iter().enumerate() {
        let place = format!("{property}.{at}");
        let wanted: &[&str] = match kinds[at] {
            Some("forward") => &["TargetGroupArn", "ForwardConfig"],
            Some("redirect") => &["RedirectConfig"],
            Some("fixed-response") => &["FixedResponseConfig"],
            Some("authenticate-cognito") => &["AuthenticateCognitoConfig"],
            Some("authenticate-oidc") => &["AuthenticateOidcConfig"],
            _ => continue,
        };
        if !wanted.iter().any(|name| action.get(name).is_some()) {
            let message = format!("an action of type `{}` needs `{}`", kinds[at].unwrap_or_default(), wanted[0]);
            sink.push(found.error(Code::ListenerAction, &place, message));
        }
        if action.get("RedirectConfig").and_then(Value::as_map).is_some_and(|config| is_loop(found, config)) {
            let message = "this redirects every request to itself";
            let problem = found.error(Code::RedirectLoop, &place, message);
            sink.push(problem.help("change the protocol, port, host, path or query"));
        }
    }
}

/// Reports an action that authenticates users on a listener for HTTP ("Authenticate users using an Application Load Balancer" of
/// the user guide: the listener is for HTTPS).
fn login(found: ResourceEntry<'_>, property: &str, listener: Option<ResourceEntry<'_>>, sink: &mut Sink) {
    let Some(listener) = listener.filter(|listener| listener.text("Protocol") == Some("HTTP")) else { return };
    let actions = found.list(property);
    let is_login =
        |action: &Value| action.get("Type").and_then(Value::as_str).is_some_and(|it| AUTHENTICATE.contains(&it));
    let Some(at) = actions.iter().position(is_login) else { return };
    let message = "users can log in over HTTPS only, and this listener is for HTTP";
    let problem = found.error(Code::ListenerAction, &format!("{property}.{at}"), message);
    let problem = problem.at(listener.origin("Protocol"), "the listener");
    sink.push(problem.help("use a listener for HTTPS, and redirect HTTP to it"));
}

/// Returns whether a redirect keeps everything as it is.
fn is_loop(found: ResourceEntry<'_>, config: &crate::cfn::Map) -> bool {
    let keeps = |name: &str, same: &[&str]| match config.get(name) {
        None => true,
        Some(value) => value.as_str().is_some_and(|text| same.contains(&text)),
    };
    let port = found.get("Port").and_then(Value::as_int).map(|port| port.to_string()).unwrap_or_default();
    keeps("Protocol", &["#{protocol}", found.text("Protocol").unwrap_or("#{protocol}")])
        && keeps("Port", &["#{port}", if port.is_empty() { "#{port}" } else { &port }])
        && keeps("Host", &["#{host}"])
        && keeps("Path", &["/#{path}"])
        && keeps("Query", &["#{query}"])
}

fn conditions(rule: ResourceEntry<'_>, sink: &mut Sink) {
    let count: usize = rule.list("Conditions").iter().map(values).sum();
    if count > CONDITION_VALUES {
        let message = format!("the conditions of a rule have at most {CONDITION_VALUES} values together, not {count}");
        sink.push(rule.error(Code::RuleConditions, "Conditions", message).help("split the rule into two"));
    }
    for (at, condition) in rule.list("Conditions").iter().enumerate() {
        let paths =
            condition.get("PathPatternConfig").and_then(|config| config.get("Values")).or(condition.get("Values"));
        let is_path = condition.get("Field").and_then(Value::as_str) == Some("path-pattern");
        for path in paths.and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
            if is_path && (path.len() > 128 || path.is_empty()) {
                let place = format!("Conditions.{at}");
                sink.push(rule.error(Code::RuleConditions, &place, "a path pattern has 1 to 128 characters"));
            }
        }
    }
}

fn values(condition: &Value) -> usize {
    const CONFIGS: [&str; 6] = [
        "HostHeaderConfig",
        "HttpHeaderConfig",
        "HttpRequestMethodConfig",
        "PathPatternConfig",
        "QueryStringConfig",
        "SourceIpConfig",
    ];
    let count = |holder: &Value| holder.get("Values").and_then(Value::as_list).map_or(0, <[Value]>::len);
    let own = count(condition);
    let configured: usize = CONFIGS.iter().filter_map(|name| condition.get(name)).map(count).sum();
    own.max(configured)
}

/// Checks that two resources of one kind below one parent differ in a number.
fn unique(scope: &CheckContext<'_>, kind: &str, parent: &str, number: &str, code: Code, sink: &mut Sink) {
    let mut seen: HashMap<(&Ref, i64), Vec<ResourceEntry<'_>>> = HashMap::new();
    for found in scope.all(kind) {
        let (Some(parent), Some(value)) = (found.reference(parent), found.int(number)) else { continue };
        let same = seen.entry((parent, value)).or_default();
        let condition = found.resource.condition.as_deref();
        let other =
            same.iter().find(|first| scope.can_both_exist(first.resource.condition.as_deref(), condition)).copied();
        same.push(found);
        if let Some(first) = other {
            let what = number.to_lowercase();
            let message = format!("`{}` and `{}` have the same {what}, {value}", first.id, found.id);
            sink.push(found.error(code, number, message).at(first.origin(number), "the other one"));
        }
    }
}

//! Target groups.

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use super::load_balancers::name_problem;
use super::{forwards_to, invalid_configuration, refuse, validation_error};
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, TARGET_GROUP};
use crate::rehearsal::property_access::{number, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: TARGET_GROUP, intents: CREATION, check: invalid_name },
    Rule { kind: TARGET_GROUP, intents: CREATION, check: name_in_use },
    Rule { kind: TARGET_GROUP, intents: CHANGES, check: invalid_codes },
    Rule { kind: TARGET_GROUP, intents: CHANGES, check: timeout_not_below_interval },
    Rule { kind: TARGET_GROUP, intents: CHANGES, check: matcher_of_tcp_check },
    Rule { kind: TARGET_GROUP, intents: DELETION, check: in_use },
];

/// Refuses a name that is not valid (`Name` of `CreateTargetGroup`, ELBv2 API: "a maximum of 32 characters, must contain only
/// alphanumeric characters or hyphens, and must not begin or end with a hyphen").
fn invalid_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    name_problem(&name).map(|problem| validation_error(format!("Target group name '{name}' {problem}")))
}

/// Refuses a name that another target group has (`DuplicateTargetGroupName` of `CreateTargetGroup`, ELBv2 API; the message is
/// quoted in awslabs/fargatecli#29).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    view.others(TARGET_GROUP, subject).find(|other| other.has("Name", &name))?;
    let text = format!("A target group with the same name '{name}' exists, but with different settings");
    Some(refuse("DuplicateTargetGroupName", "AlreadyExists", text))
}

/// Refuses success codes out of range (`Matcher`, ELBv2 API: 200 to 499 for HTTP, 0 to 99 for gRPC; the message is quoted in
/// kubernetes-sigs/aws-load-balancer-controller#2804).
fn invalid_codes(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let protocol = text(subject.properties, "Protocol").unwrap_or_else(|| "HTTP".to_owned());
    if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
        return None;
    }
    let matcher = subject.properties.get("Matcher")?;
    let grpc = text(subject.properties, "ProtocolVersion").is_some_and(|version| version == "GRPC");
    let (key, name, lowest, highest) = if grpc { ("GrpcCode", "GRPC", 0, 99) } else { ("HttpCode", "HTTP", 200, 499) };
    let codes = text(matcher, key)?;
    let valid = |code: &str| code.parse::<u16>().ok().filter(|code| (lowest..=highest).contains(code));
    let valid_range = |part: &str| match part.split_once('-') {
        Some((first, last)) => valid(first).zip(valid(last)).is_some_and(|(first, last)| first <= last),
        None => valid(part).is_some(),
    };
    let wrong = codes.split(',').find(|part| !valid_range(part))?;
    Some(validation_error(format!(
        "Health check matcher {name} code '{wrong}' must be within '{lowest}-{highest}' inclusive"
    )))
}

/// Refuses a timeout of HTTP checks that is not below the interval (`HealthCheckTimeoutSeconds` of `CreateTargetGroup`, ELBv2 API; the
/// message is that of moto and of public logs). The defaults are those of `ip` targets: 30 and 5 seconds.
fn timeout_not_below_interval(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    if !matches!(check_protocol(subject)?.as_str(), "HTTP" | "HTTPS") {
        return None;
    }
    let timeout = number(subject.properties, "HealthCheckTimeoutSeconds").unwrap_or(5);
    let interval = number(subject.properties, "HealthCheckIntervalSeconds").unwrap_or(30);
    (timeout >= interval).then(|| {
        validation_error(format!("Health check timeout '{timeout}' must be smaller than the interval '{interval}'"))
    })
}

/// Refuses success codes of TCP checks (`Matcher` of `CreateTargetGroup`, ELBv2 API; the message is quoted in
/// awsdocs/aws-cloudformation-user-guide#186).
fn matcher_of_tcp_check(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    subject.properties.get("Matcher")?;
    let text = "Health check matchers are not supported for TCP health checks";
    (check_protocol(subject)? == "TCP").then(|| invalid_configuration(text.to_owned()))
}

/// Returns the protocol of health checks: for Application Load Balancers, HTTP unless it is set; for others, TCP (ELBv2 API).
fn check_protocol(subject: &Subject<'_>) -> Option<String> {
    let set = text(subject.properties, "HealthCheckProtocol");
    set.or_else(|| match text(subject.properties, "Protocol")?.as_str() {
        "HTTP" | "HTTPS" => Some("HTTP".to_owned()),
        "TCP" | "TLS" | "UDP" | "TCP_UDP" => Some("TCP".to_owned()),
        _ => None,
    })
}

/// Refuses the deletion of a target group that a listener or rule uses (`ResourceInUse` of `DeleteTargetGroup`, ELBv2 API; the
/// message is quoted in cloudposse/terraform-aws-alb-ingress#24).
fn in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let arn = subject.physical_id?;
    let forwards = |kind: &str| matches!(kind, LISTENER | LISTENER_RULE);
    let mut users = view.staying().filter(|user| forwards(user.kind));
    users.find(|user| forwards_to(user.kind, user.properties).iter().any(|group| group == arn))?;
    let text = format!("Target group '{arn}' is currently in use by a listener or a rule");
    Some(refuse("ResourceInUse", "ResourceConflict", text))
}

//! Target groups.

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use super::load_balancers::name_problem;
use super::{forwards_to, refuse, validation_error};
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, TARGET_GROUP};
use crate::rehearsal::property_access::text;

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: TARGET_GROUP, intents: CREATION, check: invalid_name },
    Rule { kind: TARGET_GROUP, intents: CREATION, check: name_in_use },
    Rule { kind: TARGET_GROUP, intents: CHANGES, check: invalid_codes },
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

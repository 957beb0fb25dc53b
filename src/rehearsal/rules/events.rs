//! Amazon `EventBridge`: rules and schedules.

use serde_json::Value as Json;

use super::policy::is_closed_to;
use super::view::AccountView;
use super::{CHANGES, Refusal, Rule, Subject};
use crate::rehearsal::property_access::{list, text};

const RULE: &str = "AWS::Events::Rule";
const SCHEDULE: &str = "AWS::Scheduler::Schedule";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: RULE, intents: CHANGES, check: pattern_and_schedule_missing },
    Rule { kind: RULE, intents: CHANGES, check: invalid_rule_schedule },
    Rule { kind: RULE, intents: CHANGES, check: schedule_on_another_bus },
    Rule { kind: RULE, intents: CHANGES, check: target_ids_twice },
    Rule { kind: RULE, intents: CHANGES, check: too_many_targets },
    Rule { kind: RULE, intents: CHANGES, check: role_missing },
    Rule { kind: SCHEDULE, intents: CHANGES, check: invalid_schedule },
    Rule { kind: SCHEDULE, intents: CHANGES, check: role_closed_to_scheduler },
];

/// Returns a refusal of a rule.
fn refuse(error: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("EventBridge", error, "InvalidRequest", text)
}

/// Refuses a rule with neither a pattern nor a schedule (`PutRule`, `EventBridge` API: "a rule must contain at least an
/// `EventPattern` or `ScheduleExpression`").
fn pattern_and_schedule_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let set = ["EventPattern", "ScheduleExpression"].iter().any(|name| subject.properties.get(name).is_some());
    (!set).then(|| refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."))
}

/// Refuses a schedule that is not valid (`ScheduleExpression` of `PutRule`, `EventBridge` API: `cron(..)` or `rate(..)`).
fn invalid_rule_schedule(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let schedule = text(subject.properties, "ScheduleExpression")?;
    (!is_rate(&schedule) && !is_cron(&schedule))
        .then(|| refuse("ValidationException", "Parameter ScheduleExpression is not valid."))
}

/// Returns whether a schedule is a rate: a number and its unit, which is singular after 1.
fn is_rate(schedule: &str) -> bool {
    let inner = schedule.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let parts: Vec<_> = inner.unwrap_or_default().split(' ').collect();
    let [number, unit] = parts.as_slice() else { return false };
    let singular = ["minute", "hour", "day"];
    match number.parse::<u32>() {
        Ok(0) | Err(_) => false,
        Ok(1) => singular.contains(unit),
        Ok(_) => unit.strip_suffix('s').is_some_and(|unit| singular.contains(&unit)),
    }
}

/// Returns whether a schedule is a cron expression with six fields, of which one of the days is `?` ("Cron-based schedules", user
/// guide).
fn is_cron(schedule: &str) -> bool {
    let inner = schedule.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
    let fields: Vec<_> = inner.unwrap_or_default().split_whitespace().collect();
    let [_, _, of_month, _, of_week, _] = fields.as_slice() else { return false };
    (*of_month == "?") != (*of_week == "?")
}

/// Refuses a schedule on another bus than the default one (`EventBusName` of `PutRule`, `EventBridge` API; "Creating a rule that runs
/// on a schedule", user guide).
fn schedule_on_another_bus(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    subject.properties.get("ScheduleExpression")?;
    let bus = text(subject.properties, "EventBusName")?;
    (bus != "default" && !bus.ends_with("/default"))
        .then(|| refuse("ValidationException", "ScheduleExpression is supported only on the default event bus."))
}

/// Refuses two targets with one id (`Id` of `Target`, `EventBridge` API: "the ID of the target within the specified rule").
fn target_ids_twice(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let ids: Vec<_> = list(subject.properties, "Targets").filter_map(|target| text(target, "Id")).collect();
    let (_, id) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id))?;
    Some(refuse("ValidationException", format!("Duplicate ids in the list of targets: {id}")))
}

/// Refuses more than five targets ("Amazon `EventBridge` quotas", user guide; `LimitExceededException` of `PutTargets`, `EventBridge`
/// API).
fn too_many_targets(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    (list(subject.properties, "Targets").count() > 5)
        .then(|| refuse("LimitExceededException", "The requested resource exceeds the maximum number allowed."))
}

/// Refuses a target that needs a role and has none, as ECS tasks do (`RoleArn` of `Target`, `EventBridge` API; "Permissions for
/// `EventBridge` to access targets", user guide).
fn role_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let needs_role = |target: &Json| {
        let arn = text(target, "Arn").unwrap_or_default();
        let service = arn.split(':').nth(2).unwrap_or_default();
        (matches!(service, "ecs" | "states" | "kinesis" | "batch") && target.get("RoleArn").is_none()).then_some(arn)
    };
    let arn = list(subject.properties, "Targets").find_map(needs_role)?;
    Some(refuse("ValidationException", format!("RoleArn is required for target {arn}.")))
}

/// Refuses a schedule that is not valid (`ScheduleExpression` of `CreateSchedule`, Scheduler API: `at(..)`, `rate(..)` or `cron(..)`).
fn invalid_schedule(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let schedule = text(subject.properties, "ScheduleExpression")?;
    let rate = |it: &str| it.starts_with("rate(") && it.ends_with(')') && it[5..it.len() - 1].split(' ').count() == 2;
    let at = |it: &str| {
        let time = it.strip_prefix("at(").and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
        time.len() == "2026-01-01T00:00:00".len() && time.as_bytes()[10] == b'T'
    };
    (!rate(&schedule) && !at(&schedule) && !is_cron(&schedule)).then(|| {
        let text = format!("Invalid Schedule Expression {schedule}.");
        Refusal::new("Scheduler", "ValidationException", "InvalidRequest", text)
    })
}

/// Refuses a role that Scheduler cannot assume (`RoleArn` of `Target`, Scheduler API; "Execution role", user guide; the message is
/// quoted in aws/aws-sdk-js-v3#6494).
fn role_closed_to_scheduler(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let role = text(subject.properties.get("Target")?, "RoleArn")?;
    is_closed_to(view, &role, "scheduler.amazonaws.com").then(|| {
        let text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
        Refusal::new("Scheduler", "ValidationException", "InvalidRequest", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_cron_expressions_are_read_as_eventbridge_does() {
        for (schedule, valid) in [
            ("rate(1 hour)", true),
            ("rate(5 minutes)", true),
            ("rate(1 hours)", false),
            ("rate(5 minute)", false),
            ("rate(0 days)", false),
            ("cron(0 3 * * ? *)", true),
            ("cron(0 3 ? * MON-FRI *)", true),
            ("cron(0 3 * * *)", false),
            ("cron(0 3 * * * *)", false),
            ("every day", false),
        ] {
            assert_eq!(is_rate(schedule) || is_cron(schedule), valid, "{schedule}");
        }
    }
}

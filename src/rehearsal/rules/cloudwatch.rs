//! Amazon `CloudWatch`: alarms and dashboards.

use super::view::AccountView;
use super::{CHANGES, Refusal, Rule, Subject};
use crate::cfn::type_names::ALARM;
use crate::rehearsal::property_access::{list, number, text};

const DASHBOARD: &str = "AWS::CloudWatch::Dashboard";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: ALARM, intents: CHANGES, check: invalid_period },
    Rule { kind: ALARM, intents: CHANGES, check: more_than_a_day },
    Rule { kind: ALARM, intents: CHANGES, check: too_many_datapoints },
    Rule { kind: ALARM, intents: CHANGES, check: action_of_another_region },
    Rule { kind: DASHBOARD, intents: CHANGES, check: invalid_body },
];

/// Returns a refusal of a parameter.
fn refuse(text: impl Into<String>) -> Refusal {
    Refusal::new("CloudWatch", "ValidationError", "InvalidRequest", text)
}

/// Refuses a period that is not 10, 20, 30 or a multiple of 60 (`Period` of `PutMetricAlarm`, `CloudWatch` API).
fn invalid_period(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let period = number(subject.properties, "Period")?;
    let valid = matches!(period, 10 | 20 | 30) || (period > 0 && period.is_multiple_of(60));
    (!valid).then(|| refuse("Period must be 10, 20, 30 or a multiple of 60"))
}

/// Refuses periods of more than a day, or of more than a week if a period is an hour or longer (`EvaluationPeriods` of
/// `PutMetricAlarm`, `CloudWatch` API).
fn more_than_a_day(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let period = u64::from(number(subject.properties, "Period")?);
    let whole = period * u64::from(number(subject.properties, "EvaluationPeriods")?);
    let (limit, span) = if period < 3600 { (86_400, "a day") } else { (604_800, "a week") };
    (whole > limit).then(|| {
        refuse(format!(
            "Metrics cannot be checked across more than {span} (EvaluationPeriods * Period must be <= {limit})."
        ))
    })
}

/// Refuses more datapoints than periods (`DatapointsToAlarm` of `PutMetricAlarm`, `CloudWatch` API; "Evaluating an alarm", user
/// guide: "M out of N").
fn too_many_datapoints(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let datapoints = number(subject.properties, "DatapointsToAlarm")?;
    let periods = number(subject.properties, "EvaluationPeriods")?;
    (datapoints > periods).then(|| refuse("DatapointsToAlarm must be less than or equal to EvaluationPeriods"))
}

/// Refuses a topic of another region (`AlarmActions` of `PutMetricAlarm`, `CloudWatch` API; "Notifying users on alarm changes", user
/// guide: the topic is in the region of the alarm).
fn action_of_another_region(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = view.known_region()?;
    let names = ["AlarmActions", "OKActions", "InsufficientDataActions"];
    let mut actions = names.iter().flat_map(|name| list(subject.properties, name)).filter_map(|it| it.as_str());
    let topic = actions.find_map(|arn| {
        let mut parts = arn.split(':').skip(2);
        let (service, region) = (parts.next()?, parts.next()?);
        (service == "sns" && !region.is_empty() && region != own).then_some(region)
    })?;
    Some(refuse(format!("Invalid region {topic} specified. Only {own} is supported.")))
}

/// Refuses a body that is not a JSON object (`DashboardInvalidInputError` of `PutDashboard`, `CloudWatch` API).
fn invalid_body(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let body = text(subject.properties, "DashboardBody")?;
    let is_object = serde_json::from_str::<serde_json::Value>(&body).is_ok_and(|body| body.is_object());
    (!is_object).then(|| {
        let text = "The dashboard body is invalid, there are 1 validation errors: [ { \"message\": \"The field DashboardBody must be a valid JSON object\" } ]";
        Refusal::new("CloudWatch", "InvalidParameterInput", "InvalidRequest", text)
    })
}

//! Schedules of EventBridge and of Application Auto Scaling.
//!
//! Source: "Schedule types on EventBridge Scheduler" of its user guide.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::cfn::type_names::SCALABLE_TARGET;
use crate::diag::{Code, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for rule in scope.all("AWS::Events::Rule") {
        schedule(rule, "ScheduleExpression", false, sink);
    }
    for found in scope.all("AWS::Scheduler::Schedule") {
        schedule(found, "ScheduleExpression", true, sink);
    }
    for target in scope.all(SCALABLE_TARGET) {
        for at in 0..target.get("ScheduledActions").and_then(Value::as_list).map_or(0, <[Value]>::len) {
            schedule(target, &format!("ScheduledActions.{at}.Schedule"), true, sink);
        }
    }
}

fn schedule(found: ResourceEntry<'_>, path: &str, may_be_once: bool, sink: &mut Sink) {
    let Some(text) = found.text(path) else { return };
    let Some((kind, inside)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        let problem = found.error(Code::ScheduleExpression, path, format!("`{text}` is not a schedule"));
        return sink.push(problem.help("write `rate(5 minutes)` or `cron(0 6 * * ? *)`"));
    };
    let help = match kind {
        "rate" if is_rate(inside) => return,
        "cron" if is_cron(inside) => return,
        "at" if may_be_once && is_moment(inside) => return,
        "rate" => "a rate is a number and a unit, as `rate(1 hour)`, `rate(5 minutes)` or `rate(2 days)`",
        "cron" => "six fields: minutes, hours, day of the month, month, day of the week, year; one of the days is `?`",
        "at" if may_be_once => "write a moment as `at(2027-01-31T06:00:00)`",
        _ => "write `rate(5 minutes)` or `cron(0 6 * * ? *)`",
    };
    sink.push(found.error(Code::ScheduleExpression, path, format!("`{text}` is not a schedule")).help(help));
}

/// Returns whether it is a rate; the unit is singular for one and plural for more.
fn is_rate(inside: &str) -> bool {
    let Some((number, unit)) = inside.split_once(' ') else { return false };
    match number.parse::<u32>() {
        Ok(1) => ["minute", "hour", "day"].contains(&unit),
        Ok(2..) => ["minutes", "hours", "days"].contains(&unit),
        _ => false,
    }
}

fn is_cron(inside: &str) -> bool {
    let fields: Vec<&str> = inside.split_whitespace().collect();
    fields.len() == 6 && (fields[2] == "?" || fields[4] == "?") && fields[2] != fields[4]
}

fn is_moment(inside: &str) -> bool {
    inside.len() == 19
        && inside.char_indices().all(|(at, c)| match at {
            4 | 7 => c == '-',
            10 => c == 'T',
            13 | 16 => c == ':',
            _ => c.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_unit_agrees_with_its_number() {
        for (text, right) in
            [("1 minute", true), ("1 minutes", false), ("5 minutes", true), ("5 minute", false), ("0 days", false)]
        {
            assert_eq!(is_rate(text), right, "{text}");
        }
    }

    #[test]
    fn cron_has_six_fields_and_one_question_mark() {
        for (text, right) in
            [("0 6 * * ? *", true), ("0 6 ? * MON-FRI *", true), ("0 6 * * * *", false), ("0 6 * * ?", false)]
        {
            assert_eq!(is_cron(text), right, "{text}");
        }
    }

    #[test]
    fn at_expression_with_a_time_zone_is_invalid() {
        assert!(is_moment("2027-01-31T06:00:00"));
        assert!(!is_moment("2027-01-31 06:00:00"));
        assert!(!is_moment("2027-01-31T06:00:00Z"));
    }
}

//! Schedules of EventBridge and of Application Auto Scaling.
//!
//! Source: "Schedule types on EventBridge Scheduler" of its user guide.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::cfn::type_names::SCALABLE_TARGET;
use crate::diag::{Code, Sink, did_you_mean};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for rule in scope.all("AWS::Events::Rule") {
        schedule(rule, "ScheduleExpression", false, sink);
    }
    for found in scope.all("AWS::Scheduler::Schedule") {
        schedule(found, "ScheduleExpression", true, sink);
        time_zone(found, "ScheduleExpressionTimezone", sink);
    }
    for target in scope.all(SCALABLE_TARGET) {
        for at in 0..target.get("ScheduledActions").and_then(Value::as_list).map_or(0, <[Value]>::len) {
            schedule(target, &format!("ScheduledActions.{at}.Schedule"), true, sink);
            time_zone(target, &format!("ScheduledActions.{at}.Timezone"), sink);
        }
    }
}

/// The names of the IANA time zone database, sorted.
const TIME_ZONES: &str = include_str!("../../../data/time-zones.txt");

/// Checks the name of a time zone ("Time zones" of the Scheduler user guide, "Timezone" of `PutScheduledAction` of Application Auto
/// Scaling).
fn time_zone(found: ResourceEntry<'_>, path: &str, sink: &mut Sink) {
    let Some(written) = found.text(path) else { return };
    if TIME_ZONES.lines().any(|zone| zone == written) {
        return;
    }
    let city = written.replace(' ', "_");
    let is_city = |zone: &&str| zone.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city));
    let known = TIME_ZONES.lines().find(is_city).map(|zone| format!("did you mean `{zone}`?"));
    let problem = found.error(Code::ScheduleExpression, path, format!("`{written}` is not a time zone"));
    let problem = problem.help_if(known.or_else(|| did_you_mean(written, TIME_ZONES.lines())));
    sink.push(
        problem.help("write a name of the IANA database, such as `Europe/Zurich`; an offset is `Etc/GMT-1` for UTC+1"),
    );
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
        "cron" => {
            "six fields: minutes (0-59), hours (0-23), day of the month (1-31), month (1-12), day of the week (1-7 or SUN-SAT), year; \
             one of the days is `?`"
        }
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
    let has_one_day = fields.len() == 6 && (fields[2] == "?" || fields[4] == "?") && fields[2] != fields[4];
    has_one_day && fields.iter().zip(&CRON_FIELDS).all(|(text, field)| field.takes(text))
}

/// A field of a cron expression ("Cron-based schedules" of the Scheduler user guide).
struct CronField {
    least: u32,
    most: u32,
    /// The names of the values, from the least on.
    names: &'static [&'static str],
    /// The letters that mean days: `L`, `15W`, `MON#2`.
    days: &'static [char],
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const CRON_FIELDS: [CronField; 6] = [
    CronField { least: 0, most: 59, names: &[], days: &[] },
    CronField { least: 0, most: 23, names: &[], days: &[] },
    CronField { least: 1, most: 31, names: &[], days: &['L', 'W', '?'] },
    CronField { least: 1, most: 12, names: MONTHS, days: &[] },
    CronField { least: 1, most: 7, names: DAYS, days: &['L', '#', '?'] },
    CronField { least: 1970, most: 2199, names: &[], days: &[] },
];

impl CronField {
    /// Returns whether a text is a list of values, ranges and steps of the field.
    fn takes(&self, text: &str) -> bool {
        text.split(',').all(|part| {
            let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
            let is_step = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
            is_step && (range == "*" || self.is_range(range))
        })
    }

    fn is_range(&self, text: &str) -> bool {
        match text.split_once('-') {
            Some((first, last)) => self.is_value(first) && self.is_value(last),
            None => self.is_value(text) || self.is_day(text),
        }
    }

    fn is_value(&self, text: &str) -> bool {
        let is_name = self.names.iter().any(|name| name.eq_ignore_ascii_case(text));
        is_name || text.parse::<u32>().is_ok_and(|number| (self.least..=self.most).contains(&number))
    }

    /// Returns whether a text is a value with one of the letters for days.
    fn is_day(&self, text: &str) -> bool {
        let Some(at) = text.find(|letter| self.days.contains(&letter)) else { return false };
        let (value, rest) = text.split_at(at);
        let is_rest = match rest {
            "L" | "W" | "?" | "LW" => true,
            number => number.strip_prefix('#').is_some_and(|number| ["1", "2", "3", "4", "5"].contains(&number)),
        };
        is_rest && (value.is_empty() && rest != "W" || self.is_value(value))
    }
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
    fn each_field_of_a_cron_expression_has_values_of_its_own() {
        for right in [
            "0/15 8-17 ? * 2-6 2026",
            "0,30 0 L * ? *",
            "0 0 LW JAN-mar ? *",
            "0 0 15W 1/3 ? 2026-2028",
            "0 0 ? * 6#3 *",
            "0 0 ? * FRIL *",
            "5 */2 1,15 * ? *",
        ] {
            assert!(is_cron(right), "{right}");
        }
        for wrong in [
            "0 25 * * ? *",
            "60 3 * * ? *",
            "0 3 ? * 0 *",
            "0 3 ? * 8 *",
            "0 3 32 * ? *",
            "0 3 1 13 ? *",
            "0 3 1 MON ? *",
            "0 3 ? * 2#6 *",
            "0 3 W * ? *",
            "0/0 3 * * ? *",
            "0 3 * * ? 1969",
            "a 3 * * ? *",
        ] {
            assert!(!is_cron(wrong), "{wrong}");
        }
    }

    #[test]
    fn at_expression_with_a_time_zone_is_invalid() {
        assert!(is_moment("2027-01-31T06:00:00"));
        assert!(!is_moment("2027-01-31 06:00:00"));
        assert!(!is_moment("2027-01-31T06:00:00Z"));
    }
}

//! Scheduled jobs: a `Job` that EventBridge Scheduler starts.

use super::{Copilot, Manifest, sidecar, task, values};
use crate::importers::draft::Draft;
use crate::importers::source::Node;

/// Sets what a job runs, and when.
pub(super) fn write(copilot: &mut Copilot<'_>, manifest: &Manifest, node: &Node, draft: &mut Draft) {
    task::image(copilot, node, draft);
    task::size(node, draft);
    values::environment(copilot, manifest, node, draft);
    task::container(copilot, node, draft);
    task::placement(copilot, node, draft);
    sidecar::write(copilot, node, draft);
    let schedule = node.at("on.schedule").and_then(Node::text).unwrap_or_default();
    let schedule = copilot.variables.plain(&schedule).0;
    match schedule_expression(&schedule) {
        // Copilot's word for a job that nothing starts.
        _ if schedule == "none" => {}
        Some(schedule) => draft.set_text("schedule", schedule),
        None => draft.note(node.line, format!("the schedule `{schedule}` is none: add `.schedule(expression)`")),
    }
    task::overrides(node, draft);
}

/// Returns a schedule of EventBridge Scheduler for one of Copilot: `@daily`, `@every 1h`, `rate(..)`, or cron with five fields.
fn schedule_expression(schedule: &str) -> Option<String> {
    let schedule = schedule.trim();
    if schedule.starts_with("rate(") || schedule.starts_with("cron(") {
        return Some(schedule.to_owned());
    }
    let fixed = [
        ("@yearly", "cron(0 0 1 1 ? *)"),
        ("@annually", "cron(0 0 1 1 ? *)"),
        ("@monthly", "cron(0 0 1 * ? *)"),
        ("@weekly", "cron(0 0 ? * 1 *)"),
        ("@daily", "cron(0 0 * * ? *)"),
        ("@midnight", "cron(0 0 * * ? *)"),
        ("@hourly", "cron(0 * * * ? *)"),
    ];
    if let Some((_, cron)) = fixed.iter().find(|(name, _)| *name == schedule) {
        return Some((*cron).to_owned());
    }
    if let Some(every) = schedule.strip_prefix("@every ") {
        let minutes = crate::importers::units::seconds(every)?.div_euclid(60).max(1);
        return Some(format!("rate({minutes} minute{})", if minutes == 1 { "" } else { "s" }));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    // EventBridge takes either a day of the month or a day of the week, and counts the latter from 1.
    let (day, weekday) = match (*day, *weekday) {
        (day, "*") => (day.to_owned(), "?".to_owned()),
        ("*", weekday) => ("?".to_owned(), from_one(weekday)),
        _ => return None,
    };
    Some(format!("cron({minute} {hour} {day} {month} {weekday} *)"))
}

/// Returns days of the week counted from 1, Sunday: cron counts from 0.
fn from_one(weekdays: &str) -> String {
    let shifted = |letter: char| match letter.to_digit(10) {
        Some(7) => '1',
        Some(day) => char::from_digit(day + 1, 10).unwrap_or(letter),
        None => letter,
    };
    // The number after a slash is a step.
    let (days, step) = weekdays.split_once('/').map_or((weekdays, None), |(days, step)| (days, Some(step)));
    let days: String = days.chars().map(shifted).collect();
    step.map_or(days.clone(), |step| format!("{days}/{step}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_of_copilot_become_those_of_eventbridge() {
        for (copilot, scheduler) in [
            ("@daily", Some("cron(0 0 * * ? *)")),
            ("@every 1h30m", Some("rate(90 minutes)")),
            ("rate(10 minutes)", Some("rate(10 minutes)")),
            ("0 3 * * *", Some("cron(0 3 * * ? *)")),
            ("*/5 9-17 * * 1-5", Some("cron(*/5 9-17 ? * 2-6 *)")),
            ("0 0 1 * 0", None),
            ("soon", None),
        ] {
            assert_eq!(schedule_expression(copilot).as_deref(), scheduler, "{copilot}");
        }
    }
}

//! Scheduled jobs: tasks that EventBridge Scheduler starts (`std/scheduled`).

use super::{Copilot, Manifest, in_stage, stages, task, values};
use crate::importers::draft::Draft;
use crate::importers::source::Node;
use crate::importers::writer::{Expr, Script};

/// Adds a job to the script.
pub(super) fn write(
    copilot: &mut Copilot<'_>,
    manifest: &Manifest,
    (block, variable): (&str, &str),
    names: &[String],
    script: &mut Script,
) {
    copilot.imports_scheduled = true;
    let mut drafts = Vec::new();
    for stage in names.iter().map(Some).chain(names.is_empty().then_some(None)) {
        let node = in_stage(&manifest.node, stage);
        let mut draft = Draft::new(&manifest.file);
        options(copilot, manifest, &node, &mut draft);
        super::unused(manifest, &node, &mut draft);
        drafts.push((stage.cloned().unwrap_or_default(), draft));
    }
    let staged = stages::merge(variable, &manifest.file, drafts, &mut copilot.names);
    copilot.notes.extend(staged.draft.notes.iter().cloned());
    let mut comments = staged.draft.comments();
    for (name, value) in staged.values {
        script.define(std::mem::take(&mut comments), &name, value);
    }
    let options =
        staged.draft.setters.iter().filter_map(|(name, arguments)| Some((name.clone(), arguments.last()?.clone())));
    let call =
        Expr::call("scheduled::task", [Expr::text(crate::cfn::names::stem(block)), Expr::Map(options.collect())]);
    script.define(comments, variable, call);
    copilot.jobs.push(variable.to_owned());
}

/// Collects the options of the task as setters with one argument.
fn options(copilot: &mut Copilot<'_>, manifest: &Manifest, node: &Node, draft: &mut Draft) {
    let image = task::image_of(copilot, node.get("image"), draft);
    draft.set("image", [image.unwrap_or_else(|| Expr::text("public.ecr.aws/docker/library/busybox:1.37"))]);
    let schedule = node.at("on.schedule").and_then(Node::text).unwrap_or_default();
    match schedule_expression(&copilot.variables.plain(&schedule).0) {
        Some(schedule) => draft.set_text("schedule", schedule),
        None => {
            draft.note(node.line, format!("the schedule `{schedule}` is none: replace that of the script"));
            draft.set_text("schedule", "rate(1 day)");
        }
    }
    if let Some(words) = node.get("command").map(|found| task::command(copilot, found)) {
        draft.set("command", [Expr::List(words)]);
    }
    for key in ["cpu", "memory"] {
        if let Some(number) = node.get(key).and_then(Node::int) {
            draft.set_int(key, number);
        }
    }
    let variables = values::plain(copilot, node.get("variables"), draft);
    draft.set("env", [Expr::Map(variables)]);
    for (name, _) in values::secrets(copilot, node.get("secrets"), draft) {
        draft.note(
            node.line,
            format!("the secret `{name}` of the job `{}` has no counterpart in `std/scheduled`", manifest.name),
        );
    }
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

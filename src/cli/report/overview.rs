//! The state of a stack as text: what is not well first, then a line that counts the rest.

use indexmap::IndexMap;

use super::format::{counted, short};
use super::shift_text;
use super::style::{bad, bold, faint, good, warning, with_sentiment};
use crate::cli::table::Table;
use crate::cli::terminal::Detail;
use crate::deploy::api::status::{AlarmState, ResourceStatus, RolloutState, Sentiment, TargetState, TaskStatus};
use crate::deploy::api::{Alarm, EcsDeployment, StackResource, TargetHealth, Task, revision};
use crate::deploy::operate::{JobView, Overview, ServiceView, StoppedTasks, TargetGroupView};
use crate::printable::one_line;

/// The largest number of well services, and of tasks of one status, that are named.
const NAMED: usize = 3;

/// Returns the overview of a stack: what is not well, and the rest as counts or, with `--verbose`, as tables.
pub(crate) fn overview(found: &Overview, detail: Detail) -> String {
    let mut text = title(found);
    let is_well = |view: &&ServiceView| problems(view).is_empty();
    let (well, not_well): (Vec<_>, Vec<_>) = found.services.iter().partition(is_well);
    for view in not_well {
        let sign = if is_bad(view) { bad("!") } else { warning("~") };
        text.push_str(&format!(
            "  {sign} {}\n{}",
            tasks_of(found, view, &bold(&one_line(&view.service.logical_id))),
            problems(view)
        ));
    }
    found.jobs.iter().for_each(|it| text.push_str(&job(it)));
    found.snapshot.resources.iter().filter(|it| !is_good(&it.status)).for_each(|it| text.push_str(&resource(it)));
    found.alarms.iter().filter(|it| is_raised(it)).for_each(|it| text.push_str(&alarm(it)));
    for error in &found.errors {
        text.push_str(&format!("  {} cannot read: {}\n", warning("?"), one_line(&error.to_string())));
    }
    if detail.verbose {
        text.push_str(&tables(found, detail));
    } else {
        text.push_str(&rest(found, &well));
    }
    text
}

/// Returns the name, status and time of a stack, and AWS's reason for the status.
fn title(found: &Overview) -> String {
    let stack = &found.snapshot.stack;
    let created = stack.created.map(|time| format!("created {time}"));
    let since = stack.updated.map(|time| format!("updated {time}")).or(created).unwrap_or_default();
    let status = with_sentiment(&one_line(stack.status.as_str()), stack.status.sentiment());
    let mut text = format!("{}  {status}  {}\n", bold(&one_line(&stack.name)), faint(&since));
    if let Some(reason) = stack.status_reason.as_ref().filter(|reason| !reason.is_empty()) {
        text.push_str(&format!("  {}\n", one_line(reason)));
    }
    text
}

/// Returns the line that counts what is well.
fn rest(found: &Overview, services: &[&ServiceView]) -> String {
    let exists = |it: &&StackResource| is_good(&it.status) && it.status != ResourceStatus::DeleteComplete;
    let resources = found.snapshot.resources.iter().filter(exists).count();
    let alarms = found.alarms.iter().filter(|it| !is_raised(it)).count();
    let part = |count: usize, noun: &str| (count > 0).then(|| counted(count, noun));
    let services: Vec<String> = if services.len() <= NAMED {
        services.iter().map(|view| tasks_of(found, view, &one_line(&view.service.logical_id))).collect()
    } else {
        vec![counted(services.len(), "service")]
    };
    let parts: Vec<String> =
        services.into_iter().chain(part(alarms, "alarm")).chain(part(resources, "resource")).collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("  {} {}{}\n", good("well:"), parts.join("; "), faint(" (-v lists them)"))
}

/// Returns a service with its tasks and targets: `WebService: 2 of 3 tasks running, 1 of 2 targets healthy`.
fn tasks_of(found: &Overview, view: &ServiceView, name: &str) -> String {
    let service = &view.service.service;
    let targets: Vec<&TargetHealth> = view.targets.iter().flat_map(|group| &group.targets).collect();
    let healthy = targets.iter().filter(|target| target.state == TargetState::Healthy).count();
    let targets = match targets.len() {
        0 => String::new(),
        all => format!(", {healthy} of {} healthy{}", counted(all, "target"), groups_of(found, view)),
    };
    format!("{name}: {} of {} running{targets}", service.running, counted(service.desired, "task"))
}

/// Returns the target groups that have the tasks of a service which shifts traffic between two: ` in BlueTargetGroup`.
fn groups_of(found: &Overview, view: &ServiceView) -> String {
    if !view.service.service.shifts_traffic() {
        return String::new();
    }
    let name = |group: &TargetGroupView| {
        let is_group = |it: &&StackResource| it.physical_id.as_ref() == Some(&group.arn);
        let resource = found.snapshot.resources.iter().find(is_group);
        one_line(resource.map_or(group.arn.as_str(), |it| it.logical_id.as_str())).into_owned()
    };
    let groups: Vec<String> = view.targets.iter().filter(|group| !group.targets.is_empty()).map(name).collect();
    format!(" in {}", groups.join(" and "))
}

/// Returns the line of a job: its running tasks, and the end of the last one.
fn job(view: &JobView) -> String {
    let running = (!view.running.is_empty()).then(|| format!("{} running", counted(view.running.len(), "task")));
    let last = view.stopped.first().map(|task| {
        let end = match view.last_exit_code() {
            Some(code) => format!("exited with {code}"),
            None => task.reason.clone().unwrap_or_else(|| "never ran".to_owned()),
        };
        let when = task.stopped.map(|time| format!(" at {time}")).unwrap_or_default();
        format!("the last task {end}{when}")
    });
    let parts: Vec<String> = running.into_iter().chain(last).collect();
    let state = if parts.is_empty() { "no task in the last hour".to_owned() } else { parts.join("; ") };
    let sign = if view.has_failed() { bad("!") } else { good(" ") };
    format!("  {sign} job {}: {}\n", bold(&one_line(&view.job)), one_line(&state))
}

/// Returns the services and resources as tables.
fn tables(found: &Overview, detail: Detail) -> String {
    let mut text = String::new();
    if !found.services.is_empty() {
        let header = ["SERVICE", "DESIRED", "RUNNING", "PENDING", "TARGETS", "SCALES", "REVISION", "ROLLOUT"];
        let table = Table::new(&header).optional(&["SCALES", "PENDING", "TARGETS", "REVISION"]);
        text.push_str(&table.with(found.services.iter().map(|view| service(found, view))).render(detail));
    }
    if !found.alarms.is_empty() {
        let row = |alarm: &Alarm| vec![alarm.name.clone(), alarm.state.to_string()];
        text.push_str(&Table::new(&["ALARM", "STATE"]).with(found.alarms.iter().map(row)).render(detail));
    }
    let row = |resource: &StackResource| {
        let physical = resource.physical_id.clone().unwrap_or_else(|| "-".into());
        vec![resource.logical_id.clone(), resource.kind.clone(), resource.status.to_string(), physical]
    };
    let table = Table::new(&["RESOURCE", "TYPE", "STATUS", "ID"]).optional(&["ID", "TYPE"]);
    text.push_str(&table.with(found.snapshot.resources.iter().map(row)).render(detail));
    text
}

fn service(found: &Overview, view: &ServiceView) -> Vec<String> {
    let service = &view.service.service;
    let targets: Vec<&TargetHealth> = view.targets.iter().flat_map(|group| &group.targets).collect();
    let healthy = targets.iter().filter(|target| target.state == TargetState::Healthy).count();
    let dash = || "-".to_owned();
    let rollout = service.deployments.first().and_then(|primary| primary.rollout.clone());
    vec![
        view.service.logical_id.clone(),
        service.desired.to_string(),
        service.running.to_string(),
        service.pending.to_string(),
        if targets.is_empty() { dash() } else { format!("{healthy} of {}{}", targets.len(), groups_of(found, view)) },
        view.scaling.map_or_else(dash, |range| format!("{}..{}", range.min, range.max)),
        revision(&service.task_definition).to_owned(),
        rollout.map_or_else(dash, |rollout| rollout.to_string()),
    ]
}

/// Returns what is not well with a service, a line for each; empty if it is well.
fn problems(view: &ServiceView) -> String {
    let service = &view.service.service;
    let mut text = String::new();
    let is_settled = |deployment: &EcsDeployment| {
        deployment.rollout.as_ref().is_none_or(|rollout| *rollout == RolloutState::Completed)
    };
    if service.deployments.len() > 1 || !service.deployments.iter().all(is_settled) {
        service.deployments.iter().for_each(|it| text.push_str(&deployment(it)));
    }
    let shift = view.shift.as_ref().filter(|shift| shift.is_in_progress());
    text.extend(shift.map(|shift| format!("      {}\n", one_line(&shift_text::progress(shift)))));
    text.push_str(&tasks(&view.tasks));
    view.stopped.iter().for_each(|it| text.push_str(&stopped(it)));
    let targets = view.targets.iter().flat_map(|group| &group.targets);
    targets.filter(|target| target.state != TargetState::Healthy).for_each(|it| text.push_str(&target(it)));
    if text.is_empty() && service.running > service.desired {
        let more = counted(service.running - service.desired, "task");
        text.push_str(&format!("      {more} more than desired: not stopped yet\n"));
    }
    if text.is_empty() && service.running < service.desired {
        text.push_str("      no task is starting; `events` and `tasks --stopped` may say why\n");
    }
    text
}

fn deployment(deployment: &EcsDeployment) -> String {
    let EcsDeployment { status, running, desired, pending, failed, .. } = deployment;
    let rollout = deployment.rollout.as_ref().map_or("-", RolloutState::as_str);
    let reason = deployment.reason.as_ref().map(|reason| format!("\n        {}", one_line(reason))).unwrap_or_default();
    let failed = if *failed > 0 { bad(&format!(", {failed} failed")) } else { String::new() };
    let line = one_line(&format!("{status} {} {rollout}", revision(&deployment.task_definition))).into_owned();
    format!("      {line}: {running} of {desired} running, {pending} pending{failed}{reason}\n")
}

/// Returns whether a service has a failure, and is not only starting.
fn is_bad(view: &ServiceView) -> bool {
    let service = &view.service.service;
    let has_failed = |it: &EcsDeployment| it.failed > 0 || it.rollout == Some(RolloutState::Failed);
    let mut targets = view.targets.iter().flat_map(|group| &group.targets);
    let fails = |it: &StoppedTasks| it.revision == revision(&service.task_definition);
    service.deployments.iter().any(has_failed)
        || view.stopped.iter().any(fails)
        || view.tasks.iter().any(is_unhealthy)
        || targets.any(|target| target.state == TargetState::Unhealthy)
        || service.running.saturating_add(service.pending) < service.desired
}

fn is_unhealthy(task: &Task) -> bool {
    task.health.as_deref() == Some("UNHEALTHY")
}

/// Returns a line for each unhealthy task, and one for the tasks of each status on the way.
fn tasks(tasks: &[Task]) -> String {
    let mut text = String::new();
    for task in tasks.iter().filter(|task| is_unhealthy(task)) {
        text.push_str(&format!(
            "      task {} {}{}\n",
            one_line(short(task.id())),
            one_line(task.status.as_str()),
            bad(" UNHEALTHY")
        ));
    }
    let mut others: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for task in tasks.iter().filter(|task| !is_unhealthy(task) && task.status != TaskStatus::Running) {
        others.entry(task.status.as_str()).or_default().push(short(task.id()));
    }
    for (status, ids) in others {
        let more = if ids.len() > NAMED { ", .." } else { "" };
        let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        text.push_str(&format!(
            "      {} {}: {}{more}\n",
            counted(ids.len(), "task"),
            one_line(status),
            one_line(&named)
        ));
    }
    text
}

/// Returns the lines of stopped tasks: how many, which were the last, and why.
fn stopped(tasks: &StoppedTasks) -> String {
    let count = if tasks.count == 1 { "1 task".to_owned() } else { format!("{} tasks", tasks.count) };
    let last = tasks.last.map(|time| format!(", the last at {time}")).unwrap_or_default();
    let revision = &tasks.revision;
    let code = tasks.code.as_deref().map(|code| format!("{code}: ")).unwrap_or_default();
    let container = tasks.cause.container.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
    let exit = tasks.exit_code.filter(|_| !tasks.cause.message.contains("code"));
    let exit = exit.map(|code| format!(" (exit code {code})")).unwrap_or_default();
    let why = tasks.cause.brief();
    let line = bad(&one_line(&format!("{count} of {revision} stopped")));
    let cause = one_line(&format!("{code}{container}{why}{exit}")).into_owned();
    format!("      {line}{last} (task {})\n        {cause}\n", one_line(short(&tasks.last_task)))
}

fn target(target: &TargetHealth) -> String {
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let why: Vec<&str> = [target.reason.as_deref(), target.description.as_deref()].into_iter().flatten().collect();
    let why = if why.is_empty() { String::new() } else { format!("\n        {}", one_line(&why.join(": "))) };
    let state =
        if target.state == TargetState::Unhealthy { bad(target.state.as_str()) } else { target.state.to_string() };
    format!("      target {}{port} {state}{why}\n", one_line(&target.target))
}

fn is_good(status: &ResourceStatus) -> bool {
    status.sentiment() == Sentiment::Good
}

/// Returns the line of a resource whose last step failed or is not finished.
fn resource(resource: &StackResource) -> String {
    let status = with_sentiment(&one_line(resource.status.as_str()), resource.status.sentiment());
    let sign = if resource.status.is_failed() { bad("!") } else { warning("~") };
    let reason = resource.reason.as_ref().map(|reason| format!("\n      {}", one_line(reason))).unwrap_or_default();
    format!(
        "  {sign} {}  {}  {status}{reason}\n",
        bold(&one_line(&resource.logical_id)),
        faint(&one_line(&resource.kind))
    )
}

/// Returns whether an alarm needs a look. The lower alarm of target tracking is in ALARM at low load, which is not a
/// problem.
fn is_raised(alarm: &Alarm) -> bool {
    alarm.state == AlarmState::Alarm && !alarm.name.contains("-AlarmLow-")
}

fn alarm(alarm: &Alarm) -> String {
    let since = alarm.since.map(|time| format!(" since {time}")).unwrap_or_default();
    format!("  {} alarm {}{since}\n      {}\n", bad("!"), bad(&one_line(alarm.state.as_str())), one_line(&alarm.name))
}

use super::format::short;
use super::style::{bad, bold, faint, warning, with_sentiment};
use crate::cli::table::table_within;
use crate::deploy::api::status::{AlarmState, RolloutState, TargetState, TaskStatus};
use crate::deploy::api::{Alarm, EcsDeployment, TargetHealth, Task, revision};
use crate::deploy::operate::{Overview, ServiceView};

/// Returns the overview of a stack: a table of its services, their problems, alarms, and a table of its resources.
pub(crate) fn overview(found: &Overview, width: usize) -> String {
    let stack = &found.snapshot.stack;
    let created = stack.created.map(|time| format!("created {time}"));
    let since = stack.updated.map(|time| format!("updated {time}")).or(created).unwrap_or_default();
    let status = with_sentiment(stack.status.as_str(), stack.status.sentiment());
    let mut text = format!("{}  {status}  {}\n", bold(&stack.name), faint(&since));
    if let Some(reason) = stack.status_reason.as_ref().filter(|reason| !reason.is_empty()) {
        text.push_str(&format!("  {reason}\n"));
    }
    if !found.services.is_empty() {
        let rows: Vec<Vec<String>> = found.services.iter().map(service).collect();
        let header = ["SERVICE", "DESIRED", "RUNNING", "PENDING", "TARGETS", "SCALES", "REVISION", "ROLLOUT"];
        text.push_str(&table_within(&header, &rows, width));
    }
    found.services.iter().for_each(|view| text.push_str(&problems(view)));
    found
        .alarms
        .iter()
        .filter(|alarm| alarm.state != AlarmState::Ok)
        .for_each(|alarm| text.push_str(&self::alarm(alarm)));
    if !found.alarms.is_empty() && found.alarms.iter().all(|alarm| alarm.state == AlarmState::Ok) {
        text.push_str(&faint(&format!("  {} alarms, all OK\n", found.alarms.len())));
    }
    for error in &found.errors {
        text.push_str(&format!("  {} cannot read: {error}\n", warning("?")));
    }
    let row = |resource: &crate::deploy::api::StackResource| {
        let physical = resource.physical_id.clone().unwrap_or_else(|| "-".into());
        vec![resource.logical_id.clone(), resource.kind.clone(), resource.status.to_string(), physical]
    };
    let rows: Vec<Vec<String>> = found.snapshot.resources.iter().map(row).collect();
    text.push_str(&table_within(&["RESOURCE", "TYPE", "STATUS", "ID"], &rows, width));
    text
}

fn service(view: &ServiceView) -> Vec<String> {
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
        if targets.is_empty() { dash() } else { format!("{healthy} of {}", targets.len()) },
        view.scaling.map_or_else(dash, |range| format!("{}..{}", range.min, range.max)),
        revision(&service.task_definition).to_owned(),
        rollout.map_or_else(dash, |rollout| rollout.to_string()),
    ]
}

/// Returns the problems of a service.
fn problems(view: &ServiceView) -> String {
    let service = &view.service.service;
    let mut text = String::new();
    let settled = |deployment: &EcsDeployment| {
        deployment.rollout.as_ref().is_none_or(|rollout| *rollout == RolloutState::Completed)
    };
    if service.deployments.len() > 1 || !service.deployments.iter().all(settled) {
        service.deployments.iter().for_each(|it| text.push_str(&deployment(it)));
    }
    view.tasks.iter().filter(|task| !is_healthy(task)).for_each(|it| text.push_str(&task(it)));
    let targets = view.targets.iter().flat_map(|group| &group.targets);
    targets.filter(|target| target.state != TargetState::Healthy).for_each(|it| text.push_str(&target(it)));
    if text.is_empty() { text } else { format!("  {}\n{text}", bold(&view.service.logical_id)) }
}

fn deployment(deployment: &EcsDeployment) -> String {
    let EcsDeployment { status, running, desired, pending, failed, .. } = deployment;
    let rollout = deployment.rollout.as_ref().map_or("-", RolloutState::as_str);
    let reason = deployment.reason.as_ref().map(|reason| format!("\n      {reason}")).unwrap_or_default();
    let failed = if *failed > 0 { bad(&format!(", {failed} failed")) } else { String::new() };
    let revision = revision(&deployment.task_definition);
    format!("    {status} {revision} {rollout}: {running} of {desired} running, {pending} pending{failed}{reason}\n")
}

fn is_healthy(task: &Task) -> bool {
    task.status == TaskStatus::Running && task.health.as_deref() != Some("UNHEALTHY")
}

fn task(task: &Task) -> String {
    let health = task.health.as_deref().filter(|health| *health == "UNHEALTHY").map(|_| bad(" UNHEALTHY"));
    format!("    task {} {}{}\n", short(task.id()), task.status, health.unwrap_or_default())
}

fn target(target: &TargetHealth) -> String {
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let why: Vec<&str> = [target.reason.as_deref(), target.description.as_deref()].into_iter().flatten().collect();
    let why = if why.is_empty() { String::new() } else { format!("\n      {}", why.join(": ")) };
    let state =
        if target.state == TargetState::Unhealthy { bad(target.state.as_str()) } else { target.state.to_string() };
    format!("    target {}{port} {state}{why}\n", target.target)
}

fn alarm(alarm: &Alarm) -> String {
    let since = alarm.since.map(|time| format!(" since {time}")).unwrap_or_default();
    let state = if alarm.state == AlarmState::Alarm { bad(alarm.state.as_str()) } else { faint(alarm.state.as_str()) };
    // The lower alarm of target tracking is in ALARM at low load, which is not a problem.
    let note = if alarm.name.contains("-AlarmLow-") { faint(" (low load)") } else { String::new() };
    format!("  alarm {state}{since}{note}\n    {}\n", alarm.name)
}

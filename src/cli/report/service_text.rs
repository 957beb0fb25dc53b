//! Events of services: a line for each, and the table of services.

use std::time::Duration;

use super::format::{counted, duration, short};
use super::shift_text;
use super::style::{bad, bold, faint, warning};
use crate::cli::terminal::Detail;
use crate::cli::text_width::{cut, cut_end, pad, width as columns};
use crate::deploy::api::{EcsEvent, ServiceDeployment, TargetHealth};
use crate::deploy::monitor::{DeploymentCounts, Diagnosis, ServiceCounts, StoppedTask};
use crate::deploy::{CancelReason, ServiceEvent};

/// The number of log lines below a stopped task.
const LINES: usize = 10;

/// Returns the lines of an event of a service; `None` if it is not worth a line.
pub(super) fn event(event: &ServiceEvent, detail: Detail) -> Option<String> {
    match event {
        ServiceEvent::CountsChanged { counts } => Some(self::counts(counts)),
        ServiceEvent::MessageLogged { service, message } => {
            Some(faint(&format!("{service}: {}", service_event(message))))
        }
        ServiceEvent::TaskStopped { service, task } => stopped(service, task, detail),
        ServiceEvent::TargetUnhealthy { service, target } => Some(unhealthy(service, target)),
        ServiceEvent::TrafficShift { service, shift } => Some(traffic_shift(service, shift)),
        ServiceEvent::Diagnosed { diagnosis } => Some(diagnosed(diagnosis)),
        ServiceEvent::MonitoringUnavailable { error } => {
            Some(warning(&format!("cannot monitor the services ({}); the deployment continues", error.code)))
        }
    }
}

/// Returns the line of the services that a stabilization waits for.
pub(super) fn stabilizing(services: &[String]) -> String {
    format!("waiting for {} to stabilize", list(services))
}

/// Returns the line of services without a health check that are watched.
pub(super) fn trial(services: &[String], seconds: u64) -> String {
    let (has, its) = if services.len() == 1 { ("has", "a task of it has") } else { ("have", "a task of each has") };
    format!("{} {has} no health check: watching until {its} run for {seconds} s", list(services))
}

/// Returns the text of ECS's event without the name of the service, and with short ids.
fn service_event(event: &EcsEvent) -> String {
    let message = event.message.strip_prefix("(service ").and_then(|rest| rest.split_once(") "));
    let message = message.map_or(event.message.as_str(), |(_, rest)| rest);
    message.split(' ').map(shortened).collect::<Vec<_>>().join(" ")
}

/// Shortens the ARN of a target group to its name, and the id of a task to its beginning.
fn shortened(word: &str) -> String {
    let id = word.trim_end_matches([')', '.', ',']);
    let rest = &word[id.len()..];
    if let Some((_, group)) = id.split_once(":targetgroup/") {
        return format!("{}{rest}", group.split('/').next().unwrap_or(group));
    }
    let is_task = id.len() == 32 && id.chars().all(|letter| letter.is_ascii_hexdigit());
    if is_task { format!("{}{rest}", &id[..8]) } else { word.to_owned() }
}

/// Returns the task counts of a service: `Web: 2 of 5 new tasks running (tiles:3), 5 old tasks, 1 failed`.
fn counts(counts: &ServiceCounts) -> String {
    let ServiceCounts { service, desired, running, .. } = counts;
    if counts.draining {
        return format!("{service}: draining, {} still running", counted(*running, "task"));
    }
    let Some(new) = counts.deployments.first().filter(|_| counts.deployments.len() > 1) else {
        let failed = counts.deployments.first().map_or(0, |deployment| deployment.failed);
        return format!("{service}: {running} of {desired} tasks running{}", failures(failed));
    };
    let old: u64 = counts.deployments.iter().skip(1).map(|deployment| u64::from(deployment.running)).sum();
    let DeploymentCounts { running, desired, failed, revision, .. } = new;
    let old = counted(old, "old task");
    format!("{service}: {running} of {desired} new tasks running ({revision}), {old}{}", failures(*failed))
}

fn failures(failed: u32) -> String {
    if failed == 0 { String::new() } else { format!(", {}", bad(&format!("{failed} failed"))) }
}

/// Returns the line of a stopped task, cut to the terminal; the log and AWS's whole message are in the problem at the end,
/// and with `--verbose` here.
fn stopped(service: &str, task: &StoppedTask, detail: Detail) -> Option<String> {
    let id = short(&task.task);
    let Some(cause) = &task.cause else {
        let reason = task.reason.as_deref().unwrap_or("replaced");
        return detail.verbose.then(|| faint(&format!("{service}: task {id} stopped: {reason}")));
    };
    if !detail.verbose {
        return Some(bad(&cut_end(&format!("{service}: task {id} stopped: {}", cause.brief()), detail.width)));
    }
    let skipped = task.log.len().saturating_sub(LINES);
    let log = task.log.iter().skip(skipped).map(|line| format!("\n          | {}", faint(line.text.trim_end())));
    let line = format!("{service}: task {id} stopped: {}", cause.message);
    Some(format!("{}{}", bad(&line), log.collect::<String>()))
}

fn unhealthy(service: &str, target: &TargetHealth) -> String {
    let why = target.description.as_deref().or(target.reason.as_deref()).unwrap_or("AWS gives no reason");
    warning(&format!("{service}: {} is not healthy: {why}", target.target))
}

/// Returns the line of a deployment that shifts traffic.
fn traffic_shift(service: &str, shift: &ServiceDeployment) -> String {
    let line = format!("{service}: {}", shift_text::progress(shift));
    if shift.has_failed() { bad(&line) } else { line }
}

fn diagnosed(diagnosis: &Diagnosis) -> String {
    let Diagnosis { service, times, cause, .. } = diagnosis;
    let failed =
        if *times == 1 { "1 task failed".to_owned() } else { format!("{times} tasks failed with the same error") };
    bold(&bad(&format!("{service}: {failed}: {}", cause.brief())))
}

pub(super) fn cancelling(why: &CancelReason, deletes: bool) -> String {
    let why = match why {
        CancelReason::TaskFailures { diagnosis } => {
            format!("after {}", counted(diagnosis.times, "identical task failure"))
        }
        CancelReason::TimedOut { after_s } => format!("after {}", duration(Duration::from_secs(*after_s))),
        CancelReason::ByUser => "as requested".to_owned(),
    };
    let how = if deletes {
        "deleting the stack (CloudFormation cannot cancel a creation in another way)"
    } else {
        "rolling back"
    };
    bad(&format!("cancelling {why}: {how}"))
}

/// Joins names: `A`, `A and B`, `A, B and C`.
fn list(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// Returns the services as a table: a row for each deployment, the stage of a shift of traffic, and the last event of each
/// service.
pub(super) fn table<'a>(
    services: impl IntoIterator<Item = (&'a ServiceCounts, Option<&'a ServiceDeployment>, Option<&'a EcsEvent>)>,
    width: usize,
) -> Vec<String> {
    let mut rows = Vec::new();
    let name = width.saturating_sub(38).clamp(12, 40);
    for (counts, shift, event) in services {
        if rows.is_empty() {
            rows.push(faint(&format!("  {:<name$} desired running pending failed", "service")));
        }
        let mut shown =
            counts.deployments.iter().enumerate().filter(|(at, deployment)| *at == 0 || matters(deployment));
        let several = shown.clone().count() > 1;
        for (at, deployment) in &mut shown {
            // The deployments nearly always have one family, so the number distinguishes them.
            let number = cut(deployment.revision.rsplit(':').next().unwrap_or_default(), name / 2);
            let number = if several { format!(" :{number}") } else { String::new() };
            let service = cut(&counts.service, name.saturating_sub(columns(&number)));
            let service = if at == 0 { service } else { " ".repeat(columns(&service)) };
            rows.push(row(&format!("{service}{number}"), name, deployment));
        }
        if let Some(shift) = shift {
            rows.push(cut_end(&format!("    {}", shift_text::progress(shift)), width));
        }
        if let Some(event) = event {
            rows.push(faint(&cut_end(&format!("    {}", service_event(event)), width)));
        }
    }
    rows
}

/// Returns whether a deployment has running or failed tasks.
fn matters(deployment: &DeploymentCounts) -> bool {
    let DeploymentCounts { desired, running, pending, failed, .. } = *deployment;
    [desired, running, pending, failed].iter().any(|tasks| *tasks > 0)
}

fn row(title: &str, name: usize, deployment: &DeploymentCounts) -> String {
    let DeploymentCounts { desired, running, pending, failed, .. } = deployment;
    let failures = format!("{failed:>6}");
    let failures = if *failed > 0 { bad(&failures) } else { failures };
    format!("  {} {desired:>7} {running:>7} {pending:>7} {failures}", pad(title, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::status::RolloutState;

    fn service() -> ServiceCounts {
        let of = |revision: &str, running: u32, failed: u32| DeploymentCounts {
            id: revision.to_owned(),
            primary: failed > 0,
            rollout: Some(RolloutState::InProgress),
            revision: revision.to_owned(),
            desired: 5,
            running,
            pending: 1,
            failed,
        };
        ServiceCounts {
            service: "TitilerService".to_owned(),
            desired: 5,
            running: 7,
            pending: 1,
            deployments: vec![
                of("titiler-ecs-production-Titiler:12", 2, 3),
                of("titiler-ecs-production-Titiler:11", 5, 0),
            ],
            draining: false,
        }
    }

    #[test]
    fn names_are_joined_with_and() {
        let joined = |names: &[&str]| list(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!([joined(&["A"]), joined(&["A", "B"]), joined(&["A", "B", "C"])], ["A", "A and B", "A, B and C"]);
    }

    fn plain(text: &str) -> String {
        crate::printable::plain(text)
    }

    #[test]
    fn table_of_services_fits_eighty_columns() {
        let event = EcsEvent {
            id: "1".to_owned(),
            time: crate::deploy::api::Timestamp::default(),
            message: format!(
                "(service titiler) has started 2 tasks: {}",
                "(task 0f9de17a6465404e8b1b2356dc13c2f8) ".repeat(3)
            ),
        };
        let rows: Vec<_> = table([(&service(), None, Some(&event))], 79).iter().map(|row| plain(row)).collect();
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|row| row.chars().count() < 80), "{rows:#?}");
        assert!(rows[1].ends_with("      5       2       1      3"), "{}", rows[1]);
        assert!(
            rows[1].starts_with("  TitilerService :12  ") && rows[2].starts_with("                 :11  "),
            "{rows:#?}"
        );
        assert!(rows[3].starts_with("    has started 2 tasks"));
    }

    #[test]
    fn finished_deployment_leaves_the_table() {
        let mut counts = service();
        let over = &mut counts.deployments[1];
        (over.desired, over.running, over.pending) = (0, 0, 0);
        let rows: Vec<_> = table([(&counts, None, None)], 80).iter().map(|row| plain(row)).collect();
        assert_eq!(rows.len(), 2, "{rows:#?}");
        assert!(rows[1].starts_with("  TitilerService      "), "one deployment needs no number: {rows:#?}");
    }

    #[test]
    fn service_with_two_deployments_counts_old_and_new_tasks() {
        let line = plain(
            &event(
                &ServiceEvent::CountsChanged { counts: service() },
                Detail { verbose: false, width: 80, values: None },
            )
            .unwrap(),
        );
        assert_eq!(
            line,
            "TitilerService: 2 of 5 new tasks running (titiler-ecs-production-Titiler:12), 5 old tasks, 3 failed"
        );
    }
}

//! What happens behind the services of a stack, in plain words and as a table.

use std::time::Duration;

use super::event_text::duration;
use super::log_lines::short;
use super::style::{bad, bold, faint, warning};
use crate::cli::table::cut;
use crate::deploy::api::{EcsEvent, TargetHealth, Timestamp};
use crate::deploy::monitor::{DeploymentCounts, Diagnosis, ServiceCounts, StoppedTask};
use crate::deploy::{CancelReason, DeployEventKind};

/// How many lines of a task's log stand below it.
const LINES: usize = 10;

/// The line (or lines) of a fact about services; nothing for what is no news to a person.
pub(super) fn fact(fact: &DeployEventKind, verbose: bool) -> Option<String> {
    Some(match fact {
        DeployEventKind::Service { counts } => self::counts(counts),
        DeployEventKind::ServiceEvent { service, event } => faint(&format!("{service}: {}", said(event))),
        DeployEventKind::TaskStopped { service, task } => return stopped(service, task, verbose),
        DeployEventKind::TargetUnhealthy { service, target } => unhealthy(service, target),
        DeployEventKind::Diagnosed { diagnosis } => diagnosed(diagnosis),
        DeployEventKind::MonitoringUnavailable { error } => {
            warning(&format!("the services cannot be watched ({}); the deployment goes on", error.code))
        }
        DeployEventKind::CancelStarted { why, deletes } => cancels(why, *deletes),
        DeployEventKind::CancelRejected { reason } => warning(&format!("cannot be cancelled, and goes on: {reason}")),
        DeployEventKind::StabilizationStarted { services } => {
            format!("all is applied; waits until {} is stable", services.join(", "))
        }
        DeployEventKind::RevertStarted { deletes: false } => {
            bad("did not become stable: deploys again what was there before")
        }
        DeployEventKind::RevertStarted { deletes: true } => {
            bad("did not become stable: deletes the stack, as there was none before")
        }
        _ => return None,
    })
}

/// When something happened behind a service.
pub(super) fn time(fact: &DeployEventKind) -> Option<Timestamp> {
    match fact {
        DeployEventKind::ServiceEvent { event, .. } => Some(event.time),
        DeployEventKind::TaskStopped { task, .. } => task.stopped,
        DeployEventKind::TaskDefinitionUpdated { at, .. } => Some(*at),
        DeployEventKind::Diagnosed { diagnosis }
        | DeployEventKind::CancelStarted { why: CancelReason::GaveUp { diagnosis }, .. } => Some(diagnosis.at),
        _ => None,
    }
}

/// A line of a service's log without the service's name, which stands before it, and with short ids.
pub(super) fn said(event: &EcsEvent) -> String {
    let message = event.message.strip_prefix("(service ").and_then(|rest| rest.split_once(") "));
    let message = message.map_or(event.message.as_str(), |(_, rest)| rest);
    message.split(' ').map(shortened).collect::<Vec<_>>().join(" ")
}

/// A word of AWS's: of the ARN of a target group its name, of the id of a task its beginning.
fn shortened(word: &str) -> String {
    let id = word.trim_end_matches([')', '.', ',']);
    let rest = &word[id.len()..];
    if let Some((_, group)) = id.split_once(":targetgroup/") {
        return format!("{}{rest}", group.split('/').next().unwrap_or(group));
    }
    let is_task = id.len() == 32 && id.chars().all(|letter| letter.is_ascii_hexdigit());
    if is_task { format!("{}{rest}", &id[..8]) } else { word.to_owned() }
}

/// `Web: 2 of 5 tasks run, 1 failed (tiles:3, IN_PROGRESS)`.
fn counts(counts: &ServiceCounts) -> String {
    let ServiceCounts { service, desired, running, .. } = counts;
    if counts.draining {
        return format!("{service}: drains, {running} tasks still run");
    }
    let Some(new) = counts.deployments.first().filter(|_| counts.deployments.len() > 1) else {
        let failed = counts.deployments.first().map_or(0, |deployment| deployment.failed);
        return format!("{service}: {running} of {desired} tasks run{}", failures(failed));
    };
    let old: u32 = counts.deployments.iter().skip(1).map(|deployment| deployment.running).sum();
    let DeploymentCounts { running, desired, failed, revision, .. } = new;
    format!("{service}: {running} of {desired} new tasks run ({revision}), {old} old ones{}", failures(*failed))
}

fn failures(failed: u32) -> String {
    if failed == 0 { String::new() } else { format!(", {}", bad(&format!("{failed} failed"))) }
}

fn stopped(service: &str, task: &StoppedTask, verbose: bool) -> Option<String> {
    let Some(cause) = &task.cause else {
        let reason = task.reason.as_deref().unwrap_or("let go");
        return verbose.then(|| faint(&format!("{service}: task {} stopped: {reason}", short(&task.task))));
    };
    let skipped = task.log.len().saturating_sub(LINES);
    let log = task.log.iter().skip(skipped).map(|line| format!("\n          | {}", faint(line.text.trim_end())));
    let words = if verbose { cause.message.clone() } else { cause.brief() };
    Some(format!(
        "{}{}",
        bad(&format!("{service}: task {} stopped: {words}", short(&task.task))),
        log.collect::<String>()
    ))
}

fn unhealthy(service: &str, target: &TargetHealth) -> String {
    let words = target.description.as_deref().or(target.reason.as_deref()).unwrap_or("AWS gives no reason");
    warning(&format!("{service}: {} is not healthy: {words}", target.target))
}

fn diagnosed(diagnosis: &Diagnosis) -> String {
    let Diagnosis { service, times, cause, .. } = diagnosis;
    bold(&bad(&format!("{service}: {times} times the same: {}", cause.brief())))
}

fn cancels(why: &CancelReason, deletes: bool) -> String {
    let why = match why {
        CancelReason::GaveUp { diagnosis } => {
            format!("{} tasks failed alike, and more of them would not help", diagnosis.times)
        }
        CancelReason::TimedOut { after_s } => {
            format!("it took longer than {}", duration(Duration::from_secs(*after_s)))
        }
        CancelReason::Asked => "as you asked".to_owned(),
    };
    let how = if deletes {
        "cancels the creation by deleting the stack (there is no other way)"
    } else {
        "cancels the update and rolls back"
    };
    bad(&format!("{how}: {why}"))
}

/// The services as a table that fits the width: a row for each deployment, and the last line of each service's log.
pub(super) fn table<'a>(
    services: impl IntoIterator<Item = (&'a ServiceCounts, Option<&'a EcsEvent>)>,
    width: usize,
) -> Vec<String> {
    let mut rows = Vec::new();
    let name = width.saturating_sub(38).clamp(12, 40);
    for (counts, event) in services {
        if rows.is_empty() {
            rows.push(faint(&format!("  {:<name$} desired running pending failed", "service")));
        }
        let mut shown =
            counts.deployments.iter().enumerate().filter(|(at, deployment)| *at == 0 || matters(deployment));
        let several = shown.clone().count() > 1;
        for (at, deployment) in &mut shown {
            // The family is the service's, all but always: the number tells the deployments apart.
            let number = deployment.revision.rsplit(':').next().unwrap_or_default();
            let number = if several { format!(" :{number}") } else { String::new() };
            let service = cut(&counts.service, name - number.len());
            let service = if at == 0 { service } else { " ".repeat(service.chars().count()) };
            rows.push(row(&format!("{service}{number}"), name, deployment));
        }
        if let Some(event) = event {
            rows.push(faint(&cut(&format!("    {}", said(event)), width.saturating_sub(1))));
        }
    }
    rows
}

/// False of a deployment that is over: nothing of it runs, and nothing of it failed.
fn matters(deployment: &DeploymentCounts) -> bool {
    let DeploymentCounts { desired, running, pending, failed, .. } = deployment;
    desired + running + pending + failed > 0
}

fn row(title: &str, name: usize, deployment: &DeploymentCounts) -> String {
    let DeploymentCounts { desired, running, pending, failed, .. } = deployment;
    let failures = format!("{failed:>6}");
    let failures = if *failed > 0 { bad(&failures) } else { failures };
    format!("  {title:<name$} {desired:>7} {running:>7} {pending:>7} {failures}")
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

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn the_table_of_services_fits_eighty_columns() {
        let event = EcsEvent {
            id: "1".to_owned(),
            time: Timestamp::default(),
            message: format!(
                "(service titiler) has started 2 tasks: {}",
                "(task 0f9de17a6465404e8b1b2356dc13c2f8) ".repeat(3)
            ),
        };
        let rows: Vec<_> = table([(&service(), Some(&event))], 80).iter().map(|row| plain(row)).collect();
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
    fn a_deployment_that_is_over_leaves_the_table() {
        let mut counts = service();
        let over = &mut counts.deployments[1];
        (over.desired, over.running, over.pending) = (0, 0, 0);
        let rows: Vec<_> = table([(&counts, None)], 80).iter().map(|row| plain(row)).collect();
        assert_eq!(rows.len(), 2, "{rows:#?}");
        assert!(rows[1].starts_with("  TitilerService      "), "one deployment needs no number: {rows:#?}");
    }

    #[test]
    fn a_service_between_two_deployments_tells_old_from_new() {
        let line = plain(&fact(&DeployEventKind::Service { counts: service() }, false).unwrap());
        assert_eq!(
            line,
            "TitilerService: 2 of 5 new tasks run (titiler-ecs-production-Titiler:12), 5 old ones, 3 failed"
        );
    }
}

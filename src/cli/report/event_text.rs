//! Each event in a line of plain words.

use std::time::Duration;

use super::service_text;
use super::style::{bad, bold, faint, felt, warning};
use crate::deploy::DeployEventKind;
use crate::deploy::StackState;
use crate::deploy::api::status::{ResourceStatus, Sentiment, StackStatus};
use crate::deploy::api::{ChangeSetKind, EventStatus, StackEvent};
use crate::deploy::engine::progress::OperationResult;
use crate::deploy::plan::hotswap::ContainerChange;
use crate::deploy::plan::rollback_readiness::RollbackReadiness;

/// What lines are written on.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineFormat {
    /// Its columns.
    pub(super) width: usize,
    /// Whether every event is told.
    pub(super) verbose: bool,
}

/// A duration as people say it: `4 s`, `3 m 05 s`.
pub(crate) fn duration(duration: Duration) -> String {
    match (duration.as_secs() / 60, duration.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) if minutes < 60 => format!("{minutes} m {seconds:02} s"),
        (minutes, _) => format!("{} h {:02} m", minutes / 60, minutes % 60),
    }
}

/// A duration as a clock shows it: `4:31`.
pub(crate) fn clock_of(duration: Duration) -> String {
    format!("{}:{:02}", duration.as_secs() / 60, duration.as_secs() % 60)
}

/// What there is to say of a fact other than a resource's progress; nothing where a screen shows it in another way.
pub(super) fn fact(fact: &DeployEventKind, verbose: bool) -> Option<String> {
    Some(match fact {
        DeployEventKind::StackFound { situation: StackState::NotFound, .. }
        | DeployEventKind::Planned { .. }
        | DeployEventKind::StackEvent { .. } => {
            return None;
        }
        DeployEventKind::StackFound { situation: StackState::Updatable, .. } => return None,
        DeployEventKind::StackFound { status, .. } => format!("found in {}", named(status.as_ref())),
        DeployEventKind::OrphansDeleted { change_sets } => {
            format!("deletes change sets that earlier runs left: {}", change_sets.join(", "))
        }
        DeployEventKind::UpdateResumed { status } => {
            format!("goes on from {status}, without a rollback: AWS allows no other way")
        }
        DeployEventKind::RollbackStarted { skip, .. } if skip.is_empty() => "takes back what failed".into(),
        DeployEventKind::RollbackStarted { skip, .. } => format!("takes back what failed, but for {}", skip.join(", ")),
        DeployEventKind::LeftoverStackDeleted { status } => {
            format!("deletes what an earlier attempt left behind in {status}")
        }
        DeployEventKind::OperationAttached { token, ours, status } => {
            let whose = match (token, ours) {
                (Some(token), true) => format!("an operation of rtiler runs (token {token})"),
                (Some(token), false) => format!("somebody else's operation runs (token {token})"),
                (None, _) => "somebody else's operation runs".to_owned(),
            };
            format!("{whose}, in {status}: follows it to its end first")
        }
        DeployEventKind::TemplateUploaded { bytes } => format!("the template has {bytes} bytes and goes through S3"),
        DeployEventKind::Readiness { services } => readiness(services),
        DeployEventKind::Unchanged => "no changes".into(),
        DeployEventKind::Declined => "not deployed; the change set is deleted".into(),
        DeployEventKind::Started { kind, .. } => match kind {
            ChangeSetKind::Create => "creates the stack".into(),
            ChangeSetKind::Update => "updates the stack".into(),
            ChangeSetKind::Import => "takes existing resources into the stack".into(),
        },
        DeployEventKind::Deletes { .. } => "deletes the stack".into(),
        DeployEventKind::Unreachable { error, again_in_ms } => {
            let again = duration(Duration::from_millis(*again_in_ms));
            warning(&format!("AWS cannot be reached ({}): asks again in {again}", error.message))
        }
        DeployEventKind::PollFailed { error, again_in_ms } => {
            let again = duration(Duration::from_millis(*again_in_ms));
            warning(&format!(
                "AWS cannot be asked just now ({}); the operation goes on; asks again in {again}",
                error.code
            ))
        }
        DeployEventKind::Service { .. }
        | DeployEventKind::ServiceEvent { .. }
        | DeployEventKind::TaskStopped { .. }
        | DeployEventKind::TargetUnhealthy { .. }
        | DeployEventKind::Diagnosed { .. }
        | DeployEventKind::MonitoringUnavailable { .. }
        | DeployEventKind::CancelStarted { .. }
        | DeployEventKind::CancelRejected { .. }
        | DeployEventKind::StabilizationStarted { .. }
        | DeployEventKind::RevertStarted { .. } => return service_text::fact(fact, verbose),
        DeployEventKind::OperationFinished { verdict, status } => settled(*verdict, status),
        DeployEventKind::HotswapStarted { changes } => {
            changes.iter().map(rolled).collect::<Vec<_>>().join("\n        ")
        }
        DeployEventKind::TaskDefinitionUpdated { service, from, to, .. } => {
            format!("{service} goes from {from} to {to}")
        }
        DeployEventKind::TerminationProtectionSet { on: true } => "termination protection is on".into(),
        DeployEventKind::TerminationProtectionSet { on: false } => "termination protection is off".into(),
        DeployEventKind::Skipped { because } => bad(&format!("not started, because `{because}` did not succeed")),
        DeployEventKind::Detached { .. } => warning("left running: AWS goes on without us"),
    })
}

/// What a rollout changes in a container.
fn rolled(change: &ContainerChange) -> String {
    let image = change.image.iter().map(|image| format!("image {image}"));
    let set = change.set.iter().map(|name| format!("sets {name}"));
    let unset = change.unset.iter().map(|name| format!("takes {name} away"));
    let what: Vec<_> = image.chain(set).chain(unset).collect();
    format!("rolls out {}, container {}: {}", change.task_definition, change.container, what.join(", "))
}

/// One line for each service: whether it can go back to what it runs.
fn readiness(services: &[RollbackReadiness]) -> String {
    let line = |service: &RollbackReadiness| match (service.hindrances.as_slice(), service.doubts.as_slice()) {
        ([], []) => faint(&format!("rollback ready: {} can go back to {}", service.service, service.revision)),
        ([], doubts) => {
            let RollbackReadiness { service, revision, .. } = service;
            faint(&format!("rollback: {service} can go back to {revision}; unknown is {}", doubts.join(", and ")))
        }
        (hindrances, _) => warning(&format!("no way back for {}: {}", service.service, hindrances.join("; "))),
    };
    services.iter().map(line).collect::<Vec<_>>().join("\n        ")
}

fn named(status: Option<&StackStatus>) -> String {
    status.map_or_else(|| "an unknown state".to_owned(), ToString::to_string)
}

fn settled(verdict: OperationResult, status: &StackStatus) -> String {
    match verdict {
        OperationResult::Succeeded => bold(&felt(&status.to_string(), Sentiment::Good)),
        OperationResult::SucceededWithLeftovers => {
            format!("{status}, and something that should be deleted is still there")
        }
        OperationResult::RolledBack | OperationResult::Failed => bad(&status.to_string()),
    }
}

/// What became of a resource, where that is worth a line; `took` is how long its step lasted.
pub(super) fn resource(event: &StackEvent, took: Option<Duration>, page: LineFormat) -> Option<String> {
    let status = match &event.status {
        EventStatus::Resource(status) => status,
        EventStatus::Stack(status) => return stack(status, event, page.verbose),
    };
    let reason = event.reason.as_deref().unwrap_or("");
    let took = took.map(|took| format!("  {}", duration(took))).unwrap_or_default();
    // Clock, verb and duration take some thirty columns; a type that would wrap the line is left out.
    let fits = page.width >= event.logical_id.len() + event.kind.len() + 34;
    let kind = if fits { format!("  {}", faint(&event.kind)) } else { String::new() };
    if status.is_failed() {
        return Some(bad(&format!("{} failed: {reason}", event.logical_id)));
    }
    if status.is_settled() {
        let verb = felt(&format!("{:<8}", verb(status)), status.sentiment());
        return Some(format!("{verb} {}{kind}{}", event.logical_id, faint(&took)));
    }
    page.verbose.then(|| {
        let detail = event.detail.as_deref().or(event.reason.as_deref()).unwrap_or("");
        faint(&format!("{} {} {detail}", event.logical_id, status.as_str())).trim_end().to_owned()
    })
}

fn verb(status: &ResourceStatus) -> String {
    match status.as_str() {
        "CREATE_COMPLETE" => "created".into(),
        "UPDATE_COMPLETE" => "updated".into(),
        "DELETE_COMPLETE" => "deleted".into(),
        "DELETE_SKIPPED" => "kept".into(),
        "IMPORT_COMPLETE" => "imported".into(),
        other => other.to_lowercase().replace('_', " "),
    }
}

/// The stack's own events: the turns that an operation takes.
fn stack(status: &StackStatus, event: &StackEvent, verbose: bool) -> Option<String> {
    let reason = event.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match status {
        StackStatus::RollbackInProgress | StackStatus::UpdateRollbackInProgress => {
            Some(bad(&format!("rolls back{reason}")))
        }
        StackStatus::UpdateCompleteCleanupInProgress => Some("all changed; deletes what was replaced".into()),
        _ => verbose.then(|| faint(&format!("{status}{reason}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_fitting_units() {
        let said = [4, 185, 4000].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(said, ["4 s", "3 m 05 s", "1 h 06 m"]);
        assert_eq!(clock_of(Duration::from_secs(271)), "4:31");
    }
}

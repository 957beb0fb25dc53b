//! The line of each event.

use std::time::Duration;

use super::format::duration;
use super::service_text;
use super::style::{bad, bold, faint, warning, with_sentiment};
use crate::deploy::api::status::{ResourceStatus, Sentiment, StackStatus};
use crate::deploy::api::{ChangeSetKind, EventStatus, StackEvent};
use crate::deploy::engine::progress::OperationResult;
use crate::deploy::plan::hotswap::ContainerChange;
use crate::deploy::plan::rollback_readiness::RollbackReadiness;
use crate::deploy::{DeployEventKind, StackState};

/// The format of lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineFormat {
    /// The columns of the terminal.
    pub(super) width: usize,
    /// Whether every event is printed.
    pub(super) verbose: bool,
}

/// Returns the line of an event other than the progress of a resource; `None` if it is shown in another way.
pub(super) fn event(event: &DeployEventKind, verbose: bool) -> Option<String> {
    Some(match event {
        DeployEventKind::StackFound { state: StackState::NotFound, .. }
        | DeployEventKind::Planned { .. }
        | DeployEventKind::StackEvent { .. } => {
            return None;
        }
        DeployEventKind::StackFound { state: StackState::Updatable, .. } => return None,
        DeployEventKind::StackFound { status, .. } => format!("the stack is in {}", named(status.as_ref())),
        DeployEventKind::OrphansDeleted { change_sets } => {
            format!("deleting change sets of earlier runs: {}", change_sets.join(", "))
        }
        DeployEventKind::UpdateResumed { status } => {
            format!("resuming from {status} with rollback disabled (required by CloudFormation)")
        }
        DeployEventKind::RollbackStarted { skip, .. } if skip.is_empty() => "rolling back the failed operation".into(),
        DeployEventKind::RollbackStarted { skip, .. } => {
            format!("rolling back the failed operation, skipping {}", skip.join(", "))
        }
        DeployEventKind::LeftoverStackDeleted { status } => {
            format!("deleting the stack that an earlier attempt left in {status}")
        }
        DeployEventKind::OperationAttached { token, by_rtiler, status } => {
            let operation = match (token, by_rtiler) {
                (Some(token), true) => format!("an operation of rtiler (token {token})"),
                (Some(token), false) => format!("another operation (token {token})"),
                (None, _) => "another operation".to_owned(),
            };
            format!("{operation} is running, in {status}: waiting for its end first")
        }
        DeployEventKind::TemplateUploaded { bytes } => format!("uploading the template to S3 ({bytes} bytes)"),
        DeployEventKind::ReadinessChecked { services } => readiness(services),
        DeployEventKind::Unchanged => "no changes".into(),
        DeployEventKind::Declined => "declined; deleted the change set".into(),
        DeployEventKind::Interrupted { .. } => warning("interrupted before the operation started"),
        DeployEventKind::OperationStarted { kind, .. } => match kind {
            ChangeSetKind::Create => "creating the stack".into(),
            ChangeSetKind::Update => "updating the stack".into(),
            ChangeSetKind::Import => "importing resources into the stack".into(),
        },
        DeployEventKind::DeleteStarted { .. } => "deleting the stack".into(),
        DeployEventKind::Unreachable { error, retry_in_ms } => {
            let again = duration(Duration::from_millis(*retry_in_ms));
            warning(&format!("cannot reach AWS ({}); retrying in {again}", error.message))
        }
        DeployEventKind::PollFailed { error, retry_in_ms } => {
            let again = duration(Duration::from_millis(*retry_in_ms));
            warning(&format!("AWS API error ({}); retrying in {again}", error.code))
        }
        DeployEventKind::Service(event) => return service_text::event(event, verbose),
        DeployEventKind::CancelStarted { reason, deletes_stack } => service_text::cancelling(reason, *deletes_stack),
        DeployEventKind::CancelRejected { reason } => {
            warning(&format!("cannot cancel the operation, which continues: {reason}"))
        }
        DeployEventKind::StabilizationStarted { services } => service_text::stabilizing(services),
        DeployEventKind::RevertStarted { deletes_stack: false } => {
            bad("services did not stabilize: deploying the previous template")
        }
        DeployEventKind::RevertStarted { deletes_stack: true } => {
            bad("services did not stabilize: deleting the new stack")
        }
        DeployEventKind::OperationFinished { result, status } => finished(*result, status),
        DeployEventKind::HotswapStarted { changes } => {
            changes.iter().map(hotswap).collect::<Vec<_>>().join("\n        ")
        }
        DeployEventKind::TaskDefinitionUpdated { service, from, to, .. } => {
            format!("updating {service} from {from} to {to}")
        }
        DeployEventKind::TerminationProtectionSet { enabled: true } => "termination protection is on".into(),
        DeployEventKind::TerminationProtectionSet { enabled: false } => "termination protection is off".into(),
        DeployEventKind::Skipped { dependency } => bad(&format!("skipped because `{dependency}` failed")),
        DeployEventKind::Detached { .. } => warning("detached: CloudFormation continues the operation"),
    })
}

/// Returns the change of a hotswap to a container.
fn hotswap(change: &ContainerChange) -> String {
    let image = change.image.iter().map(|image| format!("image {image}"));
    let set = change.set.iter().map(|name| format!("set {name}"));
    let unset = change.unset.iter().map(|name| format!("remove {name}"));
    let what: Vec<_> = image.chain(set).chain(unset).collect();
    format!("hotswapping {}, container {}: {}", change.task_definition, change.container, what.join(", "))
}

/// Returns a line for each service: whether it can be rolled back to the running revision.
fn readiness(services: &[RollbackReadiness]) -> String {
    let line = |service: &RollbackReadiness| match (service.blockers.as_slice(), service.risks.as_slice()) {
        ([], []) => faint(&format!("rollback ready: {} can be rolled back to {}", service.service, service.revision)),
        ([], doubts) => {
            let RollbackReadiness { service, revision, .. } = service;
            faint(&format!("rollback: {service} can be rolled back to {revision}; unknown: {}", doubts.join(", and ")))
        }
        (hindrances, _) => {
            warning(&format!("rollback not possible for {}: {}", service.service, hindrances.join("; ")))
        }
    };
    services.iter().map(line).collect::<Vec<_>>().join("\n        ")
}

fn named(status: Option<&StackStatus>) -> String {
    status.map_or_else(|| "an unknown status".to_owned(), ToString::to_string)
}

fn finished(verdict: OperationResult, status: &StackStatus) -> String {
    match verdict {
        OperationResult::Succeeded => bold(&with_sentiment(&status.to_string(), Sentiment::Good)),
        OperationResult::SucceededWithLeftovers => {
            format!("{status}, but some resources could not be deleted")
        }
        OperationResult::RolledBack | OperationResult::Failed => bad(&status.to_string()),
    }
}

/// Returns the line of a resource's event; `took` is the duration of its step.
pub(super) fn resource(event: &StackEvent, took: Option<Duration>, page: LineFormat) -> Option<String> {
    let status = match &event.status {
        EventStatus::Resource(status) => status,
        EventStatus::Stack(status) => return stack(status, event, page.verbose),
    };
    let reason = event.reason.as_deref().unwrap_or("");
    let took = took.map(|took| format!("  {}", duration(took))).unwrap_or_default();
    // The clock, the verb and the duration take about thirty columns; a type that would wrap the line is omitted.
    let fits = page.width >= event.logical_id.len() + event.kind.len() + 34;
    let kind = if fits { format!("  {}", faint(&event.kind)) } else { String::new() };
    if status.is_failed() {
        return Some(bad(&format!("{} failed: {reason}", event.logical_id)));
    }
    if status.is_settled() {
        let verb = with_sentiment(&format!("{:<8}", verb(status)), status.sentiment());
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
        "DELETE_SKIPPED" => "retained".into(),
        "IMPORT_COMPLETE" => "imported".into(),
        other => other.to_lowercase().replace('_', " "),
    }
}

/// Returns the line of an event of the stack itself.
fn stack(status: &StackStatus, event: &StackEvent, verbose: bool) -> Option<String> {
    let reason = event.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match status {
        StackStatus::RollbackInProgress | StackStatus::UpdateRollbackInProgress => {
            Some(bad(&format!("rolling back{reason}")))
        }
        StackStatus::UpdateCompleteCleanupInProgress => Some("updates complete; deleting replaced resources".into()),
        _ => verbose.then(|| faint(&format!("{status}{reason}"))),
    }
}

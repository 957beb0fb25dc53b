//! The line of each event.

use std::time::Duration;

use super::event_columns::EventColumns;
use super::format::duration;
use super::image_text;
use super::job_text;
use super::retry_text::retrying;
use super::service_text;
use super::style::{bad, bold, faint, warning, with_sentiment};
use crate::cli::terminal::Detail;
use crate::deploy::api::status::{ResourceStatus, Sentiment, StackStatus};
use crate::deploy::api::{ChangeSetKind, ClientRequestToken, EventStatus, StackEvent};
use crate::deploy::engine::progress::OperationResult;
use crate::deploy::plan::hotswap::ContainerChange;
use crate::deploy::plan::rollback_readiness::RollbackReadiness;
use crate::deploy::plan::shared::{SharedEnd, stacks_of};
use crate::deploy::{DeployEventKind, StackState};
use crate::printable::one_line;

/// Returns the line of an event other than the progress of a resource; `None` if it is shown in another way.
pub(super) fn event(event: &DeployEventKind, detail: Detail) -> Option<String> {
    use DeployEventKind as Kind;
    Some(match event {
        Kind::Planned { .. } | Kind::DeletionPlanned { .. } | Kind::StackEvent { .. } | Kind::Unchanged => return None,
        Kind::Service(event) => return service_text::event(event, detail),
        Kind::StackFound { state, status } => return found(state, status.as_ref()),
        Kind::OrphansDeleted { change_sets } => {
            format!("deleting change sets of earlier runs: {}", change_sets.join(", "))
        }
        Kind::UpdateResumed { status } => {
            format!("resuming from {status} with rollback disabled (required by CloudFormation)")
        }
        Kind::RollbackStarted { skip, .. } => rolling_back(skip),
        Kind::LeftoverStackDeleted { status } => {
            format!("deleting the stack that an earlier attempt left in {status}")
        }
        Kind::OperationAttached { token, by_rtiler, status } => attached(token.as_ref(), *by_rtiler, status),
        Kind::FirstStepStarted { jobs } => job_text::first_step(jobs),
        Kind::RemovalsDeferred { resources } => {
            let line = |end: &SharedEnd| {
                format!("keeping {} until {} is deployed without it", one_line(&end.resource), stacks_of(end))
            };
            resources.iter().map(line).collect::<Vec<_>>().join("\n        ")
        }
        Kind::Job { job, step } => job_text::step(job, step),
        Kind::Image { reference, path, step } => image_text::step(reference, path, step),
        Kind::TemplateUploaded { bytes } => format!("uploading the template to S3 ({bytes} bytes)"),
        Kind::ReadinessChecked { services } => readiness(services),
        Kind::Declined => "declined; deleted the change set".into(),
        Kind::Interrupted { .. } => warning("interrupted before the operation started"),
        Kind::OperationStarted { kind, .. } => started(*kind).into(),
        Kind::DeleteStarted { .. } => "deleting the stack".into(),
        Kind::NotSimulated { types, deletes } => faint(&not_simulated(types, *deletes, detail.verbose)),
        Kind::Unreachable { error, retry_in_ms, unanswered_ms }
        | Kind::PollFailed { error, retry_in_ms, unanswered_ms } => {
            retrying(error, Duration::from_millis(*unanswered_ms), Some(Duration::from_millis(*retry_in_ms)))
        }
        Kind::CancelStarted { reason, deletes_stack } => service_text::cancelling(reason, *deletes_stack),
        Kind::CancelRejected { reason } => warning(&format!("cannot cancel the operation, which continues: {reason}")),
        Kind::StabilizationStarted { services } => service_text::stabilizing(services),
        Kind::TrialStarted { services, seconds } => service_text::trial(services, *seconds),
        Kind::RevertStarted { deletes_stack, job } => reverting(*deletes_stack, job.as_deref()),
        Kind::OperationFinished { result, status } => finished(*result, status),
        Kind::HotswapStarted { changes } => changes.iter().map(hotswap).collect::<Vec<_>>().join("\n        "),
        Kind::TaskDefinitionUpdated { service, from, to, .. } => format!("updating {service} from {from} to {to}"),
        Kind::TerminationProtectionSet { enabled } => {
            format!("termination protection is {}", if *enabled { "on" } else { "off" })
        }
        Kind::Skipped { dependency } => bad(&format!("skipped because `{dependency}` failed")),
        Kind::Detached { .. } => warning("detached: CloudFormation continues the operation"),
    })
}

/// Returns the line of the state in which a stack was found; `None` if it needs no attention.
fn found(state: &StackState, status: Option<&StackStatus>) -> Option<String> {
    match state {
        StackState::NotFound | StackState::Updatable => None,
        _ => Some(format!("the stack is in {}", named(status))),
    }
}

fn rolling_back(skip: &[String]) -> String {
    match skip {
        [] => "rolling back the failed operation".to_owned(),
        _ => format!("rolling back the failed operation, skipping {}", skip.join(", ")),
    }
}

/// Returns the line of a running operation that the run waits for.
fn attached(token: Option<&ClientRequestToken>, by_rtiler: bool, status: &StackStatus) -> String {
    let operation = match (token, by_rtiler) {
        (Some(token), true) => format!("an operation of rtiler (token {token})"),
        (Some(token), false) => format!("another operation (token {token})"),
        (None, _) => "another operation".to_owned(),
    };
    format!("{operation} is running, in {status}: waiting for its end first")
}

fn started(kind: ChangeSetKind) -> &'static str {
    match kind {
        ChangeSetKind::Create => "creating the stack",
        ChangeSetKind::Update => "updating the stack",
        ChangeSetKind::Import => "importing resources into the stack",
    }
}

/// Returns the line of the types whose rules a rehearsal does not know; some of many, unless every event is printed.
fn not_simulated(types: &[String], deletes: bool, verbose: bool) -> String {
    const SHOWN: usize = 4;
    let verb = if deletes { "deleted" } else { "created" };
    let pronoun = if types.len() == 1 { "it" } else { "they" };
    let shown = if verbose || types.len() <= SHOWN + 1 { types.len() } else { SHOWN };
    let more = match types.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more types (`--verbose` lists them)"),
    };
    format!("not simulated: {}{more}, {verb} as if {pronoun} always succeeded", types[..shown].join(", "))
}

fn reverting(deletes_stack: bool, job: Option<&str>) -> String {
    let step = if deletes_stack { "deleting the new stack" } else { "deploying the previous template" };
    bad(&match job {
        None => format!("services did not stabilize: {step}"),
        Some("") => format!("the last step failed: {step}"),
        Some(job) => format!("job {} failed: {step}", one_line(job)),
    })
}

/// Returns the change of a hotswap to a container.
fn hotswap(change: &ContainerChange) -> String {
    let image = change.image.iter().map(|image| format!("image {image}"));
    let set = change.set.iter().map(|name| format!("set {name}"));
    let unset = change.unset.iter().map(|name| format!("remove {name}"));
    let changes: Vec<_> = image.chain(set).chain(unset).collect();
    format!("hotswapping {}, container {}: {}", change.task_definition, change.container, changes.join(", "))
}

/// Returns a line for each service: whether it can be rolled back to the running revision.
fn readiness(services: &[RollbackReadiness]) -> String {
    let line = |service: &RollbackReadiness| match (service.blockers.as_slice(), service.risks.as_slice()) {
        ([], []) => faint(&format!("rollback ready: {} can be rolled back to {}", service.service, service.revision)),
        ([], risks) => {
            let RollbackReadiness { service, revision, .. } = service;
            faint(&format!("rollback: {service} can be rolled back to {revision}; unknown: {}", risks.join(", and ")))
        }
        (blockers, _) => warning(&format!("rollback not possible for {}: {}", service.service, blockers.join("; "))),
    };
    services.iter().map(line).collect::<Vec<_>>().join("\n        ")
}

fn named(status: Option<&StackStatus>) -> String {
    status.map_or_else(|| "an unknown status".to_owned(), ToString::to_string)
}

fn finished(result: OperationResult, status: &StackStatus) -> String {
    match result {
        OperationResult::Succeeded => bold(&with_sentiment(&status.to_string(), Sentiment::Good)),
        OperationResult::SucceededWithLeftovers => {
            format!("{status}, but some resources could not be deleted")
        }
        OperationResult::RolledBack | OperationResult::Failed => bad(&status.to_string()),
    }
}

/// The columns of a verb with its gap, and of a duration.
pub(super) const VERB_AND_DURATION: usize = 9 + 8;

/// Returns the line of a resource's event; `took` is the duration of its step.
pub(super) fn resource(
    event: &StackEvent,
    took: Option<Duration>,
    columns: EventColumns,
    detail: Detail,
) -> Option<String> {
    let status = match &event.status {
        EventStatus::Resource(status) => status,
        EventStatus::Stack(status) => return stack(status, event, detail.verbose),
    };
    let reason = event.reason.as_deref().unwrap_or("");
    if status.is_failed() {
        return Some(bad(&format!("{} failed: {reason}", event.logical_id)));
    }
    if status.is_settled() {
        let verb = with_sentiment(&format!("{:<8}", verb(status)), status.sentiment());
        let cells = columns.within(detail.width, VERB_AND_DURATION).cells(&event.logical_id, &event.kind);
        let took = took.map(|took| format!("{:>8}", duration(took))).unwrap_or_default();
        return Some(format!("{verb} {cells}  {}", faint(&took)).trim_end().to_owned());
    }
    detail.verbose.then(|| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_are_not_simulated_are_in_one_line_and_folded_if_many() {
        let types = |count: usize| (1..=count).map(|it| format!("AWS::X::T{it}")).collect::<Vec<_>>();
        assert_eq!(
            not_simulated(&types(1), false, false),
            "not simulated: AWS::X::T1, created as if it always succeeded"
        );
        assert_eq!(
            not_simulated(&types(2), true, false),
            "not simulated: AWS::X::T1, AWS::X::T2, deleted as if they always succeeded"
        );
        let folded = not_simulated(&types(9), false, false);
        assert!(folded.contains("AWS::X::T4 and 5 more types (`--verbose` lists them), created"), "{folded}");
        assert!(not_simulated(&types(9), false, true).contains("AWS::X::T9, created"));
    }
}

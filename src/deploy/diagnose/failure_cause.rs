//! The causes of a failed operation, found among its events.

use serde::{Deserialize, Serialize};

use super::status_reason::StatusReason;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE};
use crate::deploy::api::{EventStatus, StackEvent};

/// The kind of a failure, as far as AWS's codes and message show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A resource of that name exists, in this stack or outside of it.
    AlreadyExists,
    /// The caller (or the role) does not have the permission.
    AccessDenied,
    /// A resource that it refers to does not exist.
    NotFound,
    /// A quota of the account is used up.
    Quota,
    /// The resource was created and did not become healthy, stable or active.
    NotStable,
    /// Another resource still uses the one to delete.
    InUse,
    /// The service rejects the properties.
    Invalid,
    /// Too many requests at once.
    Throttled,
    /// An operation was cancelled.
    Cancelled,
    /// AWS had an internal failure.
    Internal,
    /// Any other failure.
    Other,
}

/// The cause of a failed operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureCause {
    /// The resource that failed; none if the stack itself did.
    pub resource: Option<String>,
    /// Its type.
    pub resource_type: String,
    /// The kind of failure.
    pub kind: FailureKind,
    /// AWS's message without the handler's wrapping.
    pub message: String,
    /// The error code of the service's API, if CloudFormation reports it.
    pub error_code: Option<String>,
    /// The error code of the resource handler, if one handled the resource.
    pub handler_code: Option<String>,
    /// The event that reported it.
    pub event: StackEvent,
}

/// Returns the failures that are causes, in order, without those that only follow from another.
///
/// If there are only such secondary failures, the reason of the stack itself is the cause (an export that is in use, for
/// example); if the stack gives none, the first secondary failure is.
pub fn causes(failures: &[StackEvent]) -> Vec<FailureCause> {
    let forward = failures.iter().take_while(|event| is_resource(event));
    let own: Vec<_> = forward.filter(|event| !is_secondary(event)).collect();
    let of_stack = || failures.iter().filter(|event| has_own_reason(event)).collect();
    let found: Vec<_> = if own.is_empty() { of_stack() } else { own };
    let first = || failures.iter().filter(|event| is_resource(event)).take(1).collect();
    let found: Vec<_> = if found.is_empty() { first() } else { found };
    found.into_iter().map(cause).collect()
}

/// Returns the causes why the rollback itself failed.
pub fn rollback_causes(failures: &[StackEvent]) -> Vec<FailureCause> {
    let of_rollback = failures.iter().skip_while(|event| is_resource(event));
    of_rollback.filter(|event| is_resource(event) && !is_secondary(event)).map(cause).collect()
}

/// Returns whether a failure only follows from another: the resource was in progress when that one failed.
pub fn is_secondary(event: &StackEvent) -> bool {
    const SECONDARY: [&str; 4] = [
        "resource creation cancelled",
        "resource update cancelled",
        "resource deletion cancelled",
        "resource operation cancelled",
    ];
    let reason = event.reason.as_deref().unwrap_or_default().trim().trim_end_matches('.').to_ascii_lowercase();
    SECONDARY.iter().any(|message| reason == *message || reason.replace("canceled", "cancelled") == *message)
}

fn is_resource(event: &StackEvent) -> bool {
    matches!(event.status, EventStatus::Resource(_))
}

/// Returns whether an event is the stack's own and its reason is more than a list of the resources that failed.
fn has_own_reason(event: &StackEvent) -> bool {
    let reason = event.reason.as_deref().unwrap_or_default();
    !is_resource(event) && !reason.is_empty() && !reason.starts_with("The following resource(s) failed")
}

fn cause(event: &StackEvent) -> FailureCause {
    let reason = event.reason.as_deref().unwrap_or("AWS gave no reason");
    let parts = StatusReason::parse(reason);
    FailureCause {
        resource: is_resource(event).then(|| event.logical_id.clone()),
        resource_type: event.kind.clone(),
        kind: kind(&parts, &event.kind),
        message: parts.message.to_owned(),
        error_code: parts.error.map(str::to_owned),
        handler_code: parts.handler.map(str::to_owned),
        event: event.clone(),
    }
}

fn kind(reason: &StatusReason<'_>, resource_type: &str) -> FailureKind {
    // ELB reports a bucket of access logs that it may not write to like a missing permission of the caller.
    if reason.message.starts_with("Access Denied for bucket") {
        return FailureKind::Invalid;
    }
    let is_listener = [LISTENER, LISTENER_RULE].contains(&resource_type);
    match reason.handler.and_then(of_handler).or_else(|| reason.error.and_then(of_error)) {
        // The port of a listener or the priority of a rule exists, not its name.
        Some(FailureKind::AlreadyExists) if is_listener => FailureKind::InUse,
        Some(kind) => kind,
        None => of_message(reason.message),
    }
}

/// Returns the kind of a code of a resource handler that has one meaning ("Handler error codes", CloudFormation CLI user guide).
fn of_handler(code: &str) -> Option<FailureKind> {
    Some(match code {
        "AlreadyExists" => FailureKind::AlreadyExists,
        "AccessDenied" | "InvalidCredentials" | "UnauthorizedTaggingOperation" => FailureKind::AccessDenied,
        "NotFound" => FailureKind::NotFound,
        "ServiceLimitExceeded" => FailureKind::Quota,
        "NotStabilized" => FailureKind::NotStable,
        "ResourceConflict" => FailureKind::InUse,
        "Throttling" => FailureKind::Throttled,
        "ServiceInternalError" | "InternalFailure" => FailureKind::Internal,
        _ => return None,
    })
}

/// Returns the kind of an error code of a service, by the words that the services use for it ("Common Errors" and "Errors" of
/// their API references); `VpcLimitExceeded`, `InvalidGroup.NotFound`.
fn of_error(code: &str) -> Option<FailureKind> {
    const WORDS: [(&[&str], FailureKind); 7] = [
        (
            &[
                "AlreadyExists",
                ".Duplicate",
                "AlreadyOwnedByYou",
                "DuplicateLoadBalancerName",
                "DuplicateTargetGroupName",
            ],
            FailureKind::AlreadyExists,
        ),
        (&["AccessDenied", "Unauthorized", "NotAuthorized"], FailureKind::AccessDenied),
        (&["Throttl", "RequestLimitExceeded"], FailureKind::Throttled),
        (&["LimitExceeded", "QuotaExceeded"], FailureKind::Quota),
        (&["DependencyViolation", "InUse", "DuplicateListener", "NotEmpty", "DeleteConflict"], FailureKind::InUse),
        (&["NotFound", "NoSuch"], FailureKind::NotFound),
        (&["InternalFailure", "InternalError", "ServiceUnavailable"], FailureKind::Internal),
    ];
    WORDS.iter().find(|(words, _)| words.iter().any(|word| code.contains(word))).map(|(_, kind)| *kind)
}

/// Returns the kind of a message whose codes do not say it.
fn of_message(message: &str) -> FailureKind {
    let text = message.to_ascii_lowercase();
    let has = |patterns: &[&str]| patterns.iter().any(|pattern| text.contains(pattern));
    let table: [(&[&str], FailureKind); 9] = [
        (&["already exists", "alreadyexists", "already in use"], FailureKind::AlreadyExists),
        (&["not authorized", "access denied", "accessdenied", "unauthorized"], FailureKind::AccessDenied),
        (&["limit exceeded", "limitexceeded", "maximum number of", "quota"], FailureKind::Quota),
        (
            &["did not stabilize", "not stabilize", "circuit breaker", "timed out", "didn't stabilize"],
            FailureKind::NotStable,
        ),
        (&["is in use", "dependent object", "dependencyviolation", "not empty"], FailureKind::InUse),
        (&["does not exist", "not found", "notfound", "could not be found"], FailureKind::NotFound),
        (&["rate exceeded", "throttl"], FailureKind::Throttled),
        (&["cancelled", "canceled"], FailureKind::Cancelled),
        (&["invalid", "malformed", "validation", "unsupported", "must be", "not valid"], FailureKind::Invalid),
    ];
    table.iter().find(|(patterns, _)| has(patterns)).map_or(FailureKind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::status::{ResourceStatus, StackStatus};
    use crate::testing::fixtures::event;

    fn failed(id: &str, reason: &str) -> StackEvent {
        event(id, EventStatus::Resource(ResourceStatus::CreateFailed), reason)
    }

    fn rollback(reason: &str) -> StackEvent {
        event("stack", EventStatus::Stack(StackStatus::UpdateRollbackInProgress), reason)
    }

    #[test]
    fn cancelled_resource_is_secondary_even_if_its_event_comes_first() {
        let found = causes(&[
            failed("Role", "Resource creation cancelled"),
            failed("Tiles", "tiles already exists"),
            rollback("The following resource(s) failed to create: [Role, Tiles]. "),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].resource.as_deref(), found[0].kind), (Some("Tiles"), FailureKind::AlreadyExists));
    }

    #[test]
    fn first_secondary_failure_is_the_cause_without_others() {
        let found = causes(&[failed("Tiles", "Resource creation cancelled"), rollback("")]);
        assert_eq!((found.len(), found[0].kind), (1, FailureKind::Cancelled));
    }

    #[test]
    fn failure_of_a_rollback_is_separate() {
        let failures = [failed("Tiles", "Access Denied"), rollback(""), failed("Role", "cannot be restored")];
        assert_eq!(causes(&failures).len(), 1);
        assert_eq!(rollback_causes(&failures)[0].resource.as_deref(), Some("Role"));
    }

    #[test]
    fn stack_itself_can_be_the_cause() {
        let found = causes(&[rollback("Export vpc cannot be deleted as it is in use by web")]);
        assert_eq!((found[0].resource.as_deref(), found[0].kind), (None, FailureKind::InUse));
    }

    #[test]
    fn kind_is_that_of_the_codes() {
        let kind = |reason: &str| causes(&[failed("Web", reason)])[0].kind;
        let of = |code: &str| kind(&format!("It failed (Service: AmazonEC2; Status Code: 400; Error Code: {code})"));
        assert_eq!(of("VpcLimitExceeded"), FailureKind::Quota);
        assert_eq!(of("InvalidGroup.NotFound"), FailureKind::NotFound);
        assert_eq!(of("DependencyViolation"), FailureKind::InUse);
        assert_eq!(of("RequestLimitExceeded"), FailureKind::Throttled);
        assert_eq!(of("InvalidPermission.Duplicate"), FailureKind::AlreadyExists);
        assert_eq!(of("DuplicateSubnetsInSameZone"), FailureKind::Other);
        assert_eq!(of("ValidationException"), FailureKind::Other, "the code has many meanings");
        assert_eq!(kind("It exists (RequestToken: 1, HandlerErrorCode: AlreadyExists)"), FailureKind::AlreadyExists);
    }

    #[test]
    fn wrapping_of_the_handler_is_removed() {
        let reason = "Resource handler returned message: \"Model validation failed (#/Port: 0 is not valid)\" \
                      (RequestToken: 1b, HandlerErrorCode: NotStabilized)";
        let found = causes(&[failed("Web", reason)]);
        assert_eq!(found[0].message, "Model validation failed (#/Port: 0 is not valid)");
        assert_eq!(found[0].kind, FailureKind::NotStable);
    }

    #[test]
    fn reason_of_the_old_form_loses_its_request_id() {
        let found =
            causes(&[failed("Web", "The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400)")]);
        assert_eq!(found[0].message, "The maximum number of VPCs has been reached.");
        assert_eq!(found[0].kind, FailureKind::Quota);
    }
}

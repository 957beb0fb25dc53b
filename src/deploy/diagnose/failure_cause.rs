//! AWS's words about a failure: which of them name the cause, and of which kind it is.

use serde::{Deserialize, Serialize};

use crate::deploy::api::{EventStatus, StackEvent};

/// What kind of failure it is, as far as AWS's words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Something of that name is there, in this stack or outside of it.
    AlreadyExists,
    /// The caller (or the role) may not do that.
    AccessDenied,
    /// What it refers to is not there.
    NotFound,
    /// A quota of the account is used up.
    Quota,
    /// It was made and did not become healthy, stable or active.
    NotStable,
    /// Something else still needs what is to be deleted.
    InUse,
    /// The service does not take the properties as they are.
    Invalid,
    /// Too many requests at once.
    Throttled,
    /// An operation was cancelled by somebody.
    Cancelled,
    /// AWS itself failed.
    Internal,
    /// Anything else.
    Other,
}

/// The cause of a failed operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureCause {
    /// The resource that failed; none where the stack itself did.
    pub resource: Option<String>,
    /// Its type.
    pub resource_type: String,
    /// What kind of failure.
    pub kind: FailureKind,
    /// AWS's message without its wrapping.
    pub message: String,
    /// The event that told it.
    pub event: StackEvent,
}

/// The failures that are causes, the first one first; those that only follow from another are left out.
///
/// Where nothing but echoes failed, the stack's own words are the cause (an export that is in use, for example); where
/// it has none, the first echo is better than silence.
pub fn causes(failures: &[StackEvent]) -> Vec<FailureCause> {
    let forward = failures.iter().take_while(|event| is_resource(event));
    let own: Vec<_> = forward.filter(|event| !is_secondary(event)).collect();
    let told = if own.is_empty() { failures.iter().filter(|event| says_more(event)).collect() } else { own };
    let told =
        if told.is_empty() { failures.iter().filter(|event| is_resource(event)).take(1).collect() } else { told };
    told.into_iter().map(cause).collect()
}

/// What failed while the stack was rolled back: why the rollback itself did not succeed.
pub fn rollback_causes(failures: &[StackEvent]) -> Vec<FailureCause> {
    let undoing = failures.iter().skip_while(|event| is_resource(event));
    undoing.filter(|event| is_resource(event) && !is_secondary(event)).map(cause).collect()
}

/// True for a failure that only follows from another: the resource was under way when that one failed.
pub fn is_secondary(event: &StackEvent) -> bool {
    const ECHOES: [&str; 4] = [
        "resource creation cancelled",
        "resource update cancelled",
        "resource deletion cancelled",
        "resource operation cancelled",
    ];
    let reason = event.reason.as_deref().unwrap_or_default().trim().trim_end_matches('.').to_ascii_lowercase();
    ECHOES.iter().any(|echo| reason == *echo || reason.replace("canceled", "cancelled") == *echo)
}

fn is_resource(event: &StackEvent) -> bool {
    matches!(event.status, EventStatus::Resource(_))
}

/// True for words of the stack itself that are more than a list of the resources that failed.
fn says_more(event: &StackEvent) -> bool {
    let reason = event.reason.as_deref().unwrap_or_default();
    !is_resource(event) && !reason.is_empty() && !reason.starts_with("The following resource(s) failed")
}

fn cause(event: &StackEvent) -> FailureCause {
    let reason = event.reason.as_deref().unwrap_or("AWS gave no reason");
    let (message, handler) = unwrap(reason);
    FailureCause {
        resource: is_resource(event).then(|| event.logical_id.clone()),
        resource_type: event.kind.clone(),
        kind: kind(&message, handler.as_deref()),
        message,
        event: event.clone(),
    }
}

/// The message inside `Resource handler returned message: "..." (RequestToken: .., HandlerErrorCode: ..)`, and the code.
fn unwrap(reason: &str) -> (String, Option<String>) {
    let code = after(reason, "HandlerErrorCode: ").map(|rest| rest.trim_end_matches([')', '.', ' ']).to_owned());
    let message = after(reason, "Resource handler returned message: \"").unwrap_or(reason);
    let message = message.split("\" (RequestToken:").next().unwrap_or(message);
    let message = message.split(" (RequestToken:").next().unwrap_or(message);
    let message = without_service(message);
    (message.trim().to_owned(), code)
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.find(mark).map(|at| &text[at + mark.len()..])
}

/// Cuts `(Service: AmazonEC2; Status Code: 400; Request ID: ..)` off its end.
fn without_service(message: &str) -> &str {
    message.find(" (Service: ").map_or(message, |at| &message[..at])
}

fn kind(message: &str, handler: Option<&str>) -> FailureKind {
    match handler {
        Some("AlreadyExists") => return FailureKind::AlreadyExists,
        Some("AccessDenied" | "InvalidCredentials" | "UnauthorizedTaggingOperation") => {
            return FailureKind::AccessDenied;
        }
        Some("NotFound") => return FailureKind::NotFound,
        Some("ServiceLimitExceeded") => return FailureKind::Quota,
        Some("NotStabilized") => return FailureKind::NotStable,
        Some("ResourceConflict") => return FailureKind::InUse,
        Some("Throttling") => return FailureKind::Throttled,
        Some("ServiceInternalError" | "InternalFailure") => return FailureKind::Internal,
        _ => {}
    }
    let text = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
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
    table.iter().find(|(words, _)| has(words)).map_or(FailureKind::Other, |(_, kind)| *kind)
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
    fn a_cancelled_resource_is_an_echo_even_when_its_event_comes_first() {
        let found = causes(&[
            failed("Role", "Resource creation cancelled"),
            failed("Tiles", "tiles already exists"),
            rollback("The following resource(s) failed to create: [Role, Tiles]. "),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].resource.as_deref(), found[0].kind), (Some("Tiles"), FailureKind::AlreadyExists));
    }

    #[test]
    fn where_only_echoes_are_left_the_first_one_is_told() {
        let found = causes(&[failed("Tiles", "Resource creation cancelled"), rollback("")]);
        assert_eq!((found.len(), found[0].kind), (1, FailureKind::Cancelled));
    }

    #[test]
    fn a_failure_while_undoing_is_told_apart() {
        let failures = [failed("Tiles", "Access Denied"), rollback(""), failed("Role", "cannot be restored")];
        assert_eq!(causes(&failures).len(), 1);
        assert_eq!(rollback_causes(&failures)[0].resource.as_deref(), Some("Role"));
    }

    #[test]
    fn the_stack_itself_can_be_the_cause() {
        let found = causes(&[rollback("Export vpc cannot be deleted as it is in use by web")]);
        assert_eq!((found[0].resource.as_deref(), found[0].kind), (None, FailureKind::InUse));
    }

    #[test]
    fn the_handlers_wrapping_is_taken_off() {
        let reason = "Resource handler returned message: \"Model validation failed (#/Port: 0 is not valid)\" \
                      (RequestToken: 1b, HandlerErrorCode: NotStabilized)";
        let found = causes(&[failed("Web", reason)]);
        assert_eq!(found[0].message, "Model validation failed (#/Port: 0 is not valid)");
        assert_eq!(found[0].kind, FailureKind::NotStable);
    }

    #[test]
    fn an_old_style_reason_loses_its_request_ids() {
        let found =
            causes(&[failed("Web", "The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400)")]);
        assert_eq!(found[0].message, "The maximum number of VPCs has been reached.");
        assert_eq!(found[0].kind, FailureKind::Quota);
    }
}

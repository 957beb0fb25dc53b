//! CloudFormation's messages about failed resources.

use crate::rehearsal::state::{Operation, Phase, StepAction, StepState};

/// CloudFormation's message about a service that did not become stable in time.
pub(super) const NOT_STABILIZED: &str = "Exceeded attempts to wait";

/// Returns the error of a resource handler.
pub(super) fn handler_error(message: &str, code: &str, request: &str) -> String {
    format!("Resource handler returned message: \"{message}\" (RequestToken: {request}, HandlerErrorCode: {code})")
}

/// Returns the reason of a stack event that names the resources that failed.
pub(super) fn failed_resources(operation: &Operation) -> String {
    let failed = |verb: &str, matches: &dyn Fn(StepAction) -> bool| {
        let failed = operation.steps.iter().filter(|step| step.state == StepState::Failed && matches(step.action));
        let ids: Vec<_> = failed.map(|step| step.id.as_str()).collect();
        if ids.is_empty() {
            String::new()
        } else {
            format!("The following resource(s) failed to {verb}: [{}]. ", ids.join(", "))
        }
    };
    let parts = [
        failed("create", &|action| action == StepAction::Create),
        failed("import", &|action| action == StepAction::Import),
        failed("update", &|action| matches!(action, StepAction::Update | StepAction::Restore)),
        failed("delete", &|action| matches!(action, StepAction::Delete | StepAction::DeletePending)),
    ];
    let rolls_back = operation.phase == Phase::Create && !operation.disable_rollback;
    let request = if rolls_back { "Rollback requested by user." } else { "" };
    format!("{}{request}", parts.concat())
}

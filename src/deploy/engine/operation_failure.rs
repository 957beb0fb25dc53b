//! Diagnostics of a failed or cancelled operation.

use super::event::CancelReason;
use super::finished::FinishedOperation;
use super::progress::OperationResult;
use crate::deploy::api::status::StackStatus;
use crate::deploy::diagnose::stack_failure::{FailedStack, diagnose_stack_failure, rollback_failures};
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Code, CommandName, Diagnostic, Hint, HintPart};
use crate::synth::DesiredStack;

/// The number of stopped tasks from which a cause is reported with a cancelled operation: one may be chance.
const RELEVANT: u32 = 2;

/// Explains why an operation failed, at the lines of the script.
pub(super) fn diagnose(stack: &DesiredStack, finished: &FinishedOperation) -> Vec<Diagnostic> {
    let (progress, result) = (&finished.progress, finished.result);
    let failed = FailedStack {
        name: &stack.name,
        template: &stack.template,
        origin: &stack.origin,
        failures: &progress.failures,
        status: progress.status.as_ref(),
        is_rolled_back: result == OperationResult::RolledBack,
    };
    let Some(reason) = &finished.cancelled else {
        return diagnose_stack_failure(&failed, &finished.diagnoses);
    };
    let mut problems = diagnose_cancelled(stack, reason, &finished.diagnoses);
    problems.extend(rollback_failures(&failed));
    let note = match (result, &finished.status) {
        (OperationResult::RolledBack, StackStatus::DeleteComplete) => {
            "the creation was cancelled, and the stack was deleted"
        }
        (OperationResult::RolledBack, _) => "the operation was cancelled, and the stack was rolled back",
        _ => "the operation was cancelled, and the stack needs a decision",
    };
    if let Some(first) = problems.first_mut() {
        first.notes.push(note.to_owned());
    }
    if finished.status == StackStatus::DeleteComplete {
        problems.iter_mut().for_each(without_logs);
    }
    problems
}

/// Replaces hints to read logs: those of a deleted stack are deleted.
fn without_logs(problem: &mut Diagnostic) {
    let logs = |part: &HintPart| matches!(part, HintPart::Command(command) if command.name == CommandName::Logs);
    for hint in problem.hints.iter_mut().filter(|hint| hint.parts().iter().any(logs)) {
        *hint = Hint::from("run the image yourself with the same environment, and read its log");
    }
}

/// Explains why an operation was cancelled: by the user or by its time limit, then why its services fail.
pub(super) fn diagnose_cancelled(
    stack: &DesiredStack,
    reason: &CancelReason,
    diagnoses: &[Diagnosis],
) -> Vec<Diagnostic> {
    let name = &stack.name;
    let cancellation = match reason {
        CancelReason::TaskFailures { .. } => None,
        CancelReason::TimedOut { after_s } => {
            let message = format!("stack `{name}` was not complete after {after_s} seconds");
            let problem = Diagnostic::new(Code::DeploymentTimedOut, message).at(&stack.origin, "this stack");
            Some(problem.help("set a longer limit with `--timeout`, or leave the limit out"))
        }
        CancelReason::ByUser => {
            let message = format!("the deployment of stack `{name}` was cancelled, as you asked");
            Some(Diagnostic::new(Code::DeploymentCancelled, message).at(&stack.origin, "this stack"))
        }
    };
    let is_reason = |seen: &Diagnosis| matches!(reason, CancelReason::TaskFailures { diagnosis } if diagnosis.service == seen.service);
    let relevant = diagnoses.iter().filter(|seen| is_reason(seen) || seen.times >= RELEVANT);
    let causes = relevant.map(|seen| diagnose_task_failure(seen, &stack.template, &stack.origin));
    cancellation.into_iter().chain(causes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::EventStatus;
    use crate::deploy::api::status::ResourceStatus;
    use crate::deploy::engine::progress::{OperationGoal, Progress};
    use crate::deploy::engine::service_monitor::ServiceMonitor;
    use crate::testing::fixtures::event;
    use crate::testing::harness::stack;

    /// Returns the codes of an operation in which a resource was cancelled.
    fn codes(cancelled: Option<CancelReason>, other_failure: Option<&str>) -> Vec<&'static str> {
        let mut progress = Progress::new(OperationGoal::Deployed);
        let failed = || EventStatus::Resource(ResourceStatus::CreateFailed);
        let other = other_failure.map(|reason| event("Queue", failed(), reason));
        for event in other.iter().chain([&event("Topic", failed(), "Resource creation cancelled")]) {
            progress.apply(event);
        }
        let finished = FinishedOperation {
            result: OperationResult::RolledBack,
            status: StackStatus::RollbackComplete,
            stack: None,
            progress,
            services: ServiceMonitor::new(3, 1),
            diagnoses: Vec::new(),
            cancelled,
        };
        let template = "Resources: {Queue: {Type: 'AWS::SQS::Queue'}, Topic: {Type: 'AWS::SNS::Topic'}}";
        diagnose(&stack("web", template), &finished).iter().map(|problem| problem.code.as_str()).collect()
    }

    #[test]
    fn operation_cancelled_by_the_user_is_deployment_cancelled() {
        assert_eq!(codes(Some(CancelReason::ByUser), None), ["deployment-cancelled"]);
    }

    #[test]
    fn resource_cancelled_next_to_a_failure_is_not_reported() {
        assert_eq!(codes(None, Some("Access Denied")), ["resource-access-denied"]);
    }

    #[test]
    fn resource_cancelled_without_a_known_failure_is_resource_cancelled() {
        assert_eq!(codes(None, None), ["resource-cancelled"]);
    }

    #[test]
    fn operation_over_its_time_limit_is_deployment_timed_out() {
        assert_eq!(codes(Some(CancelReason::TimedOut { after_s: 60 }), None), ["deployment-timed-out"]);
    }
}

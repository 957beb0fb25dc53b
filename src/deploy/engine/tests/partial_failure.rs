//! Refusals after a stack was changed: no result says that it was not.

use std::time::Duration;

use super::service_failures::{newer, web};
use crate::deploy::api::{ApiCall, CloudFormation, DeploymentMode};
use crate::deploy::engine::StopRequest;
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::diag::Diagnostic;
use crate::rehearsal::{ApiFaults, DeniedCall, TaskFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

fn outcome(report: &RunReport) -> &StackOutcome {
    &report.outcome.stacks[0]
}

fn problem<'p>(report: &'p RunReport, code: &str) -> &'p Diagnostic {
    let problems = &outcome(report).problems;
    problems.iter().find(|problem| problem.code == code).unwrap_or_else(|| panic!("{problems:#?}"))
}

fn denies(harness: &Harness, call: ApiCall, allowed: u32) {
    harness.api_faults.set(ApiFaults { denied: Some(DeniedCall { call, allowed }), ..ApiFaults::default() });
}

fn express(seed: u64) -> Harness {
    let harness = Harness::new(seed);
    harness.options.borrow_mut().mode = DeploymentMode::Express;
    harness
}

fn advises(problem: &Diagnostic, command: &str) -> bool {
    problem.hints.iter().any(|hint| hint.contains(command))
}

#[test]
fn express_creation_whose_deletion_is_refused_fails_and_stays() {
    let harness = express(80);
    harness.fail_tasks("Web", TaskFault::Unhealthy(500));
    denies(&harness, ApiCall::DeleteStack, 0);
    let report = harness.deploy(&[web()]);
    assert_eq!(outcome(&report).result, StackResult::Failed, "the stack exists, so the deployment was not rejected");
    assert_eq!(outcome(&report).problems[0].code, "task-unhealthy", "the cause comes first");
    let revert = problem(&report, "revert-failed");
    assert!(advises(revert, "`cloudformation:DeleteStack`") && advises(revert, "`destroy web`"), "{revert:#?}");
    assert_eq!(harness.status("web").as_deref(), Some("CREATE_COMPLETE"));
}

#[test]
fn express_update_whose_revert_is_refused_fails_and_stays() {
    for call in [ApiCall::CreateChangeSet, ApiCall::ExecuteChangeSet] {
        let harness = express(81);
        assert!(harness.deploy(&[web()]).outcome.is_success());
        harness.fail_tasks("Web", TaskFault::ImageNotFound);
        denies(&harness, call, 1);
        let report = harness.deploy(&[newer()]);
        assert_eq!(outcome(&report).result, StackResult::Failed, "{call}");
        assert_eq!(outcome(&report).problems[0].code, "task-image-not-found", "{call}");
        let revert = problem(&report, "revert-failed");
        assert!(advises(revert, call.operation()) && advises(revert, "`rollback web`"), "{call}: {revert:#?}");
        assert!(revert.origin().is_some(), "{call}");
        assert_eq!(harness.status("web").as_deref(), Some("UPDATE_COMPLETE"), "{call}");
        let sets = harness.with_api(async |cloud| cloud.change_sets("web").await).unwrap();
        assert_eq!(sets.len(), 0, "{call}: no change set is left");
    }
}

#[test]
fn connection_lost_during_a_revert_still_reports_the_cause() {
    let harness = express(82);
    harness.deploy(&[web()]);
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    let duration = harness.deploy(&[newer()]).duration;
    let harness = express(82);
    harness.deploy(&[web()]);
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    // It is reverted in its last half minute.
    let lost = Some((duration.saturating_sub(Duration::from_secs(15)), Duration::from_hours(2)));
    harness.api_faults.set(ApiFaults { lost, ..ApiFaults::default() });
    let report = harness.deploy(&[newer()]);
    assert_eq!(outcome(&report).problems[0].code, "task-image-not-found", "{:#?}", outcome(&report).problems);
    assert!(matches!(outcome(&report).result, StackResult::ConnectionLost | StackResult::Failed));
}

#[test]
fn detach_during_a_revert_reports_the_cause_and_the_running_operation() {
    let harness = express(83);
    harness.deploy(&[web()]);
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    let duration = harness.deploy(&[newer()]).duration;
    let harness = express(83);
    harness.deploy(&[web()]);
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    harness.stop_requests.borrow_mut().push((duration.saturating_sub(Duration::from_secs(10)), StopRequest::Detach));
    let report = harness.deploy(&[newer()]);
    assert_eq!(outcome(&report).problems[0].code, "task-image-not-found");
    assert_eq!(outcome(&report).result, StackResult::Detached);
    problem(&report, "detached");
}

#[test]
fn refused_termination_protection_fails_the_deployment_and_the_next_one_sets_it() {
    let plain = stack("logs", "Resources:\n  Logs:\n    Type: AWS::Logs::LogGroup\n");
    let protected = DesiredStack { termination_protection: true, ..plain };
    let harness = Harness::new(84);
    denies(&harness, ApiCall::UpdateTerminationProtection, 0);
    let report = harness.deploy(std::slice::from_ref(&protected));
    assert_eq!(outcome(&report).result, StackResult::Failed);
    let unprotected = problem(&report, "protection-not-set");
    assert!(unprotected.message.contains("is deployed") && unprotected.message.contains("was not enabled"));
    assert!(advises(unprotected, "`deploy logs`"));
    assert_eq!(harness.status("logs").as_deref(), Some("CREATE_COMPLETE"));
    let again = harness.deploy(std::slice::from_ref(&protected));
    assert_eq!(outcome(&again).result, StackResult::Rejected, "now nothing was changed");
    harness.api_faults.set(ApiFaults::default());
    assert_eq!(outcome(&harness.deploy(std::slice::from_ref(&protected))).result, StackResult::Unchanged);
    assert_eq!(harness.destroy(&[protected]).outcome.stacks[0].problems[0].code, "termination-protected");
}

#[test]
fn express_deployment_without_a_revert_point_changes_nothing() {
    let harness = express(85);
    harness.deploy(&[web()]);
    denies(&harness, ApiCall::GetTemplate, 1);
    let report = harness.deploy(&[newer()]);
    assert_eq!(outcome(&report).result, StackResult::Rejected);
    let sets = harness.with_api(async |cloud| cloud.change_sets("web").await).unwrap();
    assert_eq!((sets.len(), harness.status("web").as_deref()), (0, Some("CREATE_COMPLETE")));
}

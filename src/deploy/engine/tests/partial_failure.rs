//! What AWS refuses after a stack was changed: no ending says that nothing was.

use std::time::Duration;

use super::service_failures::{newer, web};
use crate::deploy::api::{ApiCall, CloudFormation, DeploymentMode};
use crate::deploy::engine::StopRequest;
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::diag::Diagnostic;
use crate::rehearsal::{ApiFaults, DeniedCall, TaskFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

fn outcome(played: &RunReport) -> &StackOutcome {
    &played.outcome.stacks[0]
}

fn problem<'p>(played: &'p RunReport, code: &str) -> &'p Diagnostic {
    let problems = &outcome(played).problems;
    problems.iter().find(|problem| problem.code == code).unwrap_or_else(|| panic!("{problems:#?}"))
}

fn denies(stage: &Harness, call: ApiCall, granted: u32) {
    stage.weather.set(ApiFaults { denied: Some(DeniedCall { call, granted }), ..ApiFaults::default() });
}

fn express(seed: u64) -> Harness {
    let stage = Harness::new(seed);
    stage.options.borrow_mut().mode = DeploymentMode::Express;
    stage
}

fn advises(problem: &Diagnostic, command: &str) -> bool {
    problem.hints.iter().any(|hint| hint.contains(command))
}

#[test]
fn an_express_creation_that_cannot_be_deleted_again_says_what_stays() {
    let stage = express(80);
    stage.fail_tasks("Web", TaskFault::Unhealthy(500));
    denies(&stage, ApiCall::DeleteStack, 0);
    let played = stage.deploy(&[web()]);
    assert_eq!(outcome(&played).result, StackResult::Failed, "it is there, so it was not refused");
    assert_eq!(outcome(&played).problems[0].code, "task-unhealthy", "the cause comes first");
    let left = problem(&played, "revert-failed");
    assert!(advises(left, "`cloudformation:DeleteStack`") && advises(left, "`destroy web`"), "{left:#?}");
    assert_eq!(stage.status("web").as_deref(), Some("CREATE_COMPLETE"));
}

#[test]
fn an_express_update_that_cannot_be_put_back_says_what_stays_wherever_aws_refuses() {
    for call in [ApiCall::CreateChangeSet, ApiCall::ExecuteChangeSet] {
        let stage = express(81);
        assert!(stage.deploy(&[web()]).outcome.is_success());
        stage.fail_tasks("Web", TaskFault::ImageNotFound);
        denies(&stage, call, 1);
        let played = stage.deploy(&[newer()]);
        assert_eq!(outcome(&played).result, StackResult::Failed, "{call}");
        assert_eq!(outcome(&played).problems[0].code, "task-image-not-found", "{call}");
        let left = problem(&played, "revert-failed");
        assert!(advises(left, call.operation()) && advises(left, "`rollback web`"), "{call}: {left:#?}");
        assert!(left.origin().is_some(), "{call}");
        assert_eq!(stage.status("web").as_deref(), Some("UPDATE_COMPLETE"), "{call}");
        let sets = stage.ask(async |cloud| cloud.change_sets("web").await).unwrap();
        assert_eq!(sets.len(), 0, "{call}: nothing is left behind");
    }
}

#[test]
fn who_loses_touch_while_it_is_put_back_still_reads_why_it_was() {
    let stage = express(82);
    stage.deploy(&[web()]);
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    let back = stage.deploy(&[newer()]).took;
    let stage = express(82);
    stage.deploy(&[web()]);
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    // It is put back in its last half minute.
    let lost = Some((back.saturating_sub(Duration::from_secs(15)), Duration::from_hours(2)));
    stage.weather.set(ApiFaults { lost, ..ApiFaults::default() });
    let played = stage.deploy(&[newer()]);
    assert_eq!(outcome(&played).problems[0].code, "task-image-not-found", "{:#?}", outcome(&played).problems);
    assert!(matches!(outcome(&played).result, StackResult::ConnectionLost | StackResult::Failed));
}

#[test]
fn who_leaves_while_it_is_put_back_reads_why_it_was_and_that_aws_goes_on() {
    let stage = express(83);
    stage.deploy(&[web()]);
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    let back = stage.deploy(&[newer()]).took;
    let stage = express(83);
    stage.deploy(&[web()]);
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    stage.wishes.borrow_mut().push((back.saturating_sub(Duration::from_secs(10)), StopRequest::Detach));
    let played = stage.deploy(&[newer()]);
    assert_eq!(outcome(&played).problems[0].code, "task-image-not-found");
    assert_eq!(outcome(&played).result, StackResult::Detached);
    problem(&played, "detached");
}

#[test]
fn protection_that_is_refused_after_a_deployment_is_told_as_that_and_made_up_for() {
    let plain = stack("logs", "Resources:\n  Logs:\n    Type: AWS::Logs::LogGroup\n");
    let kept = DesiredStack { termination_protection: true, ..plain };
    let stage = Harness::new(84);
    denies(&stage, ApiCall::UpdateTerminationProtection, 0);
    let played = stage.deploy(std::slice::from_ref(&kept));
    assert_eq!(outcome(&played).result, StackResult::Failed);
    let unprotected = problem(&played, "protection-not-set");
    assert!(unprotected.message.contains("is deployed") && unprotected.message.contains("was not enabled"));
    assert!(advises(unprotected, "`deploy logs`"));
    assert_eq!(stage.status("logs").as_deref(), Some("CREATE_COMPLETE"));
    let again = stage.deploy(std::slice::from_ref(&kept));
    assert_eq!(outcome(&again).result, StackResult::Rejected, "now nothing was changed");
    stage.weather.set(ApiFaults::default());
    assert_eq!(outcome(&stage.deploy(std::slice::from_ref(&kept))).result, StackResult::Unchanged);
    assert_eq!(stage.destroy(&[kept]).outcome.stacks[0].problems[0].code, "termination-protected");
}

#[test]
fn an_express_deployment_that_cannot_keep_its_way_back_changes_nothing_and_leaves_nothing() {
    let stage = express(85);
    stage.deploy(&[web()]);
    denies(&stage, ApiCall::GetTemplate, 1);
    let played = stage.deploy(&[newer()]);
    assert_eq!(outcome(&played).result, StackResult::Rejected);
    let sets = stage.ask(async |cloud| cloud.change_sets("web").await).unwrap();
    assert_eq!((sets.len(), stage.status("web").as_deref()), (0, Some("CREATE_COMPLETE")));
}

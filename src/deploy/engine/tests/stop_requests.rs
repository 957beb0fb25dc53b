//! Stop requests: detach, cancel, time limits, and the runs after them.

use std::time::Duration;

use super::service_failures::{newer, web};
use crate::deploy::api::DeploymentMode;
use crate::deploy::engine::StopRequest;
use crate::deploy::engine::event::{CancelReason, DeployEventKind, ServiceEvent};
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::rehearsal::{ApiFaults, TaskFault};
use crate::testing::harness::{Harness, RunReport};

fn outcome(report: &RunReport) -> &StackOutcome {
    &report.outcome.stacks[0]
}

fn codes(report: &RunReport) -> Vec<&'static str> {
    outcome(report).problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn emitted(report: &RunReport, is_wanted: impl Fn(&DeployEventKind) -> bool) -> bool {
    report.events.iter().any(|event| is_wanted(&event.kind))
}

#[test]
fn cancelled_creation_deletes_the_stack() {
    let harness = Harness::new(60);
    harness.stop_requests.borrow_mut().push((Duration::from_secs(40), StopRequest::CancelAndRollBack));
    let report = harness.deploy(&[web()]);
    assert!(emitted(&report, |kind| matches!(
        kind,
        DeployEventKind::CancelStarted { reason: CancelReason::ByUser, deletes_stack: true }
    )));
    assert_eq!((&outcome(&report).result, codes(&report)), (&StackResult::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!((harness.status("web"), harness.resource_count()), (None, 0));
}

#[test]
fn cancelled_update_is_rolled_back_and_cancelled_resources_are_not_reported() {
    let harness = Harness::new(61);
    harness.deploy(&[web()]);
    let before = harness.state.borrow().existing_resources();
    harness.stop_requests.borrow_mut().push((Duration::from_secs(30), StopRequest::CancelAndRollBack));
    let report = harness.deploy(&[newer()]);
    assert!(emitted(&report, |kind| matches!(
        kind,
        DeployEventKind::CancelStarted { reason: CancelReason::ByUser, deletes_stack: false }
    )));
    assert_eq!((&outcome(&report).result, codes(&report)), (&StackResult::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    assert_eq!(harness.state.borrow().existing_resources(), before);
}

#[test]
fn detach_after_a_cancel_ends_the_run_at_once() {
    let harness = Harness::new(62);
    harness.stop_requests.borrow_mut().extend([
        (Duration::from_secs(40), StopRequest::CancelAndRollBack),
        (Duration::from_secs(3), StopRequest::Detach),
    ]);
    let report = harness.deploy(&[web()]);
    assert_eq!((&outcome(&report).result, codes(&report)), (&StackResult::Detached, vec!["detached"]));
    assert!(report.duration < Duration::from_secs(50), "{:?}", report.duration);
}

#[test]
fn operation_over_its_time_limit_is_rolled_back() {
    let harness = Harness::new(63);
    harness.deploy(&[web()]);
    harness.options.borrow_mut().timeout = Some(Duration::from_secs(20));
    let report = harness.deploy(&[newer()]);
    assert_eq!((&outcome(&report).result, codes(&report)), (&StackResult::RolledBack, vec!["deployment-timed-out"]));
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
}

/// Sets the time back to the end of the last run: every run starts a minute later.
fn at_once(harness: &Harness) {
    harness.state.borrow_mut().now = harness.now() - Duration::from_mins(1);
}

#[test]
fn detached_deployment_is_followed_by_the_next_run() {
    let harness = Harness::new(64);
    harness.options.borrow_mut().detach = true;
    let report = harness.deploy(&[web()]);
    assert_eq!((&outcome(&report).result, codes(&report)), (&StackResult::Detached, vec!["detached"]));
    assert!(report.duration < Duration::from_secs(20), "{:?}", report.duration);
    harness.options.borrow_mut().detach = false;
    at_once(&harness);
    let again = harness.deploy(&[web()]);
    assert!(emitted(&again, |kind| matches!(kind, DeployEventKind::OperationAttached { by_rtiler: true, .. })));
    assert!(
        emitted(&again, |kind| matches!(kind, DeployEventKind::Service(ServiceEvent::CountsChanged { .. }))),
        "its services are watched as well"
    );
    assert_eq!(outcome(&again).result, StackResult::Unchanged);
}

#[test]
fn failing_operation_of_an_earlier_run_is_cancelled_and_the_fixed_script_deployed() {
    let harness = Harness::new(65);
    harness.fail_tasks("Web", TaskFault::Exit(1));
    harness.stop_after.set(Some(Duration::from_secs(210)));
    let detached = harness.deploy(&[web()]);
    assert!(
        emitted(&detached, |kind| matches!(kind, DeployEventKind::Service(ServiceEvent::CountsChanged { .. }))),
        "its service had started"
    );
    at_once(&harness);
    harness.task_faults.take();
    let again = harness.deploy(&[newer()]);
    assert!(emitted(&again, |kind| matches!(
        kind,
        DeployEventKind::CancelStarted { reason: CancelReason::TaskFailures { .. }, .. }
    )));
    assert_eq!(outcome(&again).result, StackResult::Created, "{:?}", outcome(&again).problems);
}

#[test]
fn failing_operation_is_left_in_place_without_rollback() {
    let harness = Harness::new(66);
    harness.options.borrow_mut().disable_rollback = true;
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    let report = harness.deploy(&[web()]);
    assert_eq!(outcome(&report).result, StackResult::Failed);
    assert_eq!(codes(&report), ["task-image-not-found", "detached"]);
    assert!(harness.resource_count() > 3, "nothing was deleted");
}

#[test]
fn api_faults_never_fail_a_good_deployment() {
    for (seed, api_faults) in [
        (67, ApiFaults { throttle: 0.4, ..ApiFaults::default() }),
        (68, ApiFaults { poll_errors: 0.4, ..ApiFaults::default() }),
        (69, ApiFaults { lost: Some((Duration::from_secs(100), Duration::from_mins(1))), ..ApiFaults::default() }),
    ] {
        let harness = Harness::new(seed);
        harness.api_faults.set(api_faults);
        let report = harness.deploy(&[web()]);
        assert_eq!(outcome(&report).result, StackResult::Created, "{api_faults:?}: {:#?}", outcome(&report).problems);
    }
}

fn express(seed: u64) -> Harness {
    let harness = Harness::new(seed);
    harness.options.borrow_mut().mode = DeploymentMode::Express;
    harness
}

#[test]
fn express_deployment_succeeds_once_its_services_are_stable() {
    let harness = express(70);
    let report = harness.deploy(&[web()]);
    assert_eq!(outcome(&report).result, StackResult::Created, "{:#?}", outcome(&report).problems);
    assert!(emitted(
        &report,
        |kind| matches!(kind, DeployEventKind::StabilizationStarted { services } if services == &["Web"])
    ));
    let last = report.events.iter().rev().find_map(|event| match &event.kind {
        DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) => Some(counts.clone()),
        _ => None,
    });
    assert!(last.is_some_and(|counts| counts.is_steady() && counts.running == 2));
}

#[test]
fn express_update_with_failing_tasks_is_reverted() {
    for fault in [TaskFault::Unhealthy(500), TaskFault::ImageNotFound, TaskFault::RolledBackByEcs] {
        let harness = express(71);
        assert!(harness.deploy(&[web()]).outcome.is_success());
        let image = |harness: &Harness| {
            harness.with_api(async |cloud| crate::deploy::api::CloudFormation::template(&cloud, "web").await).unwrap()
        };
        let before = image(&harness);
        harness.fail_tasks("Web", fault);
        let report = harness.deploy(&[newer()]);
        assert!(
            emitted(&report, |kind| matches!(kind, DeployEventKind::RevertStarted { deletes_stack: false, .. })),
            "{fault:?}"
        );
        assert_eq!(outcome(&report).result, StackResult::RolledBack, "{fault:?}: {:#?}", outcome(&report).problems);
        assert!(codes(&report)[0].starts_with("task-") || fault == TaskFault::RolledBackByEcs, "{:?}", codes(&report));
        assert_eq!(image(&harness), before, "{fault:?}: the template of before is deployed");
        harness.task_faults.take();
        assert_eq!(outcome(&harness.deploy(&[web()])).result, StackResult::Unchanged, "{fault:?}");
    }
}

#[test]
fn express_creation_with_failing_tasks_is_deleted_unless_rollback_is_disabled() {
    let harness = express(72);
    harness.fail_tasks("Web", TaskFault::Unhealthy(500));
    let report = harness.deploy(&[web()]);
    assert!(emitted(&report, |kind| matches!(kind, DeployEventKind::RevertStarted { deletes_stack: true, .. })));
    assert_eq!(
        (&outcome(&report).result, codes(&report), harness.resource_count()),
        (&StackResult::RolledBack, vec!["task-unhealthy"], 0)
    );
    let harness = express(73);
    harness.options.borrow_mut().disable_rollback = true;
    harness.fail_tasks("Web", TaskFault::Unhealthy(500));
    let report = harness.deploy(&[web()]);
    assert_eq!((&outcome(&report).result, codes(&report)), (&StackResult::Failed, vec!["task-unhealthy"]));
    assert_eq!(harness.status("web").as_deref(), Some("CREATE_COMPLETE"));
    let hints = &outcome(&report).problems[0].hints;
    assert!(hints.iter().any(|hint| hint.contains("`destroy web`")), "{hints:?}");
}

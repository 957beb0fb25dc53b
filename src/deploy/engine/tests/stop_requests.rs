//! Callers who do not wait: they leave, cancel, set a limit, come back.

use std::time::Duration;

use super::service_failures::{newer, web};
use crate::deploy::api::DeploymentMode;
use crate::deploy::engine::StopRequest;
use crate::deploy::engine::event::{CancelReason, DeployEventKind, ServiceEvent};
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::rehearsal::{ApiFaults, TaskFault};
use crate::testing::harness::{Harness, RunReport};

fn outcome(played: &RunReport) -> &StackOutcome {
    &played.outcome.stacks[0]
}

fn codes(played: &RunReport) -> Vec<&'static str> {
    outcome(played).problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn told(played: &RunReport, wanted: impl Fn(&DeployEventKind) -> bool) -> bool {
    played.events.iter().any(|event| wanted(&event.kind))
}

#[test]
fn a_creation_that_is_cancelled_is_deleted_and_says_so() {
    let stage = Harness::new(60);
    stage.wishes.borrow_mut().push((Duration::from_secs(40), StopRequest::CancelAndRollBack));
    let played = stage.deploy(&[web()]);
    assert!(told(&played, |fact| matches!(
        fact,
        DeployEventKind::CancelStarted { reason: CancelReason::ByUser, deletes_stack: true }
    )));
    assert_eq!((&outcome(&played).result, codes(&played)), (&StackResult::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!((stage.status("web"), stage.resource_count()), (None, 0));
}

#[test]
fn an_update_that_is_cancelled_is_rolled_back_and_its_echoes_are_no_causes() {
    let stage = Harness::new(61);
    stage.deploy(&[web()]);
    let before = stage.state.borrow().existing_resources();
    stage.wishes.borrow_mut().push((Duration::from_secs(30), StopRequest::CancelAndRollBack));
    let played = stage.deploy(&[newer()]);
    assert!(told(&played, |fact| matches!(
        fact,
        DeployEventKind::CancelStarted { reason: CancelReason::ByUser, deletes_stack: false }
    )));
    assert_eq!((&outcome(&played).result, codes(&played)), (&StackResult::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    assert_eq!(stage.state.borrow().existing_resources(), before);
}

#[test]
fn who_cancels_and_then_leaves_is_gone_at_once() {
    let stage = Harness::new(62);
    stage.wishes.borrow_mut().extend([
        (Duration::from_secs(40), StopRequest::CancelAndRollBack),
        (Duration::from_secs(3), StopRequest::Detach),
    ]);
    let played = stage.deploy(&[web()]);
    assert_eq!((&outcome(&played).result, codes(&played)), (&StackResult::Detached, vec!["detached"]));
    assert!(played.took < Duration::from_secs(50), "{:?}", played.took);
}

#[test]
fn what_takes_longer_than_it_may_is_rolled_back() {
    let stage = Harness::new(63);
    stage.deploy(&[web()]);
    stage.options.borrow_mut().timeout = Some(Duration::from_secs(20));
    let played = stage.deploy(&[newer()]);
    assert_eq!((&outcome(&played).result, codes(&played)), (&StackResult::RolledBack, vec!["deployment-timed-out"]));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
}

/// Goes back to the moment at which a run ended: asking the account takes a minute of its time.
fn at_once(stage: &Harness) {
    stage.state.borrow_mut().now = stage.now() - Duration::from_mins(1);
}

#[test]
fn a_detached_deployment_goes_on_and_the_next_run_follows_it() {
    let stage = Harness::new(64);
    stage.options.borrow_mut().detach = true;
    let played = stage.deploy(&[web()]);
    assert_eq!((&outcome(&played).result, codes(&played)), (&StackResult::Detached, vec!["detached"]));
    assert!(played.took < Duration::from_secs(20), "{:?}", played.took);
    stage.options.borrow_mut().detach = false;
    at_once(&stage);
    let again = stage.deploy(&[web()]);
    assert!(told(&again, |fact| matches!(fact, DeployEventKind::OperationAttached { by_rtiler: true, .. })));
    assert!(
        told(&again, |fact| matches!(fact, DeployEventKind::Service(ServiceEvent::CountsChanged { .. }))),
        "its services are watched as well"
    );
    assert_eq!(outcome(&again).result, StackResult::Unchanged);
}

#[test]
fn a_resumed_operation_that_leads_nowhere_is_given_up_and_the_mended_script_deployed() {
    let stage = Harness::new(65);
    stage.fail_tasks("Web", TaskFault::Exit(1));
    stage.stop_after.set(Some(Duration::from_secs(210)));
    let left = stage.deploy(&[web()]);
    assert!(
        told(&left, |fact| matches!(fact, DeployEventKind::Service(ServiceEvent::CountsChanged { .. }))),
        "its service had begun"
    );
    at_once(&stage);
    stage.task_faults.take();
    let again = stage.deploy(&[newer()]);
    assert!(told(&again, |fact| matches!(
        fact,
        DeployEventKind::CancelStarted { reason: CancelReason::TaskFailures { .. }, .. }
    )));
    assert_eq!(outcome(&again).result, StackResult::Created, "{:?}", outcome(&again).problems);
}

#[test]
fn nothing_is_undone_where_what_succeeded_is_to_stay() {
    let stage = Harness::new(66);
    stage.options.borrow_mut().disable_rollback = true;
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    let played = stage.deploy(&[web()]);
    assert_eq!(outcome(&played).result, StackResult::Failed);
    assert_eq!(codes(&played), ["task-image-not-found", "detached"]);
    assert!(stage.resource_count() > 3, "nothing was deleted");
}

#[test]
fn bad_weather_never_fails_a_good_deployment() {
    for (seed, weather) in [
        (67, ApiFaults { throttle: 0.4, ..ApiFaults::default() }),
        (68, ApiFaults { poll_errors: 0.4, ..ApiFaults::default() }),
        (69, ApiFaults { lost: Some((Duration::from_secs(100), Duration::from_mins(1))), ..ApiFaults::default() }),
    ] {
        let stage = Harness::new(seed);
        stage.weather.set(weather);
        let played = stage.deploy(&[web()]);
        assert_eq!(outcome(&played).result, StackResult::Created, "{weather:?}: {:#?}", outcome(&played).problems);
    }
}

fn express(seed: u64) -> Harness {
    let stage = Harness::new(seed);
    stage.options.borrow_mut().mode = DeploymentMode::Express;
    stage
}

#[test]
fn an_express_deployment_is_a_success_once_its_services_are_stable() {
    let stage = express(70);
    let played = stage.deploy(&[web()]);
    assert_eq!(outcome(&played).result, StackResult::Created, "{:#?}", outcome(&played).problems);
    assert!(told(
        &played,
        |fact| matches!(fact, DeployEventKind::StabilizationStarted { services } if services == &["Web"])
    ));
    let last = played.events.iter().rev().find_map(|event| match &event.kind {
        DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) => Some(counts.clone()),
        _ => None,
    });
    assert!(last.is_some_and(|counts| counts.is_steady() && counts.running == 2));
}

#[test]
fn an_express_update_with_sick_tasks_is_put_back_by_us() {
    for trouble in [TaskFault::Unhealthy(500), TaskFault::ImageNotFound, TaskFault::RolledBackByEcs] {
        let stage = express(71);
        assert!(stage.deploy(&[web()]).outcome.is_success());
        let image = |stage: &Harness| {
            stage.ask(async |cloud| crate::deploy::api::CloudFormation::template(&cloud, "web").await).unwrap()
        };
        let before = image(&stage);
        stage.fail_tasks("Web", trouble);
        let played = stage.deploy(&[newer()]);
        assert!(
            told(&played, |fact| matches!(fact, DeployEventKind::RevertStarted { deletes_stack: false })),
            "{trouble:?}"
        );
        assert_eq!(outcome(&played).result, StackResult::RolledBack, "{trouble:?}: {:#?}", outcome(&played).problems);
        assert!(
            codes(&played)[0].starts_with("task-") || trouble == TaskFault::RolledBackByEcs,
            "{:?}",
            codes(&played)
        );
        assert_eq!(image(&stage), before, "{trouble:?}: the template of before is deployed");
        stage.task_faults.take();
        assert_eq!(outcome(&stage.deploy(&[web()])).result, StackResult::Unchanged, "{trouble:?}");
    }
}

#[test]
fn an_express_creation_with_sick_tasks_is_deleted_or_kept_as_the_caller_wants() {
    let stage = express(72);
    stage.fail_tasks("Web", TaskFault::Unhealthy(500));
    let played = stage.deploy(&[web()]);
    assert!(told(&played, |fact| matches!(fact, DeployEventKind::RevertStarted { deletes_stack: true })));
    assert_eq!(
        (&outcome(&played).result, codes(&played), stage.resource_count()),
        (&StackResult::RolledBack, vec!["task-unhealthy"], 0)
    );
    let stage = express(73);
    stage.options.borrow_mut().disable_rollback = true;
    stage.fail_tasks("Web", TaskFault::Unhealthy(500));
    let played = stage.deploy(&[web()]);
    assert_eq!((&outcome(&played).result, codes(&played)), (&StackResult::Failed, vec!["task-unhealthy"]));
    assert_eq!(stage.status("web").as_deref(), Some("CREATE_COMPLETE"));
    let hints = &outcome(&played).problems[0].hints;
    assert!(hints.iter().any(|hint| hint.contains("`destroy web`")), "{hints:?}");
}

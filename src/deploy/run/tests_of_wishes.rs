//! Callers who do not wait: they leave, cancel, set a limit, come back.

use std::time::Duration;

use super::Wish;
use super::scenario::{Played, Stage};
use super::tests_of_services::{newer, web};
use crate::deploy::event::{Fact, Why};
use crate::deploy::outcome::{Ending, StackOutcome};
use crate::deploy::ports::DeploymentMode;
use crate::deploy::rehearsal::{Trouble, Weather};

fn outcome(played: &Played) -> &StackOutcome {
    &played.outcome.stacks[0]
}

fn codes(played: &Played) -> Vec<&'static str> {
    outcome(played).problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn told(played: &Played, wanted: impl Fn(&Fact) -> bool) -> bool {
    played.events.iter().any(|event| wanted(&event.fact))
}

#[test]
fn a_creation_that_is_cancelled_is_deleted_and_says_so() {
    let stage = Stage::new(60);
    stage.wishes.borrow_mut().push((Duration::from_secs(40), Wish::Cancel));
    let played = stage.deploy(&[web()]);
    assert!(told(&played, |fact| matches!(fact, Fact::Cancels { why: Why::Asked, deletes: true })));
    assert_eq!((&outcome(&played).ending, codes(&played)), (&Ending::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!((stage.status("web"), stage.things()), (None, 0));
}

#[test]
fn an_update_that_is_cancelled_is_rolled_back_and_its_echoes_are_no_causes() {
    let stage = Stage::new(61);
    stage.deploy(&[web()]);
    let before = stage.state.borrow().things();
    stage.wishes.borrow_mut().push((Duration::from_secs(30), Wish::Cancel));
    let played = stage.deploy(&[newer()]);
    assert!(told(&played, |fact| matches!(fact, Fact::Cancels { why: Why::Asked, deletes: false })));
    assert_eq!((&outcome(&played).ending, codes(&played)), (&Ending::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    assert_eq!(stage.state.borrow().things(), before);
}

#[test]
fn who_cancels_and_then_leaves_is_gone_at_once() {
    let stage = Stage::new(62);
    stage.wishes.borrow_mut().extend([(Duration::from_secs(40), Wish::Cancel), (Duration::from_secs(3), Wish::Leave)]);
    let played = stage.deploy(&[web()]);
    assert_eq!((&outcome(&played).ending, codes(&played)), (&Ending::LeftRunning, vec!["detached"]));
    assert!(played.took < Duration::from_secs(50), "{:?}", played.took);
}

#[test]
fn what_takes_longer_than_it_may_is_rolled_back() {
    let stage = Stage::new(63);
    stage.deploy(&[web()]);
    stage.options.borrow_mut().timeout = Some(Duration::from_secs(20));
    let played = stage.deploy(&[newer()]);
    assert_eq!((&outcome(&played).ending, codes(&played)), (&Ending::RolledBack, vec!["deployment-timed-out"]));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
}

/// Goes back to the moment at which a run ended: asking the account takes a minute of its time.
fn at_once(stage: &Stage) {
    stage.state.borrow_mut().now = stage.now() - Duration::from_mins(1);
}

#[test]
fn a_detached_deployment_goes_on_and_the_next_run_follows_it() {
    let stage = Stage::new(64);
    stage.options.borrow_mut().detach = true;
    let played = stage.deploy(&[web()]);
    assert_eq!((&outcome(&played).ending, codes(&played)), (&Ending::LeftRunning, vec!["detached"]));
    assert!(played.took < Duration::from_secs(20), "{:?}", played.took);
    stage.options.borrow_mut().detach = false;
    at_once(&stage);
    let again = stage.deploy(&[web()]);
    assert!(told(&again, |fact| matches!(fact, Fact::Follows { ours: true, .. })));
    assert!(told(&again, |fact| matches!(fact, Fact::Service { .. })), "its services are watched as well");
    assert_eq!(outcome(&again).ending, Ending::Unchanged);
}

#[test]
fn a_resumed_operation_that_leads_nowhere_is_given_up_and_the_mended_script_deployed() {
    let stage = Stage::new(65);
    stage.trouble("Web", Trouble::Exit(1));
    stage.stop_after.set(Some(Duration::from_secs(210)));
    let left = stage.deploy(&[web()]);
    assert!(told(&left, |fact| matches!(fact, Fact::Service { .. })), "its service had begun");
    at_once(&stage);
    stage.troubles.take();
    let again = stage.deploy(&[newer()]);
    assert!(told(&again, |fact| matches!(fact, Fact::Cancels { why: Why::GaveUp { .. }, .. })));
    assert_eq!(outcome(&again).ending, Ending::Created, "{:?}", outcome(&again).problems);
}

#[test]
fn nothing_is_undone_where_what_succeeded_is_to_stay() {
    let stage = Stage::new(66);
    stage.options.borrow_mut().keep = true;
    stage.trouble("Web", Trouble::ImageNotFound);
    let played = stage.deploy(&[web()]);
    assert_eq!(outcome(&played).ending, Ending::Failed);
    assert_eq!(codes(&played), ["task-image-not-found", "detached"]);
    assert!(stage.things() > 3, "nothing was deleted");
}

#[test]
fn bad_weather_never_fails_a_good_deployment() {
    for (seed, weather) in [
        (67, Weather { throttle: 0.4, ..Weather::default() }),
        (68, Weather { poll_errors: 0.4, ..Weather::default() }),
        (69, Weather { lost: Some((Duration::from_secs(100), Duration::from_mins(1))), ..Weather::default() }),
    ] {
        let stage = Stage::new(seed);
        stage.weather.set(weather);
        let played = stage.deploy(&[web()]);
        assert_eq!(outcome(&played).ending, Ending::Created, "{weather:?}: {:#?}", outcome(&played).problems);
    }
}

fn express(seed: u64) -> Stage {
    let stage = Stage::new(seed);
    stage.options.borrow_mut().mode = DeploymentMode::Express;
    stage
}

#[test]
fn an_express_deployment_is_a_success_once_its_services_are_stable() {
    let stage = express(70);
    let played = stage.deploy(&[web()]);
    assert_eq!(outcome(&played).ending, Ending::Created, "{:#?}", outcome(&played).problems);
    assert!(told(&played, |fact| matches!(fact, Fact::Settles { services } if services == &["Web"])));
    let last = played.events.iter().rev().find_map(|event| match &event.fact {
        Fact::Service { counts } => Some(counts.clone()),
        _ => None,
    });
    assert!(last.is_some_and(|counts| counts.is_still() && counts.running == 2));
}

#[test]
fn an_express_update_with_sick_tasks_is_put_back_by_us() {
    for trouble in [Trouble::Unhealthy(500), Trouble::ImageNotFound, Trouble::RolledBackByEcs] {
        let stage = express(71);
        assert!(stage.deploy(&[web()]).outcome.is_good());
        let image = |stage: &Stage| {
            stage.ask(async |cloud| crate::deploy::ports::Cloud::template(&cloud, "web").await).unwrap()
        };
        let before = image(&stage);
        stage.trouble("Web", trouble);
        let played = stage.deploy(&[newer()]);
        assert!(told(&played, |fact| matches!(fact, Fact::PutsBack { deletes: false })), "{trouble:?}");
        assert_eq!(outcome(&played).ending, Ending::RolledBack, "{trouble:?}: {:#?}", outcome(&played).problems);
        assert!(codes(&played)[0].starts_with("task-") || trouble == Trouble::RolledBackByEcs, "{:?}", codes(&played));
        assert_eq!(image(&stage), before, "{trouble:?}: the template of before is deployed");
        stage.troubles.take();
        assert_eq!(outcome(&stage.deploy(&[web()])).ending, Ending::Unchanged, "{trouble:?}");
    }
}

#[test]
fn an_express_creation_with_sick_tasks_is_deleted_or_kept_as_the_caller_wants() {
    let stage = express(72);
    stage.trouble("Web", Trouble::Unhealthy(500));
    let played = stage.deploy(&[web()]);
    assert!(told(&played, |fact| matches!(fact, Fact::PutsBack { deletes: true })));
    assert_eq!(
        (&outcome(&played).ending, codes(&played), stage.things()),
        (&Ending::RolledBack, vec!["task-unhealthy"], 0)
    );
    let stage = express(73);
    stage.options.borrow_mut().keep = true;
    stage.trouble("Web", Trouble::Unhealthy(500));
    let played = stage.deploy(&[web()]);
    assert_eq!((&outcome(&played).ending, codes(&played)), (&Ending::Failed, vec!["task-unhealthy"]));
    assert_eq!(stage.status("web").as_deref(), Some("CREATE_COMPLETE"));
    let hints = &outcome(&played).problems[0].hints;
    assert!(hints.iter().any(|hint| hint.contains("`destroy web`")), "{hints:?}");
}

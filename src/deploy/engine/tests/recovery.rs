//! What becomes of stacks that failed, were left, or were changed by others.

use std::time::Duration;

use serde_json::json;

use crate::deploy::api::{CloudFormation, DeploymentMode, DriftStatus};
use crate::deploy::engine::event::DeployEventKind;
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::deploy::engine::{EngineOptions, drifted, importable};
use crate::rehearsal::{ApiFaults, FaultPoint, ResourceFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

const WEB: &str = "
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.1.0/24
  Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: 30
";

fn web() -> DesiredStack {
    stack("web", WEB)
}

fn moved() -> DesiredStack {
    stack("web", &WEB.replace("10.0.0.0/16", "10.1.0.0/16").replace("Days: 30", "Days: 90"))
}

fn of(played: &RunReport) -> &StackOutcome {
    played.outcome.stack("web").expect("the stack has an outcome")
}

fn codes(played: &RunReport) -> Vec<&'static str> {
    of(played).problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn fails(id: &str, moment: FaultPoint) -> ResourceFault {
    ResourceFault::once(id, moment, "asked to fail")
}

fn keeping(stage: &Harness) {
    stage.options.replace(EngineOptions { disable_rollback: true, ..EngineOptions::new("") });
}

fn has(played: &RunReport, fact: impl Fn(&DeployEventKind) -> bool) -> bool {
    played.events.iter().any(|event| fact(&event.kind))
}

#[test]
fn what_succeeded_is_kept_named_and_gone_on_with() {
    let stage = Harness::new(1);
    keeping(&stage);
    stage.fault(fails("Subnet", FaultPoint::Create));
    let played = stage.deploy(&[web()]);
    assert_eq!((&of(&played).result, stage.status("web").as_deref()), (&StackResult::Failed, Some("CREATE_FAILED")));
    assert_eq!(codes(&played), ["resource-failed", "rollback-disabled"]);
    let kept = &of(&played).problems[1];
    assert!(kept.message.contains("`Vpc`") && kept.message.contains("`Logs`") && !kept.message.contains("`Subnet`"));
    assert!(kept.hints.iter().any(|hint| hint.contains("`rollback web`")));
    stage.options.replace(EngineOptions::new(""));
    let again = stage.deploy(&[web()]);
    assert_eq!((&of(&again).result, stage.resource_count()), (&StackResult::Updated, 3));
    assert!(
        has(&again, |fact| matches!(fact, DeployEventKind::UpdateResumed { .. })),
        "it says that nothing would be rolled back"
    );
}

#[test]
fn what_is_kept_is_taken_back_on_request() {
    let stage = Harness::new(2);
    stage.deploy(&[web()]);
    let before = stage.state.borrow().existing_resources();
    keeping(&stage);
    stage.fault(fails("Subnet", FaultPoint::Update));
    assert_eq!(of(&stage.deploy(&[moved()])).result, StackResult::Failed);
    let played = stage.rollback(&[moved()], &[], None);
    assert_eq!((&of(&played).result, codes(&played)), (&StackResult::RolledBackOnRequest, Vec::new()));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    assert_eq!(stage.state.borrow().existing_resources(), before);
}

#[test]
fn a_creation_that_is_kept_and_taken_back_leaves_nothing() {
    let stage = Harness::new(3);
    keeping(&stage);
    stage.fault(fails("Subnet", FaultPoint::Create));
    stage.deploy(&[web()]);
    assert_eq!(of(&stage.rollback(&[web()], &[], None)).result, StackResult::RolledBackOnRequest);
    assert_eq!((stage.status("web").as_deref(), stage.resource_count()), (Some("ROLLBACK_COMPLETE"), 0));
    assert_eq!(codes(&stage.rollback(&[web()], &[], None)), ["nothing-to-roll-back"]);
    assert_eq!(of(&stage.deploy(&[web()])).result, StackResult::Created);
}

/// A stack whose rollback failed at its log group.
fn stuck(seed: u64) -> Harness {
    let stage = Harness::new(seed);
    stage.deploy(&[web()]);
    stage.fault(fails("Subnet", FaultPoint::Update));
    stage.fault(fails("Logs", FaultPoint::Restore));
    let played = stage.deploy(&[moved()]);
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_FAILED"));
    let hints: Vec<_> = of(&played).problems.iter().flat_map(|problem| &problem.hints).collect();
    assert!(hints.iter().any(|hint| hint.contains("`rollback web`")), "{hints:?}");
    stage
}

#[test]
fn a_failed_rollback_is_continued() {
    let stage = stuck(4);
    assert!(of(&stage.deploy(&[moved()])).problems[0].hints[0].contains("rollback web"), "a deployment says the way");
    assert_eq!(of(&stage.rollback(&[web()], &[], None)).result, StackResult::RolledBackOnRequest);
    assert_eq!((stage.status("web").as_deref(), stage.resource_count()), (Some("UPDATE_ROLLBACK_COMPLETE"), 3));
    assert_eq!(of(&stage.deploy(&[moved()])).result, StackResult::Updated);
}

#[test]
fn what_cannot_be_put_back_is_skipped_and_drifts() {
    let stage = stuck(5);
    let wrong = stage.rollback(&[web()], &["Lgos"], None);
    assert_eq!((&of(&wrong).result, codes(&wrong)), (&StackResult::Blocked, vec!["cannot-skip"]));
    assert!(of(&wrong).problems[0].hints[0].contains("`Logs`"));
    assert_eq!(of(&stage.rollback(&[web()], &["Logs"], None)).result, StackResult::RolledBackOnRequest);
    let found = stage.drift(&web());
    let told = drifted(&web(), &found);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].code.as_str(), told[0].origin().unwrap().line), ("drift", 15));
    assert!(told[0].message.contains("it is `90`, and the template says `30`"), "{}", told[0].message);
}

#[test]
fn a_rollback_that_fails_again_is_no_success() {
    let stage = stuck(6);
    stage.fault(fails("Logs", FaultPoint::Restore));
    let played = stage.rollback(&[web()], &[], None);
    assert_eq!(of(&played).result, StackResult::Failed);
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_FAILED"));
    assert!(
        of(&played).problems.iter().any(|problem| problem.message.contains("`Logs`")),
        "{:?}",
        of(&played).problems
    );
}

#[test]
fn a_healthy_stack_goes_back_to_what_it_was_by_a_plan() {
    let stage = Harness::new(7);
    stage.deploy(&[web()]);
    stage.deploy(&[moved()]);
    assert_eq!(codes(&stage.rollback(&[moved()], &[], None)), ["no-previous-template"]);
    stage.approve.set(false);
    assert_eq!(of(&stage.rollback(&[moved()], &[], Some(&web()))).result, StackResult::Declined);
    stage.approve.set(true);
    let played = stage.rollback(&[moved()], &[], Some(&web()));
    assert_eq!(of(&played).result, StackResult::RolledBackOnRequest);
    assert_eq!(played.plan("web").resources.len(), 3);
    assert_eq!(of(&stage.deploy(&[web()])).result, StackResult::Unchanged);
}

#[test]
fn a_killed_run_loses_nothing_wherever_it_is_killed() {
    for second in [1, 3, 5, 8, 12, 20, 30, 45] {
        let stage = Harness::new(8);
        stage.deploy(&[web()]);
        stage.kill_after.set(Some(Duration::from_secs(second)));
        stage.deploy(&[moved()]);
        // The next run comes at once: what runs, runs on.
        stage.state.borrow_mut().now = stage.now() - Duration::from_mins(1);
        let again = stage.deploy(&[moved()]);
        assert!(
            matches!(of(&again).result, StackResult::Updated | StackResult::Unchanged),
            "{second} s: {:?}",
            of(&again).result
        );
        assert_eq!(stage.resource_count(), 3, "{second} s");
    }
}

#[test]
fn change_sets_of_killed_runs_are_cleared_away_and_others_are_not() {
    let stage = Harness::new(9);
    stage.deploy(&[web()]);
    stage.kill_after.set(Some(Duration::from_secs(2)));
    stage.deploy(&[moved()]);
    let foreign = crate::deploy::api::ChangeSetRequest {
        stack: "web".to_owned(),
        name: "mine".to_owned(),
        kind: crate::deploy::api::ChangeSetKind::Update,
        template: crate::deploy::api::TemplateSource::Body(moved().body().into_owned()),
        parameters: indexmap::IndexMap::new(),
        tags: indexmap::IndexMap::new(),
        capabilities: Vec::new(),
        mode: DeploymentMode::Standard,
        import: Vec::new(),
        token: crate::deploy::api::ClientRequestToken("theirs".to_owned()),
    };
    stage.ask(async |cloud| cloud.create_change_set(&foreign).await).unwrap();
    let names = || {
        let sets = stage.ask(async |cloud| cloud.change_sets("web").await).unwrap();
        sets.into_iter().map(|set| set.name).collect::<Vec<_>>()
    };
    assert_eq!(names().len(), 2);
    let young = stage.deploy(&[web()]);
    assert!(
        !has(&young, |fact| matches!(fact, DeployEventKind::OrphansDeleted { .. })),
        "somebody may still think about it"
    );
    let later = stage.now() + Duration::from_mins(20);
    stage.state.borrow_mut().now = later;
    let played = stage.deploy(&[web()]);
    assert!(has(
        &played,
        |fact| matches!(fact, DeployEventKind::OrphansDeleted { change_sets } if change_sets.len() == 1)
    ));
    assert_eq!((&of(&played).result, names()), (&StackResult::Unchanged, vec!["mine".to_owned()]));
}

#[test]
fn bad_weather_changes_nothing_but_the_time() {
    for seed in 10..16 {
        let stage = Harness::new(seed);
        let lost = Some((Duration::from_secs(seed), Duration::from_secs(40)));
        stage.weather.set(ApiFaults { throttle: 0.3, poll_errors: 0.3, lost, denied: None });
        assert_eq!(of(&stage.deploy(&[web()])).result, StackResult::Created, "seed {seed}");
        stage.fault(fails("Subnet", FaultPoint::Update));
        let failed = stage.deploy(&[moved()]);
        assert_eq!(
            (&of(&failed).result, codes(&failed)),
            (&StackResult::RolledBack, vec!["resource-failed"]),
            "{seed}"
        );
        assert_eq!(of(&stage.deploy(&[moved()])).result, StackResult::Updated, "seed {seed}");
        assert_eq!(of(&stage.destroy(&[moved()])).result, StackResult::Deleted, "seed {seed}");
        assert_eq!(stage.resource_count(), 0);
    }
}

#[test]
fn an_address_at_which_nobody_has_ever_answered_is_told_in_seconds() {
    let stage = Harness::new(16);
    stage.weather.set(ApiFaults { lost: Some((Duration::ZERO, Duration::from_hours(2))), ..ApiFaults::default() });
    let played = stage.deploy(&[web()]);
    assert_eq!((&of(&played).result, codes(&played)), (&StackResult::Rejected, vec!["aws-unreachable"]));
    assert!(played.took < Duration::from_secs(20), "{:?}", played.took);
}

#[test]
fn an_answer_that_is_lost_makes_no_second_change_set_and_no_second_deployment() {
    // The change set is asked for after 0 s, and carried out after 3 to 6 s: the line dies around each.
    for tenth in 1..80 {
        let stage = Harness::new(16);
        stage.deploy(&[web()]);
        let lost = Some((Duration::from_millis(tenth * 100), Duration::from_secs(20)));
        stage.weather.set(ApiFaults { lost, ..ApiFaults::default() });
        let played = stage.deploy(&[moved()]);
        assert_eq!(
            of(&played).result,
            StackResult::Updated,
            "the line dies after {tenth}00 ms: {:?}",
            of(&played).problems
        );
        stage.weather.set(ApiFaults::default());
        let left = stage.ask(async |cloud| cloud.change_sets("web").await).unwrap();
        assert_eq!((left.len(), stage.resource_count()), (0, 3));
    }
}

#[test]
fn drift_is_told_at_its_line_and_reverted_on_request() {
    let stage = Harness::new(17);
    stage.deploy(&[web()]);
    assert!(stage.drift(&web()).iter().all(|drift| drift.status == DriftStatus::InSync));
    stage.ask(async |cloud| {
        cloud.change_out_of_band("web", "Logs", Some(json!({ "RetentionInDays": 1 })));
        cloud.change_out_of_band("web", "Subnet", None);
    });
    let told = drifted(&web(), &stage.drift(&web()));
    let lines: Vec<_> = told.iter().map(|problem| problem.origin().unwrap().line).collect();
    assert_eq!(lines, [15, 7], "{told:?}");
    assert_eq!(of(&stage.deploy(&[web()])).result, StackResult::Unchanged, "a usual deployment does not see it");
    stage.options.replace(EngineOptions { mode: DeploymentMode::RevertDrift, ..EngineOptions::new("") });
    assert_eq!(of(&stage.deploy(&[web()])).result, StackResult::Updated);
    stage.options.replace(EngineOptions::new(""));
    assert!(stage.drift(&web()).iter().all(|drift| drift.status == DriftStatus::InSync));
    assert_eq!(stage.resource_count(), 3);
}

#[test]
fn a_resource_that_was_let_go_of_comes_back_by_an_import() {
    let kept = WEB.replace(
        "  Logs:\n    Type: AWS::Logs::LogGroup\n    Properties:",
        "  Logs:\n    Type: AWS::Logs::LogGroup\n    DeletionPolicy: Retain\n    Properties:\n      LogGroupName: mine",
    );
    let (kept, network) = (stack("web", &kept), stack("web", WEB.split("  Logs:").next().unwrap()));
    let stage = Harness::new(18);
    stage.deploy(std::slice::from_ref(&kept));
    stage.deploy(std::slice::from_ref(&network));
    assert_eq!(stage.resource_count(), 3, "the log group is nobody's now");
    let played = stage.import(&kept, &["Logs=mine"]);
    assert_eq!((&of(&played).result, of(&played).problems.as_slice()), (&StackResult::Updated, [].as_slice()));
    assert_eq!(stage.status("web").as_deref(), Some("IMPORT_COMPLETE"));
    assert_eq!(played.way("web", "Logs"), ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]);
    assert_eq!(of(&stage.deploy(&[kept])).result, StackResult::Unchanged);
    let unkept = web();
    assert_eq!(importable(&unkept, "Logs=mine").unwrap_err().code, "import-without-policy");
    assert_eq!(importable(&unkept, "Lgos=mine").unwrap_err().code, "import-argument");
    let nowhere =
        stack("web", &WEB.replace("Type: AWS::EC2::VPC\n", "Type: AWS::EC2::VPC\n    DeletionPolicy: Retain\n"));
    let played = Harness::new(19).import(&nowhere, &["Vpc=vpc-1"]);
    assert_eq!((&of(&played).result, codes(&played)), (&StackResult::Rejected, vec!["change-set-failed"]));
}

//! Stacks that failed, were left running, or were changed outside.

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
      CidrBlock: !Select [0, !Cidr [!GetAtt Vpc.CidrBlock, 1, 8]]
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

fn of(report: &RunReport) -> &StackOutcome {
    report.outcome.stack("web").expect("the stack has an outcome")
}

fn codes(report: &RunReport) -> Vec<&'static str> {
    of(report).problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn fails(id: &str, moment: FaultPoint) -> ResourceFault {
    ResourceFault::once(id, moment, "asked to fail")
}

fn keeping(harness: &Harness) {
    harness.options.replace(EngineOptions { disable_rollback: true, ..EngineOptions::new("") });
}

fn has(report: &RunReport, is_wanted: impl Fn(&DeployEventKind) -> bool) -> bool {
    report.events.iter().any(|event| is_wanted(&event.kind))
}

#[test]
fn failed_creation_without_rollback_is_continued_by_the_next_deployment() {
    let harness = Harness::new(1);
    keeping(&harness);
    harness.fault(fails("Subnet", FaultPoint::Create));
    let report = harness.deploy(&[web()]);
    assert_eq!((&of(&report).result, harness.status("web").as_deref()), (&StackResult::Failed, Some("CREATE_FAILED")));
    assert_eq!(codes(&report), ["resource-failed", "rollback-disabled"]);
    let failure = &of(&report).problems[1];
    assert!(
        failure.message.contains("`Vpc`")
            && failure.message.contains("`Logs`")
            && !failure.message.contains("`Subnet`")
    );
    assert!(failure.hints.iter().any(|hint| hint.contains("`rollback web`")));
    harness.options.replace(EngineOptions::new(""));
    let again = harness.deploy(&[web()]);
    assert_eq!((&of(&again).result, harness.resource_count()), (&StackResult::Updated, 3));
    assert!(
        has(&again, |kind| matches!(kind, DeployEventKind::UpdateResumed { .. })),
        "it says that nothing would be rolled back"
    );
}

#[test]
fn failed_update_without_rollback_is_rolled_back_on_request() {
    let harness = Harness::new(2);
    harness.deploy(&[web()]);
    let before = harness.state.borrow().existing_resources();
    keeping(&harness);
    harness.fault(fails("Subnet", FaultPoint::Update));
    assert_eq!(of(&harness.deploy(&[moved()])).result, StackResult::Failed);
    let report = harness.rollback(&[moved()], &[], None);
    assert_eq!((&of(&report).result, codes(&report)), (&StackResult::RolledBackOnRequest, Vec::new()));
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    assert_eq!(harness.state.borrow().existing_resources(), before);
}

#[test]
fn failed_creation_without_rollback_is_deleted_by_a_rollback() {
    let harness = Harness::new(3);
    keeping(&harness);
    harness.fault(fails("Subnet", FaultPoint::Create));
    harness.deploy(&[web()]);
    assert_eq!(of(&harness.rollback(&[web()], &[], None)).result, StackResult::RolledBackOnRequest);
    assert_eq!((harness.status("web").as_deref(), harness.resource_count()), (Some("ROLLBACK_COMPLETE"), 0));
    assert_eq!(codes(&harness.rollback(&[web()], &[], None)), ["nothing-to-roll-back"]);
    assert_eq!(of(&harness.deploy(&[web()])).result, StackResult::Created);
}

/// Creates a stack whose rollback failed at its log group.
fn stuck(seed: u64) -> Harness {
    let harness = Harness::new(seed);
    harness.deploy(&[web()]);
    harness.fault(fails("Subnet", FaultPoint::Update));
    harness.fault(fails("Logs", FaultPoint::Restore));
    let report = harness.deploy(&[moved()]);
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_FAILED"));
    let hints: Vec<_> = of(&report).problems.iter().flat_map(|problem| &problem.hints).collect();
    assert!(hints.iter().any(|hint| hint.contains("`rollback web`")), "{hints:?}");
    harness
}

#[test]
fn failed_rollback_is_continued() {
    let harness = stuck(4);
    assert!(of(&harness.deploy(&[moved()])).problems[0].hints[0].contains("rollback web"), "a deployment says the way");
    assert_eq!(of(&harness.rollback(&[web()], &[], None)).result, StackResult::RolledBackOnRequest);
    assert_eq!((harness.status("web").as_deref(), harness.resource_count()), (Some("UPDATE_ROLLBACK_COMPLETE"), 3));
    assert_eq!(of(&harness.deploy(&[moved()])).result, StackResult::Updated);
}

#[test]
fn skipped_resource_drifts_after_the_rollback() {
    let harness = stuck(5);
    let wrong = harness.rollback(&[web()], &["Lgos"], None);
    assert_eq!((&of(&wrong).result, codes(&wrong)), (&StackResult::Blocked, vec!["cannot-skip"]));
    assert!(of(&wrong).problems[0].hints[0].contains("`Logs`"));
    assert_eq!(of(&harness.rollback(&[web()], &["Logs"], None)).result, StackResult::RolledBackOnRequest);
    let found = harness.drift(&web());
    let emitted = drifted(&web(), &found);
    assert_eq!(emitted.len(), 1, "{emitted:?}");
    assert_eq!((emitted[0].code.as_str(), emitted[0].origin().unwrap().line), ("drift", 15));
    assert!(emitted[0].message.contains("it is `90`, and the template says `30`"), "{}", emitted[0].message);
}

#[test]
fn rollback_that_fails_again_is_a_failure() {
    let harness = stuck(6);
    harness.fault(fails("Logs", FaultPoint::Restore));
    let report = harness.rollback(&[web()], &[], None);
    assert_eq!(of(&report).result, StackResult::Failed);
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_FAILED"));
    assert!(
        of(&report).problems.iter().any(|problem| problem.message.contains("`Logs`")),
        "{:?}",
        of(&report).problems
    );
}

#[test]
fn rollback_of_a_healthy_stack_deploys_the_previous_template() {
    let harness = Harness::new(7);
    harness.deploy(&[web()]);
    harness.deploy(&[moved()]);
    assert_eq!(codes(&harness.rollback(&[moved()], &[], None)), ["no-previous-template"]);
    harness.approve.set(false);
    assert_eq!(of(&harness.rollback(&[moved()], &[], Some(&web()))).result, StackResult::Declined);
    harness.approve.set(true);
    let report = harness.rollback(&[moved()], &[], Some(&web()));
    assert_eq!(of(&report).result, StackResult::RolledBackOnRequest);
    assert_eq!(report.plan("web").resources.len(), 3);
    assert_eq!(of(&harness.deploy(&[web()])).result, StackResult::Unchanged);
}

#[test]
fn run_after_one_killed_at_any_second_completes_the_deployment() {
    for second in [1, 3, 5, 8, 12, 20, 30, 45] {
        let harness = Harness::new(8);
        harness.deploy(&[web()]);
        harness.kill_after.set(Some(Duration::from_secs(second)));
        harness.deploy(&[moved()]);
        // The next run starts at once, while the operation continues.
        harness.state.borrow_mut().now = harness.now() - Duration::from_mins(1);
        let again = harness.deploy(&[moved()]);
        assert!(
            matches!(of(&again).result, StackResult::Updated | StackResult::Unchanged),
            "{second} s: {:?}",
            of(&again).result
        );
        assert_eq!(harness.resource_count(), 3, "{second} s");
    }
}

#[test]
fn change_sets_of_killed_runs_are_deleted_and_no_others() {
    let harness = Harness::new(9);
    harness.deploy(&[web()]);
    harness.kill_after.set(Some(Duration::from_secs(2)));
    harness.deploy(&[moved()]);
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
    harness.with_api(async |cloud| cloud.create_change_set(&foreign).await).unwrap();
    let names = || {
        let sets = harness.with_api(async |cloud| cloud.change_sets("web").await).unwrap();
        sets.into_iter().map(|set| set.name).collect::<Vec<_>>()
    };
    assert_eq!(names().len(), 2);
    let first = harness.deploy(&[web()]);
    assert!(
        !has(&first, |kind| matches!(kind, DeployEventKind::OrphansDeleted { .. })),
        "a user may still have to approve it"
    );
    let later = harness.now() + Duration::from_mins(20);
    harness.state.borrow_mut().now = later;
    let report = harness.deploy(&[web()]);
    assert!(has(
        &report,
        |kind| matches!(kind, DeployEventKind::OrphansDeleted { change_sets } if change_sets.len() == 1)
    ));
    assert_eq!((&of(&report).result, names()), (&StackResult::Unchanged, vec!["mine".to_owned()]));
}

#[test]
fn api_faults_change_the_duration_alone() {
    for seed in 10..16 {
        let harness = Harness::new(seed);
        let lost = Some((Duration::from_secs(seed), Duration::from_secs(40)));
        harness.api_faults.set(ApiFaults { throttle: 0.3, poll_errors: 0.3, lost, ..ApiFaults::default() });
        assert_eq!(of(&harness.deploy(&[web()])).result, StackResult::Created, "seed {seed}");
        harness.fault(fails("Subnet", FaultPoint::Update));
        let failed = harness.deploy(&[moved()]);
        assert_eq!(
            (&of(&failed).result, codes(&failed)),
            (&StackResult::RolledBack, vec!["resource-failed"]),
            "{seed}"
        );
        assert_eq!(of(&harness.deploy(&[moved()])).result, StackResult::Updated, "seed {seed}");
        assert_eq!(of(&harness.destroy(&[moved()])).result, StackResult::Deleted, "seed {seed}");
        assert_eq!(harness.resource_count(), 0);
    }
}

#[test]
fn endpoint_that_never_answers_is_reported_within_seconds() {
    let harness = Harness::new(16);
    harness.api_faults.set(ApiFaults { lost: Some((Duration::ZERO, Duration::from_hours(2))), ..ApiFaults::default() });
    let report = harness.deploy(&[web()]);
    assert_eq!((&of(&report).result, codes(&report)), (&StackResult::Rejected, vec!["aws-unreachable"]));
    assert!(report.duration < Duration::from_secs(20), "{:?}", report.duration);
}

#[test]
fn no_minute_passes_without_a_line_during_an_outage_that_the_deployment_survives() {
    let (outage, minute) = (Duration::from_mins(5), Duration::from_mins(1));
    for from in [1, 3, 5, 10, 20, 30] {
        let (harness, from) = (Harness::new(from), Duration::from_secs(from));
        let silence = Duration::from_secs(25);
        harness.api_faults.set(ApiFaults { lost: Some((from, outage)), silence, ..ApiFaults::default() });
        let started = harness.now();
        let report = harness.deploy(&[web()]);
        assert_eq!(of(&report).result, StackResult::Created, "{from:?}");
        let times = report.events.iter().map(|event| event.at.since(started));
        let lines: Vec<Duration> = times.filter(|at| *at >= from && *at <= from + outage).collect();
        assert!(lines.len() >= 5, "{from:?}: {lines:?}");
        let gap = lines.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max();
        assert!(gap <= Some(minute), "{from:?}: {gap:?}");
    }
}

#[test]
fn lost_answer_creates_no_second_change_set_and_no_second_deployment() {
    // The change set is requested after 0 s, and executed after 3 to 6 s: the connection is lost around each.
    for tenth in 1..80 {
        let harness = Harness::new(16);
        harness.deploy(&[web()]);
        let lost = Some((Duration::from_millis(tenth * 100), Duration::from_secs(20)));
        harness.api_faults.set(ApiFaults { lost, ..ApiFaults::default() });
        let report = harness.deploy(&[moved()]);
        assert_eq!(
            of(&report).result,
            StackResult::Updated,
            "the line dies after {tenth}00 ms: {:?}",
            of(&report).problems
        );
        harness.api_faults.set(ApiFaults::default());
        let change_sets = harness.with_api(async |cloud| cloud.change_sets("web").await).unwrap();
        assert_eq!((change_sets.len(), harness.resource_count()), (0, 3));
    }
}

#[test]
fn drift_is_reported_at_its_line_and_reverted_on_request() {
    let harness = Harness::new(17);
    harness.deploy(&[web()]);
    assert!(harness.drift(&web()).iter().all(|drift| drift.status == DriftStatus::InSync));
    harness.with_api(async |cloud| {
        cloud.change_out_of_band("web", "Logs", Some(json!({ "RetentionInDays": 1 })));
        cloud.change_out_of_band("web", "Subnet", None);
    });
    let emitted = drifted(&web(), &harness.drift(&web()));
    let lines: Vec<_> = emitted.iter().map(|problem| problem.origin().unwrap().line).collect();
    assert_eq!(lines, [15, 7], "{emitted:?}");
    assert_eq!(of(&harness.deploy(&[web()])).result, StackResult::Unchanged, "a usual deployment does not see it");
    harness.options.replace(EngineOptions { mode: DeploymentMode::RevertDrift, ..EngineOptions::new("") });
    assert_eq!(of(&harness.deploy(&[web()])).result, StackResult::Updated);
    harness.options.replace(EngineOptions::new(""));
    assert!(harness.drift(&web()).iter().all(|drift| drift.status == DriftStatus::InSync));
    assert_eq!(harness.resource_count(), 3);
}

#[test]
fn retained_resource_is_imported_again() {
    let retaining = WEB.replace(
        "  Logs:\n    Type: AWS::Logs::LogGroup\n    Properties:",
        "  Logs:\n    Type: AWS::Logs::LogGroup\n    DeletionPolicy: Retain\n    Properties:\n      LogGroupName: mine",
    );
    let (retaining, network) = (stack("web", &retaining), stack("web", WEB.split("  Logs:").next().unwrap()));
    let harness = Harness::new(18);
    harness.deploy(std::slice::from_ref(&retaining));
    harness.deploy(std::slice::from_ref(&network));
    assert_eq!(harness.resource_count(), 3, "no stack manages the log group");
    let report = harness.import(&retaining, &["Logs=mine"]);
    assert_eq!((&of(&report).result, of(&report).problems.as_slice()), (&StackResult::Imported, [].as_slice()));
    assert_eq!(harness.status("web").as_deref(), Some("IMPORT_COMPLETE"));
    assert_eq!(report.statuses("web", "Logs"), ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]);
    assert_eq!(of(&harness.deploy(&[retaining])).result, StackResult::Unchanged);
    let unkept = web();
    assert_eq!(importable(&unkept, "Logs=mine").unwrap_err().code, "import-without-policy");
    assert_eq!(importable(&unkept, "Lgos=mine").unwrap_err().code, "import-argument");
    let nowhere =
        stack("web", &WEB.replace("Type: AWS::EC2::VPC\n", "Type: AWS::EC2::VPC\n    DeletionPolicy: Retain\n"));
    let report = Harness::new(19).import(&nowhere, &["Vpc=vpc-1"]);
    assert_eq!((&of(&report).result, codes(&report)), (&StackResult::Rejected, vec!["change-set-failed"]));
}

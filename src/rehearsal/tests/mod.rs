//! Operations of CloudFormation, through the API alone; `services` are its services.

mod services;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::json;

use super::{AccountState, FaultPoint, Rehearsal, RehearsalClock, ResourceFault};
use crate::deploy::api::{
    Capability, ChangeSetKind, ChangeSetRequest, ClientRequestToken, Clock, CloudFormation, DeploymentMode,
    DriftStatus, ErrorKind, ImportedResource, TemplateSource, Timestamp,
};

const NETWORK: &str = "
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: !Select [0, !Cidr [!GetAtt Vpc.CidrBlock, 1, 8]]}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
";

/// An account in virtual time, and its clock.
struct Harness {
    cloud: Rehearsal<RehearsalClock>,
    clock: RehearsalClock,
}

/// Runs a scenario in an empty account, with faults of resources.
fn run_scenario(faults: Vec<ResourceFault>, scenario: impl AsyncFnOnce(Harness)) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let clock = RehearsalClock::new(Timestamp::from_secs(1), 1.0);
        let cloud = Rehearsal::new(AccountState::new(3), clock, "eu-central-1", faults);
        scenario(Harness { cloud, clock }).await;
    });
}

fn token(name: &str) -> ClientRequestToken {
    ClientRequestToken(name.to_owned())
}

fn request(kind: ChangeSetKind, body: &str) -> ChangeSetRequest {
    ChangeSetRequest {
        stack: "web".to_owned(),
        name: "change".to_owned(),
        kind,
        template: TemplateSource::Body(body.to_owned()),
        parameters: IndexMap::new(),
        tags: IndexMap::new(),
        capabilities: vec![Capability::NamedIam],
        mode: DeploymentMode::Standard,
        import: Vec::new(),
        token: token("plan"),
    }
}

impl Harness {
    /// Creates and executes a change set. `keep` disables rollback.
    async fn start(&self, request: ChangeSetRequest, keep: bool) {
        let id = self.cloud.create_change_set(&request).await.expect("the change set is created");
        self.clock.sleep(Duration::from_secs(10)).await;
        self.cloud.execute_change_set(&id, &token("run"), keep).await.expect("the change set is executed");
    }

    /// Executes a change set and returns the status of the stack after it.
    async fn execute(&self, request: ChangeSetRequest, keep: bool) -> String {
        self.start(request, keep).await;
        self.final_status().await
    }

    /// Waits.
    async fn wait(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// Returns the status of the stack, or `-` if it does not exist.
    async fn status(&self) -> String {
        self.cloud.describe_stack("web").await.expect("an answer").map_or("-".to_owned(), |it| it.status.to_string())
    }

    /// Waits for an hour and returns the status of the stack.
    async fn final_status(&self) -> String {
        self.wait(3600).await;
        self.status().await
    }

    /// Returns the events of the stack as lines, oldest first.
    async fn event_lines(&self) -> Vec<String> {
        let page = self.cloud.events("web", None).await.expect("events");
        let lines = page.events.iter().rev().map(|event| {
            let reason = event.reason.as_deref().unwrap_or_default();
            format!("{} {} {reason}", event.logical_id, event.status.as_str()).trim_end().to_owned()
        });
        lines.collect()
    }

    /// Returns the number of resources that exist.
    fn resource_count(&self) -> usize {
        self.cloud.state().existing_resources().len()
    }
}

/// Returns a fault that fails a step of a resource once.
fn fails(id: &str, point: FaultPoint) -> ResourceFault {
    ResourceFault::once(id, point, "requested failure")
}

#[test]
fn failed_creation_without_rollback_can_be_updated() {
    run_scenario(vec![fails("Subnet", FaultPoint::Create)], async |harness| {
        assert_eq!(harness.execute(request(ChangeSetKind::Create, NETWORK), true).await, "CREATE_FAILED");
        let events = harness.event_lines().await;
        assert!(events.contains(&"web CREATE_FAILED The following resource(s) failed to create: [Subnet].".to_owned()));
        assert!(events.contains(&"Logs CREATE_COMPLETE".to_owned()), "independent resources continue: {events:#?}");
        let id = harness.cloud.create_change_set(&request(ChangeSetKind::Update, NETWORK)).await.unwrap();
        harness.wait(10).await;
        let refused = harness.cloud.execute_change_set(&id, &token("again"), false).await.unwrap_err();
        assert!(refused.message.starts_with("This stack is currently in a non-terminal [CREATE_FAILED] state."));
        harness.cloud.execute_change_set(&id, &token("again"), true).await.unwrap();
        assert_eq!(harness.final_status().await, "UPDATE_COMPLETE");
        assert_eq!(harness.resource_count(), 3, "no half-created resource is left");
    });
}

#[test]
fn rollback_of_a_failed_creation_deletes_its_resources() {
    run_scenario(vec![fails("Subnet", FaultPoint::Create)], async |harness| {
        harness.execute(request(ChangeSetKind::Create, NETWORK), true).await;
        harness.cloud.rollback_stack("web", &token("back")).await.unwrap();
        assert_eq!((harness.final_status().await.as_str(), harness.resource_count()), ("ROLLBACK_COMPLETE", 0));
        let refused = harness.cloud.rollback_stack("web", &token("back")).await.unwrap_err();
        assert_eq!(refused.message, "RollbackStack cannot be called from current stack status");
    });
}

#[test]
fn rollback_after_several_failed_updates_restores_the_stable_state() {
    let faults = vec![fails("Subnet", FaultPoint::Update), fails("Subnet", FaultPoint::Update)];
    run_scenario(faults, async |harness| {
        harness.execute(request(ChangeSetKind::Create, NETWORK), false).await;
        let before = harness.cloud.state().existing_resources();
        for block in ["10.1.0.0/16", "10.2.0.0/16"] {
            let body = NETWORK.replace("10.0.0.0/16", block);
            assert_eq!(harness.execute(request(ChangeSetKind::Update, &body), true).await, "UPDATE_FAILED");
        }
        assert!(harness.resource_count() > 3, "the new network exists with the old one");
        harness.cloud.rollback_stack("web", &token("back")).await.unwrap();
        assert_eq!(harness.final_status().await, "UPDATE_ROLLBACK_COMPLETE");
        assert_eq!(harness.cloud.state().existing_resources(), before);
        assert_eq!(harness.cloud.template("web").await.unwrap(), NETWORK);
    });
}

#[test]
fn cancelled_update_is_rolled_back() {
    run_scenario(Vec::new(), async |harness| {
        harness.execute(request(ChangeSetKind::Create, NETWORK), false).await;
        let before = harness.cloud.state().existing_resources();
        let refused = harness.cloud.cancel_update("web", &token("stop")).await.unwrap_err();
        let message = "CancelUpdateStack cannot be called from current stack status";
        assert_eq!((refused.kind, refused.message.as_str()), (ErrorKind::Validation, message));
        harness.start(request(ChangeSetKind::Update, &NETWORK.replace("10.0.0.0/16", "10.1.0.0/16")), false).await;
        harness.wait(9).await;
        harness.cloud.cancel_update("web", &token("stop")).await.unwrap();
        assert_eq!(harness.status().await, "UPDATE_ROLLBACK_IN_PROGRESS");
        assert_eq!(harness.final_status().await, "UPDATE_ROLLBACK_COMPLETE");
        let events = harness.event_lines().await;
        assert!(events.contains(&"Vpc UPDATE_FAILED Resource update cancelled".to_owned()), "{events:#?}");
        assert!(events.contains(&"web UPDATE_ROLLBACK_IN_PROGRESS User Initiated".to_owned()));
        assert_eq!(harness.cloud.state().existing_resources(), before);
    });
}

#[test]
fn deletion_of_a_stack_in_creation_cancels_it() {
    run_scenario(Vec::new(), async |harness| {
        harness.start(request(ChangeSetKind::Create, NETWORK), false).await;
        harness.wait(6).await;
        let id = harness.cloud.describe_stack("web").await.unwrap().unwrap().id;
        harness.cloud.delete_stack("web", &token("stop"), &[]).await.unwrap();
        assert_eq!((harness.final_status().await.as_str(), harness.resource_count()), ("-", 0));
        let events = harness.cloud.events(&id, None).await.unwrap().events;
        assert!(events.iter().any(|event| event.reason.as_deref() == Some("Resource creation cancelled")));
    });
}

#[test]
fn failed_rollback_is_continued_with_or_without_skipped_resources() {
    for (skip, drifts) in [(Vec::new(), 0), (vec!["Logs".to_owned()], 1)] {
        run_scenario(vec![fails("Subnet", FaultPoint::Update), fails("Logs", FaultPoint::Restore)], async |harness| {
            harness.execute(request(ChangeSetKind::Create, NETWORK), false).await;
            let before = harness.cloud.state().existing_resources();
            let body =
                NETWORK.replace("10.0.0.0/16", "10.1.0.0/16").replace("RetentionInDays: 30", "RetentionInDays: 90");
            assert_eq!(harness.execute(request(ChangeSetKind::Update, &body), false).await, "UPDATE_ROLLBACK_FAILED");
            let wrong = harness.cloud.continue_rollback("web", &token("on"), &["Vpc".to_owned()]).await.unwrap_err();
            assert_eq!(wrong.kind, ErrorKind::Validation);
            harness.cloud.continue_rollback("web", &token("on"), &skip).await.unwrap();
            assert_eq!(harness.final_status().await, "UPDATE_ROLLBACK_COMPLETE");
            assert_eq!(harness.cloud.state().existing_resources(), before, "no resource is lost or left over");
            harness.cloud.detect_drift("web").await.unwrap();
            let found = harness.cloud.drifts("web").await.unwrap();
            let changed: Vec<_> = found.iter().filter(|drift| drift.status == DriftStatus::Modified).collect();
            assert_eq!(changed.len(), drifts, "a skipped resource stays as the update left it");
            if let Some(drift) = changed.first() {
                let difference = &drift.differences[0];
                assert_eq!((difference.path.as_str(), difference.actual.as_deref()), ("/RetentionInDays", Some("90")));
            }
        });
    }
}

#[test]
fn drift_is_detected_and_reverted() {
    run_scenario(Vec::new(), async |harness| {
        harness.execute(request(ChangeSetKind::Create, NETWORK), false).await;
        harness.cloud.change_out_of_band("web", "Logs", Some(json!({ "RetentionInDays": 1 })));
        harness.cloud.change_out_of_band("web", "Subnet", None);
        assert_eq!(harness.resource_count(), 2);
        let detection = harness.cloud.detect_drift("web").await.unwrap();
        assert!(!harness.cloud.drift_detection(&detection).await.unwrap().done, "a detection takes a while");
        harness.wait(60).await;
        assert!(harness.cloud.drift_detection(&detection).await.unwrap().done);
        let found = harness.cloud.drifts("web").await.unwrap();
        let status = |id: &str| found.iter().find(|drift| drift.logical_id == id).unwrap().status;
        assert_eq!(
            [status("Vpc"), status("Subnet"), status("Logs")],
            [DriftStatus::InSync, DriftStatus::Deleted, DriftStatus::Modified]
        );
        let revert = ChangeSetRequest { mode: DeploymentMode::RevertDrift, ..request(ChangeSetKind::Update, NETWORK) };
        assert_eq!(harness.execute(revert, false).await, "UPDATE_COMPLETE");
        harness.cloud.detect_drift("web").await.unwrap();
        let found = harness.cloud.drifts("web").await.unwrap();
        assert!(found.iter().all(|drift| drift.status == DriftStatus::InSync), "{found:#?}");
        assert_eq!(harness.resource_count(), 3);
    });
}

#[test]
fn express_deployment_does_not_wait_or_roll_back() {
    let took = |mode| {
        let took = std::cell::Cell::new(Duration::ZERO);
        run_scenario(vec![fails("Subnet", FaultPoint::Create)], async |harness| {
            let create = ChangeSetRequest { mode, ..request(ChangeSetKind::Create, NETWORK) };
            let status = harness.execute(create, false).await;
            let express = mode == DeploymentMode::Express;
            assert_eq!(status, if express { "CREATE_FAILED" } else { "ROLLBACK_COMPLETE" });
            let events = harness.cloud.events("web", None).await.unwrap().events;
            let of = |status: &str| events.iter().find(|it| it.logical_id == "Vpc" && it.status.as_str() == status);
            took.set(of("CREATE_COMPLETE").unwrap().time.since(events[events.len() - 2].time));
        });
        took.get()
    };
    assert!(took(DeploymentMode::Express) < took(DeploymentMode::Standard) / 2);
}

#[test]
fn retained_resource_is_imported_into_another_stack() {
    const RETAINED: &str = "Resources: {Logs: {Type: 'AWS::Logs::LogGroup', DeletionPolicy: Retain, \
                        Properties: {LogGroupName: mine, RetentionInDays: 30}}}";
    let import = |body: &str, name: &str| ChangeSetRequest {
        import: vec![ImportedResource {
            logical_id: "Logs".to_owned(),
            kind: "AWS::Logs::LogGroup".to_owned(),
            identifier: [("LogGroupName".to_owned(), name.to_owned())].into_iter().collect(),
        }],
        ..request(ChangeSetKind::Import, body)
    };
    run_scenario(Vec::new(), async |harness| {
        harness.execute(request(ChangeSetKind::Create, RETAINED), false).await;
        harness.cloud.delete_stack("web", &token("gone"), &[]).await.unwrap();
        assert_eq!((harness.final_status().await.as_str(), harness.resource_count()), ("-", 1));
        for (body, name, reason) in [
            (RETAINED.replace("DeletionPolicy: Retain, ", ""), "mine", "must have DeletionPolicy"),
            (RETAINED.to_owned(), "other", "was not found"),
        ] {
            let id = harness.cloud.create_change_set(&import(&body, name)).await.unwrap();
            harness.wait(10).await;
            let change_set = harness.cloud.describe_change_set(&id).await.unwrap();
            assert!(change_set.reason.as_deref().unwrap_or_default().contains(reason), "{:?}", change_set.reason);
            harness.cloud.delete_change_set(&id).await.unwrap();
        }
        assert_eq!(harness.execute(import(&RETAINED.replace("30", "60"), "mine"), false).await, "IMPORT_COMPLETE");
        assert_eq!((harness.cloud.resources("web").await.unwrap().len(), harness.resource_count()), (1, 1));
        harness.cloud.detect_drift("web").await.unwrap();
        assert_eq!(harness.cloud.drifts("web").await.unwrap()[0].status, DriftStatus::Modified);
    });
}

#[test]
fn resource_that_was_never_created_is_not_retained() {
    const QUEUE: &str = "
Resources:
  Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {LogGroupName: mine}}
  Queue: {Type: AWS::SQS::Queue}
Outputs: {Url: {Value: !Ref Queue}, Arn: {Value: !GetAtt Queue.Arn}}
";
    let early = ResourceFault { after: Some(Duration::ZERO), ..fails("Logs", FaultPoint::Create) };
    run_scenario(vec![early], async |harness| {
        assert_eq!(harness.execute(request(ChangeSetKind::Create, QUEUE), false).await, "ROLLBACK_COMPLETE");
        let events = harness.event_lines().await;
        assert!(events.iter().all(|event| !event.contains("DELETE_SKIPPED")), "{events:#?}");
        assert_eq!(harness.resource_count(), 0);
        harness.cloud.delete_stack("web", &token("gone"), &[]).await.unwrap();
        harness.final_status().await;
        harness.execute(request(ChangeSetKind::Create, QUEUE), false).await;
        let outputs = harness.cloud.describe_stack("web").await.unwrap().unwrap().outputs;
        assert!(outputs[0].value.starts_with("https://sqs.eu-central-1.amazonaws.com/123456789012/web-Queue-"));
        assert!(outputs[1].value.starts_with("arn:aws:sqs:eu-central-1:123456789012:web-Queue-"));
    });
}

#[test]
fn pending_change_sets_are_listed() {
    run_scenario(Vec::new(), async |harness| {
        harness.cloud.create_change_set(&request(ChangeSetKind::Create, NETWORK)).await.unwrap();
        let pending = harness.cloud.change_sets("web").await.unwrap();
        assert_eq!((pending.len(), pending[0].name.as_str()), (1, "change"));
        assert!(harness.cloud.change_sets("other").await.is_err());
    });
}

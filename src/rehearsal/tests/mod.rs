//! What CloudFormation says and does beside the way that a deployment takes, asked through the port alone.

mod services;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::json;

use super::{AccountState, FaultPoint, Rehearsal, RehearsalClock, ResourceFault};
use crate::deploy::api::{
    Capability, ChangeSetKind, ChangeSetRequest, ClientRequestToken, Clock, CloudFormation, DeploymentMode,
    DriftStatus, ErrorKind, ImportedResource, TemplateSource, Timestamp,
};

const TWO: &str = "
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
";

/// A clock and an account, in virtual time.
struct Theatre {
    cloud: Rehearsal<RehearsalClock>,
    clock: RehearsalClock,
}

fn play(faults: Vec<ResourceFault>, story: impl AsyncFnOnce(Theatre)) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let clock = RehearsalClock::new(Timestamp::from_secs(1), 1.0);
        let cloud = Rehearsal::new(AccountState::new(3), clock, "eu-central-1", faults);
        story(Theatre { cloud, clock }).await;
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

impl Theatre {
    async fn starts(&self, request: ChangeSetRequest, keep: bool) {
        let id = self.cloud.create_change_set(&request).await.expect("AWS takes it");
        self.clock.sleep(Duration::from_secs(10)).await;
        self.cloud.execute_change_set(&id, &token("run"), keep).await.expect("and carries it out");
    }

    async fn does(&self, request: ChangeSetRequest, keep: bool) -> String {
        self.starts(request, keep).await;
        self.settled().await
    }

    async fn passes(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds)).await;
    }

    async fn status(&self) -> String {
        self.cloud.describe_stack("web").await.expect("an answer").map_or("-".to_owned(), |it| it.status.to_string())
    }

    async fn settled(&self) -> String {
        self.passes(3600).await;
        self.status().await
    }

    /// Every event of the stack, oldest first, in short.
    async fn story(&self) -> Vec<String> {
        let page = self.cloud.events("web", None).await.expect("events");
        let told = page.events.iter().rev().map(|event| {
            let reason = event.reason.as_deref().unwrap_or_default();
            format!("{} {} {reason}", event.logical_id, event.status.as_str()).trim_end().to_owned()
        });
        told.collect()
    }

    fn resource_count(&self) -> usize {
        self.cloud.state().existing_resources().len()
    }
}

fn fails(id: &str, moment: FaultPoint) -> ResourceFault {
    ResourceFault::once(id, moment, "asked to fail")
}

#[test]
fn a_creation_that_is_kept_stays_where_it_failed_and_goes_on_from_there() {
    play(vec![fails("Subnet", FaultPoint::Create)], async |stage| {
        assert_eq!(stage.does(request(ChangeSetKind::Create, TWO), true).await, "CREATE_FAILED");
        let story = stage.story().await;
        assert!(story.contains(&"web CREATE_FAILED The following resource(s) failed to create: [Subnet].".to_owned()));
        assert!(story.contains(&"Logs CREATE_COMPLETE".to_owned()), "independent ways go on: {story:#?}");
        let id = stage.cloud.create_change_set(&request(ChangeSetKind::Update, TWO)).await.unwrap();
        stage.passes(10).await;
        let refused = stage.cloud.execute_change_set(&id, &token("again"), false).await.unwrap_err();
        assert!(refused.message.starts_with("This stack is currently in a non-terminal [CREATE_FAILED] state."));
        stage.cloud.execute_change_set(&id, &token("again"), true).await.unwrap();
        assert_eq!(stage.settled().await, "UPDATE_COMPLETE");
        assert_eq!(stage.resource_count(), 3, "what was half-made is gone");
    });
}

#[test]
fn what_a_kept_creation_made_goes_with_a_rollback() {
    play(vec![fails("Subnet", FaultPoint::Create)], async |stage| {
        stage.does(request(ChangeSetKind::Create, TWO), true).await;
        stage.cloud.rollback_stack("web", &token("back")).await.unwrap();
        assert_eq!((stage.settled().await.as_str(), stage.resource_count()), ("ROLLBACK_COMPLETE", 0));
        let refused = stage.cloud.rollback_stack("web", &token("back")).await.unwrap_err();
        assert_eq!(refused.message, "RollbackStack cannot be called from current stack status");
    });
}

#[test]
fn a_kept_update_goes_back_to_what_was_stable_even_after_several_tries() {
    let faults = vec![fails("Subnet", FaultPoint::Update), fails("Subnet", FaultPoint::Update)];
    play(faults, async |stage| {
        stage.does(request(ChangeSetKind::Create, TWO), false).await;
        let before = stage.cloud.state().existing_resources();
        for block in ["10.1.0.0/16", "10.2.0.0/16"] {
            let body = TWO.replace("10.0.0.0/16", block);
            assert_eq!(stage.does(request(ChangeSetKind::Update, &body), true).await, "UPDATE_FAILED");
        }
        assert!(stage.resource_count() > 3, "the new network stays beside the old one");
        stage.cloud.rollback_stack("web", &token("back")).await.unwrap();
        assert_eq!(stage.settled().await, "UPDATE_ROLLBACK_COMPLETE");
        assert_eq!(stage.cloud.state().existing_resources(), before);
        assert_eq!(stage.cloud.template("web").await.unwrap(), TWO);
    });
}

#[test]
fn an_update_is_cancelled_at_once_and_undone() {
    play(Vec::new(), async |stage| {
        stage.does(request(ChangeSetKind::Create, TWO), false).await;
        let before = stage.cloud.state().existing_resources();
        let refused = stage.cloud.cancel_update("web", &token("stop")).await.unwrap_err();
        let words = "CancelUpdateStack cannot be called from current stack status";
        assert_eq!((refused.kind, refused.message.as_str()), (ErrorKind::Validation, words));
        stage.starts(request(ChangeSetKind::Update, &TWO.replace("10.0.0.0/16", "10.1.0.0/16")), false).await;
        stage.passes(9).await;
        stage.cloud.cancel_update("web", &token("stop")).await.unwrap();
        assert_eq!(stage.status().await, "UPDATE_ROLLBACK_IN_PROGRESS");
        assert_eq!(stage.settled().await, "UPDATE_ROLLBACK_COMPLETE");
        let story = stage.story().await;
        assert!(story.contains(&"Vpc UPDATE_FAILED Resource update cancelled".to_owned()), "{story:#?}");
        assert!(story.contains(&"web UPDATE_ROLLBACK_IN_PROGRESS User Initiated".to_owned()));
        assert_eq!(stage.cloud.state().existing_resources(), before);
    });
}

#[test]
fn a_creation_is_cancelled_by_deleting_its_stack() {
    play(Vec::new(), async |stage| {
        stage.starts(request(ChangeSetKind::Create, TWO), false).await;
        stage.passes(6).await;
        let id = stage.cloud.describe_stack("web").await.unwrap().unwrap().id;
        stage.cloud.delete_stack("web", &token("stop"), &[]).await.unwrap();
        assert_eq!((stage.settled().await.as_str(), stage.resource_count()), ("-", 0));
        let events = stage.cloud.events(&id, None).await.unwrap().events;
        assert!(events.iter().any(|event| event.reason.as_deref() == Some("Resource creation cancelled")));
    });
}

#[test]
fn a_rollback_that_failed_is_continued_or_what_failed_is_skipped() {
    for (skip, drifts) in [(Vec::new(), 0), (vec!["Logs".to_owned()], 1)] {
        play(vec![fails("Subnet", FaultPoint::Update), fails("Logs", FaultPoint::Restore)], async |stage| {
            stage.does(request(ChangeSetKind::Create, TWO), false).await;
            let before = stage.cloud.state().existing_resources();
            let body = TWO.replace("10.0.0.0/16", "10.1.0.0/16").replace("RetentionInDays: 30", "RetentionInDays: 90");
            assert_eq!(stage.does(request(ChangeSetKind::Update, &body), false).await, "UPDATE_ROLLBACK_FAILED");
            let wrong = stage.cloud.continue_rollback("web", &token("on"), &["Vpc".to_owned()]).await.unwrap_err();
            assert_eq!(wrong.kind, ErrorKind::Validation);
            stage.cloud.continue_rollback("web", &token("on"), &skip).await.unwrap();
            assert_eq!(stage.settled().await, "UPDATE_ROLLBACK_COMPLETE");
            assert_eq!(stage.cloud.state().existing_resources(), before, "nothing is lost and nothing is left");
            stage.cloud.detect_drift("web").await.unwrap();
            let found = stage.cloud.drifts("web").await.unwrap();
            let changed: Vec<_> = found.iter().filter(|drift| drift.status == DriftStatus::Modified).collect();
            assert_eq!(changed.len(), drifts, "what is skipped stays as the update left it");
            if let Some(drift) = changed.first() {
                let difference = &drift.differences[0];
                assert_eq!((difference.path.as_str(), difference.actual.as_deref()), ("/RetentionInDays", Some("90")));
            }
        });
    }
}

#[test]
fn drift_is_found_and_reverted() {
    play(Vec::new(), async |stage| {
        stage.does(request(ChangeSetKind::Create, TWO), false).await;
        stage.cloud.change_out_of_band("web", "Logs", Some(json!({ "RetentionInDays": 1 })));
        stage.cloud.change_out_of_band("web", "Subnet", None);
        assert_eq!(stage.resource_count(), 2);
        let search = stage.cloud.detect_drift("web").await.unwrap();
        assert!(!stage.cloud.drift_detection(&search).await.unwrap().done, "a search takes a while");
        stage.passes(60).await;
        assert!(stage.cloud.drift_detection(&search).await.unwrap().done);
        let found = stage.cloud.drifts("web").await.unwrap();
        let status = |id: &str| found.iter().find(|drift| drift.logical_id == id).unwrap().status;
        assert_eq!(
            [status("Vpc"), status("Subnet"), status("Logs")],
            [DriftStatus::InSync, DriftStatus::Deleted, DriftStatus::Modified]
        );
        let revert = ChangeSetRequest { mode: DeploymentMode::RevertDrift, ..request(ChangeSetKind::Update, TWO) };
        assert_eq!(stage.does(revert, false).await, "UPDATE_COMPLETE");
        stage.cloud.detect_drift("web").await.unwrap();
        let found = stage.cloud.drifts("web").await.unwrap();
        assert!(found.iter().all(|drift| drift.status == DriftStatus::InSync), "{found:#?}");
        assert_eq!(stage.resource_count(), 3);
    });
}

#[test]
fn an_express_deployment_does_not_wait_and_does_not_roll_back() {
    let took = |mode| {
        let took = std::cell::Cell::new(Duration::ZERO);
        play(vec![fails("Subnet", FaultPoint::Create)], async |stage| {
            let create = ChangeSetRequest { mode, ..request(ChangeSetKind::Create, TWO) };
            let status = stage.does(create, false).await;
            let express = mode == DeploymentMode::Express;
            assert_eq!(status, if express { "CREATE_FAILED" } else { "ROLLBACK_COMPLETE" });
            let events = stage.cloud.events("web", None).await.unwrap().events;
            let of = |status: &str| events.iter().find(|it| it.logical_id == "Vpc" && it.status.as_str() == status);
            took.set(of("CREATE_COMPLETE").unwrap().time.since(events[events.len() - 2].time));
        });
        took.get()
    };
    assert!(took(DeploymentMode::Express) < took(DeploymentMode::Standard) / 2);
}

#[test]
fn what_a_stack_let_go_of_is_taken_into_another() {
    const KEPT: &str = "Resources: {Logs: {Type: 'AWS::Logs::LogGroup', DeletionPolicy: Retain, \
                        Properties: {LogGroupName: mine, RetentionInDays: 30}}}";
    let import = |body: &str, name: &str| ChangeSetRequest {
        import: vec![ImportedResource {
            logical_id: "Logs".to_owned(),
            kind: "AWS::Logs::LogGroup".to_owned(),
            identifier: [("LogGroupName".to_owned(), name.to_owned())].into_iter().collect(),
        }],
        ..request(ChangeSetKind::Import, body)
    };
    play(Vec::new(), async |stage| {
        stage.does(request(ChangeSetKind::Create, KEPT), false).await;
        stage.cloud.delete_stack("web", &token("gone"), &[]).await.unwrap();
        assert_eq!((stage.settled().await.as_str(), stage.resource_count()), ("-", 1));
        for (body, name, words) in [
            (KEPT.replace("DeletionPolicy: Retain, ", ""), "mine", "must have DeletionPolicy"),
            (KEPT.to_owned(), "other", "was not found"),
        ] {
            let id = stage.cloud.create_change_set(&import(&body, name)).await.unwrap();
            stage.passes(10).await;
            let written = stage.cloud.describe_change_set(&id).await.unwrap();
            assert!(written.reason.as_deref().unwrap_or_default().contains(words), "{:?}", written.reason);
            stage.cloud.delete_change_set(&id).await.unwrap();
        }
        assert_eq!(stage.does(import(&KEPT.replace("30", "60"), "mine"), false).await, "IMPORT_COMPLETE");
        assert_eq!((stage.cloud.resources("web").await.unwrap().len(), stage.resource_count()), (1, 1));
        stage.cloud.detect_drift("web").await.unwrap();
        assert_eq!(stage.cloud.drifts("web").await.unwrap()[0].status, DriftStatus::Modified);
    });
}

#[test]
fn what_was_never_made_is_not_kept_and_a_queue_is_known_by_its_url() {
    const QUEUE: &str = "
Resources:
  Logs: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {LogGroupName: mine}}
  Queue: {Type: AWS::SQS::Queue}
Outputs: {Url: {Value: !Ref Queue}, Arn: {Value: !GetAtt Queue.Arn}}
";
    let early = ResourceFault { after: Some(Duration::ZERO), ..fails("Logs", FaultPoint::Create) };
    play(vec![early], async |stage| {
        assert_eq!(stage.does(request(ChangeSetKind::Create, QUEUE), false).await, "ROLLBACK_COMPLETE");
        let story = stage.story().await;
        assert!(story.iter().all(|event| !event.contains("DELETE_SKIPPED")), "{story:#?}");
        assert_eq!(stage.resource_count(), 0);
        stage.cloud.delete_stack("web", &token("gone"), &[]).await.unwrap();
        stage.settled().await;
        stage.does(request(ChangeSetKind::Create, QUEUE), false).await;
        let outputs = stage.cloud.describe_stack("web").await.unwrap().unwrap().outputs;
        assert!(outputs[0].value.starts_with("https://sqs.eu-central-1.amazonaws.com/123456789012/web-Queue-"));
        assert!(outputs[1].value.starts_with("arn:aws:sqs:eu-central-1:123456789012:web-Queue-"));
    });
}

#[test]
fn change_sets_that_wait_are_listed() {
    play(Vec::new(), async |stage| {
        stage.cloud.create_change_set(&request(ChangeSetKind::Create, TWO)).await.unwrap();
        let waiting = stage.cloud.change_sets("web").await.unwrap();
        assert_eq!((waiting.len(), waiting[0].name.as_str()), (1, "change"));
        assert!(stage.cloud.change_sets("other").await.is_err());
    });
}

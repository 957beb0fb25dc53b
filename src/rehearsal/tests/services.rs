//! Services of stacks, from change set to result, through the API alone.

use std::time::Duration;

use indexmap::IndexMap;

use crate::deploy::api::status::{AlarmState, RolloutState, TaskStatus};
use crate::deploy::api::{
    AutoScaling, Capability, ChangeSetKind, ChangeSetRequest, ClientRequestToken, Clock, CloudFormation,
    DeploymentMode, DriftStatus, Ecs, ImageRegistry, ImageStatus, Logs, ScalableTarget, StackEvent, TaskFilter,
    TemplateSource, Timestamp, UpdateServiceRequest,
};
use crate::rehearsal::{AccountState, FaultPlan, Rehearsal, RehearsalClock, ServiceFault, TaskFault};

const WEB: &str = "
Parameters: {Tag: {Type: String}}
Resources:
  Cluster: {Type: 'AWS::ECS::Cluster'}
  Logs: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: web}}
  Alarm: {Type: 'AWS::CloudWatch::Alarm', Properties: {AlarmName: too-slow}}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      HealthCheckIntervalSeconds: 10
      TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: '15'}]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      ContainerDefinitions:
        - Name: app
          Image: !Sub 'ghcr.io/tiles/web:${Tag}'
          PortMappings: [{ContainerPort: 80}]
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref Logs, awslogs-stream-prefix: it}}
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      ServiceName: web
      DesiredCount: 2
      TaskDefinition: !Ref Task
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
      LoadBalancers: [{TargetGroupArn: !Ref Group, ContainerName: app, ContainerPort: 80}]
  Bounds:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: ecs
      ScalableDimension: ecs:service:DesiredCount
      ResourceId: !Sub 'service/${Cluster}/${Web.Name}'
      MinCapacity: 2
      MaxCapacity: 6
";

struct Story {
    cloud: Rehearsal<RehearsalClock>,
    clock: RehearsalClock,
}

/// Runs a scenario with a fault of the service's tasks, on a saved or an empty account.
fn play<T>(
    state: Option<AccountState>,
    task_fault: Option<TaskFault>,
    story: impl AsyncFnOnce(&Story) -> T,
) -> (T, AccountState) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let state = state.unwrap_or_else(|| AccountState::new(3));
        let clock = RehearsalClock::new(state.now + Duration::from_mins(1), 1.0);
        let services = task_fault.map(|task_fault| ServiceFault { service: "Web".to_owned(), task_fault });
        let faults = FaultPlan { services: services.into_iter().collect(), ..FaultPlan::default() };
        let story_of = Story { cloud: Rehearsal::new(state, clock, "eu-central-1", faults), clock };
        let told = story(&story_of).await;
        (told, story_of.cloud.state())
    })
}

impl Story {
    async fn starts(&self, kind: ChangeSetKind, body: &str, (tag, mode): (&str, DeploymentMode)) {
        let request = ChangeSetRequest {
            stack: "web".to_owned(),
            name: format!("to-{tag}"),
            kind,
            template: TemplateSource::Body(body.to_owned()),
            parameters: IndexMap::from([("Tag".to_owned(), crate::deploy::api::ParameterValue::Given(tag.to_owned()))]),
            tags: IndexMap::new(),
            capabilities: vec![Capability::NamedIam],
            mode,
            import: Vec::new(),
            token: ClientRequestToken(format!("plan-{tag}")),
        };
        let id = self.cloud.create_change_set(&request).await.expect("AWS takes it");
        self.clock.sleep(Duration::from_secs(10)).await;
        self.cloud
            .execute_change_set(&id, &ClientRequestToken(format!("run-{tag}")), false)
            .await
            .expect("and carries it out");
    }

    /// Returns the final status, and the seconds until then: 40 hours at most.
    async fn ends(&self) -> (String, u64) {
        let start = self.clock.now();
        for _ in 0..28_800 {
            self.clock.sleep(Duration::from_secs(5)).await;
            let status = self.cloud.describe_stack("web").await.unwrap().map(|stack| stack.status.to_string());
            let status = status.unwrap_or_else(|| "gone".to_owned());
            if !status.ends_with("IN_PROGRESS") {
                return (status, self.clock.now().since(start).as_secs());
            }
        }
        panic!("it never ends");
    }

    async fn create(&self, body: &str) -> (String, u64) {
        self.starts(ChangeSetKind::Create, body, ("1", DeploymentMode::Standard)).await;
        self.ends().await
    }

    async fn update(&self, tag: &str) -> (String, u64) {
        self.starts(ChangeSetKind::Update, WEB, (tag, DeploymentMode::Standard)).await;
        self.ends().await
    }

    async fn web(&self) -> crate::deploy::api::EcsService {
        let resources = self.cloud.resources("web").await.unwrap();
        let arn = resources.into_iter().find(|it| it.logical_id == "Web").and_then(|it| it.physical_id);
        self.cloud.services(&[arn.expect("it has an ARN")]).await.unwrap().remove(0)
    }

    async fn failure(&self) -> StackEvent {
        let events = self.cloud.events("web", None).await.unwrap().events;
        events.into_iter().rev().find(|it| it.status.as_str().ends_with("_FAILED")).expect("something failed")
    }
}

fn made() -> AccountState {
    play(None, None, async |story| assert_eq!(story.create(WEB).await.0, "CREATE_COMPLETE")).1
}

#[test]
fn creation_waits_for_its_service_and_deletion_leaves_no_task() {
    let (arn, state) = play(Some(made()), None, async |story| {
        let web = story.web().await;
        assert_eq!((web.running, web.deployments[0].rollout.as_ref()), (2, Some(&RolloutState::Completed)));
        let tasks = story.cloud.tasks(&web.arn, TaskFilter::Running).await.unwrap();
        let stream = format!("it/app/{}", tasks[0].id());
        assert!(story.cloud.tail("web", &stream, 1).await.unwrap()[0].text.contains("startup complete"));
        assert_eq!(story.cloud.alarms(&["too-slow".to_owned()], &[]).await.unwrap()[0].state, AlarmState::Ok);
        story.cloud.delete_stack("web", &ClientRequestToken("go".to_owned()), &[]).await.unwrap();
        let (status, took) = story.ends().await;
        assert_eq!(status, "gone");
        assert!(took > 20, "targets are drained first: {took} s");
        assert!(story.cloud.services(std::slice::from_ref(&web.arn)).await.unwrap().is_empty());
        assert!(story.cloud.tail("web", &stream, 1).await.unwrap().is_empty(), "the group is gone");
        assert_eq!(story.cloud.scalable_target("service/x/web").await.unwrap(), None);
        web.arn
    });
    assert_eq!((state.task_count(), state.existing_resources().len()), (0, 0), "{arn}");
}

#[test]
fn creation_stopped_by_the_circuit_breaker_fails_and_is_rolled_back() {
    let ((), state) = play(None, Some(TaskFault::ImageNotFound), async |story| {
        assert_eq!(story.create(WEB).await.0, "ROLLBACK_COMPLETE");
        let failure = story.failure().await;
        assert_eq!(failure.logical_id, "Web");
        let reason = failure.reason.unwrap();
        let message = "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker \
                       was triggered'.\" (RequestToken: ";
        assert!(
            reason.starts_with(message) && reason.ends_with("HandlerErrorCode: GeneralServiceException)"),
            "{reason}"
        );
    });
    assert_eq!((state.task_count(), state.existing_resources().len()), (0, 0));
}

#[test]
fn without_circuit_breaker_cloudformation_waits_for_36_hours() {
    let body = WEB.replace("Enable: true", "Enable: false");
    let ((), state) = play(None, Some(TaskFault::Exit(3)), async |story| {
        let (status, took) = story.create(&body).await;
        assert_eq!(status, "ROLLBACK_COMPLETE");
        assert!((129_600..130_200).contains(&took), "{took} s");
        assert!(story.failure().await.reason.unwrap().contains("NotStabilized"));
    });
    assert_eq!((state.task_count(), state.existing_resources().len()), (0, 0));
}

#[test]
fn update_stopped_by_the_circuit_breaker_restores_old_tasks_and_the_next_one_succeeds() {
    let ((), state) = play(Some(made()), Some(TaskFault::Exit(1)), async |story| {
        let before = story.web().await.task_definition;
        assert_eq!(story.update("2").await.0, "UPDATE_ROLLBACK_COMPLETE");
        let web = story.web().await;
        assert_eq!((&web.task_definition, web.running, web.deployments.len()), (&before, 2, 1));
        let tasks = story.cloud.tasks(&web.arn, TaskFilter::Running).await.unwrap();
        assert!(tasks.iter().all(|task| task.task_definition == before && task.status == TaskStatus::Running));
        let lost = story.cloud.task_definition("web:2").await.unwrap().expect("AWS keeps what was deregistered");
        assert_eq!(lost.status, "INACTIVE");
    });
    let ((), state) = play(Some(state), None, async |story| {
        assert_eq!(story.update("3").await.0, "UPDATE_COMPLETE");
        assert!(story.web().await.task_definition.ends_with("web:3"), "no revision is used twice");
    });
    assert_eq!(state.task_count(), 2);
}

#[test]
fn update_rolled_back_by_ecs_is_complete_and_has_drift() {
    play(Some(made()), Some(TaskFault::RolledBackByEcs), async |story| {
        assert_eq!(story.update("2").await.0, "UPDATE_COMPLETE");
        assert!(story.web().await.task_definition.ends_with("web:1"));
        assert_eq!(drifted(story).await, ["Web.TaskDefinition"]);
    });
}

/// Returns the properties that differ from the stack's template.
async fn drifted(story: &Story) -> Vec<String> {
    let search = story.cloud.detect_drift("web").await.unwrap();
    while !story.cloud.drift_detection(&search).await.unwrap().done {
        story.clock.sleep(Duration::from_secs(2)).await;
    }
    let drifts = story.cloud.drifts("web").await.unwrap();
    let differing = drifts.into_iter().filter(|it| it.status == DriftStatus::Modified);
    let paths = differing.flat_map(|it| {
        let id = it.logical_id;
        it.differences.into_iter().map(move |differs| format!("{id}.{}", differs.path.trim_start_matches('/')))
    });
    paths.collect()
}

#[test]
fn express_returns_once_the_service_exists_and_ecs_continues() {
    play(None, None, async |story| {
        story.starts(ChangeSetKind::Create, WEB, ("1", DeploymentMode::Express)).await;
        assert_eq!(story.ends().await.0, "CREATE_COMPLETE");
        assert_eq!(story.web().await.deployments[0].rollout, Some(RolloutState::InProgress));
        story.clock.sleep(Duration::from_mins(2)).await;
        assert_eq!(story.web().await.deployments[0].rollout, Some(RolloutState::Completed));
    });
}

#[test]
fn out_of_band_update_moves_tasks_and_a_deployment_removes_its_drift() {
    play(Some(made()), None, async |story| {
        let web = story.web().await;
        let edit = crate::deploy::api::ContainerOverride {
            container: "app".to_owned(),
            image: Some("ghcr.io/tiles/web:9".to_owned()),
            ..Default::default()
        };
        let revised = story.cloud.revise(&web.task_definition, &[edit]).await.unwrap();
        let change = UpdateServiceRequest {
            task_definition: Some(revised.clone()),
            desired: Some(3),
            ..UpdateServiceRequest::default()
        };
        story.cloud.update_service(&web.arn, &change).await.unwrap();
        story.clock.sleep(Duration::from_mins(5)).await;
        let tasks = story.cloud.tasks(&web.arn, TaskFilter::Running).await.unwrap();
        assert!(tasks.len() == 3 && tasks.iter().all(|task| task.task_definition == revised));
        let mut found = drifted(story).await;
        found.sort();
        assert_eq!(found, ["Web.DesiredCount", "Web.TaskDefinition"]);
        let resource = web.arn.split_once(":service/").map(|(_, rest)| format!("service/{rest}")).unwrap();
        let range = ScalableTarget { min: 4, max: 8 };
        story.cloud.set_scalable_target(&resource, range).await.unwrap();
        assert_eq!(story.cloud.scalable_target(&resource).await.unwrap(), Some(range));
        story.clock.sleep(Duration::from_mins(3)).await;
        assert_eq!(story.web().await.running, 4);
        assert_eq!(story.update("5").await.0, "UPDATE_COMPLETE");
        let told = story.web().await;
        assert_eq!((told.desired, drifted(story).await.contains(&"Web.TaskDefinition".to_owned())), (2, false));
        assert!(story.cloud.execute_command("t", "app", "sh").await.unwrap_err().help.is_some());
    });
}

#[test]
fn image_is_missing_if_tasks_cannot_pull_it() {
    play(Some(made()), Some(TaskFault::ImageNotFound), async |story| {
        story.starts(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
        story.clock.sleep(Duration::from_secs(30)).await;
        assert_eq!(story.cloud.image("ghcr.io/tiles/web:2").await, ImageStatus::Missing);
        assert_eq!(story.cloud.image("ghcr.io/tiles/web:1").await, ImageStatus::Found);
    });
}

/// Returns the events of an update that is rolled back, read every few seconds, and saved and loaded in between or not.
fn events_of(step: u64, saved: bool) -> Vec<(Timestamp, String)> {
    let run = async |story: &Story, seconds: u64| {
        for _ in 0..seconds / step {
            story.clock.sleep(Duration::from_secs(step)).await;
            story.web().await;
        }
    };
    let task_fault = Some(TaskFault::Unhealthy(503));
    let (told, _) = if saved {
        let ((), midst) = play(Some(made()), task_fault, async |story| {
            story.starts(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
            run(story, 60).await;
        });
        let text = serde_json::to_string(&midst).unwrap();
        let loaded: AccountState = serde_json::from_str(&text).unwrap();
        // The tasks still have the fault, even if the second run does not request it.
        play(Some(loaded), None, async |story| {
            run(story, 840).await;
            story.web().await.events
        })
    } else {
        play(Some(made()), task_fault, async |story| {
            story.starts(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
            run(story, 960).await;
            story.web().await.events
        })
    };
    assert!(told.iter().any(|event| event.message.contains("rolling back to deployment")), "{told:#?}");
    told.into_iter().map(|event| (event.time, event.message)).collect()
}

#[test]
fn events_do_not_depend_on_reads_and_saves() {
    let first = events_of(60, false);
    assert_eq!(events_of(4, false), first);
    assert_eq!(events_of(20, true), first);
}

//! Services of stacks, from the change set to the result, through the API alone.

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
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
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
    DependsOn: Listener
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

/// An account with a service, in virtual time.
struct Harness {
    cloud: Rehearsal<RehearsalClock>,
    clock: RehearsalClock,
}

/// Runs a scenario with a fault of the service's tasks, on a saved or an empty account. Returns its result and the account.
fn run_scenario<T>(
    state: Option<AccountState>,
    task_fault: Option<TaskFault>,
    scenario: impl AsyncFnOnce(&Harness) -> T,
) -> (T, AccountState) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let state = state.unwrap_or_else(|| AccountState::new(3));
        let clock = RehearsalClock::new(state.now + Duration::from_mins(1), 1.0);
        let services = task_fault.map(|task_fault| ServiceFault { service: "Web".to_owned(), task_fault });
        let faults = FaultPlan { services: services.into_iter().collect(), ..FaultPlan::default() };
        let harness = Harness { cloud: Rehearsal::new(state, clock, "eu-central-1", faults), clock };
        let result = scenario(&harness).await;
        (result, harness.cloud.state())
    })
}

impl Harness {
    /// Creates and executes a change set.
    async fn start(&self, kind: ChangeSetKind, body: &str, (tag, mode): (&str, DeploymentMode)) {
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
        let id = self.cloud.create_change_set(&request).await.expect("the change set is created");
        self.clock.sleep(Duration::from_secs(10)).await;
        self.cloud
            .execute_change_set(&id, &ClientRequestToken(format!("run-{tag}")), false)
            .await
            .expect("the change set is executed");
    }

    /// Returns the final status, and the seconds until then: 40 hours at most.
    async fn wait_for_end(&self) -> (String, u64) {
        let start = self.clock.now();
        for _ in 0..28_800 {
            self.clock.sleep(Duration::from_secs(5)).await;
            let status = self.cloud.describe_stack("web").await.unwrap().map(|stack| stack.status.to_string());
            let status = status.unwrap_or_else(|| "deleted".to_owned());
            if !status.ends_with("IN_PROGRESS") {
                return (status, self.clock.now().since(start).as_secs());
            }
        }
        panic!("the operation does not end");
    }

    /// Creates the stack. Returns its final status, and the seconds until then.
    async fn create(&self, body: &str) -> (String, u64) {
        self.start(ChangeSetKind::Create, body, ("1", DeploymentMode::Standard)).await;
        self.wait_for_end().await
    }

    /// Updates the stack to an image. Returns its final status, and the seconds until then.
    async fn update(&self, tag: &str) -> (String, u64) {
        self.start(ChangeSetKind::Update, WEB, (tag, DeploymentMode::Standard)).await;
        self.wait_for_end().await
    }

    /// Returns the service.
    async fn service(&self) -> crate::deploy::api::EcsService {
        let resources = self.cloud.resources("web").await.unwrap();
        let arn = resources.into_iter().find(|it| it.logical_id == "Web").and_then(|it| it.physical_id);
        self.cloud.services(&[arn.expect("it has an ARN")]).await.unwrap().remove(0)
    }

    /// Returns the first event of a failure.
    async fn failure(&self) -> StackEvent {
        let events = self.cloud.events("web", None).await.unwrap().events;
        events.into_iter().rev().find(|it| it.status.as_str().ends_with("_FAILED")).expect("something failed")
    }
}

/// Returns an account in which the stack was created.
fn account_with_stack() -> AccountState {
    run_scenario(None, None, async |harness| assert_eq!(harness.create(WEB).await.0, "CREATE_COMPLETE")).1
}

#[test]
fn creation_waits_for_its_service_and_deletion_leaves_no_task() {
    let (arn, state) = run_scenario(Some(account_with_stack()), None, async |harness| {
        let web = harness.service().await;
        assert_eq!((web.running, web.deployments[0].rollout.as_ref()), (2, Some(&RolloutState::Completed)));
        let tasks = harness.cloud.tasks(&web.arn, TaskFilter::Running).await.unwrap();
        let stream = format!("it/app/{}", tasks[0].id());
        assert!(harness.cloud.tail("web", &stream, 1).await.unwrap()[0].text.contains("startup complete"));
        assert_eq!(harness.cloud.alarms(&["too-slow".to_owned()], &[]).await.unwrap()[0].state, AlarmState::Ok);
        harness.cloud.delete_stack("web", &ClientRequestToken("go".to_owned()), &[]).await.unwrap();
        let (status, took) = harness.wait_for_end().await;
        assert_eq!(status, "deleted");
        assert!(took > 20, "targets are drained first: {took} s");
        assert!(harness.cloud.services(std::slice::from_ref(&web.arn)).await.unwrap().is_empty());
        assert!(harness.cloud.tail("web", &stream, 1).await.unwrap().is_empty(), "the log group is deleted");
        assert_eq!(harness.cloud.scalable_target("service/x/web").await.unwrap(), None);
        web.arn
    });
    assert_eq!((state.task_count(), state.existing_resources().len()), (0, 0), "{arn}");
}

#[test]
fn creation_stopped_by_the_circuit_breaker_fails_and_is_rolled_back() {
    let ((), state) = run_scenario(None, Some(TaskFault::ImageNotFound), async |harness| {
        assert_eq!(harness.create(WEB).await.0, "ROLLBACK_COMPLETE");
        let failure = harness.failure().await;
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
fn service_without_circuit_breaker_fails_after_36_hours() {
    let body = WEB.replace("Enable: true", "Enable: false");
    let ((), state) = run_scenario(None, Some(TaskFault::Exit(3)), async |harness| {
        let (status, took) = harness.create(&body).await;
        assert_eq!(status, "ROLLBACK_COMPLETE");
        assert!((129_600..130_200).contains(&took), "{took} s");
        assert!(harness.failure().await.reason.unwrap().contains("NotStabilized"));
    });
    assert_eq!((state.task_count(), state.existing_resources().len()), (0, 0));
}

#[test]
fn update_stopped_by_the_circuit_breaker_restores_old_tasks_and_the_next_one_succeeds() {
    let ((), state) = run_scenario(Some(account_with_stack()), Some(TaskFault::Exit(1)), async |harness| {
        let before = harness.service().await.task_definition;
        assert_eq!(harness.update("2").await.0, "UPDATE_ROLLBACK_COMPLETE");
        let web = harness.service().await;
        assert_eq!((&web.task_definition, web.running, web.deployments.len()), (&before, 2, 1));
        let tasks = harness.cloud.tasks(&web.arn, TaskFilter::Running).await.unwrap();
        assert!(tasks.iter().all(|task| task.task_definition == before && task.status == TaskStatus::Running));
        let deregistered =
            harness.cloud.task_definition("web:2").await.unwrap().expect("AWS keeps a deregistered task definition");
        assert_eq!(deregistered.status, "INACTIVE");
    });
    let ((), state) = run_scenario(Some(state), None, async |harness| {
        assert_eq!(harness.update("3").await.0, "UPDATE_COMPLETE");
        assert!(harness.service().await.task_definition.ends_with("web:3"), "no revision is used twice");
    });
    assert_eq!(state.task_count(), 2);
}

#[test]
fn update_rolled_back_by_ecs_is_complete_and_has_drift() {
    run_scenario(Some(account_with_stack()), Some(TaskFault::RolledBackByEcs), async |harness| {
        assert_eq!(harness.update("2").await.0, "UPDATE_COMPLETE");
        assert!(harness.service().await.task_definition.ends_with("web:1"));
        assert_eq!(drifted(harness).await, ["Web.TaskDefinition"]);
    });
}

/// Returns the properties that differ from the stack's template.
async fn drifted(harness: &Harness) -> Vec<String> {
    let detection = harness.cloud.detect_drift("web").await.unwrap();
    while !harness.cloud.drift_detection(&detection).await.unwrap().done {
        harness.clock.sleep(Duration::from_secs(2)).await;
    }
    let drifts = harness.cloud.drifts("web").await.unwrap();
    let differing = drifts.into_iter().filter(|it| it.status == DriftStatus::Modified);
    let paths = differing.flat_map(|it| {
        let id = it.logical_id;
        it.differences.into_iter().map(move |difference| format!("{id}.{}", difference.path.trim_start_matches('/')))
    });
    paths.collect()
}

#[test]
fn express_deployment_ends_once_the_service_exists_and_ecs_continues() {
    run_scenario(None, None, async |harness| {
        harness.start(ChangeSetKind::Create, WEB, ("1", DeploymentMode::Express)).await;
        assert_eq!(harness.wait_for_end().await.0, "CREATE_COMPLETE");
        assert_eq!(harness.service().await.deployments[0].rollout, Some(RolloutState::InProgress));
        harness.clock.sleep(Duration::from_mins(2)).await;
        assert_eq!(harness.service().await.deployments[0].rollout, Some(RolloutState::Completed));
    });
}

#[test]
fn out_of_band_update_moves_tasks_and_a_deployment_removes_its_drift() {
    run_scenario(Some(account_with_stack()), None, async |harness| {
        let web = harness.service().await;
        let edit = crate::deploy::api::ContainerOverride {
            container: "app".to_owned(),
            image: Some("ghcr.io/tiles/web:9".to_owned()),
            ..Default::default()
        };
        let revised = harness.cloud.revise(&web.task_definition, &[edit]).await.unwrap();
        let change = UpdateServiceRequest {
            task_definition: Some(revised.clone()),
            desired: Some(3),
            ..UpdateServiceRequest::default()
        };
        harness.cloud.update_service(&web.arn, &change).await.unwrap();
        harness.clock.sleep(Duration::from_mins(5)).await;
        let tasks = harness.cloud.tasks(&web.arn, TaskFilter::Running).await.unwrap();
        assert!(tasks.len() == 3 && tasks.iter().all(|task| task.task_definition == revised));
        let mut found = drifted(harness).await;
        found.sort();
        assert_eq!(found, ["Web.DesiredCount", "Web.TaskDefinition"]);
        let resource = web.arn.split_once(":service/").map(|(_, rest)| format!("service/{rest}")).unwrap();
        let range = ScalableTarget { min: 4, max: 8 };
        harness.cloud.set_scalable_target(&resource, range).await.unwrap();
        assert_eq!(harness.cloud.scalable_target(&resource).await.unwrap(), Some(range));
        harness.clock.sleep(Duration::from_mins(3)).await;
        assert_eq!(harness.service().await.running, 4);
        assert_eq!(harness.update("5").await.0, "UPDATE_COMPLETE");
        let service = harness.service().await;
        assert_eq!((service.desired, drifted(harness).await.contains(&"Web.TaskDefinition".to_owned())), (2, false));
        assert!(harness.cloud.execute_command("t", "app", "sh").await.unwrap_err().help.is_some());
    });
}

#[test]
fn image_that_tasks_cannot_pull_is_reported_as_missing() {
    run_scenario(Some(account_with_stack()), Some(TaskFault::ImageNotFound), async |harness| {
        harness.start(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
        harness.clock.sleep(Duration::from_secs(30)).await;
        assert_eq!(harness.cloud.image("ghcr.io/tiles/web:2").await, ImageStatus::Missing);
        assert_eq!(harness.cloud.image("ghcr.io/tiles/web:1").await, ImageStatus::Found);
    });
}

/// Returns the events of an update that is rolled back, read every few seconds, and saved and loaded in between or not.
fn events_of(step: u64, saved: bool) -> Vec<(Timestamp, String)> {
    let advance = async |harness: &Harness, seconds: u64| {
        for _ in 0..seconds / step {
            harness.clock.sleep(Duration::from_secs(step)).await;
            harness.service().await;
        }
    };
    let task_fault = Some(TaskFault::Unhealthy(503));
    let (events, _) = if saved {
        let ((), state) = run_scenario(Some(account_with_stack()), task_fault, async |harness| {
            harness.start(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
            advance(harness, 60).await;
        });
        let text = serde_json::to_string(&state).unwrap();
        let loaded = AccountState::read(&text).unwrap();
        // The tasks still have the fault, even if the second run does not request it.
        run_scenario(Some(loaded), None, async |harness| {
            advance(harness, 840).await;
            harness.service().await.events
        })
    } else {
        run_scenario(Some(account_with_stack()), task_fault, async |harness| {
            harness.start(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
            advance(harness, 960).await;
            harness.service().await.events
        })
    };
    assert!(events.iter().any(|event| event.message.contains("rolling back to deployment")), "{events:#?}");
    events.into_iter().map(|event| (event.time, event.message)).collect()
}

#[test]
fn events_do_not_depend_on_reads_and_saves() {
    let first = events_of(60, false);
    assert_eq!(events_of(4, false), first);
    assert_eq!(events_of(20, true), first);
}

/// Returns the reason why a changed account is not read.
fn refusal(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let ((), state) = run_scenario(Some(account_with_stack()), None, async |harness| {
        harness.start(ChangeSetKind::Update, WEB, ("2", DeploymentMode::Standard)).await;
        harness.clock.sleep(Duration::from_mins(1)).await;
    });
    let mut written = serde_json::to_value(&state).unwrap();
    change(&mut written);
    AccountState::read(&written.to_string()).unwrap_err()
}

#[test]
fn account_that_could_not_be_simulated_is_not_read() {
    let reason = refusal(|account| account["ecs"]["services"][0]["deployments"] = serde_json::json!([]));
    assert!(reason.starts_with("the service ") && reason.ends_with(" has no deployment"), "{reason}");
    let reason = refusal(|account| account["ecs"]["services"][0]["tasks"][0]["reported"]["status"] = "X".into());
    assert!(reason.ends_with("has the unknown status `X`"), "{reason}");
    let reason = refusal(|account| {
        let tasks = account["ecs"]["services"][0]["tasks"].as_array_mut().unwrap();
        let starting = tasks.iter_mut().find(|task| task["state"] == "Starting").unwrap();
        starting["events"] = serde_json::json!([]);
    });
    assert!(reason.ends_with("is not stopped and has no next event"), "{reason}");
    let reason = refusal(|account| account["ecs"]["services"] = serde_json::json!([]));
    assert!(reason.ends_with("waits for a service that does not exist"), "{reason}");
    let reason = refusal(|account| account["stacks"][0]["operation"]["steps"][0]["needs"] = serde_json::json!([99]));
    assert!(reason.ends_with("needs a step that does not exist"), "{reason}");
    let reason = refusal(|account| account["stacks"][0]["operation"] = serde_json::Value::Null);
    assert_eq!(reason, "the stack `web` is UPDATE_IN_PROGRESS, but has no operation");
    let reason = refusal(|account| {
        let resources = account["stacks"][0]["resources"].as_object_mut().unwrap();
        let task = resources.values_mut().find(|it| it["kind"] == "AWS::ECS::TaskDefinition").unwrap();
        task["physical_id"] = "".into();
    });
    assert!(reason.ends_with("of the stack `web` has an empty physical id"), "{reason}");
}

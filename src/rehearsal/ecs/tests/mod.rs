//! Services in virtual time, without CloudFormation. `failures` has the failures, `traffic_shift` the deployments that shift traffic.

mod failures;
mod traffic_shift;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{EcsState, Health, ServiceSpec, Spec};
use crate::deploy::api::status::{RolloutState, ServiceStatus, TargetState};
use crate::deploy::api::{
    EcsService, LogQuery, RunTaskRequest, ScalableTarget, Task, TaskFilter, Timestamp, UpdateServiceRequest,
};
use crate::rehearsal::faults::TaskFault;

const WEB: &str = "arn:aws:ecs:eu-west-1:123456789012:service/tiles/web";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef";
const SEED: u64 = 5;

fn definition(revision: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{revision}")
}

fn containers(image: &str) -> Json {
    json!({ "Family": "web", "Cpu": "256", "Memory": "512", "ContainerDefinitions": [{
        "Name": "app", "Image": image, "PortMappings": [{ "ContainerPort": 80 }],
        "Secrets": [{ "Name": "KEY", "ValueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf" }],
        "LogConfiguration": { "LogDriver": "awslogs", "Options": { "awslogs-group": "web", "awslogs-stream-prefix": "it" } }
    }] })
}

/// Returns the properties of a service behind a target group that is checked every 10 s and drained for 30 s.
fn service(revision: u32, extra: &Json) -> Json {
    let mut properties = json!({
        "TaskDefinition": definition(revision), "DesiredCount": 5,
        "LoadBalancers": [{ "TargetGroupArn": GROUP, "ContainerName": "app", "ContainerPort": 80 }]
    });
    for (name, value) in extra.as_object().into_iter().flatten() {
        properties[name.as_str()] = value.clone();
    }
    properties
}

/// The services of an account in virtual time.
struct Harness {
    ecs: EcsState,
    now: Timestamp,
}

impl Harness {
    fn new() -> Self {
        let mut ecs = EcsState::default();
        for revision in 1..4 {
            let number = ecs.next_revision("eu-west-1", "web");
            assert_eq!(number, revision);
            ecs.register(&definition(revision), &containers(&format!("ghcr.io/tiles/web:{revision}")));
        }
        Self { ecs, now: Timestamp::from_secs(1_000_000) }
    }

    /// Creates a harness whose service runs its first revision.
    fn steady(extra: &Json) -> Self {
        let mut harness = Self::new();
        let deployment = harness.apply_service(1, extra, None);
        harness.wait(&deployment, Health::Stable);
        harness
    }

    fn apply_service(&mut self, revision: u32, extra: &Json, task_fault: Option<TaskFault>) -> String {
        let group = json!({
            "HealthCheckIntervalSeconds": 10, "HealthCheckPath": "/healthz",
            "TargetGroupAttributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": "30" }]
        });
        let spec = Spec::read(&service(revision, extra), |_| Some(&group));
        self.ecs.apply_service(
            ServiceSpec { arn: WEB, logical_id: "Web", spec, task_fault, is_loaded: false },
            self.now,
            SEED,
        )
    }

    fn advance_to(&mut self, end: Timestamp) {
        while let Some(at) = self.ecs.next_event().filter(|at| *at <= end) {
            self.ecs.advance(at, SEED);
        }
        self.now = end;
    }

    fn advance(&mut self, seconds: u64) {
        self.advance_to(self.now + Duration::from_secs(seconds));
    }

    /// Returns the seconds until a service has that health; an hour at most.
    fn wait(&mut self, deployment: &str, health: Health) -> u64 {
        for second in 0..3600 {
            if self.ecs.health(WEB, deployment) == Some(health) {
                return second;
            }
            self.advance(1);
        }
        panic!("never {health:?}: {:#?}", self.web());
    }

    fn web(&self) -> EcsService {
        self.ecs.service(WEB).expect("the service exists")
    }

    fn stopped(&self) -> Vec<Task> {
        self.ecs.tasks(WEB, TaskFilter::Stopped, self.now)
    }

    fn running(&self) -> Vec<Task> {
        self.ecs.tasks(WEB, TaskFilter::Running, self.now)
    }

    fn events_with(&self, text: &str) -> usize {
        self.web().events.iter().filter(|event| event.message.contains(text)).count()
    }

    fn healthy(&self) -> usize {
        self.ecs.target_health(GROUP).iter().filter(|target| target.state == TargetState::Healthy).count()
    }

    fn lines(&self, task: &Task) -> String {
        let stream = format!("it/app/{}", task.id());
        let lines = self.ecs.tail(("eu-west-1", "web"), &stream, 100, self.now + Duration::from_secs(1));
        lines.into_iter().map(|line| line.text + "\n").collect()
    }
}

fn rules(minimum: u32, maximum: u32) -> Json {
    json!({ "DeploymentConfiguration": { "MinimumHealthyPercent": minimum, "MaximumPercent": maximum } })
}

fn breaker(rollback: bool) -> Json {
    json!({ "DeploymentConfiguration": { "DeploymentCircuitBreaker": { "Enable": true, "Rollback": rollback } } })
}

#[test]
fn new_service_is_stable_after_its_slowest_start_and_one_health_check() {
    let mut harness = Harness::new();
    let deployment = harness.apply_service(1, &json!({}), None);
    harness.advance(10);
    assert_eq!((harness.web().desired, harness.web().pending, harness.web().running), (5, 5, 0));
    let took = 10 + harness.wait(&deployment, Health::Stable);
    let slowest =
        harness.running().iter().map(|task| task.started.unwrap().since(task.created.unwrap())).max().unwrap();
    assert!((20..=60).contains(&slowest.as_secs()), "{slowest:?}");
    let expected = slowest.as_secs() + 10;
    assert!((expected..expected + 12).contains(&took), "{took} s, {slowest:?} to start");
    let web = harness.web();
    let rollout = (web.deployments[0].rollout.as_ref(), web.deployments[0].status.as_str());
    assert_eq!((web.running, web.pending, rollout), (5, 0, (Some(&RolloutState::Completed), "PRIMARY")));
    assert!(web.deployments[0].reason.as_ref().unwrap().ends_with("completed."));
    assert_eq!(
        (
            harness.events_with("has started 5 tasks: (task "),
            harness.events_with("registered 1 targets in (target-group arn:")
        ),
        (1, 5)
    );
    assert_eq!(
        (
            harness.events_with("deployment completed."),
            harness.events_with("(service web) has reached a steady state.")
        ),
        (1, 1)
    );
    assert!(harness.lines(&harness.running()[0]).contains("Listening at: http://0.0.0.0:80"));
}

#[test]
fn slower_check_and_longer_drain_slow_an_update_down() {
    let took = |interval: u64, deregistration_delay: &str| {
        let mut harness = Harness::new();
        let group = json!({
            "HealthCheckIntervalSeconds": interval,
            "TargetGroupAttributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": deregistration_delay }]
        });
        let apply_service = |harness: &mut Harness, revision| {
            let spec = Spec::read(&service(revision, &json!({})), |_| Some(&group));
            let service_spec = ServiceSpec { arn: WEB, logical_id: "Web", spec, task_fault: None, is_loaded: false };
            let deployment = harness.ecs.apply_service(service_spec, harness.now, SEED);
            harness.wait(&deployment, Health::Stable)
        };
        (apply_service(&mut harness, 1), apply_service(&mut harness, 2))
    };
    let (created, updated) = took(5, "30");
    let slower = took(30, "30").0 - created;
    assert!((25..=30).contains(&slower), "{slower} s for 25 s more between checks");
    let longer = took(5, "300").1 - updated;
    assert!((260..=280).contains(&longer), "{longer} s for 270 s more of draining");
}

/// Returns the most tasks and the fewest healthy ones of an update, and its duration in seconds.
fn extremes(minimum: u32, maximum: u32) -> (usize, usize, u64) {
    let mut harness = Harness::steady(&rules(minimum, maximum));
    let deployment = harness.apply_service(2, &rules(minimum, maximum), None);
    let (mut most, mut fewest) = (0, 5);
    for second in 0.. {
        (most, fewest) = (most.max(harness.ecs.task_count()), fewest.min(harness.healthy()));
        if harness.ecs.health(WEB, &deployment) == Some(Health::Stable) {
            assert!(harness.running().iter().all(|task| task.task_definition == definition(2)));
            return (most, fewest, second);
        }
        assert!(second < 3600, "it ends: {:#?}", harness.web());
        harness.advance(1);
    }
    unreachable!("the loop ends by itself")
}

#[test]
fn update_respects_the_percentages_of_its_service() {
    let (most, fewest, fast) = extremes(100, 200);
    assert_eq!((most, fewest), (10, 5), "all new ones with all old ones");
    let (most, fewest, slow) = extremes(50, 100);
    assert_eq!((most, fewest), (5, 3), "at least half, rounded up, and never more than desired");
    let (most, fewest, _) = extremes(100, 140);
    assert_eq!((most, fewest), (7, 5), "two more than desired");
    assert!(slow > 2 * fast, "batches one after the other: {slow} s and {fast} s");
}

#[test]
fn percentages_without_room_are_reported_and_no_task_changes() {
    let mut harness = Harness::steady(&rules(100, 100));
    harness.apply_service(2, &rules(100, 100), None);
    harness.advance(3600);
    assert_eq!(
        (harness.events_with("was unable to stop or start tasks during a deployment"), harness.healthy()),
        (1, 5)
    );
}

#[test]
fn deleted_service_drains_and_leaves_no_task() {
    let mut harness = Harness::steady(&json!({}));
    harness.ecs.delete_service(WEB, harness.now, SEED);
    harness.advance(10);
    assert_eq!(harness.web().status, ServiceStatus::Draining);
    let draining = harness.ecs.target_health(GROUP);
    assert!(draining.len() == 5 && draining.iter().all(|target| target.state == TargetState::Draining));
    let task = harness.stopped()[0].clone();
    assert!(harness.ecs.health(WEB, "").is_some(), "not before its targets are drained");
    harness.advance(80);
    assert_eq!((harness.ecs.service(WEB), harness.ecs.task_count()), (None, 0));
    assert!(harness.ecs.target_health(GROUP).is_empty());
    let listed = harness.ecs.task(&task.arn, harness.now).expect("AWS remembers it for an hour");
    assert_eq!(listed.containers[0].exit_code, Some(0));
    harness.advance(3700);
    assert_eq!(harness.ecs.task(&task.arn, harness.now), None);
}

#[test]
fn service_without_tasks_or_load_balancer_is_stable_at_once() {
    let mut harness = Harness::new();
    let deployment = harness.apply_service(1, &json!({ "DesiredCount": 0 }), None);
    assert!(harness.wait(&deployment, Health::Stable) < 6);
    let mut harness = Harness::new();
    let deployment = harness.apply_service(1, &json!({ "LoadBalancers": [] }), None);
    let took = harness.wait(&deployment, Health::Stable);
    let slowest =
        harness.running().iter().map(|task| task.started.unwrap().since(task.created.unwrap())).max().unwrap();
    assert!(took <= slowest.as_secs() + 10, "{took} s, {slowest:?} to start");
}

#[test]
fn container_health_check_decides_health() {
    let mut checked = containers("ghcr.io/tiles/web:1");
    checked["ContainerDefinitions"][0]["HealthCheck"] = json!({ "Interval": 20, "Retries": 2, "StartPeriod": 30 });
    for (task_fault, health) in [(None, "HEALTHY"), (Some(TaskFault::Silent), "UNHEALTHY")] {
        let mut harness = Harness::new();
        harness.ecs.register(&definition(1), &checked);
        harness.apply_service(1, &json!({ "LoadBalancers": [], "DesiredCount": 1 }), task_fault);
        harness.advance(140);
        let task = if task_fault.is_some() { harness.stopped()[0].clone() } else { harness.running()[0].clone() };
        assert_eq!(task.health.as_deref(), Some(health));
        let reason = task_fault.map(|_| "Task failed container health checks");
        assert_eq!(task.reason.as_deref(), reason);
    }
}

#[test]
fn scaling_bounds_and_update_service_change_the_desired_count() {
    let mut harness = Harness::steady(&json!({ "DesiredCount": 2 }));
    let at = (harness.now, SEED);
    harness.ecs.set_bounds(("eu-west-1", "service/tiles/web"), ScalableTarget { min: 4, max: 9 }, at);
    harness.advance(120);
    assert_eq!((harness.web().desired, harness.healthy(), harness.web().deployments.len()), (4, 4, 1));
    let change = UpdateServiceRequest { desired: Some(1), ..UpdateServiceRequest::default() };
    assert!(harness.ecs.update_service(WEB, &change, None, (harness.now, SEED)));
    harness.advance(120);
    assert_eq!((harness.web().running, harness.ecs.task_count()), (1, 1));
    assert_eq!(harness.events_with("has reached a steady state."), 3);
}

#[test]
fn stopped_task_is_replaced_and_forced_deployment_replaces_all() {
    let mut harness = Harness::steady(&json!({}));
    let first: BTreeSet<_> = harness.running().into_iter().map(|task| task.arn).collect();
    assert!(harness.ecs.stop(first.first().unwrap(), "by hand", (harness.now, SEED)));
    harness.advance(200);
    assert_eq!((harness.healthy(), harness.stopped()[0].code.as_deref()), (5, Some("UserInitiated")));
    let change = UpdateServiceRequest { force: true, ..UpdateServiceRequest::default() };
    harness.ecs.update_service(WEB, &change, Some(TaskFault::Exit(1)), (harness.now, SEED));
    harness.advance(300);
    let last: BTreeSet<_> = harness.running().into_iter().map(|task| task.arn).collect();
    assert!(last.len() == 5 && last.is_disjoint(&first));
}

#[test]
fn standalone_task_runs_and_writes_logs() {
    let mut harness = Harness::new();
    let request = RunTaskRequest {
        cluster: "tiles".to_owned(),
        task_definition: "web:2".to_owned(),
        network: None,
        container: "app".to_owned(),
        command: vec!["migrate".to_owned()],
        propagates_tags: false,
        started_by: "rtiler".to_owned(),
        token: None,
    };
    let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/tiles";
    let task = harness.ecs.run_task(cluster, &request, (None, None), (harness.now, SEED)).expect("it is placed");
    assert_eq!((task.status.as_str(), task.task_definition), ("PROVISIONING", definition(2)));
    harness.advance(120);
    let ended = harness.ecs.task(&task.arn, harness.now).expect("AWS still lists it");
    assert_eq!((ended.status.as_str(), ended.containers[0].exit_code), ("STOPPED", Some(0)));
    let query = LogQuery { group: "web".to_owned(), prefix: Some("it/app".to_owned()), ..LogQuery::default() };
    assert!(
        harness.ecs.search("eu-west-1", &query, harness.now).lines.iter().any(|line| line.text.contains("migrate"))
    );
}

#[test]
fn revision_has_the_next_number_and_its_edits() {
    let mut harness = Harness::new();
    let edit = crate::deploy::api::ContainerOverride {
        container: "app".to_owned(),
        image: Some("ghcr.io/tiles/web:9".to_owned()),
        ..Default::default()
    };
    let revised = harness.ecs.revise(&definition(1), &[edit]).expect("it exists");
    assert_eq!(revised, definition(4));
    let record = harness.ecs.definition(&revised, "web").expect("the family's latest");
    assert_eq!((record.containers[0].image.as_str(), record.cpu.as_deref()), ("ghcr.io/tiles/web:9", Some("256")));
    harness.ecs.deregister(&definition(1));
    assert_eq!(harness.ecs.definition(WEB, "web:1").unwrap().status, "INACTIVE");
    assert_eq!(harness.ecs.next_revision("eu-west-1", "web"), 5, "no number is used twice");
}

/// Returns the history of a failed deployment that is read every few seconds and saved now and then.
fn history(step: u64, saving: bool) -> Json {
    let mut harness = Harness::steady(&breaker(true));
    harness.advance_to(Timestamp::from_secs(1_000_400));
    harness.apply_service(2, &breaker(true), Some(TaskFault::Exit(3)));
    let end = harness.now + Duration::from_mins(15);
    while harness.now < end {
        harness.advance_to((harness.now + Duration::from_secs(step)).min(end));
        if saving {
            let saved = serde_json::to_string(&harness.ecs).unwrap();
            harness.ecs = serde_json::from_str(&saved).unwrap();
        }
    }
    serde_json::to_value(&harness.ecs).unwrap()
}

#[test]
fn history_does_not_depend_on_reads_and_saves() {
    let expected = history(900, false);
    assert_eq!(history(1, false), expected);
    assert_eq!(history(7, true), expected);
}

//! Deployments that shift traffic.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{GROUP, Harness, WEB, definition};
use crate::deploy::api::status::{LifecycleStage, ServiceDeploymentStatus as Status, TargetState};
use crate::deploy::api::{ServiceDeployment, TrafficPercent};
use crate::rehearsal::ecs::Health;
use crate::rehearsal::faults::{DeploymentStage, TaskFault};

const ALTERNATE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-alternate/0123456789abcdef";

/// Returns the properties of a service with this deployment configuration, behind a pair of target groups.
fn shifting(configuration: &Json, rule: &str) -> Json {
    let advanced = json!({
        "AlternateTargetGroupArn": ALTERNATE, "ProductionListenerRule": rule, "TestListenerRule": rule,
        "RoleArn": "arn:aws:iam::123456789012:role/infrastructure"
    });
    let balancer = json!({
        "TargetGroupArn": GROUP, "ContainerName": "app", "ContainerPort": 80, "AdvancedConfiguration": advanced
    });
    json!({ "DeploymentConfiguration": configuration, "LoadBalancers": [balancer] })
}

fn of_strategy(configuration: &Json) -> Json {
    shifting(configuration, "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/3")
}

fn blue_green(hooks: &Json) -> Json {
    let breaker = json!({ "Enable": true, "Rollback": true });
    of_strategy(&json!({
        "Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 5, "LifecycleHooks": hooks, "DeploymentCircuitBreaker": breaker
    }))
}

/// Returns the healthy targets of both target groups.
fn healthy(harness: &Harness) -> (usize, usize) {
    let count = |group: &str| {
        let targets = harness.ecs.target_health(group);
        targets.iter().filter(|target| target.state == TargetState::Healthy).count()
    };
    (count(GROUP), count(ALTERNATE))
}

fn shift(harness: &Harness) -> ServiceDeployment {
    harness.ecs.service_deployment(WEB).expect("the service shifts traffic")
}

/// Returns the stages with the traffic of the new tasks, each once, until the service has that health.
fn course(harness: &mut Harness, deployment: &str, health: Health) -> Vec<(String, String)> {
    let mut course: Vec<(String, String)> = Vec::new();
    for _ in 0..20_000 {
        let now = shift(harness);
        let step = (now.stage.unwrap().as_str().to_owned(), now.production.unwrap_or_default().to_string());
        if course.last() != Some(&step) {
            course.push(step);
        }
        if harness.ecs.health(WEB, deployment) == Some(health) {
            return course;
        }
        harness.advance(1);
    }
    panic!("never {health:?}: {course:?} {:#?}", harness.web());
}

fn shifts(course: &[(String, String)]) -> Vec<&str> {
    let of = course.iter().filter(|(stage, _)| stage == "PRODUCTION_TRAFFIC_SHIFT");
    of.map(|(_, part)| part.as_str()).collect()
}

#[test]
fn blue_green_deployment_goes_through_its_stages_and_exchanges_the_target_groups() {
    let mut harness = Harness::steady(&blue_green(&json!([])));
    assert_eq!(healthy(&harness), (0, 5), "the first deployment shifts to the alternate target group");
    let deployment = harness.apply_service(2, &blue_green(&json!([])), None);
    let start = harness.now;
    let course = course(&mut harness, &deployment, Health::Stable);
    let stages: Vec<&str> = course.iter().map(|(stage, _)| stage.as_str()).collect();
    let expected = DeploymentStage::ALL.map(DeploymentStage::name);
    assert_eq!(stages, expected[1..], "nothing is to be reconciled");
    assert_eq!(shifts(&course), ["100 %"]);
    assert!(harness.now.since(start) > Duration::from_mins(5), "the old tasks bake");
    assert_eq!(healthy(&harness), (5, 0));
    assert_eq!((shift(&harness).status, harness.web().target_groups.len()), (Status::Successful, 2));
    assert!(harness.running().iter().all(|task| task.task_definition == definition(2)));
}

#[test]
fn old_tasks_run_until_the_bake_time_is_over() {
    let mut harness = Harness::steady(&blue_green(&json!([])));
    let deployment = harness.apply_service(2, &blue_green(&json!([])), None);
    while shift(&harness).stage != Some(LifecycleStage::BakeTime) {
        harness.advance(1);
    }
    assert_eq!(healthy(&harness), (5, 5), "twice as many tasks run");
    assert_eq!(shift(&harness).wait(), Some(300));
    harness.advance(240);
    assert_eq!((healthy(&harness), harness.ecs.health(WEB, &deployment)), ((5, 5), Some(Health::Waiting)));
}

#[test]
fn canary_and_linear_deployments_shift_their_parts_with_pauses() {
    let canary = json!({ "CanaryPercent": 10.0, "CanaryBakeTimeInMinutes": 10 });
    let canary = json!({ "Strategy": "CANARY", "BakeTimeInMinutes": 0, "CanaryConfiguration": canary });
    let linear = json!({ "StepPercent": 40, "StepBakeTimeInMinutes": 6 });
    let linear = json!({ "Strategy": "LINEAR", "BakeTimeInMinutes": 0, "LinearConfiguration": linear });
    for (configuration, parts, minutes) in
        [(canary, vec!["10 %", "100 %"], 10), (linear, vec!["40 %", "80 %", "100 %"], 12)]
    {
        let mut harness = Harness::steady(&of_strategy(&configuration));
        let deployment = harness.apply_service(2, &of_strategy(&configuration), None);
        let start = harness.now;
        let course = course(&mut harness, &deployment, Health::Stable);
        assert_eq!(shifts(&course), parts);
        let took = harness.now.since(start);
        assert!(took > Duration::from_mins(minutes) && took < Duration::from_mins(minutes + 6), "{took:?}");
    }
}

#[test]
fn network_load_balancer_delays_each_shift() {
    let configuration = json!({ "Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 0 });
    let rule = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/web/1/2";
    let mut harness = Harness::new();
    let deployment = harness.apply_service(1, &shifting(&configuration, rule), None);
    let start = harness.now;
    course(&mut harness, &deployment, Health::Stable);
    assert!(harness.now.since(start) > Duration::from_mins(20), "test and production traffic wait 10 minutes each");
}

#[test]
fn failing_hook_rolls_back_before_users_get_to_the_new_tasks() {
    let hooks = json!([{ "LifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"] }]);
    let mut harness = Harness::steady(&blue_green(&hooks));
    let fault = TaskFault::HookFails(DeploymentStage::PostTestTrafficShift);
    let deployment = harness.apply_service(2, &blue_green(&hooks), Some(fault));
    let course = course(&mut harness, &deployment, Health::Refused);
    assert!(shifts(&course).is_empty(), "{course:?}");
    let failed = shift(&harness);
    assert_eq!((failed.status, failed.production), (Status::RollbackInProgress, Some(TrafficPercent::default())));
    assert!(failed.reason.unwrap().contains("hook failed at stage POST_TEST_TRAFFIC_SHIFT"));
    harness.advance(300);
    assert_eq!(healthy(&harness), (0, 5), "the old tasks were never stopped");
    assert!(harness.running().iter().all(|task| task.task_definition == definition(1)));
    assert_eq!(shift(&harness).status, Status::RollbackSuccessful);
    assert_eq!(harness.web().task_definition, definition(1));
}

#[test]
fn alarm_in_the_bake_time_rolls_back() {
    let mut harness = Harness::steady(&blue_green(&json!([])));
    let deployment = harness.apply_service(2, &blue_green(&json!([])), Some(TaskFault::AlarmGoesOff));
    let course = course(&mut harness, &deployment, Health::Refused);
    assert_eq!(course.last().unwrap().0, "BAKE_TIME", "{course:?}");
    harness.advance(300);
    assert_eq!(healthy(&harness), (0, 5));
}

#[test]
fn new_tasks_that_crash_never_get_traffic() {
    let mut harness = Harness::steady(&blue_green(&json!([])));
    let deployment = harness.apply_service(2, &blue_green(&json!([])), Some(TaskFault::Exit(1)));
    let course = course(&mut harness, &deployment, Health::CircuitBroken);
    assert!(course.iter().all(|(stage, part)| stage != "TEST_TRAFFIC_SHIFT" && part == "0 %"), "{course:?}");
    harness.advance(120);
    assert_eq!(healthy(&harness), (0, 5));
}

#[test]
fn deployment_during_another_one_first_stops_its_tasks() {
    let mut harness = Harness::steady(&blue_green(&json!([])));
    harness.apply_service(2, &blue_green(&json!([])), None);
    while shift(&harness).stage != Some(LifecycleStage::BakeTime) {
        harness.advance(1);
    }
    let deployment = harness.apply_service(3, &blue_green(&json!([])), None);
    let course = course(&mut harness, &deployment, Health::Stable);
    assert_eq!(course[0].0, "RECONCILE_SERVICE");
    assert!(harness.running().iter().all(|task| task.task_definition == definition(3)));
    assert_eq!(healthy(&harness), (5, 0));
}

#[test]
fn early_success_completes_a_rolling_deployment_before_the_old_tasks_are_gone() {
    let criteria = |cleanup: &str| {
        let early = json!({ "Enable": true, "HealthyPercent": 60, "SourceServiceRevisionCleanup": cleanup });
        json!({ "DeploymentConfiguration": { "MinimumHealthyPercent": 60, "EarlySuccessCriteria": early } })
    };
    let took = |extra: &Json| {
        let mut harness = Harness::steady(extra);
        let deployment = harness.apply_service(2, extra, None);
        harness.wait(&deployment, Health::Stable)
    };
    let (usual, deferred) = (took(&json!({})), took(&criteria("DEFERRED")));
    assert!(deferred < usual, "{deferred} s, and {usual} s without it");
}

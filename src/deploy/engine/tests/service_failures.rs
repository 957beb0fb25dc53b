//! Services whose tasks come to grief: the cause, the line, the ending, and how soon.

#![allow(clippy::print_stdout, reason = "the figures of the matrix: cargo test -- --nocapture shows them")]

use std::time::Duration;

use crate::deploy::engine::event::{CancelReason, DeployEventKind, ServiceEvent};
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::deploy::monitor::Diagnosis;
use crate::rehearsal::TaskFault;
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

const WEB: &str = r#"Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  Logs:
    Type: AWS::Logs::LogGroup
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      Cpu: "256"
      Memory: "512"
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec
      ContainerDefinitions:
        - Name: web
          Image: ghcr.io/developmentseed/titiler:0.24.0
          PortMappings:
            - ContainerPort: 80
          Environment:
            - Name: PASSWORD
              Value: not-for-anybody
          Secrets:
            - Name: TOKEN
              ValueFrom: arn:aws:ssm:eu-central-1:123456789012:parameter/token
          LogConfiguration:
            LogDriver: awslogs
            Options:
              awslogs-group: !Ref Logs
              awslogs-region: eu-central-1
              awslogs-stream-prefix: web
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      TargetType: ip
      VpcId: vpc-0123456789abcdef0
      HealthCheckPath: /healthz
      TargetGroupAttributes:
        - Key: deregistration_delay.timeout_seconds
          Value: "10"
  Alb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Alb
      Port: 80
      Protocol: HTTP
      DefaultActions:
        - Type: forward
          TargetGroupArn: !Ref Group
  Web:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      LaunchType: FARGATE
      NetworkConfiguration:
        AwsvpcConfiguration:
          Subnets: [subnet-0123456789abcdef0]
      LoadBalancers:
        - ContainerName: web
          ContainerPort: 80
          TargetGroupArn: !Ref Group
"#;

/// What goes wrong, the code of its problem, and the line of the template where that stands.
const MATRIX: &[(TaskFault, &str, &str)] = &[
    (TaskFault::ImageNotFound, "task-image-not-found", "Image: ghcr.io"),
    (TaskFault::ImageDenied, "task-image-denied", "Image: ghcr.io"),
    (TaskFault::NoRoute, "task-no-route", "Subnets: [subnet-0123456789abcdef0]"),
    (TaskFault::SecretUnreadable, "task-secret-unreadable", "- Name: TOKEN"),
    (TaskFault::OutOfMemory, "task-out-of-memory", "Memory: \"512\""),
    (TaskFault::Exit(3), "task-exited", "Image: ghcr.io"),
    (TaskFault::Unhealthy(503), "task-unhealthy", "HealthCheckPath: /healthz"),
    (TaskFault::Silent, "task-unhealthy", "HealthCheckPath: /healthz"),
    (TaskFault::NoCapacity, "task-no-capacity", "LaunchType: FARGATE"),
];

pub(crate) fn web() -> DesiredStack {
    stack("web", WEB)
}

/// The same with another image.
pub(crate) fn newer() -> DesiredStack {
    stack("web", &WEB.replace("titiler:0.24.0", "titiler:0.25.0"))
}

fn outcome(played: &RunReport) -> &StackOutcome {
    &played.outcome.stacks[0]
}

fn diagnoses(played: &RunReport) -> Vec<&Diagnosis> {
    let told = played.events.iter().filter_map(|event| match &event.kind {
        DeployEventKind::Service(ServiceEvent::Diagnosed { diagnosis }) => Some(diagnosis),
        _ => None,
    });
    told.collect()
}

/// The problem's code and the line that it stands at.
fn problem(played: &RunReport, template: &str) -> (&'static str, String) {
    let problem = &outcome(played).problems[0];
    let line = problem.origin().expect("a place").line;
    (problem.code.as_str(), template.lines().nth(line as usize - 1).expect("a line").trim().to_owned())
}

fn gave_up(played: &RunReport) -> bool {
    played.events.iter().any(|event| {
        matches!(&event.kind, DeployEventKind::CancelStarted { reason: CancelReason::TaskFailures { .. }, .. })
    })
}

/// How long after the first stopped task (or the first word of trouble) it was known what is wrong, and given up.
fn seconds(played: &RunReport) -> (u64, u64) {
    let told = diagnoses(played);
    let known = told[0].at.since(told[0].first).as_secs();
    let last = told.last().expect("a diagnosis");
    (known, last.at.since(last.first).as_secs())
}

#[test]
fn a_new_stack_whose_tasks_come_to_grief_is_explained_within_minutes_and_nothing_is_left() {
    for (trouble, code, line) in MATRIX {
        let stage = Harness::new(40);
        stage.fail_tasks("Web", *trouble);
        let played = stage.deploy(&[web()]);
        let (found, place) = problem(&played, WEB);
        assert_eq!(found, *code, "{trouble:?}: {:#?}", outcome(&played).problems);
        assert!(place.starts_with(line), "{trouble:?}: {place}");
        assert_eq!(outcome(&played).result, StackResult::RolledBack, "{trouble:?}");
        assert!(gave_up(&played), "{trouble:?}");
        let (known, given_up) = seconds(&played);
        println!(
            "create {trouble:?}: known after {known} s, given up after {given_up} s, ended after {:?}",
            played.took
        );
        assert!(given_up <= 600, "{trouble:?}: {given_up} s");
        assert_eq!((stage.status("web"), stage.resource_count()), (None, 0), "{trouble:?}: nothing is left");
        assert!(!serde_json::to_string(&played.events).unwrap().contains("not-for-anybody"));
    }
}

#[test]
fn an_update_whose_tasks_come_to_grief_is_explained_within_minutes_and_rolled_back() {
    for (trouble, code, line) in MATRIX {
        let stage = Harness::new(41);
        assert!(stage.deploy(&[web()]).outcome.is_success());
        let before = stage.state.borrow().existing_resources();
        stage.fail_tasks("Web", *trouble);
        let played = stage.deploy(&[newer()]);
        let (found, place) = problem(&played, WEB);
        assert_eq!(found, *code, "{trouble:?}: {:#?}", outcome(&played).problems);
        assert!(place.starts_with(line), "{trouble:?}: {place}");
        assert_eq!(outcome(&played).result, StackResult::RolledBack, "{trouble:?}");
        let (known, given_up) = seconds(&played);
        println!(
            "update {trouble:?}: known after {known} s, given up after {given_up} s, ended after {:?}",
            played.took
        );
        assert!(given_up <= 900, "{trouble:?}: {given_up} s");
        assert_eq!(stage.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"), "{trouble:?}");
        assert_eq!(stage.state.borrow().existing_resources(), before, "{trouble:?}: things are as they were");
        stage.task_faults.take();
        assert!(stage.deploy(&[newer()]).outcome.is_success(), "{trouble:?}: once it is mended it goes on");
    }
}

#[test]
fn a_healthy_service_is_watched_and_found_stable() {
    let stage = Harness::new(42);
    let played = stage.deploy(&[web()]);
    assert_eq!(outcome(&played).result, StackResult::Created, "{:#?}", outcome(&played).problems);
    let counts = played.events.iter().filter_map(|event| match &event.kind {
        DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) => Some(counts),
        _ => None,
    });
    let counts: Vec<_> = counts.collect();
    assert!(counts.len() > 1 && counts.last().unwrap().is_steady(), "{counts:#?}");
    assert!(diagnoses(&played).is_empty() && !gave_up(&played));
    assert!(
        !played
            .events
            .iter()
            .any(|event| matches!(&event.kind, DeployEventKind::Service(ServiceEvent::MonitoringUnavailable { .. })))
    );
}

#[test]
fn with_the_circuit_breaker_on_the_cause_is_known_as_soon_and_nobody_gives_up_before_it() {
    let breaker = WEB.replace(
        "      LaunchType: FARGATE\n",
        "      LaunchType: FARGATE\n      DeploymentConfiguration:\n        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n",
    );
    let newer = breaker.replace("titiler:0.24.0", "titiler:0.25.0");
    for trouble in [TaskFault::ImageNotFound, TaskFault::Exit(1), TaskFault::Unhealthy(500)] {
        let stage = Harness::new(43);
        stage.options.borrow_mut().max_task_failures = 0;
        assert!(stage.deploy(&[stack("web", &breaker)]).outcome.is_success());
        stage.fail_tasks("Web", trouble);
        let played = stage.deploy(&[stack("web", &newer)]);
        let breaks = played
            .of_aws("web")
            .into_iter()
            .find(|event| event.logical_id == "Web" && event.status.as_str().ends_with("FAILED"));
        let first = diagnoses(&played)[0];
        let broke = breaks.map(|event| event.time.since(first.first).as_secs());
        println!("{trouble:?}: known after {} s, the breaker {broke:?} s", first.at.since(first.first).as_secs());
        assert!(!gave_up(&played));
        assert!(!outcome(&played).result.is_success(), "{trouble:?}");
        let codes: Vec<_> = outcome(&played).problems.iter().map(|problem| problem.code.as_str()).collect();
        assert!(codes[0].starts_with("task-"), "{trouble:?}: {codes:?}");
    }
}

#[test]
fn what_ecs_put_back_by_itself_is_never_called_a_success() {
    let stage = Harness::new(44);
    assert!(stage.deploy(&[web()]).outcome.is_success());
    stage.options.borrow_mut().max_task_failures = 0;
    stage.fail_tasks("Web", TaskFault::RolledBackByEcs);
    let played = stage.deploy(&[newer()]);
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_COMPLETE"), "CloudFormation calls it a success");
    assert_eq!(outcome(&played).result, StackResult::Failed);
    let codes: Vec<_> = outcome(&played).problems.iter().map(|problem| problem.code.as_str()).collect();
    assert!(codes.contains(&"service-rolled-back"), "{codes:?}");
}

#[test]
fn a_destroyed_service_is_watched_while_it_drains() {
    let stage = Harness::new(45);
    stage.deploy(&[web()]);
    let played = stage.destroy(&[web()]);
    assert_eq!(outcome(&played).result, StackResult::Deleted);
    let drains = |event: &crate::deploy::engine::event::DeployEvent| matches!(&event.kind, DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) if counts.draining);
    assert!(played.events.iter().any(drains));
    assert_eq!(stage.resource_count(), 0);
}

#[test]
fn who_never_gives_up_waits_until_the_time_is_over() {
    let stage = Harness::new(46);
    stage.options.borrow_mut().max_task_failures = 0;
    stage.options.borrow_mut().timeout = Some(Duration::from_mins(30));
    stage.fail_tasks("Web", TaskFault::Exit(1));
    let played = stage.deploy(&[web()]);
    let codes: Vec<_> = outcome(&played).problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["deployment-timed-out", "task-exited"]);
    assert_eq!((&outcome(&played).result, stage.resource_count()), (&StackResult::RolledBack, 0));
    assert!(played.took >= Duration::from_mins(30) && played.took < Duration::from_mins(45), "{:?}", played.took);
}

//! Services with failing tasks: the cause, its line, the result, and the time to it.

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
              Value: secret-value
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

/// A fault, the code of its diagnostic, and the line of the template that is reported.
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

/// Returns the stack with another image.
pub(crate) fn newer() -> DesiredStack {
    stack("web", &WEB.replace("titiler:0.24.0", "titiler:0.25.0"))
}

fn outcome(report: &RunReport) -> &StackOutcome {
    &report.outcome.stacks[0]
}

fn diagnoses(report: &RunReport) -> Vec<&Diagnosis> {
    let emitted = report.events.iter().filter_map(|event| match &event.kind {
        DeployEventKind::Service(ServiceEvent::Diagnosed { diagnosis }) => Some(diagnosis),
        _ => None,
    });
    emitted.collect()
}

/// Returns the diagnostic's code and its line.
fn problem(report: &RunReport, template: &str) -> (&'static str, String) {
    let problem = &outcome(report).problems[0];
    let line = problem.origin().expect("a place").line;
    (problem.code.as_str(), template.lines().nth(line as usize - 1).expect("a line").trim().to_owned())
}

fn cancelled(report: &RunReport) -> bool {
    report.events.iter().any(|event| {
        matches!(&event.kind, DeployEventKind::CancelStarted { reason: CancelReason::TaskFailures { .. }, .. })
    })
}

/// Returns how long after the first sign of failure it was diagnosed, and the operation cancelled.
fn seconds(report: &RunReport) -> (u64, u64) {
    let emitted = diagnoses(report);
    let known = emitted[0].at.since(emitted[0].first).as_secs();
    let last = emitted.last().expect("a diagnosis");
    (known, last.at.since(last.first).as_secs())
}

#[test]
fn creation_with_failing_tasks_is_explained_within_minutes_and_deleted() {
    for (fault, code, line) in MATRIX {
        let harness = Harness::new(40);
        harness.fail_tasks("Web", *fault);
        let report = harness.deploy(&[web()]);
        let (found, reported_line) = problem(&report, WEB);
        assert_eq!(found, *code, "{fault:?}: {:#?}", outcome(&report).problems);
        assert!(reported_line.starts_with(line), "{fault:?}: {reported_line}");
        assert_eq!(outcome(&report).result, StackResult::RolledBack, "{fault:?}");
        assert!(cancelled(&report), "{fault:?}");
        let (known, cancelled_after) = seconds(&report);
        println!(
            "create {fault:?}: known after {known} s, cancelled after {cancelled_after} s, ended after {:?}",
            report.duration
        );
        assert!(cancelled_after <= 600, "{fault:?}: {cancelled_after} s");
        let cause = &outcome(&report).problems[0];
        assert!(cause.notes.iter().any(|note| note.ends_with("the stack was deleted")), "{fault:?}: {:?}", cause.notes);
        assert!(!cause.hints.iter().any(|hint| hint.contains("logs Web")), "{fault:?}: its logs are deleted");
        assert_eq!((harness.status("web"), harness.resource_count()), (None, 0), "{fault:?}: nothing is left");
        assert!(!serde_json::to_string(&report.events).unwrap().contains("secret-value"));
    }
}

#[test]
fn update_with_failing_tasks_is_explained_within_minutes_and_rolled_back() {
    for (fault, code, line) in MATRIX {
        let harness = Harness::new(41);
        assert!(harness.deploy(&[web()]).outcome.is_success());
        let before = harness.state.borrow().existing_resources();
        harness.fail_tasks("Web", *fault);
        let report = harness.deploy(&[newer()]);
        let (found, reported_line) = problem(&report, WEB);
        assert_eq!(found, *code, "{fault:?}: {:#?}", outcome(&report).problems);
        assert!(reported_line.starts_with(line), "{fault:?}: {reported_line}");
        assert_eq!(outcome(&report).result, StackResult::RolledBack, "{fault:?}");
        let (known, cancelled_after) = seconds(&report);
        println!(
            "update {fault:?}: known after {known} s, cancelled after {cancelled_after} s, ended after {:?}",
            report.duration
        );
        assert!(cancelled_after <= 900, "{fault:?}: {cancelled_after} s");
        assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"), "{fault:?}");
        assert_eq!(
            harness.state.borrow().existing_resources(),
            before,
            "{fault:?}: the resources are the same as before"
        );
        harness.task_faults.take();
        assert!(harness.deploy(&[newer()]).outcome.is_success(), "{fault:?}: the fixed script is deployed");
    }
}

#[test]
fn healthy_service_is_monitored_until_it_is_steady() {
    let harness = Harness::new(42);
    let report = harness.deploy(&[web()]);
    assert_eq!(outcome(&report).result, StackResult::Created, "{:#?}", outcome(&report).problems);
    let counts = report.events.iter().filter_map(|event| match &event.kind {
        DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) => Some(counts),
        _ => None,
    });
    let counts: Vec<_> = counts.collect();
    assert!(counts.len() > 1 && counts.last().unwrap().is_steady(), "{counts:#?}");
    assert!(diagnoses(&report).is_empty() && !cancelled(&report));
    assert!(
        !report
            .events
            .iter()
            .any(|event| matches!(&event.kind, DeployEventKind::Service(ServiceEvent::MonitoringUnavailable { .. })))
    );
}

#[test]
fn circuit_breaker_rolls_back_before_the_engine_cancels() {
    let breaker = WEB.replace(
        "      LaunchType: FARGATE\n",
        "      LaunchType: FARGATE\n      DeploymentConfiguration:\n        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n",
    );
    let newer = breaker.replace("titiler:0.24.0", "titiler:0.25.0");
    for fault in [TaskFault::ImageNotFound, TaskFault::Exit(1), TaskFault::Unhealthy(500)] {
        let harness = Harness::new(43);
        harness.options.borrow_mut().max_task_failures = 0;
        assert!(harness.deploy(&[stack("web", &breaker)]).outcome.is_success());
        harness.fail_tasks("Web", fault);
        let report = harness.deploy(&[stack("web", &newer)]);
        let breaks = report
            .stack_events("web")
            .into_iter()
            .find(|event| event.logical_id == "Web" && event.status.as_str().ends_with("FAILED"));
        let first = diagnoses(&report)[0];
        let broke = breaks.map(|event| event.time.since(first.first).as_secs());
        println!("{fault:?}: known after {} s, the breaker {broke:?} s", first.at.since(first.first).as_secs());
        assert!(!cancelled(&report));
        assert!(!outcome(&report).result.is_success(), "{fault:?}");
        let codes: Vec<_> = outcome(&report).problems.iter().map(|problem| problem.code.as_str()).collect();
        assert!(codes[0].starts_with("task-"), "{fault:?}: {codes:?}");
    }
}

#[test]
fn service_rolled_back_by_ecs_fails_the_deployment() {
    let harness = Harness::new(44);
    assert!(harness.deploy(&[web()]).outcome.is_success());
    harness.options.borrow_mut().max_task_failures = 0;
    harness.fail_tasks("Web", TaskFault::RolledBackByEcs);
    let report = harness.deploy(&[newer()]);
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_COMPLETE"), "CloudFormation calls it a success");
    assert_eq!(outcome(&report).result, StackResult::Failed);
    let codes: Vec<_> = outcome(&report).problems.iter().map(|problem| problem.code.as_str()).collect();
    assert!(codes.contains(&"service-rolled-back"), "{codes:?}");
}

#[test]
fn deleted_service_is_monitored_while_it_drains() {
    let harness = Harness::new(45);
    harness.deploy(&[web()]);
    let report = harness.destroy(&[web()]);
    assert_eq!(outcome(&report).result, StackResult::Deleted);
    let drains = |event: &crate::deploy::engine::event::DeployEvent| matches!(&event.kind, DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) if counts.draining);
    assert!(report.events.iter().any(drains));
    assert_eq!(harness.resource_count(), 0);
}

#[test]
fn deployment_without_a_failure_limit_ends_at_its_time_limit() {
    let harness = Harness::new(46);
    harness.options.borrow_mut().max_task_failures = 0;
    harness.options.borrow_mut().timeout = Some(Duration::from_mins(30));
    harness.fail_tasks("Web", TaskFault::Exit(1));
    let report = harness.deploy(&[web()]);
    let codes: Vec<_> = outcome(&report).problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["deployment-timed-out", "task-exited"]);
    assert_eq!((&outcome(&report).result, harness.resource_count()), (&StackResult::RolledBack, 0));
    assert!(
        report.duration >= Duration::from_mins(30) && report.duration < Duration::from_mins(45),
        "{:?}",
        report.duration
    );
}

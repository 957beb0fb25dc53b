use super::*;
use crate::deploy::api::status::{TargetState, TaskStatus};
use crate::deploy::api::{Container, EcsDeployment, EcsService};
use crate::testing::fixtures;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn service(running: u32, failed: u32) -> EcsService {
    let deployment = fixtures::deployment("PRIMARY", "IN_PROGRESS", 2);
    let deployments = vec![EcsDeployment { running, failed, created: Some(at(100)), ..deployment }];
    EcsService { running, deployments, ..fixtures::service(2) }
}

fn task(id: &str, created: i64, code: i32) -> Task {
    Task {
        arn: format!("arn:aws:ecs:eu-central-1:123456789012:task/main/{id}"),
        task_definition: "tiles:2".to_owned(),
        started_by: Some("ecs-svc/2".to_owned()),
        status: TaskStatus::Stopped,
        health: None,
        code: Some("EssentialContainerExited".to_owned()),
        reason: Some("Essential container in task exited".to_owned()),
        created: Some(at(created)),
        started: None,
        stopped: Some(at(created + 30)),
        zone: None,
        address: None,
        exec: false,
        containers: vec![Container {
            name: "web".to_owned(),
            status: None,
            health: None,
            exit_code: Some(code),
            reason: None,
            image: None,
            image_digest: None,
        }],
    }
}

fn observation(seconds: i64, live: EcsService, stopped: Vec<Task>) -> Observation {
    let log = |task: &Task| LogLine { stream: "web".to_owned(), time: at(0), text: format!("{} fails", task.id()) };
    let failures = stopped.into_iter().map(|it| (it.clone(), vec![log(&it)])).collect();
    Observation {
        service: "Tiles".to_owned(),
        at: at(seconds),
        live: Some(live),
        stopped: failures,
        targets: Vec::new(),
        shift: None,
    }
}

fn watchdog(max_task_failures: u32) -> Watchdog {
    let mut dog = Watchdog::new(max_task_failures);
    dog.started(at(100));
    dog
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    let name = |finding: &Finding| match finding {
        Finding::CountsChanged(_) => "counts",
        Finding::ServiceEvent { .. } => "event",
        Finding::TaskStopped { .. } => "stopped",
        Finding::TargetUnhealthy { .. } => "unhealthy",
        Finding::ShiftChanged { .. } => "shift",
        Finding::Diagnosed(_) => "diagnosed",
    };
    findings.iter().map(name).collect()
}

#[test]
fn each_finding_is_reported_once() {
    let mut dog = watchdog(3);
    let mut live = service(0, 1);
    live.events =
        vec![EcsEvent { id: "1".to_owned(), time: at(110), message: "(service tiles) has started 2 tasks".to_owned() }];
    let findings = dog.observe(observation(140, live.clone(), vec![task("a", 105, 1)]));
    assert_eq!(names(&findings), ["counts", "event", "stopped"]);
    assert_eq!(names(&dog.observe(observation(145, live, vec![task("a", 105, 1)]))), Vec::<&str>::new());
    assert_eq!(names(&dog.observe(observation(150, service(0, 2), Vec::new()))), ["counts"]);
}

#[test]
fn repeated_cause_is_a_diagnosis_and_becomes_fatal_at_the_limit() {
    let mut dog = watchdog(3);
    assert_eq!(names(&dog.observe(observation(140, service(0, 1), vec![task("a", 105, 1)]))), ["counts", "stopped"]);
    assert_eq!(names(&dog.observe(observation(170, service(0, 1), vec![task("b", 135, 1)]))), ["stopped", "diagnosed"]);
    assert_eq!(dog.fatal_diagnosis(), None);
    dog.observe(observation(200, service(0, 1), vec![task("c", 165, 1)]));
    let diagnosis = dog.fatal_diagnosis().expect("three tasks stopped");
    assert_eq!((diagnosis.times, diagnosis.first, diagnosis.cause.code), (3, at(135), Some(1)));
    assert_eq!(diagnosis.log[0].text, "c fails", "the log of the latest task");
    assert_eq!(watchdog(0).fatal_diagnosis(), None);
}

#[test]
fn different_causes_are_counted_separately() {
    let mut dog = watchdog(3);
    let mut oom = task("b", 105, 137);
    oom.containers[0].reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
    dog.observe(observation(140, service(0, 2), vec![task("a", 105, 1), oom, task("c", 105, 1)]));
    assert_eq!(dog.fatal_diagnosis(), None);
    assert_eq!(dog.diagnoses()[0].cause.kind, TaskFailureKind::Exited, "the most frequent one");
}

#[test]
fn task_created_before_the_operation_does_not_count() {
    let mut dog = watchdog(1);
    assert_eq!(names(&dog.observe(observation(140, service(2, 0), vec![task("old", 40, 1)]))), ["counts"]);
    assert_eq!(dog.fatal_diagnosis(), None);
}

#[test]
fn task_that_stops_during_a_rollback_is_reported_and_does_not_count() {
    let mut dog = watchdog(1);
    dog.rollback_started(at(103));
    assert_eq!(names(&dog.observe(observation(140, service(2, 0), vec![task("a", 105, 1)]))), ["counts", "stopped"]);
    assert_eq!(dog.fatal_diagnosis(), None);
}

#[test]
fn event_and_task_of_a_failed_health_check_are_one_failure_with_the_targets_answer() {
    let mut dog = watchdog(2);
    let mut seen = observation(140, service(2, 0), Vec::new());
    seen.targets = vec![TargetHealth {
        target: "10.0.1.5".to_owned(),
        port: Some(80),
        state: TargetState::Unhealthy,
        reason: Some("Target.ResponseCodeMismatch".to_owned()),
        description: Some("Health checks failed with these codes: [503]".to_owned()),
    }];
    assert_eq!(names(&dog.observe(seen.clone())), ["counts", "unhealthy"]);
    let mut stopped = task("a", 105, 0);
    stopped.code = Some("ServiceSchedulerInitiated".to_owned());
    stopped.reason = Some("Task failed ELB health checks in (target-group arn)".to_owned());
    let mut live = service(2, 0);
    live.events = vec![EcsEvent {
        id: "1".to_owned(),
        time: at(150),
        message:
            "(service tiles) (task a) (port 80) is unhealthy in (target-group arn) due to (reason Health checks failed)"
                .to_owned(),
    }];
    dog.observe(observation(150, live, vec![stopped]));
    assert_eq!(dog.fatal_diagnosis(), None);
    let diagnosis = &dog.diagnoses()[0];
    assert_eq!(
        (diagnosis.times, diagnosis.cause.kind, diagnosis.cause.code),
        (1, TaskFailureKind::TargetUnhealthy, Some(503))
    );
}

#[test]
fn missing_capacity_is_counted_by_attempts_or_by_time() {
    let fatal = |failed: u32, seconds: i64| {
        let mut dog = watchdog(3);
        let mut live = service(0, failed);
        live.events = vec![EcsEvent {
            id: "1".to_owned(),
            time: at(110),
            message: "(service tiles) was unable to place a task. Reason: Capacity is unavailable at this time."
                .to_owned(),
        }];
        dog.observe(observation(seconds, live, Vec::new()));
        dog.fatal_diagnosis().map(|it| (it.cause.kind, it.times))
    };
    assert_eq!(fatal(1, 120), None);
    assert_eq!(fatal(3, 120), Some((TaskFailureKind::NoCapacity, 3)));
    assert_eq!(fatal(0, 110 + 2 * 180), Some((TaskFailureKind::NoCapacity, 3)));
}

#[test]
fn task_of_an_older_deployment_does_not_count() {
    let mut dog = watchdog(1);
    let mut live = service(2, 0);
    live.deployments.push(EcsDeployment {
        id: "ecs-svc/1".to_owned(),
        created: Some(at(1)),
        ..live.deployments[0].clone()
    });
    let crashing = Task { started_by: Some("ecs-svc/1".to_owned()), ..task("old", 120, 1) };
    assert_eq!(names(&dog.observe(observation(140, live, vec![crashing.clone()]))), ["counts"]);
    assert!(!dog.is_new("Tiles", &crashing));
    assert_eq!(dog.fatal_diagnosis(), None);
}

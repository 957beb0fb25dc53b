use super::*;
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
        status: "STOPPED".to_owned(),
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
        }],
    }
}

fn look(seconds: i64, live: EcsService, stopped: Vec<Task>) -> Observation {
    let line = |task: &Task| LogLine { stream: "web".to_owned(), time: at(0), text: format!("{} fails", task.id()) };
    let stopped = stopped.into_iter().map(|task| (task.clone(), vec![line(&task)])).collect();
    Observation { service: "Tiles".to_owned(), at: at(seconds), live: Some(live), stopped, targets: Vec::new() }
}

fn watchdog(max_task_failures: u32) -> Watchdog {
    let mut dog = Watchdog::new(max_task_failures);
    dog.begins(at(100));
    dog
}

fn names(facts: &[DeployEventKind]) -> Vec<&'static str> {
    let name = |fact: &DeployEventKind| match fact {
        DeployEventKind::Service { .. } => "counts",
        DeployEventKind::ServiceEvent { .. } => "said",
        DeployEventKind::TaskStopped { .. } => "stopped",
        DeployEventKind::TargetUnhealthy { .. } => "unhealthy",
        DeployEventKind::Diagnosed { .. } => "diagnosed",
        _ => "other",
    };
    facts.iter().map(name).collect()
}

#[test]
fn each_thing_is_told_once() {
    let mut dog = watchdog(3);
    let mut live = service(0, 1);
    live.events =
        vec![EcsEvent { id: "1".to_owned(), time: at(110), message: "(service tiles) has started 2 tasks".to_owned() }];
    let told = dog.look(look(140, live.clone(), vec![task("a", 105, 1)]));
    assert_eq!(names(&told), ["counts", "said", "stopped"]);
    assert_eq!(names(&dog.look(look(145, live, vec![task("a", 105, 1)]))), Vec::<&str>::new());
    assert_eq!(names(&dog.look(look(150, service(0, 2), Vec::new()))), ["counts"]);
}

#[test]
fn a_cause_that_comes_back_is_a_diagnosis_and_in_the_end_a_reason_to_give_up() {
    let mut dog = watchdog(3);
    assert_eq!(names(&dog.look(look(140, service(0, 1), vec![task("a", 105, 1)]))), ["counts", "stopped"]);
    assert_eq!(names(&dog.look(look(170, service(0, 1), vec![task("b", 135, 1)]))), ["stopped", "diagnosed"]);
    assert_eq!(dog.gives_up(), None);
    dog.look(look(200, service(0, 1), vec![task("c", 165, 1)]));
    let diagnosis = dog.gives_up().expect("three tasks stopped");
    assert_eq!((diagnosis.times, diagnosis.first, diagnosis.cause.code), (3, at(135), Some(1)));
    assert_eq!(diagnosis.log[0].text, "c fails", "the last words of the last one");
    assert_eq!(watchdog(0).gives_up(), None);
}

#[test]
fn unlike_causes_are_not_added_up() {
    let mut dog = watchdog(3);
    let mut oom = task("b", 105, 137);
    oom.containers[0].reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
    dog.look(look(140, service(0, 2), vec![task("a", 105, 1), oom, task("c", 105, 1)]));
    assert_eq!(dog.gives_up(), None);
    assert_eq!(dog.diagnoses()[0].cause.kind, TaskFailureKind::Exited, "the one that shows most often");
}

#[test]
fn what_began_before_the_operation_is_not_its_doing() {
    let mut dog = watchdog(1);
    assert_eq!(names(&dog.look(look(140, service(2, 0), vec![task("old", 40, 1)]))), ["counts"]);
    assert_eq!(dog.gives_up(), None);
}

#[test]
fn what_stops_while_the_operation_is_undone_proves_nothing() {
    let mut dog = watchdog(1);
    dog.undoes(at(103));
    assert_eq!(names(&dog.look(look(140, service(2, 0), vec![task("a", 105, 1)]))), ["counts", "stopped"]);
    assert_eq!(dog.gives_up(), None);
}

#[test]
fn a_failed_health_check_is_one_grief_for_its_line_in_the_log_and_its_task_and_has_the_targets_answer() {
    let mut dog = watchdog(2);
    let mut seen = look(140, service(2, 0), Vec::new());
    seen.targets = vec![TargetHealth {
        target: "10.0.1.5".to_owned(),
        port: Some(80),
        state: "unhealthy".to_owned(),
        reason: Some("Target.ResponseCodeMismatch".to_owned()),
        description: Some("Health checks failed with these codes: [503]".to_owned()),
    }];
    assert_eq!(names(&dog.look(seen.clone())), ["counts", "unhealthy"]);
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
    dog.look(look(150, live, vec![stopped]));
    assert_eq!(dog.gives_up(), None);
    let diagnosis = &dog.diagnoses()[0];
    assert_eq!(
        (diagnosis.times, diagnosis.cause.kind, diagnosis.cause.code),
        (1, TaskFailureKind::TargetUnhealthy, Some(503))
    );
}

#[test]
fn no_capacity_is_said_once_and_counted_by_attempts_or_by_time() {
    let told = |failed: u32, seconds: i64| {
        let mut dog = watchdog(3);
        let mut live = service(0, failed);
        live.events = vec![EcsEvent {
            id: "1".to_owned(),
            time: at(110),
            message: "(service tiles) was unable to place a task. Reason: Capacity is unavailable at this time."
                .to_owned(),
        }];
        dog.look(look(seconds, live, Vec::new()));
        dog.gives_up().map(|it| (it.cause.kind, it.times))
    };
    assert_eq!(told(1, 120), None);
    assert_eq!(told(3, 120), Some((TaskFailureKind::NoCapacity, 3)));
    assert_eq!(told(0, 110 + 2 * 180), Some((TaskFailureKind::NoCapacity, 3)));
}

#[test]
fn tasks_of_the_deployment_before_are_not_this_ones_fault() {
    let mut dog = watchdog(1);
    let mut live = service(2, 0);
    live.deployments.push(EcsDeployment {
        id: "ecs-svc/1".to_owned(),
        created: Some(at(1)),
        ..live.deployments[0].clone()
    });
    let crashing = Task { started_by: Some("ecs-svc/1".to_owned()), ..task("old", 120, 1) };
    assert_eq!(names(&dog.look(look(140, live, vec![crashing.clone()]))), ["counts"]);
    assert!(!dog.is_new("Tiles", &crashing));
    assert_eq!(dog.gives_up(), None);
}

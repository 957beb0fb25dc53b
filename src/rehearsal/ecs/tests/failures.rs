//! Failures of tasks, and how ECS reacts.

use std::time::Duration;

use serde_json::json;

use super::{GROUP, Harness, WEB, breaker, containers, definition};
use crate::deploy::api::status::RolloutState;
use crate::rehearsal::ecs::Health;
use crate::rehearsal::faults::TaskFault;

#[test]
fn each_task_fault_stops_tasks_with_its_message() {
    let unhealthy = "Task failed ELB health checks in (target-group arn:";
    for (task_fault, code, reason, exit, log) in [
        (TaskFault::ImageNotFound, "TaskFailedToStart", "ghcr.io/tiles/web:1: not found", None, ""),
        (TaskFault::ImageDenied, "TaskFailedToStart", "403 Forbidden", None, ""),
        (TaskFault::NoRoute, "TaskFailedToStart", "i/o timeout", None, ""),
        (TaskFault::SecretUnreadable, "TaskFailedToStart", "unable to retrieve secret from asm", None, ""),
        (
            TaskFault::OutOfMemory,
            "EssentialContainerExited",
            "Essential container",
            Some(137),
            "Perhaps out of memory?",
        ),
        (TaskFault::Exit(1), "EssentialContainerExited", "Essential container", Some(1), "Traceback"),
        (TaskFault::Exit(3), "EssentialContainerExited", "Essential container", Some(3), "Worker failed to boot"),
        (TaskFault::Unhealthy(503), "ServiceSchedulerInitiated", unhealthy, None, "GET /healthz HTTP/1.1\" 503"),
        (TaskFault::Silent, "ServiceSchedulerInitiated", unhealthy, None, "127.0.0.1:8000"),
    ] {
        let mut harness = Harness::new();
        let deployment = harness.apply_service(1, &json!({}), Some(task_fault));
        harness.advance(420);
        let stopped =
            harness.stopped().pop().unwrap_or_else(|| panic!("{task_fault:?} stops tasks: {:#?}", harness.web()));
        assert_eq!(stopped.code.as_deref(), Some(code), "{task_fault:?}");
        assert!(stopped.reason.as_ref().unwrap().contains(reason), "{task_fault:?}: {:?}", stopped.reason);
        let killed = stopped.containers[0].exit_code.filter(|_| exit.is_some());
        assert_eq!((killed, stopped.started.is_some()), (exit, code != "TaskFailedToStart"), "{task_fault:?}");
        assert!(harness.lines(&stopped).contains(log), "{task_fault:?}: {}", harness.lines(&stopped));
        assert_eq!(harness.ecs.health(WEB, &deployment), Some(Health::Waiting), "{task_fault:?}: no circuit breaker");
        assert!(harness.web().deployments[0].failed > 0 && harness.healthy() == 0, "{task_fault:?}");
    }
}

#[test]
fn out_of_memory_is_the_reason_of_the_container() {
    let mut harness = Harness::new();
    harness.apply_service(1, &json!({}), Some(TaskFault::OutOfMemory));
    harness.advance(180);
    let reason = harness.stopped()[0].containers[0].reason.clone();
    assert_eq!(reason.as_deref(), Some("OutOfMemoryError: Container killed due to memory usage"));
}

#[test]
fn unhealthy_target_reports_its_code_and_is_stopped_after_the_grace_period() {
    let mut harness = Harness::new();
    harness.apply_service(1, &json!({ "HealthCheckGracePeriodSeconds": 120 }), Some(TaskFault::Unhealthy(503)));
    harness.advance(90);
    let targets = harness.ecs.target_health(GROUP);
    assert_eq!(targets.len(), 5);
    for target in targets {
        assert_eq!(
            (target.state.as_str(), target.reason.as_deref()),
            ("unhealthy", Some("Target.ResponseCodeMismatch"))
        );
        assert_eq!(target.description.as_deref(), Some("Health checks failed with these codes: [503]"));
    }
    assert!(harness.stopped().is_empty(), "no task is stopped in the grace period");
    harness.advance(120);
    let stopped = harness.stopped();
    assert!(stopped.iter().all(|task| harness.now.since(task.started.unwrap()) >= Duration::from_mins(2)));
    assert!(!stopped.is_empty());
    assert!(
        harness.events_with("is unhealthy in (target-group arn:") > 0
            && harness.events_with("has begun draining connections on") > 0
    );
}

#[test]
fn circuit_breaker_fails_a_deployment_after_three_failures_and_rolls_back_if_enabled() {
    for task_fault in [TaskFault::ImageNotFound, TaskFault::Exit(1), TaskFault::Unhealthy(500), TaskFault::NoCapacity] {
        for rollback in [false, true] {
            let mut harness = Harness::steady(&breaker(rollback));
            let deployment = harness.apply_service(2, &breaker(rollback), Some(task_fault));
            let took = harness.wait(&deployment, Health::CircuitBroken);
            assert!(took < 600, "{task_fault:?}: failed after {took} s");
            assert_eq!(
                harness.events_with(&format!("(deployment {deployment}) deployment failed: tasks failed to start.")),
                1
            );
            let failed = harness.web().deployments.iter().find(|it| it.id == deployment).unwrap().clone();
            assert_eq!(failed.rollout, Some(RolloutState::Failed), "{task_fault:?}");
            assert_eq!(failed.reason.as_deref(), Some("ECS deployment circuit breaker: tasks failed to start."));
            harness.advance(600);
            let web = harness.web();
            assert_eq!(
                (harness.healthy(), harness.events_with("rolling back to deployment ecs-svc/")),
                (5, usize::from(rollback))
            );
            assert!(harness.running().iter().all(|task| task.task_definition == definition(1)), "{task_fault:?}");
            if rollback {
                assert_eq!((web.task_definition, web.deployments.len()), (definition(1), 1));
                assert_eq!(web.deployments[0].rollout, Some(RolloutState::Completed));
            } else {
                assert_eq!((web.task_definition, web.deployments.len()), (definition(2), 2));
            }
        }
    }
}

#[test]
fn deployment_rolled_back_by_ecs_looks_stable() {
    let mut harness = Harness::steady(&json!({}));
    let deployment = harness.apply_service(2, &json!({}), Some(TaskFault::RolledBackByEcs));
    harness.wait(&deployment, Health::Stable);
    assert_eq!(harness.web().task_definition, definition(1));
    assert_eq!(harness.events_with("rolling back to deployment"), 1);
}

#[test]
fn completed_task_definition_has_no_fault() {
    let mut harness = Harness::steady(&json!({}));
    harness.apply_service(2, &json!({}), Some(TaskFault::Exit(1)));
    harness.advance(120);
    assert_eq!(harness.web().deployments.len(), 2);
    let back = harness.apply_service(1, &json!({}), Some(TaskFault::Exit(1)));
    harness.wait(&back, Health::Stable);
    assert_eq!((harness.web().deployments.len(), harness.healthy()), (1, 5));
}

#[test]
fn ecs_throttles_only_tasks_that_never_run() {
    let attempts = |task_fault| {
        let mut harness = Harness::new();
        harness.apply_service(1, &json!({ "DesiredCount": 1 }), Some(task_fault));
        harness.advance(3500);
        (harness.stopped().len(), harness.events_with("is unable to consistently start tasks successfully"))
    };
    let (unstartable, reports) = attempts(TaskFault::ImageNotFound);
    assert!((3..10).contains(&unstartable) && reports == 1, "{unstartable} attempts, {reports} events");
    let (crashing, reports) = attempts(TaskFault::Exit(1));
    assert!(crashing > 40 && reports == 0, "{crashing} attempts, {reports} events");
}

#[test]
fn service_without_capacity_places_no_task_and_one_event_reports_it() {
    let mut harness = Harness::new();
    harness.apply_service(1, &json!({}), Some(TaskFault::NoCapacity));
    harness.advance(3600);
    assert_eq!((harness.running().len(), harness.stopped().len()), (0, 0));
    assert_eq!(harness.events_with("was unable to place a task. Reason: Capacity is unavailable at this time."), 1);
    assert!(harness.web().deployments[0].failed >= 3);
}

#[test]
fn slow_start_survives_if_the_grace_period_is_long_enough() {
    for (grace, survives) in [(0, false), (60, false), (400, true)] {
        let mut harness = Harness::new();
        let properties = json!({ "HealthCheckGracePeriodSeconds": grace, "DesiredCount": 1 });
        harness.apply_service(1, &properties, Some(TaskFault::ReadyAfter(150)));
        harness.advance(60 + 150 + 5 * 30 + 40);
        assert_eq!((harness.healthy() == 1, harness.stopped().is_empty()), (survives, survives), "grace of {grace} s");
    }
}

#[test]
fn slow_start_survives_if_the_container_check_starts_late_enough() {
    for (start_period, survives) in [(0, false), (200, true)] {
        let mut checked = containers("ghcr.io/tiles/web:1");
        checked["ContainerDefinitions"][0]["HealthCheck"] =
            json!({ "Interval": 10, "Retries": 3, "StartPeriod": start_period });
        let mut harness = Harness::new();
        harness.ecs.register(&definition(1), &checked);
        let properties = json!({ "LoadBalancers": [], "DesiredCount": 1 });
        harness.apply_service(1, &properties, Some(TaskFault::ReadyAfter(150)));
        harness.advance(320);
        let is_healthy = harness.running().iter().any(|task| task.health.as_deref() == Some("HEALTHY"));
        assert_eq!((is_healthy, harness.stopped().is_empty()), (survives, survives), "{start_period} s");
    }
}

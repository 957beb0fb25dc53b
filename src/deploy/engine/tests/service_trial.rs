//! Services without a health check, whose tasks run and then exit.

use std::time::Duration;

use crate::deploy::engine::event::DeployEventKind;
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::rehearsal::TaskFault;
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

const WORKER: &str = "Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: worker
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: '256'
      Memory: '512'
      ContainerDefinitions:
        - {Name: worker, Image: 'example/worker:1'}
  Worker:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
";

fn worker(tag: u32) -> DesiredStack {
    stack("jobs", &WORKER.replace("worker:1", &format!("worker:{tag}")))
}

fn outcome(report: &RunReport) -> &StackOutcome {
    &report.outcome.stacks[0]
}

fn is_on_trial(report: &RunReport) -> bool {
    report.events.iter().any(|event| matches!(&event.kind, DeployEventKind::TrialStarted { .. }))
}

/// Returns the codes of the problems, and the notes of the first one.
fn problems(report: &RunReport) -> (Vec<&'static str>, String) {
    let problems = &outcome(report).problems;
    (problems.iter().map(|problem| problem.code.as_str()).collect(), problems[0].notes.join("; "))
}

#[test]
fn update_whose_tasks_exit_after_their_start_is_rolled_back_with_the_cause() {
    let faults = [(TaskFault::Exit(1), "task-exited"), (TaskFault::Exit(0), "task-exited")];
    for (fault, code) in faults.into_iter().chain([(TaskFault::OutOfMemory, "task-out-of-memory")]) {
        let harness = Harness::new(70);
        assert_eq!(outcome(&harness.deploy(&[worker(1)])).result, StackResult::Created);
        harness.fail_tasks("Worker", fault);
        let report = harness.deploy(&[worker(2)]);
        assert_eq!(outcome(&report).result, StackResult::RolledBack, "{fault:?}");
        let (codes, notes) = problems(&report);
        assert_eq!(codes, [code], "{fault:?}");
        assert!(notes.contains("`Worker` has no health check"), "{fault:?}: {notes}");
        let again = harness.deploy(&[worker(1)]);
        assert_eq!(outcome(&again).result, StackResult::Unchanged, "{fault:?}: the previous version runs");
    }
}

#[test]
fn creation_whose_tasks_exit_after_their_start_is_deleted() {
    let harness = Harness::new(71);
    harness.fail_tasks("Worker", TaskFault::Exit(3));
    let report = harness.deploy(&[worker(1)]);
    assert_eq!(outcome(&report).result, StackResult::RolledBack);
    assert_eq!((harness.status("jobs"), harness.resource_count()), (None, 0));
}

#[test]
fn service_whose_tasks_keep_running_passes_after_a_minute() {
    let harness = Harness::new(72);
    let report = harness.deploy(&[worker(1)]);
    assert!(is_on_trial(&report) && report.duration < Duration::from_mins(4), "{:?}", report.duration);
    let unchanged = harness.deploy(&[worker(1)]);
    assert!(!is_on_trial(&unchanged), "a service that the deployment does not change is not watched");
}

#[test]
fn service_with_a_container_health_check_is_not_on_trial() {
    let check = "Image: 'example/worker:1', HealthCheck: {Command: [CMD, check], Interval: 10}}";
    let template = WORKER.replace("Image: 'example/worker:1'}", check);
    let harness = Harness::new(73);
    let report = harness.deploy(&[stack("jobs", &template)]);
    assert_eq!((&outcome(&report).result, is_on_trial(&report)), (&StackResult::Created, false));
    let side = "        - {Name: side, Essential: false, Image: side, HealthCheck: {Command: [CMD, check]}}\n  Worker:";
    let other = WORKER.replacen("  Worker:", side, 1);
    let report = Harness::new(73).deploy(&[stack("jobs", &other)]);
    assert!(is_on_trial(&report), "ECS counts the checks of essential containers only");
}

#[test]
fn failing_service_without_rollback_is_left_with_its_cause() {
    let harness = Harness::new(74);
    harness.options.borrow_mut().disable_rollback = true;
    harness.fail_tasks("Worker", TaskFault::Exit(1));
    let report = harness.deploy(&[worker(1)]);
    assert_eq!(outcome(&report).result, StackResult::Failed);
    assert_eq!(harness.status("jobs").as_deref(), Some("CREATE_COMPLETE"));
    assert_eq!(problems(&report).0, ["task-exited"]);
}

#[test]
fn unchanged_stack_whose_tasks_stop_again_and_again_fails_with_the_cause() {
    let harness = Harness::new(76);
    harness.options.borrow_mut().disable_rollback = true;
    harness.fail_tasks("Worker", TaskFault::Exit(1));
    harness.deploy(&[worker(1)]);
    let report = harness.deploy(&[worker(1)]);
    assert_eq!(outcome(&report).result, StackResult::Failed);
    let (codes, notes) = problems(&report);
    assert_eq!(codes, ["task-exited"]);
    assert!(notes.contains("the stack has no changes"), "{notes}");
}

#[test]
fn failures_of_an_earlier_task_definition_do_not_fail_an_unchanged_stack() {
    let harness = Harness::new(77);
    harness.deploy(&[worker(1)]);
    harness.fail_tasks("Worker", TaskFault::Exit(1));
    assert_eq!(outcome(&harness.deploy(&[worker(2)])).result, StackResult::RolledBack);
    assert_eq!(outcome(&harness.deploy(&[worker(1)])).result, StackResult::Unchanged);
}

#[test]
fn cancellation_is_reported_at_its_time() {
    let harness = Harness::new(78);
    harness.deploy(&[worker(1)]);
    harness.fail_tasks("Worker", TaskFault::ImageNotFound);
    let report = harness.deploy(&[worker(2)]);
    let cancelled = report.events.iter().find(|it| matches!(it.kind, DeployEventKind::CancelStarted { .. }));
    let cancelled = cancelled.expect("the update is cancelled");
    assert_eq!(cancelled.kind.time(), None, "it has the time of the event itself");
}

#[test]
fn trial_without_a_failure_limit_ends_after_minutes() {
    let harness = Harness::new(75);
    harness.options.borrow_mut().max_task_failures = 0;
    harness.fail_tasks("Worker", TaskFault::Exit(1));
    let report = harness.deploy(&[worker(1)]);
    assert_eq!(problems(&report).0, ["deployment-timed-out", "task-exited"]);
    assert!(report.duration < Duration::from_mins(20), "{:?}", report.duration);
}

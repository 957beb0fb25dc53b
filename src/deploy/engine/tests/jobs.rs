//! Jobs that run before the services change.

use std::time::Duration;

use super::result;
use crate::deploy::api::{Ecs, TaskFilter};
use crate::deploy::engine::event::{DeployEventKind, JobEvent};
use crate::deploy::engine::outcome::StackResult;
use crate::deploy::engine::stop::StopRequest;
use crate::rehearsal::{FaultPoint, ResourceFault, TaskFault};
use crate::testing::before_deploy::shop;
use crate::testing::harness::{Harness, RunReport};

/// Returns the steps of the jobs, log lines left out.
fn steps(report: &RunReport) -> Vec<&JobEvent> {
    let steps = report.events.iter().filter_map(|event| match &event.kind {
        DeployEventKind::Job { step, .. } => Some(step),
        _ => None,
    });
    steps.filter(|step| !matches!(step, JobEvent::Log { .. })).collect()
}

fn codes(report: &RunReport) -> Vec<&'static str> {
    report.outcome.stacks[0].problems.iter().map(|problem| problem.code.as_str()).collect()
}

/// Returns the position of the first event of a resource, or of the end of the job.
fn position(report: &RunReport, is: impl Fn(&DeployEventKind) -> bool) -> usize {
    report.events.iter().position(|event| is(&event.kind)).expect("the event was emitted")
}

fn begins(report: &RunReport, id: &str) -> usize {
    position(report, |kind| matches!(kind, DeployEventKind::StackEvent { event } if event.logical_id == id))
}

fn job_ends(report: &RunReport) -> usize {
    position(report, |kind| matches!(kind, DeployEventKind::Job { step: JobEvent::Ended { .. }, .. }))
}

/// Returns the images of the running tasks of the service, each once.
fn running_images(harness: &Harness) -> Vec<String> {
    harness.with_api(async |api| {
        let resources = crate::deploy::api::CloudFormation::resources(&api, "shop").await.expect("an answer");
        let Some(web) = resources.iter().find(|resource| resource.logical_id == "Web") else { return Vec::new() };
        let arn = web.physical_id.as_deref().expect("it was created");
        let mut images = Vec::new();
        for task in api.tasks(arn, TaskFilter::Running).await.expect("an answer") {
            let definition = api.task_definition(&task.task_definition).await.expect("an answer");
            images.extend(definition.expect("it exists").containers.into_iter().map(|it| it.image));
        }
        images.dedup();
        images
    })
}

fn runs(harness: &Harness) -> usize {
    harness.with_api(async |api| {
        let all = [TaskFilter::Running, TaskFilter::Stopped];
        let mut count = 0;
        for which in all {
            let resources = crate::deploy::api::CloudFormation::resources(&api, "shop").await.unwrap_or_default();
            let cluster = resources.iter().find(|it| it.logical_id == "Cluster").and_then(|it| it.physical_id.clone());
            let cluster = cluster.unwrap_or_default();
            count += api.tasks_of_family(&cluster, "migrate", which).await.expect("an answer").len();
        }
        count
    })
}

#[test]
fn job_runs_after_what_it_needs_and_before_the_first_task() {
    let harness = Harness::new(1);
    let report = harness.deploy(&[shop("shop:1")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::Created, vec![]));
    let end = job_ends(&report);
    assert!(begins(&report, "DbIngress") < end && end < begins(&report, "Web"));
    assert!(matches!(steps(&report)[0], JobEvent::Started { resumed: false, .. }));
    let logged =
        report.events.iter().any(|it| matches!(&it.kind, DeployEventKind::Job { step: JobEvent::Log { .. }, .. }));
    assert!(logged, "its log is shown");
    let outputs: Vec<_> = report.outcome.stacks[0].outputs.iter().map(|output| output.key.as_str()).collect();
    assert_eq!(outputs, ["Url"], "the outputs of the first step are gone");
}

#[test]
fn job_runs_with_the_new_image_before_the_service_changes() {
    let harness = Harness::new(2);
    harness.deploy(&[shop("shop:1")]);
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::Updated, vec![]));
    let end = job_ends(&report);
    assert!(begins(&report, "MigrateTask") < end && end < begins(&report, "WebTask"));
    assert_eq!(running_images(&harness), ["shop:2"]);
    assert_eq!(result(&harness.deploy(&[shop("shop:2")]), "shop"), &StackResult::Unchanged);
}

#[test]
fn job_does_not_run_for_a_change_of_something_else() {
    let harness = Harness::new(3);
    harness.deploy(&[shop("shop:1")]);
    let mut desired = shop("shop:1");
    let changed = crate::testing::before_deploy::SHOP.replace("DesiredCount: 2", "DesiredCount: 3");
    desired.template = crate::testing::harness::stack("shop", &changed).template;
    let report = harness.deploy(&[desired]);
    assert_eq!((result(&report, "shop"), steps(&report).len()), (&StackResult::Updated, 0));
}

#[test]
fn failed_job_leaves_the_old_version_running_and_the_stack_as_it_was() {
    let harness = Harness::new(4);
    harness.deploy(&[shop("shop:1")]);
    let before = harness.state.borrow().existing_resources();
    harness.fail_tasks("MigrateTask", TaskFault::Exit(3));
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::RolledBack, vec!["job-failed"]));
    assert!(report.statuses("shop", "Web").is_empty(), "the service was not touched");
    assert_eq!(running_images(&harness), ["shop:1"]);
    let problem = &report.outcome.stacks[0].problems[0];
    assert_eq!(problem.origin().map(|origin| origin.line), Some(24));
    assert!(
        problem.message.contains("exited with code 3") && problem.notes.iter().any(|note| note.contains("last log"))
    );
    // The task definition has a new revision: it is registered again.
    let gone = before.difference(&harness.state.borrow().existing_resources()).count();
    assert!(gone <= 1, "{gone} resources were replaced");
    harness.task_faults.take();
    assert_eq!(result(&harness.deploy(&[shop("shop:2")]), "shop"), &StackResult::Updated);
}

#[test]
fn failed_job_of_a_first_deployment_deletes_the_stack() {
    for (fault, code) in [(TaskFault::Exit(1), "job-failed"), (TaskFault::ImageNotFound, "task-image-not-found")] {
        let harness = Harness::new(5);
        harness.fail_tasks("MigrateTask", fault);
        let report = harness.deploy(&[shop("shop:1")]);
        assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::RolledBack, vec![code]));
        assert_eq!((harness.status("shop"), harness.resource_count()), (None, 0));
    }
}

#[test]
fn job_that_hangs_is_stopped_after_its_timeout() {
    let harness = Harness::new(6);
    harness.deploy(&[shop("shop:1")]);
    harness.fail_tasks("MigrateTask", TaskFault::Hangs);
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::RolledBack, vec!["job-timed-out"]));
    assert!(report.duration > Duration::from_mins(10) && report.duration < Duration::from_mins(20));
    assert_eq!(running_images(&harness), ["shop:1"]);
}

#[test]
fn killed_run_is_resumed_and_a_job_that_succeeded_is_not_repeated() {
    let mut resumed = 0;
    for seconds in (5..240).step_by(9) {
        let harness = Harness::new(7);
        harness.deploy(&[shop("shop:1")]);
        let before = runs(&harness);
        harness.kill_after.set(Some(Duration::from_secs(seconds)));
        harness.deploy(&[shop("shop:2")]);
        let report = harness.deploy(&[shop("shop:2")]);
        let is_found = steps(&report)
            .iter()
            .any(|it| matches!(it, JobEvent::Found { .. } | JobEvent::Started { resumed: true, .. }));
        resumed += u32::from(is_found);
        assert!(report.outcome.is_success(), "killed after {seconds} s: {:?}", codes(&report));
        assert_eq!(running_images(&harness), ["shop:2"], "killed after {seconds} s");
        assert_eq!(runs(&harness) - before, 1, "killed after {seconds} s");
    }
    assert!(resumed > 3, "{resumed} runs continued a job");
}

#[test]
fn killed_first_deployment_is_resumed() {
    for seconds in [20, 60, 100, 160, 200] {
        let harness = Harness::new(8);
        harness.kill_after.set(Some(Duration::from_secs(seconds)));
        harness.deploy(&[shop("shop:1")]);
        let report = harness.deploy(&[shop("shop:1")]);
        assert!(report.outcome.is_success(), "killed after {seconds} s: {:?}", codes(&report));
        assert_eq!(
            (running_images(&harness), runs(&harness)),
            (vec!["shop:1".to_owned()], 1),
            "killed after {seconds} s"
        );
    }
}

#[test]
fn failure_of_the_last_step_restores_the_state_before_the_first() {
    let harness = Harness::new(9);
    harness.deploy(&[shop("shop:1")]);
    harness.fault(ResourceFault::once("Web", FaultPoint::Update, "no capacity"));
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!(result(&report, "shop"), &StackResult::RolledBack);
    let template = harness.with_api(async |api| crate::deploy::api::CloudFormation::template(&api, "shop").await);
    assert!(template.expect("an answer").contains("shop:1"), "the previous template is deployed");
    assert_eq!(running_images(&harness), ["shop:1"]);

    let harness = Harness::new(10);
    harness.fault(ResourceFault::once("Web", FaultPoint::Create, "no capacity"));
    let report = harness.deploy(&[shop("shop:1")]);
    assert_eq!((result(&report, "shop"), harness.resource_count()), (&StackResult::RolledBack, 0));
}

#[test]
fn failure_of_the_first_step_is_rolled_back_and_runs_no_job() {
    let harness = Harness::new(11);
    harness.fault(ResourceFault::once("DbIngress", FaultPoint::Create, "no such group"));
    let report = harness.deploy(&[shop("shop:1")]);
    assert_eq!((result(&report, "shop"), steps(&report).len()), (&StackResult::RolledBack, 0));
    assert_eq!(harness.resource_count(), 0);
}

#[test]
fn deployment_that_is_cancelled_during_a_job_stops_its_task() {
    let harness = Harness::new(12);
    harness.deploy(&[shop("shop:1")]);
    harness.fail_tasks("MigrateTask", TaskFault::Hangs);
    harness.stop_requests.replace(vec![(Duration::from_mins(2), StopRequest::CancelAndRollBack)]);
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::RolledBack, vec!["deployment-cancelled"]));
    assert_eq!(running_images(&harness), ["shop:1"]);
}

#[test]
fn detached_deployment_leaves_the_job_running_and_the_next_one_follows_it() {
    let harness = Harness::new(13);
    harness.deploy(&[shop("shop:1")]);
    harness.fail_tasks("MigrateTask", TaskFault::Hangs);
    harness.stop_after.set(Some(Duration::from_mins(2)));
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::Detached, vec!["job-left-running"]));
    let again = harness.deploy(&[shop("shop:2")]);
    assert!(matches!(steps(&again)[0], JobEvent::Started { resumed: true, .. }), "{:?}", steps(&again));
}

#[test]
fn lost_connection_and_throttling_do_not_repeat_a_job() {
    for start in (20..140).step_by(20) {
        let harness = Harness::new(14);
        harness.deploy(&[shop("shop:1")]);
        let before = runs(&harness);
        let lost = Some((Duration::from_secs(start), Duration::from_secs(40)));
        harness.api_faults.set(crate::rehearsal::ApiFaults { lost, throttle: 0.2, ..Default::default() });
        let report = harness.deploy(&[shop("shop:2")]);
        assert_eq!(
            (result(&report, "shop"), runs(&harness) - before),
            (&StackResult::Updated, 1),
            "lost after {start} s"
        );
    }
}

#[test]
fn without_rollback_the_first_step_stays_and_the_next_run_continues() {
    let harness = Harness::new(15);
    harness.deploy(&[shop("shop:1")]);
    harness.options.borrow_mut().disable_rollback = true;
    harness.fail_tasks("MigrateTask", TaskFault::Exit(1));
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!((result(&report, "shop"), codes(&report)), (&StackResult::Failed, vec!["job-failed"]));
    assert_eq!(running_images(&harness), ["shop:1"]);
    harness.task_faults.take();
    assert_eq!(result(&harness.deploy(&[shop("shop:2")]), "shop"), &StackResult::Updated);
}

#[test]
fn saved_plan_runs_its_job() {
    let harness = Harness::new(16);
    harness.deploy(&[shop("shop:1")]);
    let saved = harness.plan(&[shop("shop:2")]);
    assert_eq!(saved.stack("shop").expect("a plan").plan.jobs[0].name, "migrate");
    harness.options.borrow_mut().saved_plan = Some(saved);
    let report = harness.deploy(&[shop("shop:2")]);
    assert_eq!(result(&report, "shop"), &StackResult::Updated);
}

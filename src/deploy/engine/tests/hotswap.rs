//! Hotswaps: images and environments without CloudFormation, and the deployments after them.

use std::cell::Cell;
use std::time::Duration;

use crate::deploy::api::{ApiCall, CloudFormation, Ecs};
use crate::deploy::engine::StopRequest;
use crate::deploy::engine::event::DeployEventKind;
use crate::deploy::engine::outcome::StackResult;
use crate::deploy::plan::hotswap::TaskDefinitionChange;
use crate::rehearsal::{ApiFaults, DeniedCall, TaskFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

fn web(image: &str, size: u32) -> DesiredStack {
    let yaml = format!(
        "Resources:
  Cluster: {{Type: AWS::ECS::Cluster}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: '256'
      Memory: '512'
      ContainerDefinitions:
        - {{Name: web, Image: '{image}', Environment: [{{Name: SIZE, Value: '{size}'}}]}}
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      LaunchType: FARGATE
      NetworkConfiguration: {{AwsvpcConfiguration: {{Subnets: [subnet-1]}}}}
"
    );
    stack("web", &yaml)
}

fn hotswap(harness: &Harness, desired: &DesiredStack) -> RunReport {
    let shown_changes = Cell::new(0);
    let report = harness.run(async |run| {
        let ask = async |_: &str, changes: &[TaskDefinitionChange]| {
            shown_changes.set(changes.len());
            harness.approve.get()
        };
        run.hotswap(std::slice::from_ref(desired), &ask).await
    });
    let changes = report.events.iter().any(|event| matches!(event.kind, DeployEventKind::HotswapStarted { .. }));
    assert_eq!(changes, shown_changes.get() == 1, "the changes are reported and need approval");
    report
}

/// Returns the `family:revision` and the image that the service runs.
fn runs(harness: &Harness) -> (String, String) {
    harness.with_api(async |cloud| {
        let resources = cloud.resources("web").await.expect("an answer");
        let arn = resources.iter().find(|it| it.logical_id == "Web").and_then(|it| it.physical_id.clone());
        let service = cloud.services(&[arn.expect("an ARN")]).await.expect("an answer").remove(0);
        let definition =
            cloud.task_definition(&service.task_definition).await.expect("an answer").expect("the revision exists");
        let name = definition.arn.rsplit('/').next().unwrap_or_default().to_owned();
        (name, definition.containers[0].image.clone())
    })
}

#[test]
fn hotswap_whose_rollback_is_refused_fails() {
    let harness = deployed(56);
    let mut options = harness.options.borrow().clone();
    options.max_task_failures = 0;
    harness.options.replace(options);
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    harness
        .api_faults
        .set(ApiFaults { lost: Some((Duration::from_secs(20), Duration::from_mins(30))), ..ApiFaults::default() });
    harness.stop_requests.replace(vec![(Duration::from_secs(40), StopRequest::CancelAndRollBack)]);
    let report = hotswap(&harness, &web("nginx:latst", 1));
    let outcome = &report.outcome.stacks[0];
    assert_eq!(outcome.result, StackResult::Failed, "{:?}", outcome.problems);
    let codes: Vec<_> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes.len(), 2, "the failure of the hotswap, and the failure of its rollback: {codes:?}");
    harness.api_faults.set(ApiFaults::default());
    assert_eq!(runs(&harness).0, "web:2");
}

fn result(report: &RunReport) -> &StackResult {
    &report.outcome.stacks[0].result
}

fn deployed(seed: u64) -> Harness {
    let harness = Harness::new(seed);
    assert!(harness.deploy(&[web("nginx:1", 1)]).outcome.is_success());
    harness
}

#[test]
fn hotswapped_image_is_in_the_next_plan() {
    let harness = deployed(51);
    assert_eq!(result(&hotswap(&harness, &web("nginx:2", 1))), &StackResult::Updated);
    assert_eq!(runs(&harness), ("web:2".to_owned(), "nginx:2".to_owned()));
    assert_eq!(result(&hotswap(&harness, &web("nginx:2", 1))), &StackResult::Unchanged, "it runs already");

    let report = harness.deploy(&[web("nginx:2", 1)]);
    assert_eq!(report.plan("web").hotswapped[0].service, "Web");
    assert_eq!(result(&report), &StackResult::Updated);
    assert_eq!(runs(&harness), ("web:3".to_owned(), "nginx:2".to_owned()), "the stack has the image, too");
    assert_eq!(result(&harness.deploy(&[web("nginx:2", 1)])), &StackResult::Unchanged);
}

#[test]
fn deployment_without_changes_reverts_a_hotswap() {
    let harness = deployed(52);
    assert_eq!(result(&hotswap(&harness, &web("nginx:1", 9))), &StackResult::Updated);
    assert_eq!(runs(&harness).0, "web:2");
    let report = harness.deploy(&[web("nginx:1", 1)]);
    assert_eq!((result(&report), runs(&harness).0.as_str()), (&StackResult::Updated, "web:1"));
    assert_eq!(result(&harness.deploy(&[web("nginx:1", 1)])), &StackResult::Unchanged);
    let again = hotswap(&harness, &web("nginx:1", 1));
    assert_eq!(result(&again), &StackResult::Unchanged);
}

#[test]
fn hotswap_that_does_not_stabilize_is_rolled_back_and_explained_at_its_line() {
    let harness = deployed(53);
    harness.fail_tasks("Web", TaskFault::ImageNotFound);
    let report = hotswap(&harness, &web("nginx:latst", 1));
    let outcome = &report.outcome.stacks[0];
    assert_eq!(
        (&outcome.result, outcome.problems[0].code.as_str()),
        (&StackResult::RolledBack, "task-image-not-found")
    );
    assert_eq!(runs(&harness), ("web:1".to_owned(), "nginx:1".to_owned()));
    assert!(report.duration.as_secs() < 900, "it is rolled back after three failed tasks: {:?}", report.duration);
}

#[test]
fn hotswap_of_other_properties_or_without_approval_changes_nothing() {
    let harness = deployed(54);
    let bigger = web("nginx:2", 1);
    let bigger = stack("web", &bigger.body().replace("DesiredCount: 2", "DesiredCount: 3"));
    let report = hotswap(&harness, &bigger);
    assert_eq!(
        (result(&report), report.outcome.stacks[0].problems[0].code.as_str()),
        (&StackResult::Blocked, "hotswap-unsupported-change")
    );
    harness.approve.set(false);
    assert_eq!(result(&hotswap(&harness, &web("nginx:2", 1))), &StackResult::Declined);
    assert_eq!(runs(&harness).0, "web:1");
    let not_deployed = hotswap(&Harness::new(55), &web("nginx:2", 1));
    assert_eq!(not_deployed.outcome.stacks[0].problems[0].code, "hotswap-not-deployed");
    assert_eq!(result(&not_deployed), &StackResult::Rejected, "the state of the account is the reason, not the script");
}

#[test]
fn rollback_of_a_running_update_ends_at_the_old_version() {
    let harness = deployed(56);
    assert!(harness.deploy(&[web("nginx:2", 1)]).outcome.is_success());
    harness.fail_tasks("Web", TaskFault::Exit(1));
    harness.options.borrow_mut().disable_rollback = true;
    assert_eq!(result(&harness.deploy(&[web("nginx:3", 1)])), &StackResult::Failed);
    harness.options.borrow_mut().disable_rollback = false;
    let rollback = harness.rollback(&[web("nginx:3", 1)], &[], Some(&web("nginx:1", 1)));
    assert_eq!(
        (result(&rollback), runs(&harness).1.as_str()),
        (&StackResult::RolledBackOnRequest, "nginx:2"),
        "the previous deployment, not the one before it"
    );
}

#[test]
fn deployment_that_cannot_revert_a_hotswap_fails_after_it_was_executed() {
    let harness = deployed(57);
    assert_eq!(result(&hotswap(&harness, &web("nginx:1", 9))), &StackResult::Updated);
    let more = web("nginx:1", 1).body().replacen("Resources:", "Resources:\n  More:\n    Type: AWS::Logs::LogGroup", 1);
    let denied = Some(DeniedCall { call: ApiCall::UpdateService, allowed: 0 });
    harness.api_faults.set(ApiFaults { denied, ..ApiFaults::default() });
    let report = harness.deploy(&[stack("web", &more)]);
    let outcome = &report.outcome.stacks[0];
    assert_eq!((&outcome.result, outcome.problems[0].code.as_str()), (&StackResult::Failed, "service-not-restored"));
    assert!(outcome.problems[0].message.contains("`Web`"));
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_COMPLETE"), "the log group exists");
    harness.api_faults.set(ApiFaults::default());
    assert_eq!(result(&harness.deploy(&[stack("web", &more)])), &StackResult::Updated);
    assert_eq!(runs(&harness).0, "web:1");
}

#[test]
fn rollback_after_hotswaps_restores_the_deployed_revision_and_then_the_previous_template() {
    let harness = deployed(58);
    let first = web("nginx:1", 1);
    assert_eq!(result(&harness.deploy(&[web("nginx:2", 1)])), &StackResult::Updated);
    for image in ["nginx:3", "nginx:4"] {
        assert_eq!(result(&hotswap(&harness, &web(image, 1))), &StackResult::Updated);
    }
    let report = harness.rollback(&[web("nginx:4", 1)], &[], Some(&first));
    assert_eq!((result(&report), runs(&harness).1.as_str()), (&StackResult::RolledBackOnRequest, "nginx:2"));
    let plan = report.plan("web");
    assert_eq!(plan.hotswapped[0].running_images, ["nginx:4"]);
    assert_eq!(plan.hotswapped[0].stack_images, ["nginx:2"], "the plan says what runs afterwards");
    let report = harness.rollback(&[web("nginx:4", 1)], &[], Some(&first));
    assert_eq!((result(&report), runs(&harness).1.as_str()), (&StackResult::RolledBackOnRequest, "nginx:1"));
}

#[test]
fn hotswap_warns_about_what_still_starts_tasks_of_the_deployed_revision() {
    const RULE: &str = "  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{Id: nightly, Arn: !GetAtt Cluster.Arn, RoleArn: 'arn:aws:iam::123456789012:role/events', EcsParameters: {TaskDefinitionArn: !Ref Task}}]
";
    let with_rule = |image: &str| stack("web", &format!("{}{RULE}", web(image, 1).body()));
    let harness = Harness::new(59);
    assert!(harness.deploy(&[with_rule("nginx:1")]).outcome.is_success());
    let report = hotswap(&harness, &with_rule("nginx:2"));
    let outcome = &report.outcome.stacks[0];
    let warnings: Vec<_> = outcome.problems.iter().map(|it| (it.code.as_str(), it.message.as_str())).collect();
    let expected = [("hotswap-incomplete", "`Nightly` still starts tasks of the deployed `Task`")];
    assert_eq!((&outcome.result, warnings.as_slice()), (&StackResult::Updated, expected.as_slice()));
}

//! Rollouts: images and environments without CloudFormation, and what a deployment makes of them afterwards.

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

fn roll_out(stage: &Harness, wanted: &DesiredStack) -> RunReport {
    let asked = Cell::new(0);
    let played = stage.play(async |run| {
        let ask = async |_: &str, changes: &[TaskDefinitionChange]| {
            asked.set(changes.len());
            stage.approve.get()
        };
        run.hotswap(std::slice::from_ref(wanted), &ask).await
    });
    let changes = played.events.iter().any(|event| matches!(event.kind, DeployEventKind::HotswapStarted { .. }));
    assert_eq!(changes, asked.get() == 1, "what changes is told and asked about");
    played
}

/// `family:revision` and the image that the service runs.
fn runs(stage: &Harness) -> (String, String) {
    stage.ask(async |cloud| {
        let resources = cloud.resources("web").await.expect("an answer");
        let arn = resources.iter().find(|it| it.logical_id == "Web").and_then(|it| it.physical_id.clone());
        let service = cloud.services(&[arn.expect("an ARN")]).await.expect("an answer").remove(0);
        let definition =
            cloud.task_definition(&service.task_definition).await.expect("an answer").expect("it is there");
        let name = definition.arn.rsplit('/').next().unwrap_or_default().to_owned();
        (name, definition.containers[0].image.clone())
    })
}

#[test]
fn a_rollout_that_cannot_be_put_back_is_not_called_refused() {
    let stage = deployed(56);
    let mut options = stage.options.borrow().clone();
    options.max_task_failures = 0;
    stage.options.replace(options);
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    stage
        .weather
        .set(ApiFaults { lost: Some((Duration::from_secs(20), Duration::from_mins(30))), ..ApiFaults::default() });
    stage.wishes.replace(vec![(Duration::from_secs(40), StopRequest::CancelAndRollBack)]);
    let played = roll_out(&stage, &web("nginx:latst", 1));
    let outcome = &played.outcome.stacks[0];
    assert_eq!(outcome.result, StackResult::Failed, "{:?}", outcome.problems);
    let codes: Vec<_> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes.len(), 2, "why it was to go back, and why it did not: {codes:?}");
    stage.weather.set(ApiFaults::default());
    assert_eq!(runs(&stage).0, "web:2");
}

fn ending(played: &RunReport) -> &StackResult {
    &played.outcome.stacks[0].result
}

fn deployed(seed: u64) -> Harness {
    let stage = Harness::new(seed);
    assert!(stage.deploy(&[web("nginx:1", 1)]).outcome.is_success());
    stage
}

#[test]
fn an_image_is_rolled_out_and_the_next_deployment_knows() {
    let stage = deployed(51);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:2", 1))), &StackResult::Updated);
    assert_eq!(runs(&stage), ("web:2".to_owned(), "nginx:2".to_owned()));
    assert_eq!(ending(&roll_out(&stage, &web("nginx:2", 1))), &StackResult::Unchanged, "it runs already");

    let played = stage.deploy(&[web("nginx:2", 1)]);
    assert_eq!(played.plan("web").hotswapped[0].service, "Web");
    assert_eq!(ending(&played), &StackResult::Updated);
    assert_eq!(runs(&stage), ("web:3".to_owned(), "nginx:2".to_owned()), "the stack has it now, too");
    assert_eq!(ending(&stage.deploy(&[web("nginx:2", 1)])), &StackResult::Unchanged);
}

#[test]
fn a_deployment_without_changes_takes_a_rollout_back() {
    let stage = deployed(52);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:1", 9))), &StackResult::Updated);
    assert_eq!(runs(&stage).0, "web:2");
    let played = stage.deploy(&[web("nginx:1", 1)]);
    assert_eq!((ending(&played), runs(&stage).0.as_str()), (&StackResult::Updated, "web:1"));
    assert_eq!(ending(&stage.deploy(&[web("nginx:1", 1)])), &StackResult::Unchanged);
    let again = roll_out(&stage, &web("nginx:1", 1));
    assert_eq!(ending(&again), &StackResult::Unchanged);
}

#[test]
fn a_rollout_that_does_not_become_stable_is_put_back_at_its_line() {
    let stage = deployed(53);
    stage.fail_tasks("Web", TaskFault::ImageNotFound);
    let played = roll_out(&stage, &web("nginx:latst", 1));
    let outcome = &played.outcome.stacks[0];
    assert_eq!(
        (&outcome.result, outcome.problems[0].code.as_str()),
        (&StackResult::RolledBack, "task-image-not-found")
    );
    assert_eq!(runs(&stage), ("web:1".to_owned(), "nginx:1".to_owned()));
    assert!(played.took.as_secs() < 900, "it gives up after three tasks: {:?}", played.took);
}

#[test]
fn what_is_more_than_a_rollout_or_not_approved_changes_nothing() {
    let stage = deployed(54);
    let bigger = web("nginx:2", 1);
    let bigger = stack("web", &bigger.body().replace("DesiredCount: 2", "DesiredCount: 3"));
    let played = roll_out(&stage, &bigger);
    assert_eq!(
        (ending(&played), played.outcome.stacks[0].problems[0].code.as_str()),
        (&StackResult::Blocked, "hotswap-unsupported-change")
    );
    stage.approve.set(false);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:2", 1))), &StackResult::Declined);
    assert_eq!(runs(&stage).0, "web:1");
    let nothing = roll_out(&Harness::new(55), &web("nginx:2", 1));
    assert_eq!(nothing.outcome.stacks[0].problems[0].code, "hotswap-not-deployed");
}

#[test]
fn taking_back_what_still_runs_ends_where_it_was() {
    let stage = deployed(56);
    assert!(stage.deploy(&[web("nginx:2", 1)]).outcome.is_success());
    stage.fail_tasks("Web", TaskFault::Exit(1));
    stage.options.borrow_mut().disable_rollback = true;
    assert_eq!(ending(&stage.deploy(&[web("nginx:3", 1)])), &StackResult::Failed);
    stage.options.borrow_mut().disable_rollback = false;
    let back = stage.rollback(&[web("nginx:3", 1)], &[], Some(&web("nginx:1", 1)));
    assert_eq!(
        (ending(&back), runs(&stage).1.as_str()),
        (&StackResult::RolledBackOnRequest, "nginx:2"),
        "and no further"
    );
}

#[test]
fn a_deployment_that_may_not_take_a_rollout_back_is_a_deployment_all_the_same() {
    let stage = deployed(57);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:1", 9))), &StackResult::Updated);
    let more = web("nginx:1", 1).body().replacen("Resources:", "Resources:\n  More:\n    Type: AWS::Logs::LogGroup", 1);
    let denied = Some(DeniedCall { call: ApiCall::UpdateService, granted: 0 });
    stage.weather.set(ApiFaults { denied, ..ApiFaults::default() });
    let played = stage.deploy(&[stack("web", &more)]);
    let outcome = &played.outcome.stacks[0];
    assert_eq!((&outcome.result, outcome.problems[0].code.as_str()), (&StackResult::Failed, "service-not-restored"));
    assert!(outcome.problems[0].message.contains("`Web`"));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_COMPLETE"), "the log group is there");
    stage.weather.set(ApiFaults::default());
    assert_eq!(ending(&stage.deploy(&[stack("web", &more)])), &StackResult::Updated);
    assert_eq!(runs(&stage).0, "web:1");
}

//! Rollouts: images and environments without CloudFormation, and what a deployment makes of them afterwards.

use std::cell::Cell;
use std::time::Duration;

use super::Wish;
use super::scenario::{Played, Stage, stack};
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Fact;
use crate::deploy::outcome::Ending;
use crate::deploy::ports::{Cloud, Ecs};
use crate::deploy::rehearsal::{Denied, Trouble, Weather};
use crate::deploy::rollout::Rollout;

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

fn roll_out(stage: &Stage, wanted: &DesiredStack) -> Played {
    let asked = Cell::new(0);
    let played = stage.play(async |run| {
        let ask = async |_: &str, changes: &[Rollout]| {
            asked.set(changes.len());
            stage.approve.get()
        };
        run.rollout(std::slice::from_ref(wanted), &ask).await
    });
    let changes = played.events.iter().any(|event| matches!(event.fact, Fact::RollsOut { .. }));
    assert_eq!(changes, asked.get() == 1, "what changes is told and asked about");
    played
}

/// `family:revision` and the image that the service runs.
fn runs(stage: &Stage) -> (String, String) {
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
    options.give_up_after = 0;
    stage.options.replace(options);
    stage.trouble("Web", Trouble::ImageNotFound);
    stage.weather.set(Weather { lost: Some((Duration::from_secs(20), Duration::from_mins(30))), ..Weather::default() });
    stage.wishes.replace(vec![(Duration::from_secs(40), Wish::Cancel)]);
    let played = roll_out(&stage, &web("nginx:latst", 1));
    let outcome = &played.outcome.stacks[0];
    assert_eq!(outcome.ending, Ending::Failed, "{:?}", outcome.problems);
    let codes: Vec<_> = outcome.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes.len(), 2, "why it was to go back, and why it did not: {codes:?}");
    stage.weather.set(Weather::default());
    assert_eq!(runs(&stage).0, "web:2");
}

fn ending(played: &Played) -> &Ending {
    &played.outcome.stacks[0].ending
}

fn deployed(seed: u64) -> Stage {
    let stage = Stage::new(seed);
    assert!(stage.deploy(&[web("nginx:1", 1)]).outcome.is_good());
    stage
}

#[test]
fn an_image_is_rolled_out_and_the_next_deployment_knows() {
    let stage = deployed(51);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:2", 1))), &Ending::Updated);
    assert_eq!(runs(&stage), ("web:2".to_owned(), "nginx:2".to_owned()));
    assert_eq!(ending(&roll_out(&stage, &web("nginx:2", 1))), &Ending::Unchanged, "it runs already");

    let played = stage.deploy(&[web("nginx:2", 1)]);
    assert_eq!(played.plan("web").rolled_out[0].service, "Web");
    assert_eq!(ending(&played), &Ending::Updated);
    assert_eq!(runs(&stage), ("web:3".to_owned(), "nginx:2".to_owned()), "the stack has it now, too");
    assert_eq!(ending(&stage.deploy(&[web("nginx:2", 1)])), &Ending::Unchanged);
}

#[test]
fn a_deployment_without_changes_takes_a_rollout_back() {
    let stage = deployed(52);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:1", 9))), &Ending::Updated);
    assert_eq!(runs(&stage).0, "web:2");
    let played = stage.deploy(&[web("nginx:1", 1)]);
    assert_eq!((ending(&played), runs(&stage).0.as_str()), (&Ending::Updated, "web:1"));
    assert_eq!(ending(&stage.deploy(&[web("nginx:1", 1)])), &Ending::Unchanged);
    let again = roll_out(&stage, &web("nginx:1", 1));
    assert_eq!(ending(&again), &Ending::Unchanged);
}

#[test]
fn a_rollout_that_does_not_become_stable_is_put_back_at_its_line() {
    let stage = deployed(53);
    stage.trouble("Web", Trouble::ImageNotFound);
    let played = roll_out(&stage, &web("nginx:latst", 1));
    let outcome = &played.outcome.stacks[0];
    assert_eq!((&outcome.ending, outcome.problems[0].code.as_str()), (&Ending::RolledBack, "task-image-not-found"));
    assert_eq!(runs(&stage), ("web:1".to_owned(), "nginx:1".to_owned()));
    assert!(played.took.as_secs() < 900, "it gives up after three tasks: {:?}", played.took);
}

#[test]
fn what_is_more_than_a_rollout_or_not_approved_changes_nothing() {
    let stage = deployed(54);
    let bigger = web("nginx:2", 1);
    let bigger = stack("web", &bigger.body.replace("DesiredCount: 2", "DesiredCount: 3"));
    let played = roll_out(&stage, &bigger);
    assert_eq!((ending(&played), played.outcome.stacks[0].problems[0].code.as_str()), (&Ending::Withheld, "hotswap-unsupported-change"));
    stage.approve.set(false);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:2", 1))), &Ending::Declined);
    assert_eq!(runs(&stage).0, "web:1");
    let nothing = roll_out(&Stage::new(55), &web("nginx:2", 1));
    assert_eq!(nothing.outcome.stacks[0].problems[0].code, "hotswap-not-deployed");
}

#[test]
fn taking_back_what_still_runs_ends_where_it_was() {
    let stage = deployed(56);
    assert!(stage.deploy(&[web("nginx:2", 1)]).outcome.is_good());
    stage.trouble("Web", Trouble::Exit(1));
    stage.options.borrow_mut().keep = true;
    assert_eq!(ending(&stage.deploy(&[web("nginx:3", 1)])), &Ending::Failed);
    stage.options.borrow_mut().keep = false;
    let back = stage.rollback(&[web("nginx:3", 1)], &[], Some(&web("nginx:1", 1)));
    assert_eq!((ending(&back), runs(&stage).1.as_str()), (&Ending::Undone, "nginx:2"), "and no further");
}

#[test]
fn a_deployment_that_may_not_take_a_rollout_back_is_a_deployment_all_the_same() {
    let stage = deployed(57);
    assert_eq!(ending(&roll_out(&stage, &web("nginx:1", 9))), &Ending::Updated);
    let more = web("nginx:1", 1).body.replacen("Resources:", "Resources:\n  More:\n    Type: AWS::Logs::LogGroup", 1);
    let denied = Some(Denied { operation: "UpdateService", granted: 0 });
    stage.weather.set(Weather { denied, ..Weather::default() });
    let played = stage.deploy(&[stack("web", &more)]);
    let outcome = &played.outcome.stacks[0];
    assert_eq!((&outcome.ending, outcome.problems[0].code.as_str()), (&Ending::Failed, "service-not-restored"));
    assert!(outcome.problems[0].message.contains("`Web`"));
    assert_eq!(stage.status("web").as_deref(), Some("UPDATE_COMPLETE"), "the log group is there");
    stage.weather.set(Weather::default());
    assert_eq!(ending(&stage.deploy(&[stack("web", &more)])), &Ending::Updated);
    assert_eq!(runs(&stage).0, "web:1");
}

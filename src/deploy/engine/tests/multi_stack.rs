//! Several stacks: their order, and values that go from one to another.

use super::{ending, network};
use crate::deploy::engine::event::DeployEventKind;
use crate::deploy::engine::outcome::StackResult;
use crate::rehearsal::{FaultPoint, ResourceFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, stack};

fn sharing(name: &str, after: &str, fails: bool) -> DesiredStack {
    let value = if fails { "!ImportValue nowhere" } else { "!ImportValue shared" };
    let yaml = format!(
        "Resources: {{Logs: {{Type: 'AWS::Logs::LogGroup', Properties: {{LogGroupName: !Join ['-', [{name}, {value}]]}}}}}}"
    );
    DesiredStack { after: vec![after.to_owned()], ..stack(name, &yaml) }
}

fn shared() -> DesiredStack {
    stack(
        "shared",
        "Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}\nOutputs: {Vpc: {Value: !Ref Vpc, Export: {Name: shared}}}",
    )
}

#[test]
fn stacks_go_in_order_and_independent_ones_side_by_side() {
    let stage = Harness::new(14);
    let stacks = [sharing("web", "shared", false), shared(), sharing("api", "shared", false), network()];
    let played = stage.deploy(&stacks);
    assert!(
        played.outcome.is_success(),
        "{:?}",
        played.outcome.stacks.iter().map(|it| &it.problems).collect::<Vec<_>>()
    );
    let at = |name: &str, wanted: &str| {
        played.events.iter().position(|event| {
            event.stack == name && matches!(&event.kind, DeployEventKind::StackEvent { event } if event.logical_id == name && event.status.as_str() == wanted)
        })
    };
    assert!(at("shared", "CREATE_COMPLETE") < at("web", "CREATE_IN_PROGRESS"));
    assert!(at("net", "CREATE_IN_PROGRESS") < at("shared", "CREATE_COMPLETE"), "an independent one does not wait");
    assert!(at("api", "CREATE_IN_PROGRESS") < at("web", "CREATE_COMPLETE"));
    let gone = stage.destroy(&stacks);
    assert!(gone.outcome.is_success());
    assert_eq!(stage.resource_count(), 0);
}

#[test]
fn what_depends_on_a_failure_is_not_started_and_the_rest_is() {
    let stage = Harness::new(15);
    stage.fault(ResourceFault::once("Vpc", FaultPoint::Create, "The maximum number of VPCs has been reached."));
    let stacks = [
        shared(),
        sharing("web", "shared", false),
        sharing("deep", "web", false),
        stack("alone", "Resources: {Logs: {Type: 'AWS::Logs::LogGroup'}}"),
    ];
    let played = stage.deploy(&stacks);
    let endings: Vec<_> = played.outcome.stacks.iter().map(|outcome| &outcome.result).collect();
    assert_eq!(
        endings,
        [&StackResult::RolledBack, &StackResult::Skipped, &StackResult::Skipped, &StackResult::Created]
    );
    assert_eq!((stage.status("web"), stage.status("alone").as_deref()), (None, Some("CREATE_COMPLETE")));
}

#[test]
fn an_export_in_use_holds_its_stack() {
    let stage = Harness::new(16);
    stage.deploy(&[shared(), sharing("web", "shared", false)]);
    let without = stack("shared", "Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}");
    let played = stage.deploy(&[without]);
    assert_eq!(ending(&played, "shared"), &StackResult::RolledBack);
    assert_eq!(played.outcome.stack("shared").unwrap().problems[0].code, "export-in-use");
    let gone = stage.destroy(&[shared()]);
    assert_eq!(
        (ending(&gone, "shared"), stage.status("shared").as_deref()),
        (&StackResult::Failed, Some("UPDATE_ROLLBACK_COMPLETE"))
    );
    assert_eq!(gone.outcome.stack("shared").unwrap().problems[0].code, "export-in-use");
}

#[test]
fn an_import_of_nothing_is_refused_before_anything_is_made() {
    let stage = Harness::new(17);
    let played = stage.deploy(&[sharing("web", "shared", true)]);
    assert_eq!(ending(&played, "web"), &StackResult::Blocked);
    assert_eq!(played.outcome.stack("web").unwrap().problems[0].code, "producer-not-deployed");
    assert_eq!(stage.status("web"), None, "the empty stack is gone too");
}

#[test]
fn ssm_parameters_carry_values_from_stack_to_stack() {
    let stage = Harness::new(18);
    let owner = stack(
        "owner",
        "Resources: {Name: {Type: 'AWS::SSM::Parameter', Properties: {Name: /shared/name, Type: String, Value: tiles}}}",
    );
    let user = DesiredStack {
        after: vec!["owner".to_owned()],
        ..stack(
            "user",
            "Parameters: {Name: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shared/name}}\nResources: {Logs: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !Ref Name}}}",
        )
    };
    assert!(stage.deploy(&[user.clone(), owner]).outcome.is_success());
    assert!(
        stage.state.borrow().existing_resources().contains(&("AWS::Logs::LogGroup".to_owned(), "tiles".to_owned()))
    );
    let lonely = Harness::new(18).deploy(&[user]);
    assert_eq!(ending(&lonely, "user"), &StackResult::Blocked);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = |seed| {
        let played = Harness::new(seed).deploy(&[network(), shared()]);
        let told = played.of_aws("net").into_iter().map(|event| (event.id.clone(), event.time)).collect::<Vec<_>>();
        (told, played.took)
    };
    assert_eq!(story(27), story(27));
    assert_ne!(story(27).1, story(28).1);
}

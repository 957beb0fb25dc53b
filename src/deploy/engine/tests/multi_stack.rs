//! Several stacks: their order, and the values that they pass on.

use super::{network, result};
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
fn dependent_stacks_run_in_order_and_independent_ones_in_parallel() {
    let harness = Harness::new(14);
    let stacks = [sharing("web", "shared", false), shared(), sharing("api", "shared", false), network()];
    let report = harness.deploy(&stacks);
    assert!(
        report.outcome.is_success(),
        "{:?}",
        report.outcome.stacks.iter().map(|it| &it.problems).collect::<Vec<_>>()
    );
    let at = |name: &str, status: &str| {
        report.events.iter().position(|event| {
            event.stack == name && matches!(&event.kind, DeployEventKind::StackEvent { event } if event.logical_id == name && event.status.as_str() == status)
        })
    };
    assert!(at("shared", "CREATE_COMPLETE") < at("web", "CREATE_IN_PROGRESS"));
    assert!(at("net", "CREATE_IN_PROGRESS") < at("shared", "CREATE_COMPLETE"), "an independent one does not wait");
    assert!(at("api", "CREATE_IN_PROGRESS") < at("web", "CREATE_COMPLETE"));
    let destroyed = harness.destroy(&stacks);
    assert!(destroyed.outcome.is_success());
    assert_eq!(harness.resource_count(), 0);
}

#[test]
fn stack_that_needs_a_failed_one_is_skipped_and_the_others_run() {
    let harness = Harness::new(15);
    harness.fault(ResourceFault::once("Vpc", FaultPoint::Create, "The maximum number of VPCs has been reached."));
    let stacks = [
        shared(),
        sharing("web", "shared", false),
        sharing("deep", "web", false),
        stack("alone", "Resources: {Logs: {Type: 'AWS::Logs::LogGroup'}}"),
    ];
    let report = harness.deploy(&stacks);
    let results: Vec<_> = report.outcome.stacks.iter().map(|outcome| &outcome.result).collect();
    assert_eq!(
        results,
        [&StackResult::RolledBack, &StackResult::Skipped, &StackResult::Skipped, &StackResult::Created]
    );
    assert_eq!((harness.status("web"), harness.status("alone").as_deref()), (None, Some("CREATE_COMPLETE")));
}

#[test]
fn export_in_use_prevents_the_deletion_of_its_stack() {
    let harness = Harness::new(16);
    harness.deploy(&[shared(), sharing("web", "shared", false)]);
    let without = stack("shared", "Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}");
    let report = harness.deploy(&[without]);
    assert_eq!(result(&report, "shared"), &StackResult::RolledBack);
    assert_eq!(report.outcome.stack("shared").unwrap().problems[0].code, "export-in-use");
    let destroyed = harness.destroy(&[shared()]);
    assert_eq!(
        (result(&destroyed, "shared"), harness.status("shared").as_deref()),
        (&StackResult::Failed, Some("UPDATE_ROLLBACK_COMPLETE"))
    );
    assert_eq!(destroyed.outcome.stack("shared").unwrap().problems[0].code, "export-in-use");
}

#[test]
fn import_of_a_missing_export_is_rejected_before_any_change() {
    let harness = Harness::new(17);
    let report = harness.deploy(&[sharing("web", "shared", true)]);
    assert_eq!(result(&report, "web"), &StackResult::Blocked);
    assert_eq!(report.outcome.stack("web").unwrap().problems[0].code, "producer-not-deployed");
    assert_eq!(harness.status("web"), None, "the empty stack is gone too");
}

#[test]
fn ssm_parameter_passes_a_value_to_another_stack() {
    let harness = Harness::new(18);
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
    assert!(harness.deploy(&[user.clone(), owner]).outcome.is_success());
    assert!(
        harness.state.borrow().existing_resources().contains(&("AWS::Logs::LogGroup".to_owned(), "tiles".to_owned()))
    );
    let without_owner = Harness::new(18).deploy(&[user]);
    assert_eq!(result(&without_owner, "user"), &StackResult::Blocked);
}

#[test]
fn same_seed_emits_the_same_events() {
    let run = |seed| {
        let report = Harness::new(seed).deploy(&[network(), shared()]);
        let emitted =
            report.stack_events("net").into_iter().map(|event| (event.id.clone(), event.time)).collect::<Vec<_>>();
        (emitted, report.duration)
    };
    assert_eq!(run(27), run(27));
    assert_ne!(run(27).1, run(28).1);
}

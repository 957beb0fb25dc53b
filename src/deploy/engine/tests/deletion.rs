//! Deletions of stacks.

use super::{changed, network, result};
use crate::deploy::engine::event::DeployEventKind;
use crate::deploy::engine::outcome::StackResult;
use crate::rehearsal::{FaultPoint, ResourceFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, stack};

#[test]
fn deletion_reports_retained_resources() {
    let harness = Harness::new(7);
    let retaining = changed(
        "  Logs:\n    Type: AWS::Logs::LogGroup",
        "  Logs:\n    DeletionPolicy: Retain\n    Type: AWS::Logs::LogGroup",
    );
    harness.deploy(std::slice::from_ref(&retaining));
    let report = harness.destroy(std::slice::from_ref(&retaining));
    let outcome = report.outcome.stack("net").unwrap();
    assert_eq!((&outcome.result, outcome.retained.as_slice()), (&StackResult::Deleted, ["Logs".to_owned()].as_slice()));
    assert_eq!((harness.status("net"), harness.resource_count()), (None, 1));
    assert_eq!(result(&harness.destroy(&[retaining]), "net"), &StackResult::NotDeployed);
}

#[test]
fn failed_deletion_names_the_obstacle_and_can_be_repeated() {
    let harness = Harness::new(13);
    harness.deploy(&[network()]);
    harness.fault(ResourceFault::once(
        "Subnet",
        FaultPoint::Delete,
        "The subnet has dependencies and cannot be deleted.",
    ));
    let report = harness.destroy(&[network()]);
    assert_eq!(
        (result(&report, "net"), harness.status("net").as_deref()),
        (&StackResult::Failed, Some("DELETE_FAILED"))
    );
    assert_eq!(harness.resource_count(), 2, "the network of the subnet stays too");
    assert_eq!(result(&harness.destroy(&[network()]), "net"), &StackResult::Deleted);
    assert_eq!(harness.resource_count(), 0);
}

#[test]
fn protected_stack_is_not_deleted_until_protection_is_disabled() {
    let harness = Harness::new(23);
    let protected = DesiredStack { termination_protection: true, ..network() };
    harness.deploy(std::slice::from_ref(&protected));
    let report = harness.destroy(&[protected]);
    assert_eq!(result(&report, "net"), &StackResult::Rejected);
    assert_eq!(report.outcome.stack("net").unwrap().problems[0].code, "termination-protected");
    assert_eq!(harness.status("net").as_deref(), Some("CREATE_COMPLETE"));
    let free = harness.deploy(&[network()]);
    assert!(
        free.events
            .iter()
            .any(|event| matches!(event.kind, DeployEventKind::TerminationProtectionSet { enabled: false }))
    );
    assert_eq!(result(&harness.destroy(&[network()]), "net"), &StackResult::Deleted);
}

#[test]
fn stack_with_a_protected_table_is_not_deleted_in_part() {
    let table = |protection: bool| {
        let template = format!(
            "Resources:\n  Topic: {{Type: AWS::SNS::Topic}}\n  Tiles:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      \
             DeletionProtectionEnabled: {protection}\n      BillingMode: PAY_PER_REQUEST\n      KeySchema: [{{AttributeName: id, \
             KeyType: HASH}}]\n      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n"
        );
        stack("tiles", &template)
    };
    let harness = Harness::new(29);
    harness.deploy(&[table(true)]);
    let report = harness.destroy(&[table(true)]);
    assert_eq!(result(&report, "tiles"), &StackResult::Rejected);
    let problem = &report.outcome.stack("tiles").unwrap().problems[0];
    assert_eq!(problem.message, "`Tiles` of stack `tiles` has deletion protection");
    assert_eq!(harness.resource_count(), 2);
    harness.deploy(&[table(false)]);
    assert_eq!(result(&harness.destroy(&[table(false)]), "tiles"), &StackResult::Deleted);
}

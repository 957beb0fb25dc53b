//! Resources that leave a stack while another one uses them.

use super::result;
use crate::deploy::engine::event::DeployEventKind;
use crate::deploy::engine::outcome::StackResult;
use crate::rehearsal::{FaultPoint, ResourceFault};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

/// Returns the stack `queues` with some queues, which it offers to others.
fn queues(names: &[&str], properties: &str) -> DesiredStack {
    let one = |name: &&str| {
        format!(
            "  {name}: {{Type: AWS::SQS::Queue, Properties: {{{properties}}}}}
  {name}RefShared: {{Type: AWS::SSM::Parameter, Properties: {{Name: /rtiler/queues/{name}/Ref, Type: String, Value: !Ref {name}}}}}
"
        )
    };
    stack("queues", &format!("Resources:\n{}", names.iter().map(one).collect::<String>()))
}

/// Returns the stack `app`, which uses a queue.
fn app(queue: &str) -> DesiredStack {
    let yaml = format!(
        "Parameters: {{Queue: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /rtiler/queues/{queue}/Ref}}}}
Resources: {{Worker: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: !Ref Queue}}}}}}
"
    );
    DesiredStack { after: vec!["queues".to_owned()], ..stack("app", &yaml) }
}

/// Returns an account in which `app` uses the queue `Jobs`.
fn deployed(seed: u64) -> Harness {
    let harness = Harness::new(seed);
    assert!(harness.deploy(&[queues(&["Jobs"], ""), app("Jobs")]).outcome.is_success());
    harness.options.borrow_mut().allow_replace = vec!["Jobs".to_owned()];
    harness
}

fn position(report: &RunReport, stack: &str, id: &str, status: &str) -> Option<usize> {
    report.events.iter().position(|event| {
        event.stack == stack
            && matches!(&event.kind, DeployEventKind::StackEvent { event } if event.logical_id == id && event.status.as_str() == status)
    })
}

fn codes(report: &RunReport, stack: &str) -> Vec<&'static str> {
    report.outcome.stack(stack).expect("the stack").problems.iter().map(|problem| problem.code.as_str()).collect()
}

#[test]
fn removed_resource_is_deleted_after_its_users_have_switched() {
    let harness = deployed(41);
    let report = harness.deploy(&[queues(&["Ordered"], ""), app("Ordered")]);
    assert!(report.outcome.is_success(), "{:?}", report.outcome.stacks);
    let created = position(&report, "queues", "Ordered", "CREATE_COMPLETE").expect("it is created");
    let switched = position(&report, "app", "Worker", "UPDATE_COMPLETE").expect("it is updated");
    let deleted = position(&report, "queues", "Jobs", "DELETE_IN_PROGRESS").expect("it is deleted");
    assert!(created < switched && switched < deleted);
    assert_eq!(result(&report, "queues"), &StackResult::Updated);
    assert_eq!(codes(&report, "queues"), [""; 0]);
}

#[test]
fn resource_whose_user_is_not_part_of_the_run_is_kept_until_both_are_deployed() {
    let harness = deployed(42);
    harness.options.borrow_mut().other_stacks = vec![app("Ordered")];
    let report = harness.deploy(&[queues(&["Ordered"], "")]);
    assert_eq!((result(&report, "queues"), codes(&report, "queues")), (&StackResult::Updated, vec!["shared-kept"]));
    assert_eq!(position(&report, "queues", "Jobs", "DELETE_IN_PROGRESS"), None);
    harness.options.borrow_mut().other_stacks.clear();
    let report = harness.deploy(&[queues(&["Ordered"], ""), app("Ordered")]);
    assert!(position(&report, "queues", "Jobs", "DELETE_IN_PROGRESS").is_some());
}

#[test]
fn resource_whose_user_fails_is_kept() {
    let harness = deployed(43);
    harness.fault(ResourceFault::once("Worker", FaultPoint::Update, "no"));
    let report = harness.deploy(&[queues(&["Ordered"], ""), app("Ordered")]);
    assert_eq!(result(&report, "app"), &StackResult::RolledBack);
    assert_eq!(codes(&report, "queues"), ["shared-kept"]);
    assert_eq!(position(&report, "queues", "Jobs", "DELETE_IN_PROGRESS"), None);
}

#[test]
fn replaced_resource_that_another_stack_uses_blocks_the_deployment_unless_allowed() {
    let harness = deployed(44);
    harness.options.borrow_mut().allow_replace.clear();
    let fifo = [queues(&["Jobs"], "FifoQueue: true"), app("Jobs")];
    let report = harness.deploy(&fifo);
    assert_eq!(
        (result(&report, "queues"), codes(&report, "queues")),
        (&StackResult::Blocked, vec!["data-loss", "shared-in-use"])
    );
    assert_eq!(harness.plan(&fifo).stack("queues").expect("a plan").plan.shared_ends.len(), 1);
    harness.options.borrow_mut().allow_replace = vec!["Jobs".to_owned()];
    assert!(harness.deploy(&fifo).outcome.is_success());
}

#[test]
fn lost_data_is_refused_before_the_first_step() {
    let harness = deployed(45);
    harness.options.borrow_mut().allow_replace.clear();
    let report = harness.deploy(&[queues(&["Ordered"], ""), app("Ordered")]);
    assert_eq!((result(&report, "queues"), codes(&report, "queues")), (&StackResult::Blocked, vec!["data-loss"]));
    assert_eq!(position(&report, "queues", "Ordered", "CREATE_IN_PROGRESS"), None);
}

#[test]
fn plan_of_a_stack_that_reads_a_new_value_follows_from_the_templates() {
    let harness = deployed(46);
    let plan = harness.plan(&[queues(&["Ordered"], ""), app("Ordered")]);
    assert!(plan.stack("queues").expect("a plan").confirmed && !plan.stack("app").expect("a plan").confirmed);
}

#[test]
fn suggested_command_accepts_every_loss_and_deploys_the_users() {
    let harness = deployed(47);
    harness.options.borrow_mut().allow_replace.clear();
    let report = harness.deploy(&[queues(&["Jobs", "More"], "FifoQueue: true"), app("Jobs")]);
    let problem = &report.outcome.stack("queues").expect("the stack").problems[0];
    let hint = problem.hints.last().expect("a hint").to_string();
    assert!(hint.contains("deploy queues app --allow-replace Jobs"), "{hint}");
}

//! Saved plans, and what they block.

use crate::deploy::api::Action;
use crate::deploy::engine::outcome::{StackOutcome, StackResult};
use crate::synth::DesiredStack;
use crate::testing::harness::{Harness, RunReport, stack};

const OWNER: &str = "Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Shared:
    Type: AWS::SSM::Parameter
    Properties: {Name: /net/id, Type: String, Value: !Ref Net}
";

const READER: &str = "Parameters:
  NetId: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /net/id}
Resources:
  Note:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Ref NetId}
";

fn owner() -> DesiredStack {
    stack("owner", OWNER)
}

fn reader() -> DesiredStack {
    DesiredStack { after: vec!["owner".to_owned()], ..stack("reader", READER) }
}

fn blocked(harness: &Harness, stacks: &[DesiredStack]) -> StackOutcome {
    let resources = harness.resource_count();
    let outcome = harness.deploy(stacks).outcome.stacks.remove(0);
    assert_eq!(
        (&outcome.result, harness.resource_count()),
        (&StackResult::Blocked, resources),
        "{:?}",
        outcome.problems
    );
    outcome
}

#[test]
fn saved_plan_is_executed_as_shown() {
    let harness = Harness::new(31);
    let saved = harness.plan(&[owner(), reader()]);
    assert_eq!(harness.status("owner"), None, "a plan leaves nothing behind");
    let actions = saved.stacks[0].plan.resources.iter().map(|change| (change.logical_id.as_str(), change.action));
    assert_eq!(actions.collect::<Vec<_>>(), [("Net", Action::Add), ("Shared", Action::Add)]);
    assert_eq!(
        (saved.stacks[0].confirmed, saved.stacks[1].confirmed),
        (true, false),
        "the reader's owner is not there"
    );
    harness.options.borrow_mut().saved_plan = Some(saved);
    assert!(harness.deploy(&[owner(), reader()]).outcome.is_success());
}

#[test]
fn saved_plan_is_outdated_when_script_or_stack_changed() {
    let harness = Harness::new(32);
    harness.options.borrow_mut().saved_plan = Some(harness.plan(&[owner()]));
    let other = stack("owner", &OWNER.replace("10.0", "10.1"));
    let outcome = blocked(&harness, std::slice::from_ref(&other));
    assert_eq!(outcome.problems[0].code, "plan-outdated");
    assert_eq!(outcome.problems[0].notes, ["different from the plan: `Net`"]);

    let saved = harness.options.borrow_mut().saved_plan.take();
    assert!(harness.deploy(&[other]).outcome.is_success());
    harness.options.borrow_mut().saved_plan = saved;
    assert_eq!(blocked(&harness, &[owner()]).problems[0].notes, ["it did not exist, and exists now"]);

    harness.options.borrow_mut().saved_plan = Some(harness.plan(&[owner()]));
    let saved = harness.options.borrow_mut().saved_plan.take();
    assert!(harness.deploy(&[stack("owner", &OWNER.replace("10.0", "10.2"))]).outcome.is_success());
    harness.options.borrow_mut().saved_plan = saved;
    assert!(blocked(&harness, &[owner()]).problems[0].notes[0].starts_with("it was last updated at "));
}

#[test]
fn stale_plan_names_the_settings_that_changed() {
    let harness = Harness::new(32);
    let mut saved = harness.plan(&[owner()]);
    saved.settings.insert("image".to_owned(), "2.0.0".to_owned());
    saved.compare_settings(&[("image".to_owned(), "2.1.0".to_owned())].into_iter().collect());
    harness.options.borrow_mut().saved_plan = Some(saved);
    let outcome = blocked(&harness, &[stack("owner", &OWNER.replace("10.0", "10.1"))]);
    assert_eq!(outcome.problems[0].notes, ["the settings differ: `image` was `2.0.0` when it was planned"]);
}

#[test]
fn saved_plan_without_the_stack_blocks_it() {
    let harness = Harness::new(33);
    harness.options.borrow_mut().saved_plan = Some(harness.plan(&[owner()]));
    assert_eq!(
        blocked(&harness, &[stack("else", OWNER)]).problems[0].message,
        "the plan does not contain stack `else`"
    );
}

#[test]
fn reader_may_follow_its_producer_within_the_saved_plan() {
    let harness = Harness::new(34);
    assert!(harness.deploy(&[owner(), reader()]).outcome.is_success());
    let moved = stack("owner", &OWNER.replace("10.0", "10.3"));
    let saved = harness.plan(&[moved.clone(), reader()]);
    assert!(saved.stacks[1].plan.is_empty(), "the id of the producer's network is not known yet");
    harness.options.borrow_mut().saved_plan = Some(saved);
    let outcome = harness.deploy(&[moved, reader()]).outcome;
    let endings: Vec<_> = outcome.stacks.iter().map(|stack| &stack.result).collect();
    assert_eq!(endings, [&StackResult::Updated, &StackResult::Updated]);
}

#[test]
fn reader_without_its_producer_names_the_stack_to_deploy() {
    let outcome = blocked(&Harness::new(36), &[reader()]);
    assert_eq!(outcome.problems[0].code, "producer-not-deployed");
    assert_eq!(outcome.problems[0].hints, ["`deploy owner reader` deploys them in order"]);
}

#[test]
fn replacement_of_a_table_needs_allow_replace() {
    let table = |name: &str| {
        let text = format!(
            "Resources:\n  Tiles:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: {name}\n      \
             BillingMode: PAY_PER_REQUEST\n      KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n      AttributeDefinitions: [{{AttributeName: id, \
             AttributeType: S}}]\n"
        );
        stack("data", &text)
    };
    let harness = Harness::new(35);
    assert!(harness.deploy(&[table("tiles")]).outcome.is_success());
    let outcome = blocked(&harness, &[table("maps")]);
    assert_eq!((outcome.problems[0].code.as_str(), outcome.problems[0].origin().unwrap().line), ("data-loss", 5));
    harness.options.borrow_mut().allow_replace = vec!["Tiles".to_owned()];
    assert_eq!(harness.deploy(&[table("maps")]).outcome.stacks[0].result, StackResult::Updated);
}

fn tiles(name: &str) -> DesiredStack {
    let table = "Resources:
  Tiles:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: NAME
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
";
    stack("db", &table.replace("NAME", name))
}

#[test]
fn unknown_allow_replace_blocks_the_run_and_an_unused_one_is_a_warning() {
    let harness = Harness::new(46);
    let allow = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        harness.options.borrow_mut().allow_replace = names;
    };
    allow(&["Tlies"]);
    let report = harness.deploy(&[tiles("tiles")]);
    let wrong = &report.outcome.problems[0];
    assert_eq!(
        (wrong.code.as_str(), wrong.hints[0].to_string().as_str()),
        ("unknown-allow-replace", "did you mean `Tiles`?")
    );
    assert_eq!(harness.status("db"), None, "nothing was started");
    allow(&["Tiles", "*"]);
    let report = harness.deploy(&[tiles("tiles")]);
    let problems = |report: &RunReport| {
        let problems = &report.outcome.stacks[0].problems;
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(problems(&report), ["unused-allow-replace"], "it is only made");
    assert!(report.outcome.is_success());
    allow(&["Tiles"]);
    assert_eq!(problems(&harness.deploy(&[tiles("maps")])), [""; 0], "it is replaced");
    let without_table = stack("db", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n");
    let report = harness.deploy(&[without_table]);
    assert!(report.outcome.is_success(), "what is deployed and no longer in the script may be named");
    assert_eq!(problems(&report), [""; 0]);
}

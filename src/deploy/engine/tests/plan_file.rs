//! Plans that were saved, and what they forbid.

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

fn held(stage: &Harness, stacks: &[DesiredStack]) -> StackOutcome {
    let things = stage.resource_count();
    let outcome = stage.deploy(stacks).outcome.stacks.remove(0);
    assert_eq!((&outcome.result, stage.resource_count()), (&StackResult::Blocked, things), "{:?}", outcome.problems);
    outcome
}

#[test]
fn a_saved_plan_is_carried_out_as_it_was_shown() {
    let stage = Harness::new(31);
    let saved = stage.plan(&[owner(), reader()]);
    assert_eq!(stage.status("owner"), None, "a plan leaves nothing behind");
    let actions = saved.stacks[0].plan.resources.iter().map(|change| (change.logical_id.as_str(), change.action));
    assert_eq!(actions.collect::<Vec<_>>(), [("Net", Action::Add), ("Shared", Action::Add)]);
    assert_eq!(
        (saved.stacks[0].confirmed, saved.stacks[1].confirmed),
        (true, false),
        "the reader's owner is not there"
    );
    stage.options.borrow_mut().saved_plan = Some(saved);
    assert!(stage.deploy(&[owner(), reader()]).outcome.is_success());
}

#[test]
fn a_plan_holds_no_longer_than_script_and_stack() {
    let stage = Harness::new(32);
    stage.options.borrow_mut().saved_plan = Some(stage.plan(&[owner()]));
    let other = stack("owner", &OWNER.replace("10.0", "10.1"));
    let outcome = held(&stage, std::slice::from_ref(&other));
    assert_eq!(outcome.problems[0].code, "plan-outdated");
    assert_eq!(outcome.problems[0].notes, ["different from the plan: `Net`"]);

    let saved = stage.options.borrow_mut().saved_plan.take();
    assert!(stage.deploy(&[other]).outcome.is_success());
    stage.options.borrow_mut().saved_plan = saved;
    assert_eq!(held(&stage, &[owner()]).problems[0].notes, ["it did not exist, and exists now"]);

    stage.options.borrow_mut().saved_plan = Some(stage.plan(&[owner()]));
    let saved = stage.options.borrow_mut().saved_plan.take();
    assert!(stage.deploy(&[stack("owner", &OWNER.replace("10.0", "10.2"))]).outcome.is_success());
    stage.options.borrow_mut().saved_plan = saved;
    assert!(held(&stage, &[owner()]).problems[0].notes[0].starts_with("it was last updated at "));
}

#[test]
fn stale_plan_names_the_settings_that_changed() {
    let stage = Harness::new(32);
    let mut saved = stage.plan(&[owner()]);
    saved.settings.insert("image".to_owned(), "2.0.0".to_owned());
    saved.compare_settings(&[("image".to_owned(), "2.1.0".to_owned())].into_iter().collect());
    stage.options.borrow_mut().saved_plan = Some(saved);
    let outcome = held(&stage, &[stack("owner", &OWNER.replace("10.0", "10.1"))]);
    assert_eq!(outcome.problems[0].notes, ["the settings differ: `image` was `2.0.0` when it was planned"]);
}

#[test]
fn a_plan_of_one_stack_is_none_of_another() {
    let stage = Harness::new(33);
    stage.options.borrow_mut().saved_plan = Some(stage.plan(&[owner()]));
    assert_eq!(held(&stage, &[stack("else", OWNER)]).problems[0].message, "the plan does not contain stack `else`");
}

#[test]
fn a_reader_may_follow_its_owner_but_not_lose_more_than_was_told() {
    let stage = Harness::new(34);
    assert!(stage.deploy(&[owner(), reader()]).outcome.is_success());
    let moved = stack("owner", &OWNER.replace("10.0", "10.3"));
    let saved = stage.plan(&[moved.clone(), reader()]);
    assert!(saved.stacks[1].plan.is_empty(), "nobody knows yet what the owner's network will be called");
    stage.options.borrow_mut().saved_plan = Some(saved);
    let outcome = stage.deploy(&[moved, reader()]).outcome;
    let endings: Vec<_> = outcome.stacks.iter().map(|stack| &stack.result).collect();
    assert_eq!(endings, [&StackResult::Updated, &StackResult::Updated]);
}

#[test]
fn a_reader_without_its_owner_says_whom_to_deploy() {
    let outcome = held(&Harness::new(36), &[reader()]);
    assert_eq!(outcome.problems[0].code, "producer-not-deployed");
    assert_eq!(outcome.problems[0].hints, ["`deploy owner reader` deploys them in order"]);
}

#[test]
fn a_table_is_not_replaced_without_a_word_for_it() {
    let table = |name: &str| {
        let text = format!(
            "Resources:\n  Tiles:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: {name}\n      \
             KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n      AttributeDefinitions: [{{AttributeName: id, \
             AttributeType: S}}]\n"
        );
        stack("data", &text)
    };
    let stage = Harness::new(35);
    assert!(stage.deploy(&[table("tiles")]).outcome.is_success());
    let outcome = held(&stage, &[table("maps")]);
    assert_eq!((outcome.problems[0].code.as_str(), outcome.problems[0].origin().unwrap().line), ("data-loss", 2));
    stage.options.borrow_mut().allow_replace = vec!["Tiles".to_owned()];
    assert_eq!(stage.deploy(&[table("maps")]).outcome.stacks[0].result, StackResult::Updated);
}

fn tiles(name: &str) -> DesiredStack {
    let table = "Resources:
  Tiles:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: NAME
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
";
    stack("db", &table.replace("NAME", name))
}

#[test]
fn a_name_that_nobody_has_is_told_before_anything_begins_and_one_that_was_not_needed_after() {
    let stage = Harness::new(46);
    let allow = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        stage.options.borrow_mut().allow_replace = names;
    };
    allow(&["Tlies"]);
    let played = stage.deploy(&[tiles("tiles")]);
    let wrong = &played.outcome.problems[0];
    assert_eq!(
        (wrong.code.as_str(), wrong.hints[0].to_string().as_str()),
        ("unknown-allow-replace", "did you mean `Tiles`?")
    );
    assert_eq!(stage.status("db"), None, "nothing was begun");
    allow(&["Tiles", "*"]);
    let played = stage.deploy(&[tiles("tiles")]);
    let problems = |played: &RunReport| {
        let problems = &played.outcome.stacks[0].problems;
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(problems(&played), ["unused-allow-replace"], "it is only made");
    assert!(played.outcome.is_success());
    allow(&["Tiles"]);
    assert_eq!(problems(&stage.deploy(&[tiles("maps")])), [""; 0], "it is replaced");
    let gone = stack("db", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n");
    let played = stage.deploy(&[gone]);
    assert!(played.outcome.is_success(), "what is deployed and no longer in the script may be named");
    assert_eq!(problems(&played), [""; 0]);
}

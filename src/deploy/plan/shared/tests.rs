use super::*;
use crate::cfn::parse;
use crate::cfn::schema::Schema;
use crate::deploy::plan::plan_against;
use crate::testing::harness::stack;

const QUEUES: &str = "Resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {}}
  JobsPolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Jobs], PolicyDocument: {}}}
  Alarm: {Type: AWS::SNS::Topic}
  JobsRefShared: {Type: AWS::SSM::Parameter, Properties: {Name: /rtiler/queues/Jobs/Ref, Type: String, Value: !Ref Jobs}}
";
const APP: &str = "Parameters:
  JobsRef: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /rtiler/queues/Jobs/Ref}
Resources:
  Worker: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref JobsRef}}
";
const OTHER: &str = "Resources:\n  Other: {Type: AWS::SNS::Topic}\n";

fn template(text: &str) -> Template {
    parse::template("before.yaml", text).value.expect("a template")
}

/// Returns the plan of `queues` next to the deployed stack `app`.
fn planned(before: &str, after: &str, app: &str) -> (Plan, DesiredStack) {
    let (before, desired, app_stack) = (template(before), stack("queues", after), stack("app", OTHER));
    let plan = plan_against(&before, &desired, Some(Schema::embedded()));
    let ends = shared_ends(&plan, &before, &[(&app_stack, template(app))]);
    (plan.with_shared_ends(ends), desired)
}

#[test]
fn replaced_resource_that_another_stack_uses_is_refused_at_both_places() {
    let fifo = QUEUES.replace("AWS::SQS::Queue, Properties: {}", "AWS::SQS::Queue, Properties: {FifoQueue: true}");
    let (plan, _) = planned(QUEUES, &fifo, APP);
    let problems = refused(&plan, true, &[], CommandName::Deploy);
    assert_eq!(problems[0].message, "`Jobs` would be replaced while `Worker` of stack `app` uses it");
    assert_eq!(problems[0].labels.len(), 2, "the cause, and the user");
    assert_eq!(refused(&plan, true, &["Jobs".to_owned()], CommandName::Deploy), []);
    assert_eq!(planned(QUEUES, &fifo, OTHER).0.shared_ends, [], "no stack uses it");
    assert_eq!(
        planned(QUEUES, &QUEUES.replace("SNS::Topic}", "SNS::Topic, Properties: {DisplayName: a}}"), APP).0.shared_ends,
        []
    );
}

#[test]
fn removed_resource_stays_with_what_belongs_to_it() {
    let (plan, desired) = planned(QUEUES, OTHER, APP);
    assert_eq!(plan.shared_ends.len(), 1);
    let mut deployed = crate::testing::before_deploy::deployed(
        &stack("queues", QUEUES),
        crate::deploy::api::status::StackStatus::CreateComplete,
    );
    let kept = keeping(&desired, &deployed, &plan.shared_ends).expect("a stack");
    let ids: Vec<&str> = kept.template.resources.keys().map(LogicalId::as_str).collect();
    assert_eq!(ids, ["Other", "Jobs", "JobsPolicy", "JobsRefShared"], "the topic goes");
    deployed.template.conditions.insert("Production".to_owned(), Value::Bool(true));
    assert!(keeping(&desired, &deployed, &plan.shared_ends).is_none(), "a condition that the script does not have");
    assert_eq!(refused(&plan, false, &[], CommandName::Deploy).len(), 1);
    assert_eq!(refused(&plan, true, &[], CommandName::Deploy), []);
}

#[test]
fn retained_resource_and_new_version_of_a_task_definition_do_not_end() {
    let retained = QUEUES.replace("AWS::SQS::Queue, ", "AWS::SQS::Queue, DeletionPolicy: Retain, ");
    assert_eq!(planned(&retained, OTHER, APP).0.shared_ends, []);
    let task = QUEUES.replace("AWS::SQS::Queue, Properties: {}", "AWS::ECS::TaskDefinition, Properties: {Cpu: '256'}");
    assert_eq!(planned(&task, &task.replace("256", "512"), APP).0.shared_ends, []);
    assert_eq!(planned(&task, OTHER, APP).0.shared_ends.len(), 1, "it is deleted");
}

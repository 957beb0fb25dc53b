//! The engine over the adapter against ministack: the ways of a stack.
//!
//! Where ministack is not AWS: it calls every replacement `Conditional`, and it checks no capabilities.

use rtiler::deploy::api::status::StackStatus;
use rtiler::deploy::api::{Action, ChangeSetKind, INLINE_TEMPLATE_BYTES, Replacement};
use rtiler::deploy::{DeployEventKind, StackResult, StackState};
use rtiler::synth::DesiredStack;
use serde_json::{Value, json};

use super::world::{deploy, deploy_with_losses, destroy, run, stack};
use super::{Account, create_template_bucket};
use crate::harness::{Emulator, Fault};

/// Builds a queue of this name, its URL as an output, and a parameter with its address.
fn jobs(queue: &str) -> DesiredStack {
    stack(
        "jobs",
        &json!({
            "Resources": {
                "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": queue } },
                "Where": { "Type": "AWS::SSM::Parameter", "Properties": {
                    "Name": "/jobs/url", "Type": "String", "Value": { "Ref": "Queue" }
                } }
            },
            "Outputs": { "Url": { "Value": { "Ref": "Queue" }, "Export": { "Name": "jobs-url" } } }
        }),
    )
}

/// Builds a stack whose creation continues until its resource `Wait` is signalled, or fails after these seconds.
fn slow(name: &str, seconds: u32) -> DesiredStack {
    let timeout = format!("PT{seconds}S");
    stack(
        name,
        &json!({ "Resources": {
            "Topic": { "Type": "AWS::SNS::Topic" },
            "Wait": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "DependsOn": "Topic",
                "CreationPolicy": { "ResourceSignal": { "Count": 1, "Timeout": timeout } }
            }
        } }),
    )
}

/// Returns the names of the account's queues.
fn queues(account: &Account) -> Vec<String> {
    let reply = account.boto.call("sqs", "list_queues", &json!({}));
    let urls = reply["QueueUrls"].as_array().cloned().unwrap_or_default();
    urls.iter().filter_map(|url| Some(url.as_str()?.rsplit('/').next()?.to_owned())).collect()
}

/// Returns the stack as boto3 reads it.
fn seen(account: &Account, name: &str) -> Value {
    account.boto.call("cloudformation", "describe_stacks", &json!({ "StackName": name }))["Stacks"][0].take()
}

fn is_missing(account: &Account, name: &str) -> bool {
    let refusal = |call: &str| account.boto.refusal("cloudformation", call, &json!({ "StackName": name }));
    refusal("describe_stacks") == "ValidationError"
}

#[test]
fn missing_stack_is_created_with_tags_outputs_and_exports() {
    let account = Account::new(Emulator::Ministack);
    let tagged = DesiredStack { tags: [("Owner".to_owned(), "tiles".to_owned())].into(), ..jobs("one") };
    let report = deploy(&account.aws, &[tagged]);
    let outcome = report.only();
    assert_eq!((&outcome.result, &outcome.problems), (&StackResult::Created, &Vec::new()));
    assert!(report.has(|fact| matches!(fact, DeployEventKind::StackFound { state: StackState::NotFound, .. })));
    assert!(report.plans[0].resources.iter().all(|change| change.action == Action::Add));
    let completed = |fact: &DeployEventKind| matches!(fact, DeployEventKind::StackEvent { event } if event.logical_id == "Queue" && event.status.as_str() == "CREATE_COMPLETE");
    assert!(report.has(completed), "{:?}", report.events);
    let live = seen(&account, "jobs");
    assert_eq!(live["StackStatus"], "CREATE_COMPLETE");
    assert_eq!(live["Tags"], json!([{ "Key": "Owner", "Value": "tiles" }]));
    assert_eq!(live["Outputs"][0]["OutputValue"], outcome.outputs[0].value);
    assert_eq!(queues(&account), ["one"]);
    let exports = account.boto.call("cloudformation", "list_exports", &json!({}));
    assert_eq!(
        (&exports["Exports"][0]["Name"], &exports["Exports"][0]["Value"]),
        (&json!("jobs-url"), &live["Outputs"][0]["OutputValue"])
    );
}

#[test]
fn update_replaces_the_planned_resource_and_updates_its_references() {
    let account = Account::new(Emulator::Ministack);
    deploy(&account.aws, &[jobs("one")]);
    assert_eq!(deploy(&account.aws, &[jobs("two")]).only().result, StackResult::Blocked);
    let report = deploy_with_losses(&account.aws, &[jobs("two")]);
    assert_eq!((&report.only().result, &report.only().problems), (&StackResult::Updated, &Vec::new()));
    let change = report.plans[0].resources.iter().find(|change| change.logical_id == "Queue").unwrap();
    assert_eq!(change.replacement, Some(Replacement::True));
    assert_eq!(queues(&account), ["two"]);
    let whereabouts = account.boto.call("ssm", "get_parameter", &json!({ "Name": "/jobs/url" }));
    assert_eq!(whereabouts["Parameter"]["Value"], *report.only().outputs[0].value);
}

#[test]
fn unchanged_stack_is_not_executed_and_keeps_no_change_set() {
    let account = Account::new(Emulator::Ministack);
    deploy(&account.aws, &[jobs("one")]);
    let executed = account.proxy.count("ExecuteChangeSet");
    let report = deploy(&account.aws, &[jobs("one")]);
    assert_eq!(report.only().result, StackResult::Unchanged);
    assert!(report.plans.is_empty(), "nothing is asked");
    assert_eq!(account.proxy.count("ExecuteChangeSet"), executed);
    let sets = account.boto.call("cloudformation", "list_change_sets", &json!({ "StackName": "jobs" }));
    let open = sets["Summaries"].as_array().unwrap().iter().filter(|set| set["Status"] == "FAILED").count();
    assert_eq!(open, 0, "{sets}");
}

#[test]
fn declined_plan_leaves_no_change_set() {
    let account = Account::new(Emulator::Ministack);
    let report = run(&account.aws, &[jobs("one")], false, |_| false);
    assert_eq!(report.only().result, StackResult::Declined);
    assert!(is_missing(&account, "jobs"));
}

#[test]
fn deleted_stack_is_missing_at_the_second_deletion() {
    let account = Account::new(Emulator::Ministack);
    deploy(&account.aws, &[jobs("one")]);
    assert_eq!(destroy(&account.aws, &[jobs("one")]).only().result, StackResult::Deleted);
    assert!(is_missing(&account, "jobs"));
    assert_eq!(queues(&account), Vec::<String>::new());
    assert_eq!(destroy(&account.aws, &[jobs("one")]).only().result, StackResult::NotDeployed);
}

#[test]
fn failed_creation_is_rolled_back_explained_and_deleted_by_the_next_deployment() {
    let account = Account::new(Emulator::Ministack);
    account.boto.call("ssm", "put_parameter", &json!({ "Name": "/jobs/url", "Type": "String", "Value": "taken" }));
    let report = deploy(&account.aws, &[jobs("one")]);
    let outcome = report.only();
    assert_eq!((&outcome.result, &outcome.status), (&StackResult::RolledBack, &Some(StackStatus::RollbackComplete)));
    assert!(outcome.problems[0].message.contains("`Where`"), "{:?}", outcome.problems);
    assert_eq!(outcome.problems[0].origin().unwrap().source.as_ref(), "stack.json");
    assert_eq!(queues(&account), Vec::<String>::new());
    account.boto.call("ssm", "delete_parameter", &json!({ "Name": "/jobs/url" }));
    let report = deploy(&account.aws, &[jobs("one")]);
    assert!(
        report.has(|fact| matches!(
            fact,
            DeployEventKind::LeftoverStackDeleted { status: StackStatus::RollbackComplete }
        ))
    );
    assert_eq!(report.only().result, StackResult::Created);
    assert_eq!(seen(&account, "jobs")["StackStatus"], "CREATE_COMPLETE");
}

#[test]
fn stack_in_review_is_cleaned_up_by_the_next_deployment() {
    let account = Account::new(Emulator::Ministack);
    let left = json!({
        "StackName": "jobs", "ChangeSetName": "half-done", "ChangeSetType": "CREATE",
        "TemplateBody": r#"{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}"#
    });
    account.boto.call("cloudformation", "create_change_set", &left);
    assert_eq!(seen(&account, "jobs")["StackStatus"], "REVIEW_IN_PROGRESS");
    let report = deploy(&account.aws, &[jobs("one")]);
    assert!(
        report.has(|fact| matches!(
            fact,
            DeployEventKind::LeftoverStackDeleted { status: StackStatus::ReviewInProgress }
        ))
    );
    assert_eq!(report.only().result, StackResult::Created);
    assert_eq!(queues(&account), ["one"]);
}

#[test]
fn failed_update_is_rolled_back_to_the_previous_version() {
    let account = Account::new(Emulator::Ministack);
    deploy(&account.aws, &[jobs("one")]);
    account.boto.call("ssm", "put_parameter", &json!({ "Name": "/jobs/more", "Type": "String", "Value": "taken" }));
    let mut template: Value = serde_json::from_str(&jobs("one").body()).unwrap();
    template["Resources"]["More"] = json!({ "Type": "AWS::SSM::Parameter", "Properties": {
        "Name": "/jobs/more", "Type": "String", "Value": "ours"
    } });
    let report = deploy(&account.aws, &[stack("jobs", &template)]);
    assert_eq!(report.only().result, StackResult::RolledBack);
    assert!(report.only().problems[0].message.contains("`More`"), "{:?}", report.only().problems);
    assert_eq!(seen(&account, "jobs")["StackStatus"], "UPDATE_ROLLBACK_COMPLETE");
    let value = account.boto.call("ssm", "get_parameter", &json!({ "Name": "/jobs/more" }));
    assert_eq!(value["Parameter"]["Value"], "taken");
    assert_eq!(deploy_with_losses(&account.aws, &[jobs("two")]).only().result, StackResult::Updated);
}

#[test]
fn stack_with_an_export_in_use_is_not_deleted() {
    let account = Account::new(Emulator::Ministack);
    let user = stack(
        "user",
        &json!({ "Resources": { "Copy": { "Type": "AWS::SSM::Parameter", "Properties": {
            "Name": "/user/url", "Type": "String", "Value": { "Fn::ImportValue": "jobs-url" }
        } } } }),
    );
    let user = DesiredStack { after: vec!["jobs".to_owned()], ..user };
    let report = deploy(&account.aws, &[user.clone(), jobs("one")]);
    assert!(report.outcome.is_success(), "{:?}", report.outcome);
    let copy = account.boto.call("ssm", "get_parameter", &json!({ "Name": "/user/url" }));
    assert_eq!(copy["Parameter"]["Value"], *report.outcome.stack("jobs").unwrap().outputs[0].value);
    let refused = destroy(&account.aws, &[jobs("one")]);
    assert!(!refused.outcome.is_success());
    assert!(refused.only().problems[0].message.contains("jobs-url"), "{:?}", refused.only().problems);
    assert_eq!(seen(&account, "jobs")["StackName"], "jobs");
    let both = destroy(&account.aws, &[user, jobs("one")]);
    assert!(both.outcome.is_success(), "{:?}", both.outcome);
    assert!(is_missing(&account, "jobs") && is_missing(&account, "user"));
}

#[test]
fn protected_stack_is_not_deleted_until_the_script_removes_the_protection() {
    let account = Account::new(Emulator::Ministack);
    let protected = DesiredStack { termination_protection: true, ..jobs("one") };
    assert_eq!(deploy(&account.aws, std::slice::from_ref(&protected)).only().result, StackResult::Created);
    assert_eq!(seen(&account, "jobs")["EnableTerminationProtection"], true);
    let refused = destroy(&account.aws, &[protected]);
    assert_eq!(
        (&refused.only().result, refused.only().problems[0].code.as_str()),
        (&StackResult::Rejected, "termination-protected")
    );
    assert_eq!(deploy(&account.aws, &[jobs("one")]).only().result, StackResult::Unchanged);
    assert_eq!(seen(&account, "jobs")["EnableTerminationProtection"], false);
    assert_eq!(destroy(&account.aws, &[jobs("one")]).only().result, StackResult::Deleted);
}

#[test]
fn template_too_large_for_a_request_is_uploaded_to_s3() {
    let account = Account::new(Emulator::Ministack);
    let mut template: Value = serde_json::from_str(&jobs("one").body()).unwrap();
    template["Metadata"] = json!({ "Filler": "x".repeat(INLINE_TEMPLATE_BYTES) });
    let missing = deploy(&account.aws, &[stack("jobs", &template)]);
    let problems = [&missing.outcome.problems[..], &missing.only().problems].concat();
    assert!(problems.iter().any(|problem| problem.code == "bootstrap-missing"), "{problems:?}");
    create_template_bucket(&account);
    let report = deploy(&account.aws, &[stack("jobs", &template)]);
    assert!(
        report
            .has(|fact| matches!(fact, DeployEventKind::TemplateUploaded { bytes } if *bytes > INLINE_TEMPLATE_BYTES))
    );
    assert_eq!(report.only().result, StackResult::Created);
    let live = account.boto.call("cloudformation", "get_template", &json!({ "StackName": "jobs" }));
    assert_eq!(live["TemplateBody"], template);
    assert_eq!(account.boto.call("s3", "list_buckets", &json!({}))["Buckets"].as_array().map(Vec::len), Some(1));
}

#[test]
fn ctrl_c_detaches_and_the_next_deployment_follows_the_operation() {
    let account = Account::new(Emulator::Ministack);
    let report = run(&account.aws, &[slow("slow", 120)], true, |fact| {
        matches!(fact, DeployEventKind::OperationStarted { kind: ChangeSetKind::Create, .. })
    });
    assert_eq!(report.only().result, StackResult::Detached);
    assert!(report.has(|fact| matches!(fact, DeployEventKind::Detached { token: Some(_) })));
    assert_eq!(seen(&account, "slow")["StackStatus"], "CREATE_IN_PROGRESS");
    let boto = account.boto.of(&account.number);
    let signal = json!({
        "StackName": "slow", "LogicalResourceId": "Wait", "UniqueId": "one", "Status": "SUCCESS"
    });
    let report = run(&account.aws, &[slow("slow", 120)], true, |fact| {
        if matches!(fact, DeployEventKind::OperationAttached { .. }) {
            boto.call("cloudformation", "signal_resource", &signal);
        }
        false
    });
    assert!(report.has(|fact| matches!(
        fact,
        DeployEventKind::OperationAttached { status: StackStatus::CreateInProgress, token: Some(_), .. }
    )));
    assert_eq!(report.only().result, StackResult::Unchanged);
    assert_eq!(seen(&account, "slow")["StackStatus"], "CREATE_COMPLETE");
}

#[test]
fn resource_that_never_becomes_ready_is_named_as_the_cause() {
    let account = Account::new(Emulator::Ministack);
    let report = deploy(&account.aws, &[slow("slow", 1)]);
    assert_eq!(report.only().result, StackResult::RolledBack);
    assert!(report.only().problems[0].message.contains("`Wait`"), "{:?}", report.only().problems);
    let topics = account.boto.call("sns", "list_topics", &json!({}));
    assert_eq!(topics["Topics"], json!([]));
}

#[test]
fn ssm_parameter_type_gets_the_value_of_the_ssm_parameter() {
    let account = Account::new(Emulator::Ministack);
    let put = |value: &str| json!({ "Name": "/image", "Type": "String", "Value": value, "Overwrite": true });
    account.boto.call("ssm", "put_parameter", &put("queue-one"));
    let wanted = stack(
        "jobs",
        &json!({
            "Parameters": { "Name": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image" } },
            "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Ref": "Name" } } } }
        }),
    );
    assert_eq!(deploy(&account.aws, std::slice::from_ref(&wanted)).only().result, StackResult::Created);
    assert_eq!(queues(&account), ["queue-one"]);
    account.boto.call("ssm", "put_parameter", &put("queue-two"));
    assert_eq!(deploy_with_losses(&account.aws, &[wanted]).only().result, StackResult::Updated);
    assert_eq!(queues(&account), ["queue-two"]);
}

#[test]
fn watch_survives_throttling_and_a_lost_connection() {
    let account = Account::new(Emulator::Ministack);
    let throttled = Fault::Refuse(400, "Throttling", "Rate exceeded");
    account.proxy.spoil("DescribeStackEvents", vec![throttled; 7]);
    account.proxy.spoil("DescribeStacks", [Fault::Cut, Fault::CutReply]);
    let report = deploy(&account.aws, &[jobs("one")]);
    assert!(report.has(|fact| matches!(fact, DeployEventKind::PollFailed { .. })));
    assert_eq!(report.only().result, StackResult::Created);
    assert_eq!(queues(&account), ["one"]);
}

#[test]
fn refused_execution_leaves_no_change_set_and_no_empty_stack() {
    let account = Account::new(Emulator::Ministack);
    account.proxy.spoil("ExecuteChangeSet", [Fault::Refuse(403, "AccessDenied", "you may not")]);
    let report = deploy(&account.aws, &[jobs("one")]);
    assert_eq!(report.only().result, StackResult::Rejected);
    assert_eq!(report.only().problems[0].code, "aws-access-denied");
    assert!(is_missing(&account, "jobs"));
}

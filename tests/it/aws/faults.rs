//! Faults of the network and of AWS during a watch: what the engine reports stays correct.

use std::time::Duration;

use rtiler::deploy::api::status::StackStatus;
use rtiler::deploy::{DeployEventKind, StackResult};
use rtiler::synth::DesiredStack;
use serde_json::json;

use super::Account;
use super::world::{RunReport, deploy, stack};
use crate::harness::{Emulator, Fault};

/// Builds a queue that can be created, and in the bad one a parameter whose name is taken.
fn jobs(good: bool) -> DesiredStack {
    let mut template = json!({ "Resources": { "Queue": {
        "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "jobs" }
    } } });
    if !good {
        template["Resources"]["Where"] = json!({ "Type": "AWS::SSM::Parameter", "DependsOn": "Queue", "Properties": {
            "Name": "/jobs/url", "Type": "String", "Value": "ours"
        } });
    }
    stack("jobs", &template)
}

/// Runs a good and a bad deployment whose calls meet these faults.
fn both(faults: &[(&str, Vec<Fault>)]) -> [(Account, RunReport); 2] {
    [true, false].map(|good| {
        let account = Account::new(Emulator::Ministack);
        let taken = json!({ "Name": "/jobs/url", "Type": "String", "Value": "taken" });
        account.boto.call("ssm", "put_parameter", &taken);
        for (action, faults) in faults {
            account.proxy.spoil(action, faults.clone());
        }
        let report = deploy(&account.aws, &[jobs(good)]);
        (account, report)
    })
}

/// Asserts that the good deployment is reported as good and the failed one as failed, with its cause, as boto3 sees them.
fn are_true(faults: &[(&str, Vec<Fault>)]) -> [(Account, RunReport); 2] {
    let both = both(faults);
    let [(of_good, good), (of_bad, bad)] = &both;
    assert_eq!((&good.only().result, &good.only().problems), (&StackResult::Created, &Vec::new()));
    assert_eq!(status(of_good), "CREATE_COMPLETE");
    assert_eq!(
        (&bad.only().result, &bad.only().status),
        (&StackResult::RolledBack, &Some(StackStatus::RollbackComplete))
    );
    assert!(bad.only().problems[0].message.contains("`Where`"), "{:?}", bad.only().problems);
    assert_eq!(status(of_bad), "ROLLBACK_COMPLETE");
    both
}

fn status(account: &Account) -> String {
    let live = account.boto.call("cloudformation", "describe_stacks", &json!({ "StackName": "jobs" }));
    live["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned()
}

#[test]
fn duplicate_page_of_events_reports_each_event_once() {
    for (_, report) in are_true(&[("DescribeStackEvents", vec![Fault::Twice; 20])]) {
        let ids = report.events.iter().filter_map(|event| match &event.kind {
            DeployEventKind::StackEvent { event } => Some(event.id.clone()),
            _ => None,
        });
        let ids = ids.collect::<Vec<_>>();
        let once: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(once.len(), ids.len(), "{ids:?}");
        assert!(ids.len() > 3, "{ids:?}");
    }
}

#[test]
fn late_pages_of_events_change_nothing() {
    // The first page is cut, because there is none yet that could come late.
    are_true(&[("DescribeStackEvents", vec![Fault::Late; 4])]);
}

#[test]
fn outdated_description_of_a_stack_is_read_again() {
    let slow = Fault::Slow(Duration::from_millis(300));
    are_true(&[
        ("DescribeStackEvents", vec![slow.clone(), Fault::Cut, slow]),
        ("DescribeStacks", vec![Fault::CutInside]),
    ]);
}

#[test]
fn truncated_reply_is_requested_again() {
    let cut = vec![Fault::CutInside, Fault::CutReply, Fault::CutInside];
    are_true(&[("DescribeStackEvents", cut.clone()), ("DescribeChangeSet", cut)]);
}

#[test]
fn execution_with_a_lost_reply_is_not_repeated() {
    for (account, _) in are_true(&[("ExecuteChangeSet", vec![Fault::CutReply])]) {
        let sent = account.proxy.requests("ExecuteChangeSet");
        let token =
            |body: &String| body.split('&').find(|pair| pair.starts_with("ClientRequestToken=")).unwrap().to_owned();
        assert!(sent.iter().all(|body| token(body) == token(&sent[0])), "{sent:?}");
    }
}

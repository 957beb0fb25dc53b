//! Records of rehearsed runs.

use crate::cfn::schema::Schema;
use crate::deploy::DeployEventKind;
use crate::deploy::api::{CloudFormation, Timestamp};
use crate::deploy::record::tests::{SECRETS, entry};
use crate::deploy::record::{RecordEntry, Redactor, read, write};
use crate::rehearsal::{FaultPoint, ResourceFault};
use crate::testing::harness::{Harness, stack};

/// The secrets of the template.
const HIDDEN: [&str; 6] =
    ["given_by_default", "given_by_hand", "hunter2_literal", "shh_string", "quiet_value", "variable_literal"];

#[test]
fn record_of_a_deployment_has_no_secrets() {
    let mut app = stack("app", SECRETS);
    app.parameters.insert("Key".to_owned(), "given_by_hand".to_owned());
    let harness = Harness::new(1);
    let mut lines: Vec<String> = Vec::new();
    for text in [
        SECRETS.to_owned(),
        SECRETS.replace("quiet_value", "loud_value").replace("hunter2_", "hunter3_").replace("t4g.micro", "t4g.small"),
    ] {
        let again = stack("app", &text);
        let redaction = Redactor::of(std::slice::from_ref(&again), Some(Schema::embedded()));
        let report = harness.deploy(std::slice::from_ref(&again));
        assert!(report.outcome.is_success(), "{:?}", report.outcome);
        lines.extend(report.events.into_iter().map(|event| write(&entry(event), &redaction)));
    }
    let all = lines.join("\n");
    let emitted = HIDDEN.into_iter().chain(["loud_value", "hunter3_literal"]).filter(|secret| all.contains(secret));
    assert_eq!(emitted.collect::<Vec<_>>(), Vec::<&str>::new(), "{all}");
    assert!(all.contains("LEVEL") && all.contains("db.t4g.micro"), "what is not secret stays: {all}");
    assert!(lines.iter().all(|line| read(line).is_ok()));
}

#[test]
fn every_event_is_read_as_it_was_written() {
    let bad = "Resources:\n  A: { Type: 'AWS::SNS::Topic' }\n  B: { Type: 'AWS::SQS::Queue' }\n";
    let harness = Harness::new(7);
    let mut events = harness.deploy(&[stack("one", bad), stack("two", bad)]).events;
    harness.fault(ResourceFault::once("C", FaultPoint::Create, "on request"));
    events.extend(harness.deploy(&[stack("one", &format!("{bad}  C: {{ Type: 'AWS::SQS::Queue' }}\n"))]).events);
    events.extend(harness.destroy(&[stack("one", bad)]).events);
    assert!(events.iter().any(|event| matches!(event.kind, DeployEventKind::StackEvent { .. })));
    for event in events {
        let emitted = serde_json::to_value(&event).expect("an event");
        let line = write(&entry(event), &Redactor::default());
        let Ok(RecordEntry::Event { time, event }) = read(&line) else { panic!("{line}") };
        assert_eq!(time, Timestamp::from_secs(1_795_380_067));
        assert_eq!(serde_json::to_value(&event).expect("an event"), emitted);
    }
}

#[test]
fn value_of_a_no_echo_parameter_is_in_no_plan_and_in_no_account_state() {
    const KEYED: &str = "Parameters:\n  Key: { Type: String, NoEcho: true }\nResources:\n  Held:\n    Type: \
                         AWS::SSM::Parameter\n    Properties: { Type: String, Value: !Ref Key }\n";
    let keyed = |value: &str| {
        let mut keyed = stack("keyed", KEYED);
        keyed.parameters.insert("Key".to_owned(), value.to_owned());
        keyed
    };
    let harness = Harness::new(90);
    let first = harness.deploy(&[keyed("first_hush")]);
    assert!(first.outcome.is_success(), "{:?}", first.outcome);
    let second = harness.deploy(&[keyed("second_hush")]);
    assert_eq!(second.plan("keyed").resources.len(), 1, "another value is another resource");
    let saved = harness.plan(&[keyed("third_hush")]);
    let written = [
        serde_json::to_string(first.plan("keyed")).unwrap(),
        serde_json::to_string(second.plan("keyed")).unwrap(),
        serde_json::to_string(&saved).unwrap(),
        serde_json::to_string(&*harness.state.borrow()).unwrap(),
    ];
    for text in written {
        assert!(!text.contains("_hush"), "{text}");
    }
    let live = harness.with_api(async |cloud| cloud.describe_stack("keyed").await).unwrap().unwrap();
    assert_eq!(live.parameters["Key"], "****", "the value that AWS returns");
}

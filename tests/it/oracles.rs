//! The harness itself: its servers answer, its judges judge, and its proxy spoils what it was told to.

use serde_json::json;

use crate::harness::{Boto, Emulator, Fault, Proxy, Server, lint};

const QUEUE: &str = r#"{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}"#;

fn create_queue_stack(boto: &mut Boto) {
    boto.call("cloudformation", "create_stack", json!({ "StackName": "one", "TemplateBody": QUEUE }));
}

#[test]
fn each_ministack_is_empty_and_answers_boto3() {
    let servers = [Server::start(Emulator::Ministack), Server::start(Emulator::Ministack)];
    let mut botos = servers.each_ref().map(|server| Boto::new(&server.url()));
    create_queue_stack(&mut botos[0]);
    let stacks = botos[0].call("cloudformation", "describe_stacks", json!({}));
    assert_eq!(stacks["Stacks"][0]["StackName"], "one");
    let missing = botos[1].refusal("cloudformation", "describe_stacks", json!({ "StackName": "one" }));
    assert_eq!(missing, "ValidationError");
}

#[test]
fn moto_answers_boto3() {
    let server = Server::start(Emulator::Moto);
    let mut boto = Boto::new(&server.url());
    create_queue_stack(&mut boto);
    let queues = boto.call("sqs", "list_queues", json!({}));
    assert_eq!(queues["QueueUrls"].as_array().map(Vec::len), Some(1), "{queues}");
}

#[test]
fn the_proxy_counts_calls_and_spoils_the_next_ones() {
    let server = Server::start(Emulator::Ministack);
    let proxy = Proxy::before(server.port());
    proxy.spoil("CreateStack", [Fault::Refuse(403, "AccessDenied", "you may not")]);
    let mut boto = Boto::new(&proxy.url());
    let stack = json!({ "StackName": "one", "TemplateBody": QUEUE });
    assert_eq!(boto.refusal("cloudformation", "create_stack", stack.clone()), "AccessDenied");
    boto.call("cloudformation", "create_stack", stack);
    assert_eq!(proxy.calls(), ["CreateStack", "CreateStack"]);
}

#[test]
fn both_linters_find_the_error_in_a_template_and_none_in_a_sound_one() {
    let folder = tempfile::tempdir().unwrap();
    let (sound, wrong) = (folder.path().join("sound.json"), folder.path().join("wrong.json"));
    std::fs::write(&sound, QUEUE).unwrap();
    std::fs::write(&wrong, QUEUE.replace("Queue\"}", "Queue\",\"Properties\":{\"QueueNam\":\"x\"}}")).unwrap();
    let findings = lint(&[&sound, &wrong]);
    assert!(!findings[&sound].iter().any(super::harness::Finding::is_error), "{:?}", findings[&sound]);
    for linter in ["cfn-lint", "cloudformation-validate"] {
        let found = findings[&wrong].iter().find(|found| found.linter == linter && found.is_error());
        assert!(found.is_some_and(|found| found.message.contains("QueueNam")), "{:?}", findings[&wrong]);
    }
}

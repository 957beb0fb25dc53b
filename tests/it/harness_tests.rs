//! The harness itself: its servers, its linters and its proxy.

use serde_json::{Value, json};

use crate::harness::{Boto, Emulator, Fault, Proxy, Server, lint};

const QUEUE: &str = r#"{"Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}"#;

fn queue_stack() -> Value {
    json!({ "StackName": "one", "TemplateBody": QUEUE })
}

#[test]
fn each_ministack_and_each_of_its_accounts_starts_empty() {
    let boto = Boto::new(&Server::shared(Emulator::Ministack).url(), "100000000001");
    boto.call("cloudformation", "create_stack", &queue_stack());
    let stacks = boto.call("cloudformation", "describe_stacks", &json!({}));
    assert_eq!(stacks["Stacks"][0]["StackName"], "one");
    let own = Server::start(Emulator::Ministack);
    for other in [boto.of("100000000002"), Boto::new(&own.url(), "100000000001")] {
        let missing = other.refusal("cloudformation", "describe_stacks", &json!({ "StackName": "one" }));
        assert_eq!(missing, "ValidationError");
    }
}

#[test]
fn server_stops_when_its_value_is_dropped() {
    let server = Server::start(Emulator::Moto);
    let port = server.port();
    drop(server);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn moto_answers_boto3() {
    let boto = Boto::new(&Server::shared(Emulator::Moto).url(), "test");
    boto.call("cloudformation", "create_stack", &queue_stack());
    let queues = boto.call("sqs", "list_queues", &json!({}));
    assert_eq!(queues["QueueUrls"].as_array().map(Vec::len), Some(1), "{queues}");
}

#[test]
fn proxy_counts_calls_and_injects_faults_into_the_next_ones() {
    let proxy = Proxy::before(Server::shared(Emulator::Ministack).port());
    proxy.spoil("CreateStack", [Fault::Refuse(403, "AccessDenied", "you may not")]);
    let boto = Boto::new(&proxy.url(), "100000000003");
    assert_eq!(boto.refusal("cloudformation", "create_stack", &queue_stack()), "AccessDenied");
    boto.call("cloudformation", "create_stack", &queue_stack());
    assert_eq!(proxy.calls(), ["CreateStack", "CreateStack"]);
}

#[test]
fn both_linters_find_an_error_in_a_wrong_template_and_none_in_a_valid_one() {
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

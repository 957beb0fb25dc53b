//! The stack of `rtiler bootstrap` over HTTP, looked at with boto3.

use serde_json::{Value, json};

use super::binary::{Desk, result};
use crate::harness::Emulator;

const BUCKET: &str = "rtiler-templates-ACCOUNT-us-east-1";

fn run(desk: &Desk, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let output = desk.rtiler(&words).env("AWS_REGION", "us-east-1").output().unwrap();
    let (code, printed) = result(&output);
    assert_eq!(code, Some(0), "{words:?}: {printed}");
    printed
}

fn repositories(desk: &Desk) -> Vec<Value> {
    desk.account.boto.call("ecr", "describe_repositories", &json!({}))["repositories"].as_array().unwrap().clone()
}

#[test]
fn bootstrap_is_created_found_unchanged_and_removed() {
    for emulator in [Emulator::Ministack, Emulator::Moto] {
        let desk = Desk::of(r#"Stack("web").add(AWS::SQS::Queue("Queue"))"#, emulator);
        let boto = &desk.account.boto;
        let created = run(&desk, "bootstrap --yes");
        assert!(created.contains("rtiler-bootstrap will be created"), "{emulator:?}: {created}");
        assert_eq!(repositories(&desk)[0]["repositoryName"], "rtiler-images");
        let account = boto.call("sts", "get_caller_identity", &json!({}))["Account"].as_str().unwrap().to_owned();
        let bucket = json!({ "Bucket": BUCKET.replace("ACCOUNT", &account) });
        // moto's CloudFormation leaves policies and versions of buckets out.
        if matches!(emulator, Emulator::Ministack) {
            let policy = boto.call("s3", "get_bucket_policy", &bucket)["Policy"].as_str().unwrap().to_owned();
            assert!(policy.contains("aws:SecureTransport"), "{policy}");
            assert_eq!(boto.call("s3", "get_bucket_versioning", &bucket)["Status"], "Enabled");
        }
        assert!(run(&desk, "bootstrap --yes").contains("no changes"), "{emulator:?}");
        assert!(run(&desk, "gc --dry-run").contains("nothing to remove"), "{emulator:?}");
        run(&desk, "bootstrap --remove --yes");
        assert!(repositories(&desk).is_empty(), "{emulator:?}");
        assert!(run(&desk, "bootstrap --remove --yes").contains("nothing to remove"), "{emulator:?}");
    }
}

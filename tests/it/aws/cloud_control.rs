//! Cloud Control API by its protocol: no emulator has it, so the proxy answers as its API reference says.

use rtiler::deploy::api::{CloudControl, ErrorKind};
use serde_json::json;

use super::{Account, wait};
use crate::harness::{Emulator, Fault};

#[test]
fn resource_is_read_by_a_signed_request_in_json_1_0() {
    let account = Account::new(Emulator::Moto);
    let properties = json!({ "Engine": "postgres" }).to_string();
    let answer = json!({ "TypeName": "AWS::RDS::DBInstance", "ResourceDescription": { "Identifier": "db", "Properties": properties } });
    account.proxy.answer("GetResource", [answer.to_string()]);
    let read = || wait(account.aws.live_resource("AWS::RDS::DBInstance", "db"));
    assert_eq!(read(), Ok(Some(json!({ "Engine": "postgres" }))));
    let head = account.proxy.heads("GetResource").pop().unwrap().to_ascii_lowercase();
    for part in
        ["/us-east-1/cloudcontrolapi/aws4_request", "x-amz-target: cloudapiservice.getresource", "x-amz-json-1.0"]
    {
        assert!(head.contains(part), "{part} is not in {head}");
    }
    let missing = Fault::Refuse(400, "ResourceNotFoundException", "there is none");
    let denied = Fault::Refuse(400, "AccessDeniedException", "you may not");
    account.proxy.spoil("GetResource", [missing, denied]);
    assert_eq!(read(), Ok(None));
    assert_eq!(read().unwrap_err().kind, ErrorKind::AccessDenied);
}

#[test]
fn identifiers_are_read_page_by_page() {
    let account = Account::new(Emulator::Moto);
    let page = |id: &str, next: Option<&str>| {
        json!({ "ResourceDescriptions": [{ "Identifier": id, "Properties": "{}" }], "NextToken": next }).to_string()
    };
    account.proxy.answer("ListResources", [page("one", Some("more")), page("two", None)]);
    let parent = json!({ "LoadBalancerArn": "arn" });
    let found = wait(account.aws.live_identifiers("AWS::ElasticLoadBalancingV2::Listener", &parent));
    assert_eq!(found, Ok(vec!["one".to_owned(), "two".to_owned()]));
    let requests = account.proxy.requests("ListResources");
    assert!(requests[0].contains(r#"{\"LoadBalancerArn\":\"arn\"}"#) && requests[1].contains("more"), "{requests:?}");
}

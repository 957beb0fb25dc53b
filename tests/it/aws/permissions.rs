//! The policies of `permissions` against the calls of a deployment, as the proxy in front of ministack saw them.

use rtiler::deploy::StackResult;
use rtiler::deploy::api::ApiCall;
use rtiler::deploy::permissions::{PolicyScope, permissions};
use serde_json::json;

use super::Account;
use super::world::{deploy, destroy, stack};
use crate::harness::Emulator;

#[test]
fn deployer_may_make_every_call_of_a_creation_an_update_and_a_deletion() {
    let account = Account::new(Emulator::Ministack);
    let version = |delay: u32| {
        let properties = json!({ "DelaySeconds": delay });
        stack("jobs", &json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": properties } } }))
    };
    assert_eq!(deploy(&account.aws, &[version(1)]).only().result, StackResult::Created);
    assert_eq!(deploy(&account.aws, &[version(2)]).only().result, StackResult::Updated);
    assert_eq!(destroy(&account.aws, &[version(2)]).only().result, StackResult::Deleted);
    let policies = permissions(&[version(2)], PolicyScope::default()).deployer;
    let is_allowed = |action: &str| {
        policies.iter().flat_map(|policy| &policy.statement).any(|statement| {
            let resources = statement.resource.iter();
            statement.action.iter().any(|known| known == action)
                && resources.into_iter().any(|resource| resource == "*" || resource.ends_with(":stack/jobs/*"))
        })
    };
    let calls = account.proxy.calls();
    for made in &calls {
        let call = ApiCall::ALL.iter().find(|call| call.operation() == made);
        let call = call.unwrap_or_else(|| panic!("{made} is not in the table of calls"));
        assert!(*call == ApiCall::GetCallerIdentity || is_allowed(&call.iam_action()), "{made} is not allowed");
    }
    assert!(calls.iter().any(|call| call == "CreateChangeSet") && calls.iter().any(|call| call == "DeleteStack"));
}

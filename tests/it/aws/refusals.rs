//! Requests that AWS refuses or fails, and how long the adapter retries.

use rtiler::deploy::api::{AwsError, CloudFormation, ErrorKind};
use rtiler::deploy::diagnose::api_error::diagnose_api_error;

use super::{Account, connect, options, wait};
use crate::harness::{Emulator, Fault};

const THROTTLED: Fault = Fault::Refuse(400, "Throttling", "Rate exceeded");

/// Reads a stack while every call of `DescribeStacks` meets this fault.
fn described(fault: Fault, times: usize) -> (Result<bool, AwsError>, usize) {
    let account = Account::new(Emulator::Moto);
    account.proxy.spoil("DescribeStacks", vec![fault; times]);
    let live = wait(account.aws.describe_stack("web"));
    (live.map(|live| live.is_some()), account.proxy.count("DescribeStacks"))
}

#[test]
fn throttled_call_is_retried_and_reported_in_the_end() {
    assert_eq!(described(THROTTLED, 2), (Ok(false), 3));
    let (refused, calls) = described(THROTTLED, 50);
    assert_eq!((refused.unwrap_err().kind, calls), (ErrorKind::Throttled, 5));
}

#[test]
fn failures_of_aws_and_of_the_network_are_retried() {
    assert_eq!(described(Fault::Refuse(500, "InternalFailure", "sorry"), 1), (Ok(false), 2));
    assert_eq!(described(Fault::Cut, 1), (Ok(false), 2));
    assert_eq!(described(Fault::CutReply, 1), (Ok(false), 2));
    let (refused, _) = described(Fault::Refuse(503, "ServiceUnavailable", "sorry"), 50);
    assert_eq!(refused.unwrap_err().kind, ErrorKind::Unavailable);
}

#[test]
fn refusals_are_reported_at_once_by_their_kind() {
    let kinds = [
        (403, "AccessDenied", ErrorKind::AccessDenied),
        (403, "ExpiredToken", ErrorKind::Expired),
        (403, "InvalidClientTokenId", ErrorKind::NoCredentials),
        (403, "SignatureDoesNotMatch", ErrorKind::NoCredentials),
        (400, "InsufficientCapabilitiesException", ErrorKind::InsufficientCapabilities),
        (400, "OperationInProgressException", ErrorKind::Conflict),
    ];
    let account = Account::new(Emulator::Moto);
    for (status, code, kind) in kinds {
        account.proxy.spoil("DescribeStacks", [Fault::Refuse(status, code, "no")]);
        let refused = wait(account.aws.describe_stack("web")).unwrap_err();
        assert_eq!((refused.kind, &*refused.code, &*refused.message), (kind, code, "no"));
        assert_eq!((refused.call.operation(), refused.request_id.as_deref()), ("DescribeStacks", Some("proxy")));
    }
    assert_eq!(account.proxy.count("DescribeStacks"), kinds.len());
}

#[test]
fn denied_call_names_the_action_that_a_policy_must_allow() {
    let account = Account::new(Emulator::Moto);
    account.proxy.spoil("DescribeStacks", [Fault::Refuse(403, "AccessDenied", "you may not")]);
    let problem = diagnose_api_error(&wait(account.aws.describe_stack("web")).unwrap_err());
    assert!(problem.message.contains("`cloudformation:DescribeStacks`"), "{problem:?}");
}

#[test]
fn unreachable_endpoint_is_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let error = wait(connect(options(&url, "test")).describe_stack("web")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.contains(&url) && error.message.contains("refused"), "{}", error.message);
}

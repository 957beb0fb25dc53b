//! Keys of log groups: the policy of the key must let `CloudWatch` Logs use it.
//!
//! Source: "Encrypt log data in CloudWatch Logs using AWS Key Management Service" of the CloudWatch Logs user guide: the policy of the key
//! names the principal `logs.REGION.amazonaws.com`; without it the creation of the log group fails with `InvalidParameterException`.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::LOG_GROUP;
use crate::cfn::{Map, Segment, Value};
use crate::diag::{Code, Sink};

const KEY: &str = "AWS::KMS::Key";

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for group in scope.all(LOG_GROUP) {
        let Some(key) = group.get("KmsKeyId").and_then(|value| scope.target(value, KEY)) else { continue };
        if !excludes_logs(key) {
            continue;
        }
        let message = format!("the policy of the key `{}` does not let CloudWatch Logs use it", key.id);
        let problem = group.error(Code::LogKeyPolicy, "KmsKeyId", message);
        sink.push(problem.at(key.origin("KeyPolicy"), "its policy").help(
            "add a statement: `Effect: Allow`, `Principal: {Service: !Sub \"logs.${AWS::Region}.amazonaws.com\"}`, `Action: [\"kms:Encrypt*\", \
             \"kms:Decrypt*\", \"kms:ReEncrypt*\", \"kms:GenerateDataKey*\", \"kms:Describe*\"]`, `Resource: \"*\"`",
        ));
    }
}

/// Returns whether certainly no statement is for `CloudWatch` Logs. A key without a policy has one for the account alone.
fn excludes_logs(key: ResourceEntry<'_>) -> bool {
    let statements = match key.get("KeyPolicy.Statement") {
        Some(Value::List(items)) => items.as_slice(),
        Some(one @ Value::Map(_)) => std::slice::from_ref(one),
        Some(_) => return false,
        None => return key.lacks("KeyPolicy"),
    };
    statements.iter().all(|statement| matches!(statement, Value::Map(statement) if is_for_others(statement)))
}

/// Returns whether a statement certainly does not let `CloudWatch` Logs use the key. A principal that is a text is everyone.
fn is_for_others(statement: &Map) -> bool {
    if statement.keys().any(|name| name.starts_with("Fn::")) {
        return false;
    }
    if statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
        return true;
    }
    match statement.get("Principal") {
        Some(Value::Map(principals)) => match principals.get("Service") {
            None => !principals.keys().any(|name| name.starts_with("Fn::")) && !admits_all(principals.get("AWS")),
            Some(Value::List(services)) => services.iter().all(is_other_service),
            Some(service) => is_other_service(service),
        },
        _ => false,
    }
}

fn admits_all(accounts: Option<&Value>) -> bool {
    accounts.and_then(Value::as_str) == Some("*")
}

/// Returns whether a principal is certainly another service.
fn is_other_service(service: &Value) -> bool {
    let Value::Text(text) = service else { return false };
    match text.pieces() {
        [Segment::Literal(start), ..] => !start.starts_with("logs."),
        _ => false,
    }
}

//! Policies of KMS keys that no principal could change again.
//!
//! Source: `BypassPolicyLockoutSafetyCheck` of `CreateKey` and `PutKeyPolicy` (KMS API): KMS refuses a policy that does not let the caller
//! change it (`MalformedPolicyDocumentException`: "The new key policy will not allow you to update the key policy in the future").

use super::context::{CheckContext, ResourceEntry, is_true};
use crate::cfn::{Map, Value};
use crate::diag::{Code, Sink};

const KEYS: [&str; 2] = ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for key in KEYS.iter().flat_map(|kind| scope.all(kind)) {
        if !key.get("BypassPolicyLockoutSafetyCheck").is_some_and(is_true) && locks_out(key) {
            let message = format!("no principal could change the policy of the key `{}` again: KMS refuses it", key.id);
            let problem = key.error(Code::KeyPolicyLockout, "KeyPolicy", message);
            sink.push(problem.note("the policy of a key decides alone: IAM policies count only if it lets the account in").help(
                "let the account manage the key: `Effect: Allow`, `Principal: {AWS: !Sub \"arn:${AWS::Partition}:iam::${AWS::AccountId}:root\"}`, \
                 `Action: \"kms:*\"`, `Resource: \"*\"`",
            ));
        }
    }
}

/// Returns whether certainly no statement lets an account, role or user change the policy.
fn locks_out(key: ResourceEntry<'_>) -> bool {
    let statements = match key.get("KeyPolicy.Statement") {
        Some(Value::List(items)) => items.as_slice(),
        Some(one @ Value::Map(_)) => std::slice::from_ref(one),
        _ => return false,
    };
    statements.iter().all(|statement| matches!(statement, Value::Map(statement) if cannot_change_policy(statement)))
}

/// Returns whether a statement certainly does not let an account, role or user change the policy.
fn cannot_change_policy(statement: &Map) -> bool {
    if statement.keys().any(|name| name.starts_with("Fn::")) {
        return false;
    }
    let is_denied = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let has_other_principal = match statement.get("Principal") {
        Some(Value::Map(principals)) => principals.keys().all(|kind| ["Service", "Federated"].contains(&kind.as_str())),
        _ => false,
    };
    let lacks_action = match statement.get("Action") {
        Some(Value::List(actions)) => actions.iter().all(is_other_action),
        Some(action) => is_other_action(action),
        None => false,
    };
    is_denied || has_other_principal || lacks_action
}

/// Returns whether an action is known and is not `kms:PutKeyPolicy`.
fn is_other_action(action: &Value) -> bool {
    action.as_str().is_some_and(|action| {
        let (pattern, wanted) = (action.to_ascii_lowercase(), "kms:putkeypolicy");
        match pattern.split_once('*') {
            Some((start, end)) => !wanted.starts_with(start) || (!end.contains(['*', '?']) && !wanted.ends_with(end)),
            None => !pattern.contains('?') && pattern != wanted,
        }
    })
}

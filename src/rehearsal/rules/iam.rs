//! AWS IAM: the documents of policies. `names` has its names.

use serde_json::Value as Json;

use super::view::AccountView;
use super::{CHANGES, Refusal, Rule, Subject};
use crate::cfn::type_names::ROLE;
use crate::rehearsal::property_access::list;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: ROLE, intents: CHANGES, check: malformed_trust_policy },
    Rule { kind: ROLE, intents: CHANGES, check: malformed_inline_policy },
    Rule { kind: "AWS::IAM::Policy", intents: CHANGES, check: malformed_policy },
    Rule { kind: "AWS::IAM::RolePolicy", intents: CHANGES, check: malformed_policy },
    Rule { kind: "AWS::IAM::ManagedPolicy", intents: CHANGES, check: malformed_policy },
];

/// Refuses a trust policy without a principal or action, or with a resource (`MalformedPolicyDocument` of `CreateRole` and
/// `UpdateAssumeRolePolicy`, IAM API; "IAM JSON policy element reference", user guide).
fn malformed_trust_policy(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let document = subject.properties.get("AssumeRolePolicyDocument")?;
    statements(document).into_iter().find_map(|statement| {
        if statement.get("Resource").is_some() || statement.get("NotResource").is_some() {
            return Some(malformed("Has prohibited field Resource"));
        }
        if !has_any(statement, &["Principal", "NotPrincipal"]) {
            return Some(malformed("AssumeRole policy must contain a Principal element."));
        }
        (!has_any(statement, &["Action", "NotAction"])).then(|| malformed("Policy statement must contain actions."))
    })
}

/// Refuses a policy in a role without a resource or action (`MalformedPolicyDocument` of `PutRolePolicy`, IAM API).
fn malformed_inline_policy(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    list(subject.properties, "Policies").find_map(|policy| identity_policy(policy.get("PolicyDocument")?))
}

/// Refuses a policy without a resource or action (`MalformedPolicyDocument` of `CreatePolicy` and `PutRolePolicy`, IAM API).
fn malformed_policy(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    identity_policy(subject.properties.get("PolicyDocument")?)
}

/// Returns the refusal of a policy of an identity.
fn identity_policy(document: &Json) -> Option<Refusal> {
    statements(document).into_iter().find_map(|statement| {
        if has_any(statement, &["Principal", "NotPrincipal"]) {
            return Some(malformed("Policy document should not specify a principal."));
        }
        if !has_any(statement, &["Action", "NotAction"]) {
            return Some(malformed("Policy statement must contain actions."));
        }
        (!has_any(statement, &["Resource", "NotResource"]))
            .then(|| malformed("Policy statement must contain resources."))
    })
}

/// Returns the statements of a policy document; one statement needs no list.
fn statements(document: &Json) -> Vec<&Json> {
    match document.get("Statement") {
        Some(Json::Array(statements)) => statements.iter().collect(),
        Some(one @ Json::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

/// Returns whether a statement has one of some elements that is not empty.
fn has_any(statement: &Json, names: &[&str]) -> bool {
    let empty = |value: &Json| value.as_array().is_some_and(Vec::is_empty) || value.as_str().is_some_and(str::is_empty);
    names.iter().any(|name| statement.get(name).is_some_and(|value| !empty(value)))
}

/// Returns a refusal of a policy document.
fn malformed(text: &str) -> Refusal {
    let error = "MalformedPolicyDocument";
    Refusal { service: "Iam", status: 400, error, handler: "InvalidRequest", text: text.to_owned() }
}

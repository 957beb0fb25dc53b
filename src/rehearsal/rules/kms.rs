//! AWS KMS: keys and aliases.

use serde_json::Value as Json;

use super::policy::{allows, matches, statements, texts};
use super::view::AccountView;
use super::{CHANGES, CREATION, Refusal, Rule, Subject};
use crate::rehearsal::property_access::text;

const KEY: &str = "AWS::KMS::Key";
const ALIAS: &str = "AWS::KMS::Alias";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: KEY, intents: CHANGES, check: policy_locks_out },
    Rule { kind: ALIAS, intents: CREATION, check: invalid_name },
    Rule { kind: ALIAS, intents: CREATION, check: name_in_use },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("Kms", error, handler, text)
}

/// Refuses a policy after which its key's policy cannot be changed (`BypassPolicyLockoutSafetyCheck` of `CreateKey` and
/// `PutKeyPolicy`, KMS API; `MalformedPolicyDocumentException`).
fn policy_locks_out(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    if text(subject.properties, "BypassPolicyLockoutSafetyCheck").is_some_and(|value| value == "true") {
        return None;
    }
    let document = subject.properties.get("KeyPolicy")?;
    let admits = |statement: &Json| {
        let actions = texts(statement, "Action");
        allows(statement)
            && (actions.is_empty() || actions.iter().any(|action| matches(action, "kms:PutKeyPolicy")))
            && (statement.get("Principal").is_some_and(|it| it == "*" || !texts(it, "AWS").is_empty())
                || statement.get("NotPrincipal").is_some())
    };
    (!statements(document).into_iter().any(admits)).then(|| {
        let text = "The new key policy will not allow you to update the key policy in the future.";
        refuse("MalformedPolicyDocumentException", "InvalidRequest", text)
    })
}

/// Refuses an alias without its prefix, or with that of AWS (`AliasName` of `CreateAlias`, KMS API: "must begin with `alias/`" and
/// "cannot begin with `alias/aws/`").
fn invalid_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "AliasName")?;
    if !name.starts_with("alias/") {
        let text = "Alias must start with the prefix \"alias/\". Please see \
                    https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
        return Some(refuse("ValidationException", "InvalidRequest", text));
    }
    name.starts_with("alias/aws/")
        .then(|| refuse("NotAuthorizedException", "AccessDenied", "Not authorized to create AWS-managed alias"))
}

/// Refuses a name that another alias has (`AlreadyExistsException` of `CreateAlias`, KMS API).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "AliasName")?;
    view.others(ALIAS, subject).find(|other| other.has("AliasName", &name))?;
    let text = format!(
        "An alias with the name arn:{}:kms:{}:{}:{name} already exists",
        view.partition(),
        view.region,
        view.account
    );
    Some(refuse("AlreadyExistsException", "AlreadyExists", text))
}

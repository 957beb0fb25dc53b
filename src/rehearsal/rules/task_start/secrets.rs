//! Secrets and parameters that the containers read.

use serde_json::Value as Json;

use super::super::access::role_allows;
use super::super::policy::{allows, matches, statements, texts};
use super::super::view::{AccountView, Existing};
use super::TaskStart;
use crate::rehearsal::ecs::StartObstacle;
use crate::rehearsal::property_access::{list, text};

pub(super) const SECRET: &str = "AWS::SecretsManager::Secret";

/// The beginning of AWS's messages about secrets.
const RETRIEVAL: &str =
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ";

/// A secret of Secrets Manager that a container reads.
struct SecretReference {
    /// The ARN, as far as it is given.
    arn: String,
    /// The JSON key, if one is selected.
    key: Option<String>,
}

impl SecretReference {
    /// Reads `ValueFrom`: an ARN, with the JSON key, the stage and the version after it ("Pass Secrets Manager secrets through Amazon
    /// ECS environment variables", developer guide). Returns `None` for a parameter.
    fn read(value: &str) -> Option<Self> {
        let (start, rest) = value.split_once(":secret:").filter(|(start, _)| start.contains(":secretsmanager:"))?;
        let mut parts = rest.split(':');
        let arn = format!("{start}:secret:{}", parts.next()?);
        Some(Self { arn, key: parts.next().filter(|key| !key.is_empty()).map(str::to_owned) })
    }

    /// Returns the ARN with the hyphen and six characters that Secrets Manager appends to names: if they are not given, others are
    /// used.
    fn full_arn(&self) -> String {
        let name = self.arn.rsplit(':').next().unwrap_or_default();
        let suffix = name.rsplit_once('-').map(|(_, suffix)| suffix).unwrap_or_default();
        let complete = suffix.len() == 6 && suffix.chars().all(|letter| letter.is_ascii_alphanumeric());
        if complete { self.arn.clone() } else { format!("{}-a1B2c3", self.arn) }
    }
}

/// Returns the values of the secrets that the containers read.
pub(super) fn values(start: &TaskStart<'_>) -> Vec<String> {
    start.containers().flat_map(|it| list(it, "Secrets")).filter_map(|it| text(it, "ValueFrom")).collect()
}

/// Finds a secret or parameter that the execution role may not read ("Amazon ECS task execution IAM role", developer guide:
/// `secretsmanager:GetSecretValue` and `ssm:GetParameters`; the form of the ARN matters to IAM: containers-roadmap#385). A secret
/// with a policy of its own may let others in.
pub(super) fn unreadable(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    values(start).iter().find_map(|value| {
        let Some(secret) = SecretReference::read(value) else { return parameter_unreadable(start, view, value) };
        let shared = view.of("AWS::SecretsManager::ResourcePolicy").any(|it| it.has("SecretId", &secret.arn));
        let arn = secret.full_arn();
        let denied = start.denied(view, "secretsmanager:GetSecretValue", &arn).filter(|_| !shared)?;
        Some(StartObstacle::Stopped(format!(
            "{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {} \
             from secrets manager: {denied} status code: 400",
            secret.arn
        )))
    })
}

/// Finds a parameter that the execution role may not read.
fn parameter_unreadable(start: &TaskStart<'_>, view: &AccountView<'_>, value: &str) -> Option<StartObstacle> {
    let name = value.trim_start_matches('/');
    let arn = if value.starts_with("arn:") {
        value.to_owned()
    } else {
        format!("arn:{}:ssm:{}:{}:parameter/{name}", view.partition(), view.region, view.account)
    };
    let denied = start.denied(view, "ssm:GetParameters", &arn)?;
    Some(StartObstacle::Stopped(format!(
        "{RETRIEVAL}unable to retrieve secrets from ssm: service call has been retried 1 time(s): {denied} status code: 400"
    )))
}

/// Finds a secret that is encrypted with a key which the execution role may not use (`kms:Decrypt`; "Amazon ECS task execution IAM
/// role", developer guide: "required only if your secret uses a custom KMS key"). A key policy may let the role in.
pub(super) fn encrypted(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    let role = start.execution_role(view)?;
    values(start).iter().find_map(|value| {
        let secret = SecretReference::read(value)?;
        let key = view.find(SECRET, &secret.arn)?.text("KmsKeyId")?;
        let id = key.rsplit('/').next()?;
        let policy = view.find("AWS::KMS::Key", id)?.properties.get("KeyPolicy")?;
        let arn = format!("arn:{}:kms:{}:{}:key/{id}", view.partition(), view.region, view.account);
        let denied = !role_allows(view, role, "kms:Decrypt", &arn)? && !names_a_role(policy);
        denied.then(|| {
            StartObstacle::Stopped(format!(
                "{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {} \
                 from secrets manager: AccessDeniedException: Access to KMS is not allowed status code: 400 (kms:Decrypt)",
                secret.arn
            ))
        })
    })
}

/// Returns whether a key policy lets more than the account decrypt.
fn names_a_role(policy: &Json) -> bool {
    statements(policy).into_iter().any(|statement| {
        let principals = statement.get("Principal").map(|it| texts(it, "AWS")).unwrap_or_default();
        let decrypts = texts(statement, "Action").iter().any(|action| matches(action, "kms:Decrypt"));
        let everyone = statement.get("Principal").is_some_and(|it| it == "*");
        allows(statement) && decrypts && (everyone || principals.iter().any(|it| !it.ends_with(":root")))
    })
}

/// Finds a JSON key that a secret does not have (the message is that of public logs; the one about text that is not JSON is quoted in
/// rileydakota/valheim-ecs-fargate-cdk#9). A secret that is attached to a database gets more keys.
pub(super) fn key_missing(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    values(start).iter().find_map(|value| {
        let SecretReference { arn, key } = SecretReference::read(value)?;
        let secret = view.find(SECRET, &arn)?;
        let attached = view.of("AWS::SecretsManager::SecretTargetAttachment").any(|it| it.has("SecretId", &arn));
        let problem = problem(secret, &key.filter(|_| !attached)?)?;
        Some(StartObstacle::Stopped(format!(
            "{RETRIEVAL}unable to retrieve secret from asm: service call has been retried 1 time(s): {problem}"
        )))
    })
}

/// Returns AWS's message if the text of a secret is known and does not have a key.
fn problem(secret: &Existing<'_>, key: &str) -> Option<String> {
    let generated = secret.properties.get("GenerateSecretString");
    let (content, more) = match (secret.text("SecretString"), generated) {
        (Some(content), _) => (content, None),
        (None, Some(generated)) => match text(generated, "SecretStringTemplate") {
            Some(template) => (template, text(generated, "GenerateStringKey")),
            None => return Some("invalid character looking for beginning of value".to_owned()),
        },
        (None, None) => return None,
    };
    if content.contains("{{resolve:") {
        return None;
    }
    match serde_json::from_str::<Json>(&content) {
        Ok(Json::Object(keys)) if keys.contains_key(key) || more.as_deref() == Some(key) => None,
        Ok(Json::Object(_)) => Some(format!("retrieved secret from Secrets Manager did not contain json key {key}")),
        _ => {
            let first = content.chars().next().unwrap_or(' ');
            Some(format!("invalid character '{first}' looking for beginning of value"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffix_of_a_secret_is_added_if_the_arn_lacks_it() {
        const PREFIX: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";
        for (given, arn, key) in [
            ("app/db", "app/db-a1B2c3", None),
            ("app/db-AbCdEf", "app/db-AbCdEf", None),
            ("app/db:password::", "app/db-a1B2c3", Some("password")),
            ("app/db-AbCdEf:::", "app/db-AbCdEf", None),
        ] {
            let read = SecretReference::read(&format!("{PREFIX}{given}")).expect("a secret");
            assert_eq!((read.full_arn(), read.key.as_deref()), (format!("{PREFIX}{arn}"), key), "{given}");
        }
        assert!(SecretReference::read("/app/password").is_none());
    }
}

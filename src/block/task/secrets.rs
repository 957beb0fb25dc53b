//! The permissions that the secrets of a task need, and the problems of their ARNs.
//!
//! Sources: `Secret.valueFrom` of the ECS API; "Pass Secrets Manager secrets through Amazon ECS environment variables" of
//! the ECS developer guide (selectors, `kms:Decrypt`); "Limiting access to specific secrets" of the Secrets Manager guide
//! (`-??????`).

use crate::block::Secret;
use crate::block::iam_role::Statement;
use crate::block::lowering_context::LoweringContext;
use crate::cfn::regions::{self, RegionName};
use crate::cfn::{Ref, Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

const MANAGER: &str = "secretsmanager:GetSecretValue";
const PARAMETER: &str = "ssm:GetParameters";
/// The parts of the ARN of a secret without a selector, and with one (key, stage and version).
const ARN: usize = 7;
const ARN_WITH_SELECTOR: usize = 10;
/// The hyphen and the random characters that Secrets Manager appends to a name.
const SUFFIX: &str = "-??????";

/// Returns the statements that let ECS read a secret, and the key that encrypts it if the script knows it.
pub(super) fn permissions(
    secret: &WithOrigin<Secret>,
    context: &LoweringContext,
) -> Result<Vec<Statement>, Diagnostic> {
    let arn = &secret.value.arn;
    let parts = arn.split(':');
    let of = |at: usize| parts.get(at).and_then(TemplateString::as_str);
    if of(0) == Some("arn") {
        return match of(2) {
            Some("secretsmanager") => secret_of_manager(secret, &parts),
            Some("ssm") => parameter(secret, &parts),
            Some(other) => {
                let hint = did_you_mean(other, ["secretsmanager", "ssm"]);
                Err(not_an_arn(secret, hint))
            }
            None => Ok(vec![Statement::allow(&unknown_actions(&secret.value), arn.clone())]),
        };
    }
    match arn.pieces().first() {
        Some(Segment::Ref(reference)) if !reference.id.is_pseudo() => referenced(secret, reference, &parts, context),
        Some(Segment::Call(_)) => Ok(vec![Statement::allow(&unknown_actions(&secret.value), first(&parts))]),
        _ => Err(not_an_arn(secret, None)),
    }
}

/// Returns the actions for an ARN that only the deployment knows: it may be of either service.
fn unknown_actions(secret: &Secret) -> Vec<&'static str> {
    if secret.json_key.is_some() { vec![MANAGER] } else { vec![MANAGER, PARAMETER] }
}

fn first(parts: &[TemplateString]) -> TemplateString {
    parts.first().cloned().unwrap_or_default()
}

fn secret_of_manager(secret: &WithOrigin<Secret>, parts: &[TemplateString]) -> Result<Vec<Statement>, Diagnostic> {
    let literal = |at: usize| parts.get(at).and_then(TemplateString::as_str);
    if literal(5).is_some_and(|kind| kind != "secret") || parts.len() < ARN || literal(6) == Some("") {
        return Err(not_an_arn(secret, None));
    }
    place(secret, parts)?;
    selector(secret, parts.len() - ARN)?;
    let arn = joined(&parts[..ARN]);
    let mut statement = Statement::allow(&[MANAGER], arn.clone());
    match suffix(&parts[ARN - 1]) {
        Suffix::Present => {}
        Suffix::Absent => statement.resources = vec![arn.with(SUFFIX)],
        Suffix::Unknown => statement.resources.push(arn.with(SUFFIX)),
    }
    Ok(vec![statement])
}

/// Checks the number of parts after the name of a secret: none, or the key, stage and version of a selector.
fn selector(secret: &WithOrigin<Secret>, parts: usize) -> Result<(), Diagnostic> {
    if parts == 0 {
        return Ok(());
    }
    if parts != ARN_WITH_SELECTOR - ARN {
        let message = "the selector of a secret has three parts: `:key:stage:version`";
        return Err(Diagnostic::new(Code::SecretArn, message)
            .at(&secret.origin, format!("this has {parts}"))
            .help("leave the selector out of the ARN, and give the key as the third argument: `.secret(name, arn, \"key\")`")
            .note("parts may be empty, as in `:key::`; with fewer, the task fails with `unexpected ARN format with parameters`"));
    }
    if secret.value.json_key.is_some() {
        return Err(Diagnostic::new(Code::SecretArn, "the JSON key is set twice")
            .at(&secret.origin, "in the ARN and as the third argument")
            .help("leave the selector out of the ARN"));
    }
    Ok(())
}

fn parameter(secret: &WithOrigin<Secret>, parts: &[TemplateString]) -> Result<Vec<Statement>, Diagnostic> {
    if secret.value.json_key.is_some() {
        return Err(no_key(secret));
    }
    let is_parameter = |name: &TemplateString| match name.pieces().first() {
        Some(Segment::Literal(start)) => start == "parameter" || start.starts_with("parameter/"),
        _ => true,
    };
    if !(6..=7).contains(&parts.len()) || !is_parameter(&parts[5]) {
        return Err(not_an_arn(secret, None));
    }
    place(secret, parts)?;
    Ok(vec![Statement::allow(&[PARAMETER], joined(&parts[..6]))])
}

/// Checks the region and the account of an ARN, if they are literal.
fn place(secret: &WithOrigin<Secret>, parts: &[TemplateString]) -> Result<(), Diagnostic> {
    let literal = |at: usize| parts.get(at).and_then(TemplateString::as_str);
    if let Some(region) = literal(3).filter(|region| regions::classify(region) == RegionName::Malformed) {
        let problem = Diagnostic::new(Code::SecretArn, format!("`{region}` in the ARN is not a region"));
        let hint = regions::suggestion(region).map(|known| format!("did you mean `{known}`?"));
        return Err(problem.at(&secret.origin, "").help_if(hint));
    }
    let is_account = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(account) = literal(4).filter(|account| !is_account(account)) {
        let problem = Diagnostic::new(Code::SecretArn, format!("`{account}` in the ARN is not the id of an account"));
        return Err(problem.at(&secret.origin, "").help("an account's id has twelve digits: `123456789012`"));
    }
    if secret.value.arn.as_str().is_some_and(|arn| arn.contains(['*', '?'])) {
        let problem = Diagnostic::new(Code::SecretArn, "a container gets one secret, not a pattern of several");
        return Err(problem
            .at(&secret.origin, "")
            .help("write the ARN without `*` and `?`; the random suffix may be absent"));
    }
    Ok(())
}

fn joined(parts: &[TemplateString]) -> TemplateString {
    parts.iter().skip(1).fold(first(parts), |text, part| text.with(":").join(part.clone()))
}

/// Whether a name ends with the characters that Secrets Manager appends.
#[derive(Debug, PartialEq, Eq)]
enum Suffix {
    Present,
    Absent,
    /// A name such as `my-secret` has the form of a suffix, and need not have one.
    Unknown,
}

/// Returns whether the name of a secret has the random suffix. A suffix of lower-case letters alone, or without a capital, may
/// be a word of the name; one in twenty-six suffixes has no capital.
fn suffix(name: &TemplateString) -> Suffix {
    let Some(Segment::Literal(end)) = name.pieces().last() else { return Suffix::Unknown };
    let Some((_, last)) = end.rsplit_once('-') else { return Suffix::Absent };
    if last.len() != SUFFIX.len() - 1 || !last.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Suffix::Absent;
    }
    let has = |kind: fn(&u8) -> bool| last.as_bytes().iter().any(kind);
    let is_random = has(u8::is_ascii_uppercase) && (has(u8::is_ascii_lowercase) || has(u8::is_ascii_digit));
    if is_random { Suffix::Present } else { Suffix::Unknown }
}

/// Returns the statements for a secret that the script creates, or that a parameter of the template names.
fn referenced(
    secret: &WithOrigin<Secret>,
    reference: &Ref,
    parts: &[TemplateString],
    context: &LoweringContext,
) -> Result<Vec<Statement>, Diagnostic> {
    let arn = first(parts);
    let resource = context.raw_resource(&reference.id);
    let kind = resource.map(|resource| resource.kind.as_str()).unwrap_or_default();
    let attribute = reference.attribute.as_deref();
    if kind == "AWS::SSM::Parameter" && attribute.is_none() {
        let name = resource.and_then(|resource| resource.properties.get("Name"));
        return match secret.value.json_key {
            Some(_) => Err(no_key(secret)),
            None => Ok(vec![Statement::allow(&[PARAMETER], parameter_arn(arn, name))]),
        };
    }
    let is_secret = (kind == "AWS::SecretsManager::Secret" && matches!(attribute, None | Some("Id")))
        || (attribute.is_none() && context.is_secret(&reference.id));
    let is_managed = attribute.is_some_and(|attribute| attribute.ends_with("SecretArn"));
    if resource.is_some() && !is_secret && !is_managed && attribute.is_none() {
        return Err(not_a_secret(secret, reference, kind));
    }
    selector(secret, parts.len() - 1)?;
    let actions =
        if is_secret || is_managed || parts.len() > 1 { vec![MANAGER] } else { unknown_actions(&secret.value) };
    let mut statements = vec![Statement::allow(&actions, arn)];
    if let Some(Ok(Some(key))) = key_of(reference, context).map(|key| key_arn(key, context)) {
        statements.push(Statement::allow(&["kms:Decrypt"], key));
    }
    Ok(statements)
}

/// Returns the key that encrypts a secret of the script, if it sets one.
fn key_of<'c>(reference: &Ref, context: &'c LoweringContext) -> Option<&'c Value> {
    let resource = context.raw_resource(&reference.id)?;
    match reference.attribute.as_deref() {
        Some(attribute) if attribute.ends_with("SecretArn") => {
            resource.properties.get("MasterUserSecret")?.get("KmsKeyId")
        }
        _ if resource.kind.as_str() == "AWS::SecretsManager::Secret" => resource.properties.get("KmsKeyId"),
        _ => None,
    }
}

/// Reports a secret of the script whose key is known by an alias or a parameter alone: IAM needs the ARN of the key.
pub(super) fn unknown_key(secret: &WithOrigin<Secret>, context: &LoweringContext) -> Option<Diagnostic> {
    let Some(Segment::Ref(reference)) = secret.value.arn.pieces().first() else { return None };
    let key = key_of(reference, context)?;
    key_arn(key, context).is_err().then(|| {
        let which = if let Value::Text(text) = key { format!(" `{text}`") } else { String::new() };
        Diagnostic::new(Code::SecretKey, format!("the ARN of the key{which} that encrypts the secret is not known"))
            .at(&secret.origin, "the execution role must be allowed to decrypt with it")
            .help("add `.allow_execution(\"kms:Decrypt\", key_arn)`, or set `KmsKeyId` of the secret to the ARN of the key")
    })
}

/// Returns the ARN of a parameter that the script creates; its `Ref` is its name.
fn parameter_arn(reference: TemplateString, name: Option<&Value>) -> TemplateString {
    let has_slash = match name {
        Some(Value::Text(name)) => {
            matches!(name.pieces().first(), Some(Segment::Literal(start)) if start.starts_with('/'))
        }
        _ => false,
    };
    own("ssm", if has_slash { "parameter" } else { "parameter/" }).join(reference)
}

/// Returns the start of the ARN of a resource in the region and account of the stack.
fn own(service: &str, resource: &str) -> TemplateString {
    TemplateString::from("arn:")
        .with(Ref::to("AWS::Partition"))
        .with(format!(":{service}:"))
        .with(Ref::to("AWS::Region"))
        .with(":")
        .with(Ref::to("AWS::AccountId"))
        .with(format!(":{resource}"))
}

/// Returns the ARN of a key: of one that the script creates, of an ARN, or of a key id; nothing for a key of AWS.
fn key_arn(key: &Value, context: &LoweringContext) -> Result<Option<TemplateString>, ()> {
    let Value::Text(text) = key else { return Err(()) };
    if let Some(reference) = text.as_reference() {
        let resource = context.raw_resource(&reference.id).ok_or(())?;
        return match resource.kind.as_str() {
            "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => Ok(Some(Ref::attribute(reference.id.clone(), "Arn").into())),
            "AWS::KMS::Alias" => resource.properties.get("TargetKeyId").map_or(Err(()), |key| key_arn(key, context)),
            _ => Err(()),
        };
    }
    let literal = text.as_str().unwrap_or_default();
    if literal.starts_with("alias/aws/") || literal.contains(":alias/aws/") {
        return Ok(None);
    }
    match text.pieces().first() {
        Some(Segment::Literal(start)) if start.starts_with("arn:") && !literal.contains(":alias/") => {
            Ok(Some(text.clone()))
        }
        _ if !literal.is_empty() && !literal.starts_with("alias/") && !literal.starts_with("arn:") => {
            Ok(Some(own("kms", "key/").join(text.clone())))
        }
        _ => Err(()),
    }
}

fn no_key(secret: &WithOrigin<Secret>) -> Diagnostic {
    Diagnostic::new(Code::SecretJsonKey, "a parameter of SSM has no JSON keys")
        .at(&secret.origin, "")
        .help("leave the key out, or keep the value in Secrets Manager")
}

fn not_a_secret(secret: &WithOrigin<Secret>, reference: &Ref, kind: &str) -> Diagnostic {
    Diagnostic::new(Code::SecretArn, format!("`{}` is of type `{kind}`, and not a secret or parameter", reference.id))
        .at(&secret.origin, "")
        .help("use an `AWS::SecretsManager::Secret`, an `AWS::SSM::Parameter`, or an ARN")
}

/// Reports a name, or another text that is not the ARN of a secret, with an ARN that can be pasted.
fn not_an_arn(secret: &WithOrigin<Secret>, hint: Option<String>) -> Diagnostic {
    let text = secret.value.arn.to_string();
    let problem = Diagnostic::new(Code::SecretArn, format!("`{text}` is not the ARN of a secret or of a parameter"))
        .at(&secret.origin, "")
        .help_if(hint);
    let is_name = !text.is_empty() && !text.contains([':', ' ', '*', '{']);
    if !is_name {
        return problem.help(
            "give the whole ARN: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME` or `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`",
        );
    }
    let (manager, ssm) = (own("secretsmanager", "secret:"), own("ssm", "parameter/"));
    let named = text.trim_start_matches('/');
    let problem = problem.help(format!("a parameter of this account has the ARN `{ssm}{named}` (in back-ticks)"));
    if text.starts_with('/') {
        return problem;
    }
    problem.help(format!(
        "a secret of this account has the ARN `{manager}{named}` (in back-ticks); it needs no random suffix"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Origin;

    fn secret(arn: &str, json_key: Option<&str>) -> WithOrigin<Secret> {
        let arn = TemplateString::from_sub(arn);
        let secret = Secret { name: "TOKEN".to_owned(), arn, json_key: json_key.map(str::to_owned) };
        WithOrigin::new(secret, Origin::new("app.rhai", 1, 1))
    }

    fn resources(arn: &str) -> Vec<String> {
        let statements = permissions(&secret(arn, None), &LoweringContext::default()).expect("an ARN");
        statements.into_iter().flat_map(|it| it.resources).map(|it| it.to_string()).collect()
    }

    fn problem(arn: &str, json_key: Option<&str>) -> String {
        permissions(&secret(arn, json_key), &LoweringContext::default()).expect_err("a problem").message
    }

    #[test]
    fn secret_without_suffix_gets_a_wildcard() {
        const BASE: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret";
        assert_eq!(resources(&format!("{BASE}:app/db")), [format!("{BASE}:app/db-??????")]);
        assert_eq!(resources(&format!("{BASE}:app/db-Ab1Cd2")), [format!("{BASE}:app/db-Ab1Cd2")]);
    }

    #[test]
    fn word_with_the_length_of_a_suffix_gets_both() {
        const BASE: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:my-secret";
        assert_eq!(resources(BASE), [BASE.to_owned(), format!("{BASE}-??????")]);
    }

    #[test]
    fn selector_is_left_out_of_the_policy() {
        const BASE: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-Ab1Cd2";
        for selector in [":password::", ":password:AWSPREVIOUS:", "::AWSCURRENT:"] {
            assert_eq!(resources(&format!("{BASE}{selector}")), [BASE], "{selector}");
        }
        assert_eq!(resources("${Database}:password::"), ["${Database}"]);
    }

    #[test]
    fn selector_with_too_few_parts_is_reported() {
        let message = problem("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-Ab1Cd2:password", None);
        assert!(message.contains("three parts"), "{message}");
        let twice = problem("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-Ab1Cd2:user::", Some("key"));
        assert!(twice.contains("twice"), "{twice}");
    }

    #[test]
    fn arn_of_pseudo_parameters_is_understood() {
        let arn = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:app/db";
        assert_eq!(resources(arn), [format!("{arn}-??????")]);
        let parameter = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/token";
        assert_eq!(resources(parameter), [parameter]);
    }

    #[test]
    fn text_that_is_not_an_arn_is_reported() {
        for arn in [
            "app/db",
            "",
            "arn:aws:s3:::bucket",
            "arn:aws:secretsmanager:eu-west-1:123456789012:app/db",
            "arn:aws:ssm:eu-west-1:123456789012:app/token",
            "{{resolve:secretsmanager:app/db}}",
        ] {
            assert!(problem(arn, None).contains("is not the ARN"), "{arn}");
        }
        assert!(problem("arn:aws:ssm:eu-wst-1:123456789012:parameter/a", None).contains("is not a region"));
        assert!(problem("arn:aws:ssm:eu-west-1:12345:parameter/a", None).contains("id of an account"));
        assert!(problem("arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/*", None).contains("pattern"));
    }
}

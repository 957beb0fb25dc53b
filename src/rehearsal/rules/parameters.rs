//! AWS Systems Manager and AWS Secrets Manager: names and values of parameters and secrets. `task_start` has the rules about
//! those that tasks read, `names` the names of secrets that are in use.

use super::view::AccountView;
use super::{CHANGES, CREATION, Refusal, Rule, Subject};
use crate::cfn::type_names::SSM_PARAMETER;
use crate::rehearsal::property_access::text;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: SSM_PARAMETER, intents: CREATION, check: name_in_use },
    Rule { kind: SSM_PARAMETER, intents: CREATION, check: reserved_name },
    Rule { kind: SSM_PARAMETER, intents: CREATION, check: invalid_name },
    Rule { kind: SSM_PARAMETER, intents: CHANGES, check: value_too_long },
    Rule { kind: SSM_PARAMETER, intents: CHANGES, check: value_empty },
    Rule { kind: SECRET, intents: CREATION, check: invalid_secret_name },
];

const SECRET: &str = "AWS::SecretsManager::Secret";

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("Ssm", error, handler, text)
}

/// Refuses a name that another parameter has (`ParameterAlreadyExists` of `PutParameter`, Systems Manager API).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    view.others(SSM_PARAMETER, subject).find(|other| other.has("Name", &name))?;
    let text =
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
    Some(refuse("ParameterAlreadyExists", "AlreadyExists", text))
}

/// Refuses a name of AWS (`Name` of `PutParameter`, Systems Manager API: "a parameter name can't be prefixed with `aws` or `ssm`").
fn reserved_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    let lower = name.trim_start_matches('/').to_lowercase();
    if lower.starts_with("aws") {
        let text = format!("No access to reserved parameter name: {name}.");
        return Some(refuse("AccessDeniedException", "AccessDenied", text));
    }
    lower.starts_with("ssm").then(name_not_valid)
}

/// Returns the refusal of a name (the message is quoted in boto/boto3#1499).
fn name_not_valid() -> Refusal {
    let text = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
                sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 \
                symbols .-_";
    refuse("ValidationException", "InvalidRequest", text)
}

/// Refuses a name with other characters, and a path that does not begin with a slash (`Name` of `PutParameter`, Systems Manager API;
/// the message of the second is quoted in hashicorp/terraform-provider-aws#7251).
fn invalid_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    if !name.chars().all(allowed) {
        return Some(name_not_valid());
    }
    let is_path = name.contains('/') && !name.starts_with('/');
    let text = "Parameter name must be a fully qualified name.";
    is_path.then(|| refuse("ValidationException", "InvalidRequest", text))
}

/// Refuses an empty value (`Value` of `PutParameter`, Systems Manager API: a length of at least 1).
fn value_empty(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "Value").filter(String::is_empty)?;
    let text = "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater \
                than or equal to 1";
    Some(refuse("ValidationException", "InvalidRequest", text))
}

/// Refuses the name of a secret with other characters (`Name` of `CreateSecret`, Secrets Manager API: "ASCII letters, numbers, and the
/// following characters: /_+=.@-"; the message is quoted in hashicorp/terraform-provider-aws#39406).
fn invalid_secret_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Name")?;
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-/_+=.@!".contains(letter);
    (!name.chars().all(allowed)).then(|| {
        let text =
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
        Refusal::new("SecretsManager", "ValidationException", "InvalidRequest", text)
    })
}

/// Refuses a value over 4096 characters in the standard tier (`Value` of `PutParameter`, Systems Manager API: "standard parameters have
/// a value limit of 4 KB"; the message is that of public logs).
fn value_too_long(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let value = text(subject.properties, "Value")?;
    let standard = text(subject.properties, "Tier").is_none_or(|tier| tier == "Standard");
    (standard && value.len() > 4096).then(|| {
        let text = "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter \
                    value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
                    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html";
        refuse("ValidationException", "InvalidRequest", text)
    })
}

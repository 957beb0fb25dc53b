//! Which properties of which types hold values that are not shown.

use serde_json::{Map, Value as Json};

use super::is_secret_name;

/// The degree to which a value is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exposure {
    /// It is shown; credentials in its texts are not.
    Shown,
    /// It is not shown in its place: a value of an environment variable, a write-only property.
    Private,
    /// It is a secret, which is not shown anywhere.
    Secret,
}

/// Properties that hold secrets and are neither write-only in the schemas nor named like secrets.
const SECRETS: [(&str, &str); 11] = [
    ("AWS::SSM::Parameter", "Value"),
    ("AWS::SecretsManager::Secret", "GenerateSecretString.SecretStringTemplate"),
    ("AWS::ApiGateway::ApiKey", "Value"),
    ("AWS::CloudFront::Distribution", "DistributionConfig.Origins.*.OriginCustomHeaders.*.HeaderValue"),
    ("AWS::Events::Connection", "AuthParameters.*.*.*.Value"),
    ("AWS::Events::Connection", "AuthParameters.*.*.Value"),
    ("AWS::Events::Connection", "AuthParameters.*.*.*.*.Value"),
    ("AWS::Cognito::UserPoolIdentityProvider", "ProviderDetails.private_key"),
    ("AWS::ElastiCache::User", "Passwords.*"),
    ("AWS::MemoryDB::User", "AuthenticationMode.Passwords.*"),
    ("AWS::AppSync::ApiKey", "ApiKeyId"),
];

/// Properties whose values are private, as those of environment variables are.
const PRIVATE: [(&str, &str); 16] = [
    // Texts and maps with variables and arguments of their own.
    ("AWS::CodeBuild::Project", "Source.BuildSpec"),
    ("AWS::CodeBuild::Project", "SecondarySources.*.BuildSpec"),
    ("AWS::Amplify::App", "BuildSpec"),
    ("AWS::Events::Rule", "Targets.*.Input"),
    ("AWS::Scheduler::Schedule", "Target.Input"),
    ("AWS::Glue::Job", "DefaultArguments.*"),
    ("AWS::SSM::Association", "Parameters.*"),
    (
        "AWS::KinesisAnalyticsV2::Application",
        "ApplicationConfiguration.EnvironmentProperties.PropertyGroups.*.PropertyMap.*",
    ),
    ("AWS::CloudFormation::Stack", "Parameters.*"),
    ("AWS::ElasticBeanstalk::Environment", "OptionSettings.*.Value"),
    ("AWS::ElasticBeanstalk::ConfigurationTemplate", "OptionSettings.*.Value"),
    ("AWS::ElasticBeanstalk::ConfigurationTemplate", "SourceConfiguration.*.Value"),
    ("AWS::AppConfig::HostedConfigurationVersion", "Content"),
    ("AWS::MWAA::Environment", "AirflowConfigurationOptions.*"),
    ("AWS::Batch::JobDefinition", "Parameters.*"),
    ("AWS::DMS::Endpoint", "ExtraConnectionAttributes"),
];

/// Keys of values in an item that has a name: `{Name, Value}`.
const VALUE_KEYS: [&str; 6] = ["Value", "ParameterValue", "HeaderValue", "StringValue", "DefaultValue", "value"];

/// Keys of the names of such items, and of what else describes them.
const NAME_KEYS: [&str; 10] =
    ["Name", "Key", "OptionName", "ParameterKey", "HeaderName", "Variable", "Namespace", "Type", "name", "key"];

/// Returns the exposure of an entry of an object.
pub(super) fn below(
    at: Exposure,
    object: &Map<String, Json>,
    key: &str,
    in_place: impl FnOnce() -> Exposure,
) -> Exposure {
    // Looked up, not searched: an object may have as many entries as a template has bytes.
    let has_value = || VALUE_KEYS.iter().chain(&["ValueFrom"]).any(|other| object.contains_key(*other));
    if key == "ValueFrom" || (NAME_KEYS.contains(&key) && object.len() > 1 && has_value()) {
        return Exposure::Shown;
    }
    let is_named = VALUE_KEYS.contains(&key) && item_name(object).is_some_and(is_secret_name);
    match at {
        Exposure::Secret => Exposure::Secret,
        _ if is_named || is_secret_name(key) => Exposure::Secret,
        Exposure::Private => Exposure::Private,
        Exposure::Shown => in_place(),
    }
}

fn item_name(object: &Map<String, Json>) -> Option<&str> {
    NAME_KEYS.iter().filter(|key| !["Type", "Namespace"].contains(key)).find_map(|key| object.get(*key)?.as_str())
}

/// Returns the exposure of a property by its type and path, and the write-only properties of the type. A write-only object
/// has parts that are not secrets.
pub(super) fn of_property(kind: &str, path: &[String], write_only: &[&str], value: Option<&Json>) -> Exposure {
    let listed = |all: &[(&str, &str)]| all.iter().any(|(of, pattern)| *of == kind && fits(pattern, path));
    let is_write_only = write_only.iter().any(|pattern| fits(pattern, path));
    let is_artifact = path.last().is_some_and(|name| is_place(name));
    match () {
        () if listed(&SECRETS) || (is_write_only && !is_artifact && value.is_some_and(Json::is_string)) => {
            Exposure::Secret
        }
        () if is_write_only || listed(&PRIVATE) => Exposure::Private,
        () => Exposure::Shown,
    }
}

/// Returns whether a write-only property says where something is, or switches something, rather than what it is.
fn is_place(name: &str) -> bool {
    const ENDS: [&str; 16] = [
        "Bucket",
        "Key",
        "Version",
        "Uri",
        "URI",
        "Url",
        "Arn",
        "ARN",
        "Id",
        "Identifier",
        "Name",
        "Location",
        "Type",
        "Mode",
        "Policy",
        "Code",
    ];
    ENDS.iter().any(|end| name.ends_with(end))
}

fn fits(pattern: &str, path: &[String]) -> bool {
    let mut steps = pattern.split('.');
    path.iter().all(|step| steps.next().is_some_and(|wanted| wanted == "*" || wanted == step)) && steps.next().is_none()
}

/// Returns whether an entry holds values of environment variables, or the script of a machine's first start.
pub(super) fn is_environment(path: &[String], key: &str, value: Option<&Json>) -> bool {
    /// Keys of an `Environment` that is an object with a form of its own (`CodeBuild`, Lambda).
    const STRUCTURED: [&str; 4] = ["Variables", "EnvironmentVariables", "ComputeType", "PrivilegedMode"];
    let is_structure = |value: &Json| STRUCTURED.iter().any(|key| value.get(key).is_some());
    let holds = value.is_none_or(|value| value.is_array() || value.is_object());
    match key {
        "UserData" => true,
        "Variables" => path.last().is_some_and(|parent| parent == "Environment"),
        "Environment" => holds && !value.is_some_and(is_structure),
        "EnvironmentOverride" | "EnvironmentOverrides" | "ContainerEnvironment" | "JobEnvironment" => holds,
        _ => key.ends_with("EnvironmentVariables") && holds,
    }
}

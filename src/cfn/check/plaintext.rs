//! Secrets that a template holds as plain text: everyone who may read the template or the task definition sees them.
//!
//! Sources: "Best practices for CloudFormation" ("Do not embed credentials in your templates"); "Pass sensitive data to an
//! Amazon ECS container" of the ECS developer guide.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::cfn::sensitive::{Purpose, ShortOption, is_secret_name_for, is_secret_option};
use crate::cfn::type_names::TASK_DEFINITION;
use crate::diag::{Code, Diagnostic, Sink};

/// Properties that hold a password.
const PASSWORDS: [(&str, &str); 27] = [
    ("AWS::IAM::User", "LoginProfile.Password"),
    ("AWS::CodePipeline::Webhook", "AuthenticationConfiguration.SecretToken"),
    ("AWS::Amplify::App", "OauthToken"),
    ("AWS::Amplify::App", "AccessToken"),
    ("AWS::Events::Connection", "AuthParameters.ApiKeyAuthParameters.ApiKeyValue"),
    ("AWS::Events::Connection", "AuthParameters.BasicAuthParameters.Password"),
    ("AWS::Events::Connection", "AuthParameters.OAuthParameters.ClientParameters.ClientSecret"),
    ("AWS::ElasticLoadBalancingV2::Listener", "DefaultActions.*.AuthenticateOidcConfig.ClientSecret"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Actions.*.AuthenticateOidcConfig.ClientSecret"),
    ("AWS::ElastiCache::User", "Passwords.*"),
    ("AWS::MemoryDB::User", "AuthenticationMode.Passwords.*"),
    ("AWS::Glue::Connection", "ConnectionInput.ConnectionProperties.PASSWORD"),
    ("AWS::DirectoryService::SimpleAD", "Password"),
    ("AWS::Cognito::UserPoolIdentityProvider", "ProviderDetails.client_secret"),
    ("AWS::KinesisFirehose::DeliveryStream", "HttpEndpointDestinationConfiguration.EndpointConfiguration.AccessKey"),
    ("AWS::ApiGateway::ApiKey", "Value"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
    ("AWS::RDS::DBCluster", "MasterUserPassword"),
    ("AWS::DocDB::DBCluster", "MasterUserPassword"),
    ("AWS::Redshift::Cluster", "MasterUserPassword"),
    ("AWS::RedshiftServerless::Namespace", "AdminUserPassword"),
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
    ("AWS::OpenSearchService::Domain", "AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword"),
    ("AWS::AmazonMQ::Broker", "Users.*.Password"),
    ("AWS::DMS::Endpoint", "Password"),
    ("AWS::DirectoryService::MicrosoftAD", "Password"),
    ("AWS::SecretsManager::Secret", "SecretString"),
];

/// Lists of words of commands.
const COMMANDS: [(&str, &str); 3] = [
    (TASK_DEFINITION, "ContainerDefinitions.*.Command.*"),
    (TASK_DEFINITION, "ContainerDefinitions.*.EntryPoint.*"),
    ("AWS::Batch::JobDefinition", "ContainerProperties.Command.*"),
];

/// The beginnings of credentials of AWS, GitHub, GitLab, Slack, Stripe and of private keys.
const CREDENTIALS: [&str; 10] =
    ["AKIA", "ASIA", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "-----BEGIN "];
/// Parts of values that are placeholders.
const PLACEHOLDERS: [&str; 12] = [
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "replace",
    "example",
    "dummy",
    "todo",
    "your-",
    "your_",
    "xxx",
    "***",
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for task in scope.all(TASK_DEFINITION) {
        task.each_path("ContainerDefinitions.*.Environment.*", &mut |path| sink.extend(variable(task, path)));
    }
    variables(scope, sink);
    for (kind, list) in COMMANDS {
        for found in scope.all(kind) {
            found.each_path(list, &mut |path| sink.extend(argument(found, path)));
        }
    }
    for function in scope.all("AWS::Lambda::Function") {
        for (name, value) in function.get("Environment.Variables").and_then(Value::as_map).into_iter().flatten() {
            if value.as_str().is_some_and(|value| holds_secret(name, value)) {
                let path = format!("Environment.Variables.{name}");
                let problem = plain(function, &path, name);
                sink.push(problem.help("keep the value in Secrets Manager, and read it when the function starts"));
            }
        }
    }
    for (kind, pattern) in PASSWORDS {
        for found in scope.all(kind) {
            found.each_path(pattern, &mut |path| sink.extend(password(found, path)));
        }
    }
}

/// Checks the variables of jobs and builds.
fn variables(scope: &CheckContext<'_>, sink: &mut Sink) {
    for job in scope.all("AWS::Batch::JobDefinition") {
        job.each_path("ContainerProperties.Environment.*", &mut |path| {
            let help = "keep the value in Secrets Manager, and name it in `Secrets` of the container";
            sink.extend(secret_variable(job, path).map(|problem| problem.help(help)));
        });
    }
    for build in scope.all("AWS::CodeBuild::Project") {
        build.each_path("Environment.EnvironmentVariables.*", &mut |path| {
            let is_plain = build.text(&format!("{path}.Type")).is_none_or(|kind| kind == "PLAINTEXT");
            let help = "keep the value in Secrets Manager, and set `Type: SECRETS_MANAGER` and its name as the value";
            sink.extend(secret_variable(build, path).filter(|_| is_plain).map(|problem| problem.help(help)));
        });
    }
}

fn secret_variable(found: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let (name, value) = (found.text(&format!("{path}.Name"))?, found.text(&format!("{path}.Value"))?);
    holds_secret(name, value).then(|| plain(found, path, name))
}

/// Checks a word of a command: the value of an option for a secret (`--password x`, `--password=x`), a password in an address.
fn argument(found: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let word = found.text(path)?;
    let (list, at) = path.rsplit_once('.')?;
    let word_at = |at: usize| found.text(&format!("{list}.{at}"));
    // A command continues the words of its entry point.
    let container = list.strip_suffix(".Command");
    let entry_at = |at: usize| container.and_then(|container| found.text(&format!("{container}.EntryPoint.{at}")));
    let before = match at.parse::<usize>().ok()? {
        0 => (0..).map_while(entry_at).last(),
        at => word_at(at - 1),
    };
    // A health check begins with `CMD`.
    let mut words = [0, 1].into_iter().filter_map(entry_at).chain([0, 1].into_iter().filter_map(word_at));
    let program = words.find_map(ShortOption::of);
    let is_literal = |value: &str| may_be_secret(value) && !is_reference(value) && !is_placeholder(value);
    let inline = word.split_once('=').filter(|(option, value)| is_secret_option(option) && is_literal(value));
    let option = match (inline, before) {
        (Some((option, _)), _) => option,
        (None, Some(option)) if is_secret_option(option) && !word.starts_with('-') && is_literal(word) => option,
        _ if has_password(word) => "the command",
        _ => program.filter(|program| passes_secret(program, before.unwrap_or_default(), word, is_literal))?.option,
    };
    let help = "keep the value in Secrets Manager, set a variable with `.secret(NAME, arn)` (`Secrets` in a template), and let \
                the program read the variable";
    Some(plain(found, path, option).help(help))
}

/// Returns whether a word of a command passes a secret to the program by its short option.
fn passes_secret(program: &ShortOption, before: &str, word: &str, is_literal: impl Fn(&str) -> bool) -> bool {
    program.secret_start(before, word).is_some_and(|start| is_literal(&word[start..]))
}

fn variable(task: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let name = task.text(&format!("{path}.Name"))?;
    let value = task.text(&format!("{path}.Value"))?;
    holds_secret(name, value).then(|| {
        plain(task, path, name).help(format!(
            "keep the value in Secrets Manager or in a SecureString of SSM, and set the variable with `.secret(\"{name}\", arn)` (`Secrets` in a template)"
        ))
    })
}

fn password(found: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let value = found.text(path).filter(|value| !is_reference(value) && !is_placeholder(value))?;
    let is_name = |step: &&str| step.parse::<usize>().is_err();
    let name = path.rsplit('.').find(is_name).unwrap_or(path);
    let problem = if value.is_empty() { return None } else { plain(found, path, name) };
    Some(match (found.kind(), name) {
        ("AWS::SecretsManager::Secret", _) => {
            problem.help("leave the value out of `Secret(..)`, so that it is generated (`GenerateSecretString` in a template), or set it after the deployment with `aws secretsmanager put-secret-value`")
        }
        ("AWS::RDS::DBInstance" | "AWS::RDS::DBCluster", _) => {
            problem.help("set `ManageMasterUserPassword: true`: RDS keeps the password in Secrets Manager")
        }
        _ => problem.help("use a dynamic reference: `{{resolve:secretsmanager:NAME:SecretString:password}}`"),
    })
}

fn plain(found: ResourceEntry<'_>, path: &str, name: &str) -> Diagnostic {
    let message = format!("`{name}` holds a secret as plain text");
    let problem = found.warning(Code::PlaintextSecret, path, message);
    problem.note("everyone who may read the template, the task definition or the change set sees it")
}

/// Returns whether a variable of this name and value holds a secret.
fn holds_secret(name: &str, value: &str) -> bool {
    if is_reference(value) || is_placeholder(value) {
        return false;
    }
    let is_credential = CREDENTIALS.iter().any(|start| value.starts_with(start) && value.len() >= start.len() + 10);
    is_credential || has_password(value) || (is_secret_name_for(name, Purpose::Warn) && may_be_secret(value))
}

/// Returns whether a value is long enough for a secret, and not a number, a boolean, a path or an address.
fn may_be_secret(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_word = ["true", "false", "none", "null", "nil", "yes", "no", "on", "off", "disabled", "enabled"]
        .contains(&lower.as_str());
    let is_small_number = value.len() < 6 && value.bytes().all(|byte| byte.is_ascii_digit());
    !value.is_empty()
        && !is_word
        && !is_small_number
        && !is_name_of_secret(value)
        && !value.starts_with('/')
        && !value.contains("://")
}

/// Returns whether a value is the name of a secret or parameter rather than its value: `prod/app/db`.
fn is_name_of_secret(value: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    value.contains('/') && value.split('/').all(is_part)
}

fn is_reference(value: &str) -> bool {
    let is_resolved = value.contains("{{resolve:");
    let starts = ["arn:", "$", "<", "ssm:", "secretsmanager:", "projects/"];
    is_resolved || starts.iter().any(|start| value.starts_with(start))
}

fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|part| lower.contains(part))
}

/// Returns whether an address holds a password: `postgres://app:hunter2@db/app`.
fn has_password(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let password = user.split_once(':').map(|(_, password)| password).unwrap_or_default();
    is_scheme && !password.is_empty() && !password.starts_with(['$', '<', '{', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_ends_with_a_secret_word_names_a_secret() {
        for name in
            ["DB_PASSWORD", "GITHUB_TOKEN", "STRIPE_API_KEY", "ClientSecret", "DJANGO_SECRET_KEY", "db-password"]
        {
            assert!(is_secret_name_for(name, Purpose::Warn), "{name}");
        }
        for name in
            ["PASSWORD_MIN_LENGTH", "TOKEN_URL", "SECRET_ARN", "PUBLIC_KEY", "CACHE_KEY", "KEY", "COMPASS", "PWD"]
        {
            assert!(!is_secret_name_for(name, Purpose::Warn), "{name}");
        }
    }

    #[test]
    fn value_that_refers_to_a_secret_is_none() {
        for value in [
            "",
            "arn:aws:ssm:eu-west-1:1:parameter/a",
            "prod/app/db",
            "{{resolve:ssm:/a}}",
            "changeme",
            "/run/secrets/db",
            "3600",
            "true",
            "https://issuer.test/token",
        ] {
            assert!(!holds_secret("DB_PASSWORD", value), "{value}");
        }
        assert!(holds_secret("DB_PASSWORD", "hunter2hunter2"));
    }

    #[test]
    fn address_with_a_password_is_a_secret_under_any_name() {
        assert!(holds_secret("DATABASE_URL", "postgres://app:hunter2@db.internal:5432/app"));
        for value in [
            "postgres://app@db/app",
            "postgres://app:${PASSWORD}@db/app",
            "http://backend:9000",
            "redis://cache:6379/0",
        ] {
            assert!(!holds_secret("DATABASE_URL", value), "{value}");
        }
        assert!(holds_secret("ANY", "ghp_0123456789abcdef0123"));
    }
}

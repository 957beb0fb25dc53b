//! Single containers.

use std::collections::HashSet;

use super::task_definition::{containers_of, path};
use super::{LaunchType, task_launch};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink, did_you_mean};

/// The options of `awslogs` (`LogConfiguration` of the ECS API).
const AWSLOGS: [&str; 8] = [
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
];
/// Further options of Docker's driver ("Amazon CloudWatch Logs logging driver" of the Docker manual).
const DOCKERS: [&str; 9] = [
    "awslogs-create-stream",
    "awslogs-credentials-endpoint",
    "awslogs-force-flush-interval-seconds",
    "awslogs-format",
    "awslogs-max-buffered-events",
    "awslogs-stream",
    "env",
    "labels",
    "tag",
];

pub(super) fn each(task: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    for (at, _) in containers_of(task) {
        variables(task, at, sink);
        secrets_as_variables(task, at, scope, sink);
        logs(task, at, sink);
        health(task, at, sink);
        port_range(task, at, sink);
    }
}

/// Reports a variable that is both plain and secret; the schema reports a repeated name in one list.
fn variables(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    let name = |item: &'_ Value| item.get("Name").and_then(Value::as_str).map(str::to_owned);
    let plain: HashSet<String> = task.list(&path(at, "Environment")).iter().filter_map(name).collect();
    for (index, item) in task.list(&path(at, "Secrets")).iter().enumerate() {
        if let Some(name) = name(item).filter(|name| plain.contains(name)) {
            let place = path(at, &format!("Secrets.{index}"));
            let message = format!("the environment variable `{name}` is both plain and secret");
            sink.push(task.error(Code::DuplicateVariable, &place, message));
        }
    }
}

/// Reports a plain variable that holds the ARN of a secret, where the value may be wanted: ECS gives the value to `Secrets` alone
/// ("Pass Secrets Manager secrets through Amazon ECS environment variables", ECS developer guide). A program that reads the secret
/// itself names the variable after the ARN or the id.
fn secrets_as_variables(task: ResourceEntry<'_>, at: usize, scope: &CheckContext<'_>, sink: &mut Sink) {
    for (index, item) in task.list(&path(at, "Environment")).iter().enumerate() {
        let (Some(name), Some(Value::Text(value))) = (item.get("Name").and_then(Value::as_str), item.get("Value"))
        else {
            continue;
        };
        let upper = name.to_uppercase();
        let is_wanted = ["ARN", "ID", "NAME", "SECRETS_MANAGER"].iter().any(|end| upper.ends_with(end));
        let is_secret = value.as_reference().is_some_and(|reference| {
            let resource = scope.template.resources.get(&reference.id);
            reference.attribute.is_none()
                && resource.is_some_and(|it| it.kind.as_str() == "AWS::SecretsManager::Secret")
        });
        let is_arn = value.as_str().is_some_and(|text| text.starts_with("arn:") && text.contains(":secretsmanager:"));
        if is_wanted || !(is_secret || is_arn) {
            continue;
        }
        let message = format!("the variable `{name}` holds the ARN of a secret, not its value");
        let place = path(at, &format!("Environment.{index}"));
        let problem = task.warning(Code::SecretArn, &place, message);
        sink.push(
            problem
                .help(format!("to get the value, write `.secret(\"{name}\", ..)` (`Secrets` in a template)"))
                .help(format!("for a program that reads the secret itself, name the variable `{name}_ARN`")),
        );
    }
}

fn logs(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    if task.text(&path(at, "LogConfiguration.LogDriver")) != Some("awslogs") {
        return;
    }
    log_options(task, at, sink);
    let mut wanted = vec!["awslogs-group", "awslogs-region"];
    if task_launch(task) == LaunchType::Fargate {
        wanted.push("awslogs-stream-prefix");
    }
    let options = path(at, "LogConfiguration.Options");
    for option in wanted {
        if task.lacks(&options) || task.lacks(&format!("{options}.{option}")) {
            let message = format!("the log driver `awslogs` needs the option `{option}`");
            sink.push(task.error(Code::LogOptions, &path(at, "LogConfiguration"), message));
        }
    }
}

/// Reports options that the log driver `awslogs` does not take: ECS refuses the task definition with "Log driver awslogs
/// disallows options" (aws/amazon-ecs-agent#872, aws-samples/amazon-ecs-firelens-examples#83). Options of Docker's driver
/// that the ECS API does not list are warnings.
fn log_options(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    let options = path(at, "LogConfiguration.Options");
    let Some(Value::Map(map)) = task.get(&options) else { return };
    for (name, value) in map.iter().filter(|(name, _)| !name.starts_with("Fn::")) {
        let place = format!("{options}.{name}");
        if name == "awslogs-create-group" && (*value == Value::Bool(false) || value.as_str() == Some("false")) {
            let message = "`awslogs-create-group` can only be `true`";
            sink.push(
                task.error(Code::LogOptions, &place, message).help("leave the option out to create no log group"),
            );
        }
        if AWSLOGS.contains(&name.as_str()) {
            continue;
        }
        let message = format!("the log driver `awslogs` has no option `{name}`");
        let is_dockers = DOCKERS.contains(&name.as_str());
        let problem = task.error(Code::LogOptions, &place, message);
        let problem = if is_dockers { problem.as_warning() } else { problem };
        let hint = did_you_mean(name, AWSLOGS.iter().copied());
        sink.push(problem.help_if(hint).help(format!("its options are {}", AWSLOGS.join(", "))));
    }
    if map.contains_key("awslogs-datetime-format") && map.contains_key("awslogs-multiline-pattern") {
        let message = "`awslogs-datetime-format` and `awslogs-multiline-pattern` exclude each other";
        let problem = task.error(Code::LogOptions, &format!("{options}.awslogs-multiline-pattern"), message);
        sink.push(problem.help("leave one of the two out"));
    }
}

fn health(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    let command = path(at, "HealthCheck.Command");
    let first = task.list(&command).first().and_then(Value::as_str);
    if first.is_some_and(|word| !["CMD", "CMD-SHELL", "NONE"].contains(&word)) {
        // ECS accepts it, and Docker does not run it ("HealthCheck" of the ECS API: the string array must begin with
        // `CMD` or `CMD-SHELL`).
        let message = "a health check begins with `CMD` or `CMD-SHELL`, or it never runs";
        let problem = task.warning(Code::ContainerHealthCheck, &command, message);
        sink.push(problem.help("`[\"CMD-SHELL\", \"curl -f http://localhost/ || exit 1\"]`"));
    }
}

fn port_range(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    for (index, mapping) in task.list(&path(at, "PortMappings")).iter().enumerate() {
        for property in ["ContainerPort", "HostPort"] {
            let Some(port) = mapping.get(property).and_then(Value::as_int) else { continue };
            let lowest = i64::from(property == "ContainerPort");
            if !(lowest..=65_535).contains(&port) {
                let place = path(at, &format!("PortMappings.{index}.{property}"));
                sink.push(task.error(Code::PortRange, &place, format!("{port} is not a valid port")));
            }
        }
    }
}

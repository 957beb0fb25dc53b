//! Settings of containers that ECS does not take.
//!
//! Sources: `ContainerDefinition`, `PortMapping`, `Ulimit`, `ContainerRestartPolicy` and `FirelensConfiguration` of the ECS API;
//! "Amazon ECS task definition parameters for Fargate" (start timeout).

use super::mount_paths;
use super::range_checks::one_of;
use crate::block::range_checks::{is_port, within};
use crate::block::task::{
    Container, LogDriver, LogRouter, NamedPort, PortRange, Task, Ulimit, VolumeMount, linux_parameters,
};
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

const ENABLED: [&str; 2] = ["enabled", "disabled"];
const OPERATING_SYSTEMS: [&str; 7] = Task::OPERATING_SYSTEMS;

/// Returns the problems of the settings of the containers.
pub(super) fn all(task: &Task) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = task.containers().flat_map(of_container).collect();
    problems.extend(task.pid_mode.as_ref().and_then(|set| choice(&set.value, &set.origin, &["task"], "pid mode")));
    let system = task.operating_system.as_ref();
    problems.extend(system.and_then(|set| choice(&set.value, &set.origin, &OPERATING_SYSTEMS, "operating system")));
    problems
}

fn of_container(container: &Container) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = linux_parameters::problems(container).collect();
    problems.extend(container.ulimit.iter().filter_map(ulimit));
    problems.extend(container.named_port.iter().flat_map(named_port));
    problems.extend(container.port_range.iter().flat_map(port_range));
    problems.extend(numbers(container));
    problems.extend(container.mount.iter().flat_map(|mount| {
        let access = mount.value.access.as_deref();
        mount_paths::problem(&mount.value.path, &mount.origin).into_iter().chain(access_problem(access, &mount.origin))
    }));
    problems.extend(
        container.volumes_from.iter().filter_map(|other| access_problem(other.value.access.as_deref(), &other.origin)),
    );
    let consistency = container.version_consistency.as_ref();
    problems.extend(consistency.and_then(|set| choice(&set.value, &set.origin, &ENABLED, "version consistency")));
    problems.extend(logs(container));
    problems.extend(container.registry_credentials.as_ref().and_then(credentials));
    problems.extend(container.env_file.iter().filter_map(file_name));
    problems
}

/// Reports a file of variables whose name is not one that ECS takes (`EnvironmentFile` of the ECS API).
fn file_name(file: &WithOrigin<TemplateString>) -> Option<Diagnostic> {
    let name = file.value.split('/').last().and_then(|part| part.as_str().map(str::to_owned))?;
    let what = match name.as_str() {
        name if name.contains(['*', '?']) => "a wildcard names no file",
        name if name.strip_suffix(".env").is_none() => "the name does not end with `.env`",
        _ => return None,
    };
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let problem = Diagnostic::new(Code::ContainerSetting, format!("ECS does not read the variables in `{name}`"));
    Some(
        problem.at(&file.origin, what).help(format!(
            "name the object `{}.env`, and each file in a call of its own",
            stem.replace(['*', '?'], "web")
        )),
    )
}

/// Reports credentials of a registry that are not in Secrets Manager (`RepositoryCredentials` of the ECS API).
fn credentials(set: &WithOrigin<TemplateString>) -> Option<Diagnostic> {
    let parts = set.value.split(':');
    let service = parts.get(2).and_then(TemplateString::as_str)?;
    (service != "secretsmanager").then(|| {
        Diagnostic::new(Code::SecretArn, "the credentials of a registry are a secret of Secrets Manager")
            .at(&set.origin, format!("this is an ARN of `{service}`"))
            .help("keep `username` and `password` as JSON in a secret, and give its ARN")
    })
}

/// Reports a word that is none of those that ECS knows.
fn choice(written: &str, origin: &Origin, words: &[&'static str], what: &str) -> Option<Diagnostic> {
    if words.contains(&written) {
        return None;
    }
    let problem = Diagnostic::new(Code::ContainerSetting, format!("`{written}` is not a {what}")).at(origin, "");
    let hint = one_of(&written.to_lowercase(), words).or_else(|| one_of(written, words));
    let list = if let [only] = words { format!("use `{only}`") } else { format!("use one of {}", words.join(", ")) };
    Some(problem.help_if(hint).help(list))
}

fn ulimit(set: &WithOrigin<Ulimit>) -> Option<Diagnostic> {
    let Ulimit { name, soft, hard } = &set.value;
    if let Some(problem) = choice(name, &set.origin, &Ulimit::NAMES, "limit of a process") {
        return Some(problem);
    }
    (*hard != -1 && (*soft > *hard || *soft == -1)).then(|| {
        let message = format!("the soft limit {soft} of `{name}` is over the hard limit {hard}");
        Diagnostic::new(Code::ContainerSetting, message)
            .at(&set.origin, "")
            .help(format!("increase the hard limit: `.ulimit(\"{name}\", {soft}, {soft})`"))
    })
}

fn named_port(set: &WithOrigin<NamedPort>) -> impl Iterator<Item = Diagnostic> {
    let NamedPort { name, port, protocol } = &set.value;
    let number = WithOrigin::new(*port, set.origin.clone());
    let protocol = protocol.as_deref();
    let protocol = protocol.and_then(|word| choice(word, &set.origin, &NamedPort::PROTOCOLS, "protocol of a port"));
    // The pattern of `name` of `PortMapping`.
    let is_name = !name.is_empty()
        && name.len() <= 64
        && !name.starts_with('-')
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter));
    let name = (!is_name).then(|| {
        Diagnostic::new(Code::ContainerSetting, format!("`{name}` is not a name of a port"))
            .at(&set.origin, "")
            .help("use small letters, digits, `_` and `-`, at most 64")
    });
    crate::block::range_checks::port(&number).into_iter().chain(protocol).chain(name)
}

fn port_range(set: &WithOrigin<PortRange>) -> impl Iterator<Item = Diagnostic> {
    let (first, last) = (*set.value.ports.start(), *set.value.ports.end());
    let is_range = is_port(first) && is_port(last) && first < last;
    let range = (!is_range).then(|| {
        Diagnostic::new(Code::ContainerSetting, format!("`{first}..={last}` is not a range of ports"))
            .at(&set.origin, "")
            .help("write the lower port first, both from 1 to 65535")
    });
    let protocol = set.value.protocol.as_deref();
    let protocol =
        protocol.and_then(|word| choice(word, &set.origin, &PortRange::PROTOCOLS, "protocol of a range of ports"));
    range.into_iter().chain(protocol)
}

fn numbers(container: &Container) -> impl Iterator<Item = Diagnostic> {
    let start = container.start_timeout.as_ref();
    let start = start.and_then(|set| within(set, 2..=120, Code::ContainerSetting, "a start timeout", "seconds"));
    let restart = container.restart_policy.as_ref().and_then(|set| {
        let after = WithOrigin::new(set.value.after, set.origin.clone());
        within(&after, 60..=1800, Code::ContainerSetting, "the time before a restart", "seconds")
    });
    start.into_iter().chain(restart)
}

fn access_problem(access: Option<&str>, origin: &Origin) -> Option<Diagnostic> {
    access.and_then(|word| choice(word, origin, &VolumeMount::ACCESS, "kind of access"))
}

fn logs(container: &Container) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if let Some(driver) = &container.log_driver {
        if !LogDriver::NAMES.contains(&driver.value.name.as_str()) {
            let message = format!("Fargate has no log driver `{}`", driver.value.name);
            problems.push(
                Diagnostic::new(Code::FargateLogDriver, message)
                    .at(&driver.origin, "")
                    .help_if(one_of(&driver.value.name, &LogDriver::NAMES))
                    .help("use `awslogs`, `splunk` or `awsfirelens`"),
            );
        }
        problems.extend(container.fire_lens.as_ref().map(|fire_lens| {
            Diagnostic::new(Code::LogRouting, "a container has one log driver, and `.fire_lens` sets it too")
                .at(&fire_lens.origin, "sends the logs to the log router")
                .at(&driver.origin, "sets another driver")
                .help("leave one of the two out")
        }));
    }
    if let Some(router) = &container.log_router {
        problems.extend(choice(&router.value.kind, &router.origin, &LogRouter::KINDS, "log router"));
        problems.extend(container.fire_lens.as_ref().map(|fire_lens| {
            Diagnostic::new(Code::LogRouting, "a log router does not send its own logs to itself")
                .at(&fire_lens.origin, "")
                .at(&router.origin, "the container is the log router")
                .help("leave `.fire_lens` out: its own logs go to CloudWatch Logs")
        }));
    }
    let takes_secrets = container.fire_lens.is_some()
        || container.log_driver.as_ref().is_some_and(|driver| driver.value.name != "awslogs");
    problems.extend(container.log_secret.first().filter(|_| !takes_secrets).map(|secret| {
        Diagnostic::new(Code::LogRouting, "the log driver `awslogs` takes no secret options")
            .at(&secret.origin, "")
            .help("set the driver that needs it: `.log_driver(\"splunk\", #{ .. })` or `.fire_lens(#{ .. })`")
    }));
    problems
}

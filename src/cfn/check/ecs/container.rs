//! Single containers.

use std::collections::HashSet;

use super::task_definition::{containers_of, path};
use super::{LaunchType, task_launch};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

pub(super) fn each(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    for (at, _) in containers_of(task) {
        variables(task, at, sink);
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

fn logs(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    if task.text(&path(at, "LogConfiguration.LogDriver")) != Some("awslogs") {
        return;
    }
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

fn health(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    let command = path(at, "HealthCheck.Command");
    let first = task.list(&command).first().and_then(Value::as_str);
    if first.is_some_and(|word| !["CMD", "CMD-SHELL", "NONE"].contains(&word)) {
        let problem =
            task.error(Code::ContainerHealthCheck, &command, "a health check begins with `CMD` or `CMD-SHELL`");
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

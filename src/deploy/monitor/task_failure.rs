use serde::{Deserialize, Serialize};

use super::failure_patterns;
use crate::deploy::api::{AwsError, Container, LogLine, TargetHealth, Task};

/// What kind of thing keeps a task from running, as far as AWS's words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskFailureKind {
    /// The image's registry, repository or tag does not exist.
    ImageNotFound,
    /// The registry wants credentials or rights that the execution role does not have.
    ImageDenied,
    /// The image is not made for this processor or operating system.
    ImagePlatform,
    /// The image could not be pulled for another reason: a pull limit, a failing registry.
    ImageNotPulled,
    /// There is no way from the task's subnets to AWS's services or to the registry.
    NoRoute,
    /// A secret or parameter cannot be read.
    SecretUnreadable,
    /// The container's log group cannot be written to.
    LogsUnwritable,
    /// ECS cannot take on the task's roles.
    RoleUnusable,
    /// A file system cannot be mounted.
    VolumeUnreachable,
    /// The container used more memory than it has.
    OutOfMemory,
    /// The task's storage is full.
    DiskFull,
    /// The container's process ended by itself.
    Exited,
    /// The container's process was ended by a signal.
    Killed,
    /// The program cannot listen on its port.
    PortRefused,
    /// The container's command cannot be run.
    NotExecutable,
    /// The load balancer's health check fails.
    TargetUnhealthy,
    /// The container's own health check fails.
    ContainerUnhealthy,
    /// There is no capacity.
    NoCapacity,
    /// A quota is used up, or there is no place: addresses, network interfaces.
    Quota,
    /// Anything else.
    Other,
}

/// Why a task stopped, or why it does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFailure {
    /// What kind.
    pub kind: TaskFailureKind,
    /// AWS's words, whole.
    pub message: String,
    /// The container that it is about, where AWS tells.
    pub container: Option<String>,
    /// The exit code of [`TaskFailureKind::Exited`], the number of the signal of [`TaskFailureKind::Killed`], the HTTP status
    /// that a [`TaskFailureKind::TargetUnhealthy`] answered with (none where it did not answer).
    pub code: Option<i32>,
}

impl TaskFailure {
    fn new(kind: TaskFailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), container: None, code: None }
    }

    /// True where two tasks came to the same grief.
    pub fn is_like(&self, other: &TaskFailure) -> bool {
        self.kind == other.kind && (self.container == other.container || self.container.is_none())
    }

    /// AWS's words in few: what failed, and the last thing that it says about it.
    pub fn brief(&self) -> String {
        const LONGEST: usize = 90;
        let message = self.message.trim().trim_end_matches('.');
        if message.chars().count() <= LONGEST {
            return message.to_owned();
        }
        let parts: Vec<_> = message.split(": ").collect();
        let short = match parts.as_slice() {
            [first, .., last] if first.ends_with("Error") => format!("{first}: {last}"),
            [.., last] => (*last).to_owned(),
            [] => message.to_owned(),
        };
        if short.chars().count() <= LONGEST {
            return short;
        }
        short.chars().take(LONGEST - 2).chain("..".chars()).collect()
    }
}

/// Why a task stopped; nothing where it was meant to: a deployment, a scaling or a person let it go.
///
/// Sources: "Resolve Amazon ECS stopped task errors" and "Amazon ECS stopped tasks error messages" of the developer guide;
/// `stopCode` in the API reference of `Task`.
pub fn of_task(task: &Task, log: &[LogLine]) -> Option<TaskFailure> {
    let reason = task.reason.as_deref().unwrap_or_default();
    if task.status != "STOPPED" && task.code.is_none() && reason.is_empty() {
        return None;
    }
    if failure_patterns::is_planned(task.code.as_deref(), reason) {
        return None;
    }
    Some(
        of_words(task, reason)
            .or_else(|| of_exit(task, log))
            .unwrap_or_else(|| TaskFailure::new(TaskFailureKind::Other, said(task, reason))),
    )
}

/// What AWS says in words, about the task or about one of its containers.
fn of_words(task: &Task, reason: &str) -> Option<TaskFailure> {
    let container = task.containers.iter().find_map(|container| {
        let said = container.reason.as_deref()?;
        Some((container, said, failure_patterns::kind(said)?))
    });
    if let Some((container, said, kind)) = container {
        return Some(TaskFailure { container: Some(container.name.clone()), ..TaskFailure::new(kind, said) });
    }
    let kind = failure_patterns::kind(reason)?;
    let unhealthy = |container: &&Container| container.health.as_deref() == Some("UNHEALTHY");
    let container = task.containers.iter().find(unhealthy).filter(|_| kind == TaskFailureKind::ContainerUnhealthy);
    let code = (kind == TaskFailureKind::TargetUnhealthy).then(|| failure_patterns::answered(reason)).flatten();
    Some(TaskFailure { container: container.map(|it| it.name.clone()), code, ..TaskFailure::new(kind, reason) })
}

/// What the first container that ended badly tells by its code and its last words.
fn of_exit(task: &Task, log: &[LogLine]) -> Option<TaskFailure> {
    let ended = |bad: bool| task.containers.iter().find(|it| it.exit_code.is_some_and(|code| (code != 0) == bad));
    let container = ended(true).or_else(|| ended(false))?;
    let code = container.exit_code?;
    let words = log.iter().rev().find_map(|line| Some((failure_patterns::of_log(&line.text)?, line.text.trim())));
    let made = match words {
        Some((kind, line)) => TaskFailure { code: Some(code), ..TaskFailure::new(kind, line) },
        None if (129..=159).contains(&code) => {
            let signal = code - 128;
            let message = format!("the container was ended by {}", failure_patterns::signal(signal));
            TaskFailure { code: Some(signal), ..TaskFailure::new(TaskFailureKind::Killed, message) }
        }
        None => {
            let message = format!("the container exited with code {code}");
            TaskFailure { code: Some(code), ..TaskFailure::new(TaskFailureKind::Exited, message) }
        }
    };
    Some(TaskFailure { container: Some(container.name.clone()), ..made })
}

fn said(task: &Task, reason: &str) -> String {
    let code = task.code.as_deref().unwrap_or_default();
    let said = if reason.is_empty() { code } else { reason };
    if said.is_empty() { "AWS gave no reason".to_owned() } else { said.to_owned() }
}

/// Why AWS does not place a task at all, where its refusal says so: no capacity, a quota.
pub fn of_refusal(error: &AwsError) -> Option<TaskFailure> {
    let said = [&error.message, &error.code].into_iter().find_map(|said| Some((failure_patterns::kind(said)?, said)));
    said.map(|(kind, said)| TaskFailure::new(kind, said.as_str()))
}

/// What a line of a service's log says that goes wrong, and of which task; nothing for the lines of a service that does
/// well, and for those that only follow from stopped tasks.
///
/// Source: "Amazon ECS service event messages" of the developer guide.
pub fn of_event(message: &str) -> Option<(TaskFailure, Option<String>)> {
    if !failure_patterns::is_failure(message) {
        return None;
    }
    let kind = failure_patterns::kind(message).unwrap_or(TaskFailureKind::Other);
    let code = (kind == TaskFailureKind::TargetUnhealthy).then(|| failure_patterns::answered(message)).flatten();
    Some((
        TaskFailure { code, ..TaskFailure::new(kind, failure_patterns::event(message)) },
        failure_patterns::task_of(message),
    ))
}

/// Why a target does not get requests, where its health check says so.
///
/// Source: `TargetHealth` of the Elastic Load Balancing API reference (reason codes `Target.*`).
pub fn of_target(target: &TargetHealth) -> Option<TaskFailure> {
    if target.state != "unhealthy" {
        return None;
    }
    let words = target.description.as_deref().or(target.reason.as_deref()).unwrap_or("the health check fails");
    Some(TaskFailure {
        code: failure_patterns::answered(words),
        ..TaskFailure::new(TaskFailureKind::TargetUnhealthy, words)
    })
}

#[cfg(test)]
mod tests;

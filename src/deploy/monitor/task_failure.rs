use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::failure_kind::TaskFailureKind;
use super::failure_patterns;
use crate::deploy::api::status::{TargetState, TaskStatus};
use crate::deploy::api::{AwsError, Container, LogLine, ServiceDeployment, TargetHealth, Task};

/// The cause of a task's failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TaskFailure {
    /// The kind.
    pub kind: TaskFailureKind,
    /// AWS's whole message.
    pub message: String,
    /// The container that failed, if AWS names it.
    pub container: Option<String>,
    /// The exit code of [`TaskFailureKind::Exited`], the signal number of [`TaskFailureKind::Killed`], or the HTTP status
    /// that a [`TaskFailureKind::TargetUnhealthy`] answered with (none if it did not answer).
    #[serde(rename = "exit_code")]
    pub code: Option<i32>,
}

impl TaskFailure {
    fn new(kind: TaskFailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), container: None, code: None }
    }

    /// Returns whether two failures have the same cause.
    pub fn is_like(&self, other: &TaskFailure) -> bool {
        self.kind == other.kind && (self.container == other.container || self.container.is_none())
    }

    /// Returns the part of AWS's message that says what failed, and the last reason that it gives.
    pub fn brief(&self) -> String {
        const LONGEST: usize = 160;
        let message = with_names_of_target_groups(without_request(self.message.trim()).trim_end_matches('.'));
        let message = &*message;
        if message.chars().count() <= LONGEST {
            return message.to_owned();
        }
        let parts: Vec<_> = message.split(": ").collect();
        let refused = refused_action(message);
        let reason = refused.as_deref().or_else(|| last_reason(&parts)).unwrap_or(message);
        let short = match parts.as_slice() {
            [first, _, ..] if first.ends_with("Error") => format!("{first}: {reason}"),
            _ => reason.to_owned(),
        };
        if short.chars().count() <= LONGEST {
            return short;
        }
        short.chars().take(LONGEST - 2).chain("..".chars()).collect()
    }
}

/// Returns a message with the names of target groups in place of their ARNs, which fill a line: ELB's answer comes after them.
fn with_names_of_target_groups(message: &str) -> Cow<'_, str> {
    let Some((before, rest)) = message.split_once("arn:") else { return Cow::Borrowed(message) };
    let end = rest.find(|letter: char| letter.is_whitespace() || ")],".contains(letter)).unwrap_or(rest.len());
    let (arn, after) = rest.split_at(end);
    match arn.split_once(":targetgroup/").and_then(|(_, name)| name.split('/').next()) {
        Some(name) => Cow::Owned(format!("{before}{name}{}", with_names_of_target_groups(after))),
        None => Cow::Owned(format!("{before}arn:{arn}{}", with_names_of_target_groups(after))),
    }
}

/// Returns a message without the status code and the request id at its end, as the AWS SDK writes them.
fn without_request(message: &str) -> &str {
    let Some((head, tail)) = message.rsplit_once("status code: ") else { return message };
    let rest = tail.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_request = rest.is_empty() || rest.starts_with(", request id: ");
    let head = head.trim_end();
    // The answer of a registry is the cause itself: `unexpected status code: 500`.
    if is_request && !head.ends_with("unexpected") { head.trim_end_matches([',', '.', ':']) } else { message }
}

/// Returns the action that IAM refused, without the principal and the resource: these fill a line.
fn refused_action(message: &str) -> Option<String> {
    const REFUSED: &str = "not authorized to perform: ";
    let (_, rest) = message.split_once(REFUSED)?;
    let action = rest.split(|letter: char| letter.is_whitespace() || letter == ',').next()?;
    (!action.is_empty()).then(|| format!("{REFUSED}{action}"))
}

/// Returns the last part of a message that is not a status code or a request id.
fn last_reason<'m>(parts: &[&'m str]) -> Option<&'m str> {
    let is_id = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let without_code =
        |part: &'m str| part.split("status code").next().unwrap_or(part).trim().trim_end_matches(['.', ',']);
    let mut reasons =
        parts.iter().map(|part| without_code(part)).filter(|part| !is_id(part) && !part.contains("request id"));
    reasons.next_back()
}

/// Returns why a task stopped; nothing if a deployment, auto scaling or a person stopped it on purpose.
///
/// Sources: "Resolve Amazon ECS stopped task errors" and "Amazon ECS stopped tasks error messages" of the developer guide;
/// `stopCode` in the API reference of `Task`.
pub fn of_task(task: &Task, log: &[LogLine]) -> Option<TaskFailure> {
    let reason = task.reason.as_deref().unwrap_or_default();
    if task.status != TaskStatus::Stopped && task.code.is_none() && reason.is_empty() {
        return None;
    }
    if failure_patterns::is_planned(task.code.as_deref(), reason) {
        return None;
    }
    let unknown = || TaskFailure::new(TaskFailureKind::Other, stop_reason(task, reason));
    Some(of_message(task, reason).or_else(|| of_exit(task, log)).unwrap_or_else(unknown))
}

/// Returns the cause that AWS's messages about a container or about the task name.
fn of_message(task: &Task, reason: &str) -> Option<TaskFailure> {
    let container = task.containers.iter().find_map(|container| {
        let message = container.reason.as_deref()?;
        Some((container, message, failure_patterns::of_message(message)?))
    });
    if let Some((container, message, kind)) = container {
        return Some(TaskFailure { container: Some(container.name.clone()), ..TaskFailure::new(kind, message) });
    }
    let kind = failure_patterns::of_message(reason)?;
    let unhealthy = |container: &&Container| container.health.as_deref() == Some("UNHEALTHY");
    let container = task.containers.iter().find(unhealthy).filter(|_| kind == TaskFailureKind::ContainerUnhealthy);
    let code = (kind == TaskFailureKind::TargetUnhealthy).then(|| failure_patterns::http_status(reason)).flatten();
    Some(TaskFailure { container: container.map(|it| it.name.clone()), code, ..TaskFailure::new(kind, reason) })
}

/// Returns the cause that the exit code and the last log lines of the first failed container show.
fn of_exit(task: &Task, log: &[LogLine]) -> Option<TaskFailure> {
    let ended = |bad: bool| task.containers.iter().find(|it| it.exit_code.is_some_and(|code| (code != 0) == bad));
    let container = ended(true).or_else(|| ended(false))?;
    let code = container.exit_code?;
    let known = log.iter().rev().find_map(|line| Some((failure_patterns::of_log_line(&line.text)?, line.text.trim())));
    let failure = match known {
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
    Some(TaskFailure { container: Some(container.name.clone()), ..failure })
}

/// Returns AWS's reason, or else its stop code.
fn stop_reason(task: &Task, reason: &str) -> String {
    let given = if reason.is_empty() { task.code.as_deref().unwrap_or_default() } else { reason };
    if given.is_empty() { "AWS gave no reason".to_owned() } else { given.to_owned() }
}

/// Returns why a deployment that shifts traffic was rolled back; nothing if tasks were the cause, which are observed themselves.
pub fn of_shift(shift: &ServiceDeployment) -> Option<TaskFailure> {
    let reason = shift.reason.as_deref().filter(|_| shift.has_failed())?;
    let lower = reason.to_ascii_lowercase();
    let kind = match failure_patterns::of_message(reason) {
        Some(kind) => kind,
        None if !shift.alarms.is_empty() || lower.contains("alarm") => TaskFailureKind::AlarmWentOff,
        None if lower.contains("hook") => TaskFailureKind::HookFailed,
        None => return None,
    };
    let alarms = if shift.alarms.is_empty() { String::new() } else { format!(" ({})", shift.alarms.join(", ")) };
    Some(TaskFailure::new(kind, format!("{}{alarms}", reason.trim_end_matches('.'))))
}

/// Returns why `RunTask` did not start a task, if its error names a known cause such as capacity or a quota.
pub fn of_run_task_error(error: &AwsError) -> Option<TaskFailure> {
    [&error.message, &error.code]
        .into_iter()
        .find_map(|text| Some(TaskFailure::new(failure_patterns::of_message(text)?, text.as_str())))
}

/// Returns the failure that an event of a service reports, and its task; nothing for events of a healthy service and for
/// events that only follow from stopped tasks.
///
/// Source: "Amazon ECS service event messages" of the developer guide.
pub fn of_event(message: &str) -> Option<(TaskFailure, Option<String>)> {
    if !failure_patterns::is_failure(message) {
        return None;
    }
    let kind = failure_patterns::of_message(message).unwrap_or(TaskFailureKind::Other);
    let code = (kind == TaskFailureKind::TargetUnhealthy).then(|| failure_patterns::http_status(message)).flatten();
    let failure = TaskFailure { code, ..TaskFailure::new(kind, failure_patterns::event_reason(message)) };
    Some((failure, failure_patterns::event_task(message)))
}

/// Returns why the health check of a target fails; nothing unless it fails.
///
/// Source: `TargetHealth` of the Elastic Load Balancing API reference (reason codes `Target.*`).
pub fn of_target(target: &TargetHealth) -> Option<TaskFailure> {
    if target.state != TargetState::Unhealthy {
        return None;
    }
    let message = target.description.as_deref().or(target.reason.as_deref()).unwrap_or("the health check fails");
    let failure = TaskFailure::new(TaskFailureKind::TargetUnhealthy, message);
    Some(TaskFailure { code: failure_patterns::http_status(message), ..failure })
}

#[cfg(test)]
mod tests;

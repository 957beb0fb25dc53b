//! One-off tasks: following them, and their results.

use std::time::Duration;

use super::logs::{LogEntry, LogTail};
use super::services::StackService;
use crate::cfn::Template;
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{
    ApiCall, AwsApi, AwsError, Clock, Container, ErrorKind, Task, TaskDefinition, Timestamp, revision,
};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::{Diagnosis, TaskFailure, TaskFailureKind, of_run_task_error, of_task};
use crate::diag::{Code, Diagnostic, Origin, did_you_mean};

/// The time to wait for the last lines of a stopped task: the `awslogs` driver sends in batches.
const LAST_LINES: Duration = Duration::from_secs(6);

/// An event of a one-off task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunTaskEvent {
    /// The task has a new status.
    Status(TaskStatus),
    /// The task wrote a log line.
    Log(LogEntry),
    /// A poll failed and is repeated.
    Retrying {
        /// The error.
        error: AwsError,
        /// The time since the last answer of AWS.
        unanswered: Duration,
    },
}

/// The result of a one-off task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTaskResult {
    /// The exit code of the container that ran the command; none if it never ran or was stopped.
    pub code: Option<i32>,
    /// The reason why it never ran or was killed. An exit code that the command itself returned is not a problem.
    pub problem: Option<Diagnostic>,
}

/// The service whose task definition a task runs.
#[derive(Clone, Copy)]
pub struct TaskSource<'w> {
    /// Its name in the template.
    pub service: &'w str,
    /// The template of the script.
    pub template: &'w Template,
    /// The place in the script that creates it.
    pub origin: &'w Origin,
}

/// Follows a task and its log until it has stopped.
///
/// # Errors
///
/// AWS returned an error that is final; the task may still be running.
pub async fn follow<C: AwsApi, K: Clock>(
    cloud: &C,
    clock: &K,
    arn: &str,
    tail: &mut LogTail<C>,
    mut on_event: impl FnMut(RunTaskEvent),
) -> Result<Task, AwsError> {
    let (mut interval, mut answered) = (PollInterval::of_events(1), clock.now());
    let mut status = None;
    loop {
        let wait = match poll(cloud, arn, tail).await {
            Ok((task, entries)) => {
                answered = clock.now();
                let is_active = !entries.is_empty() || status.as_ref() != Some(&task.status);
                if status.as_ref() != Some(&task.status) {
                    status = Some(task.status.clone());
                    on_event(RunTaskEvent::Status(task.status.clone()));
                }
                entries.into_iter().for_each(|entry| on_event(RunTaskEvent::Log(entry)));
                if task.status == TaskStatus::Stopped {
                    last_lines(clock, tail, &mut on_event).await;
                    return Ok(task);
                }
                if is_active { interval.on_activity() } else { interval.on_idle() }
            }
            Err(error) => {
                let unanswered = clock.now().since(answered);
                let Some(pause) = RetryPolicy::FOLLOW.pause(&error, &mut interval, unanswered) else {
                    return Err(error);
                };
                on_event(RunTaskEvent::Retrying { error, unanswered });
                pause
            }
        };
        clock.sleep(wait).await;
    }
}

async fn poll<C: AwsApi>(cloud: &C, arn: &str, tail: &mut LogTail<C>) -> Result<(Task, Vec<LogEntry>), AwsError> {
    let Some(task) = cloud.task(arn).await? else {
        // A task that was just started may not be known everywhere yet.
        return Err(AwsError::new(ErrorKind::Unavailable, ApiCall::DescribeTasks, "MISSING", "the task is not known"));
    };
    Ok((task, tail.new_lines().await?))
}

/// Waits some seconds for lines that arrive after the task has stopped. Errors are ignored.
async fn last_lines<C: AwsApi, K: Clock>(clock: &K, tail: &mut LogTail<C>, on_event: &mut impl FnMut(RunTaskEvent)) {
    let until = clock.now() + LAST_LINES;
    while clock.now() < until {
        clock.sleep(Duration::from_secs(2)).await;
        let entries = tail.new_lines().await.unwrap_or_default();
        entries.into_iter().for_each(|entry| on_event(RunTaskEvent::Log(entry)));
    }
}

/// Chooses a container: the named one, else the one that the load balancer sends requests to, else the first essential
/// one.
///
/// # Errors
///
/// The task definition does not have the named container.
pub fn choose_container(
    service: &StackService,
    definition: &TaskDefinition,
    name: Option<&str>,
) -> Result<String, Diagnostic> {
    let names: Vec<&str> = definition.containers.iter().map(|container| container.name.as_str()).collect();
    if let Some(name) = name {
        return if names.contains(&name) { Ok(name.to_owned()) } else { Err(unknown(definition, name, &names)) };
    }
    let balanced = service.service.target_groups.first().map(|group| group.container.as_str());
    let balanced = balanced.filter(|name| names.contains(name));
    let essential = definition.containers.iter().find(|container| container.essential);
    let chosen = balanced.or(essential.map(|container| container.name.as_str())).or(names.first().copied());
    chosen.map(str::to_owned).ok_or_else(|| unknown(definition, "", &names))
}

fn unknown(definition: &TaskDefinition, name: &str, names: &[&str]) -> Diagnostic {
    let message = format!("{} has no container `{name}`", revision(&definition.arn));
    Diagnostic::new(Code::UnknownContainer, message)
        .help_if(did_you_mean(name, names.iter().copied()))
        .note(format!("its containers: {}", names.join(", ")))
}

impl TaskSource<'_> {
    /// Returns the result of a stopped task, from the container that ran the command.
    pub fn result(&self, task: &Task, container: &str) -> RunTaskResult {
        let ran = task.containers.iter().find(|known| known.name == container);
        let code = ran.and_then(|ran| ran.exit_code);
        let cause = of_task(task, &[]).filter(|cause| cause.kind != TaskFailureKind::Other);
        let problem = match (cause, code) {
            (Some(cause), Some(_)) if cause.kind == TaskFailureKind::Exited => None,
            (Some(cause), _) => Some(self.diagnostic(cause)),
            (None, Some(_)) => None,
            (None, None) => Some(self.unclassified(task, ran)),
        };
        let note = format!("task {}, {}", task.id(), revision(&task.task_definition));
        RunTaskResult { code, problem: problem.map(|problem| problem.note(note)) }
    }

    /// Returns the diagnostic of an error of `RunTask`: missing capacity, for example.
    pub fn refused(&self, error: &AwsError) -> Diagnostic {
        match of_run_task_error(error) {
            Some(cause) => self.diagnostic(cause),
            None => diagnose_api_error(error).at(self.origin, "the service whose task definition it runs"),
        }
    }

    /// Returns the diagnostic of a cause, at its line of the script.
    fn diagnostic(&self, cause: TaskFailure) -> Diagnostic {
        let (service, never) = (self.service.to_owned(), Timestamp::default());
        let diagnosis = Diagnosis { service, cause, times: 1, log: Vec::new(), first: never, at: never };
        diagnose_task_failure(&diagnosis, self.template, self.origin)
    }

    /// Returns the diagnostic of a task that did not run, with AWS's message.
    fn unclassified(&self, task: &Task, ran: Option<&Container>) -> Diagnostic {
        let why = ran.and_then(|ran| ran.reason.clone()).or_else(|| task.reason.clone());
        let why = why.or_else(|| task.code.clone()).unwrap_or_else(|| "AWS gave no reason".to_owned());
        let verb = if task.started.is_some() { "was stopped" } else { "did not start" };
        Diagnostic::new(Code::TaskDidNotRun, format!("the task {verb}: {why}"))
            .at(self.origin, "the service whose task definition it runs")
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::super::services::tests::service;
    use super::*;
    use crate::deploy::api::{ContainerDefinition, ServiceTargetGroup};
    use crate::deploy::operate::exec::tests::task;

    fn definition(names: &[(&str, bool)]) -> TaskDefinition {
        let container = |(name, essential): &(&str, bool)| ContainerDefinition {
            name: (*name).to_owned(),
            image: "x".to_owned(),
            essential: *essential,
            ports: Vec::new(),
            environment: IndexMap::new(),
            log: None,
        };
        TaskDefinition {
            arn: "arn:aws:ecs:eu-central-1:1:task-definition/web:3".to_owned(),
            status: "ACTIVE".to_owned(),
            cpu: None,
            memory: None,
            containers: names.iter().map(container).collect(),
        }
    }

    #[test]
    fn container_of_the_load_balancer_is_chosen_without_a_name() {
        let mut web = service("app", "Web", "web");
        let definition = definition(&[("init", false), ("proxy", true), ("web", true)]);
        assert_eq!(choose_container(&web, &definition, None).as_deref(), Ok("proxy"));
        let group = ServiceTargetGroup { arn: "tg".to_owned(), container: "web".to_owned(), port: 80 };
        web.service.target_groups.push(group);
        assert_eq!(choose_container(&web, &definition, None).as_deref(), Ok("web"));
        assert_eq!(choose_container(&web, &definition, Some("init")).as_deref(), Ok("init"));
        let unknown = choose_container(&web, &definition, Some("wep")).expect_err("no such container");
        assert_eq!(
            (unknown.code.as_str(), unknown.hints[0].to_string().as_str()),
            ("unknown-container", "did you mean `web`?")
        );
    }

    #[test]
    fn result_of_a_task_has_the_exit_code_or_the_cause() {
        let (origin, template) = (Origin::new("app.rhai", 3, 1), Template::default());
        let source = TaskSource { service: "Web", template: &template, origin: &origin };
        let container = |exit_code, reason: Option<&str>| Container {
            name: "web".to_owned(),
            status: None,
            health: None,
            exit_code,
            reason: reason.map(str::to_owned),
            image: None,
            image_digest: None,
        };
        let result = |code, message: Option<&str>, reason: &str| {
            let containers = vec![container(code, message)];
            let (status, reason) = (TaskStatus::Stopped, Some(reason.to_owned()));
            source.result(&Task { status, reason, containers, ..task("abc", false) }, "web")
        };
        let codes = |result: RunTaskResult| (result.code, result.problem.map(|problem| problem.code.as_str()));
        let exited = "Essential container in task exited";
        assert_eq!(codes(result(Some(0), None, exited)), (Some(0), None));
        assert_eq!(codes(result(Some(3), None, exited)), (Some(3), None), "the command returned it");
        let memory = Some("OutOfMemoryError: Container killed due to memory usage");
        assert_eq!(codes(result(Some(137), memory, exited)), (Some(137), Some("task-out-of-memory")));
        let pull = "CannotPullContainerError: pull image manifest has been retried 1 time(s): x:y: not found";
        let not_started = result(None, Some(pull), pull);
        assert!(not_started.problem.as_ref().is_some_and(|problem| !problem.hints.is_empty()), "it has a hint");
        assert_eq!(codes(not_started), (None, Some("task-image-not-found")));
        let stopped = result(None, None, "Task stopped by user");
        assert_eq!(codes(stopped), (None, Some("task-did-not-run")));
    }
}

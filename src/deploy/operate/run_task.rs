use std::time::Duration;

use super::logs::{LogEntry, LogTail};
use super::services::StackService;
use crate::cfn::Template;
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{
    ApiCall, AwsApi, AwsError, Clock, Container, ErrorKind, Task, TaskDefinition, Timestamp, revision,
};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::engine::poll_interval::PollInterval;
use crate::deploy::engine::retry::RetryPolicy;
use crate::deploy::monitor::{Diagnosis, TaskFailure, TaskFailureKind, of_run_task_error, of_task};
use crate::diag::{Code, Diagnostic, Origin, did_you_mean};

/// How long the last lines of a task that has stopped are waited for: the `awslogs` driver sends in batches.
const LAST_LINES: Duration = Duration::from_secs(6);

/// What happens to a task that runs once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunTaskEvent {
    /// It has this status now.
    Status(TaskStatus),
    /// It wrote this.
    Said(LogEntry),
}

/// How a task that ran once ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTaskResult {
    /// The exit code of the container that ran the command; none where it never ran, or was stopped.
    pub code: Option<i32>,
    /// What is wrong beside the code: why it never ran, why it was killed. A code of its own is the command's affair.
    pub problem: Option<Diagnostic>,
}

/// The service whose task definition a task runs.
#[derive(Clone, Copy)]
pub struct TaskSource<'w> {
    /// Its name in the template.
    pub service: &'w str,
    /// The template of the script.
    pub template: &'w Template,
    /// Where the script makes it.
    pub origin: &'w Origin,
}

/// Follows a task until it has stopped, with what it writes.
///
/// # Errors
///
/// AWS could not be asked any more; the task may go on.
pub async fn follow<C: AwsApi, K: Clock>(
    cloud: &C,
    clock: &K,
    arn: &str,
    tail: &mut LogTail<C>,
    mut tell: impl FnMut(RunTaskEvent),
) -> Result<Task, AwsError> {
    let mut pace = PollInterval::of_events(1);
    let mut status = None;
    loop {
        let wait = match look(cloud, arn, tail).await {
            Ok((task, said)) => {
                let happened = !said.is_empty() || status.as_ref() != Some(&task.status);
                if status.as_ref() != Some(&task.status) {
                    status = Some(task.status.clone());
                    tell(RunTaskEvent::Status(task.status.clone()));
                }
                said.into_iter().for_each(|said| tell(RunTaskEvent::Said(said)));
                if task.status == TaskStatus::Stopped {
                    last_lines(clock, tail, &mut tell).await;
                    return Ok(task);
                }
                if happened { pace.on_activity() } else { pace.on_idle() }
            }
            Err(error) => match RetryPolicy::FOLLOW.pause(&error, &mut pace) {
                Some(pause) => pause,
                None => return Err(error),
            },
        };
        clock.sleep(wait).await;
    }
}

async fn look<C: AwsApi>(cloud: &C, arn: &str, tail: &mut LogTail<C>) -> Result<(Task, Vec<LogEntry>), AwsError> {
    let Some(task) = cloud.task(arn).await? else {
        // A task that was just asked for may not be known everywhere yet.
        return Err(AwsError::new(ErrorKind::Unavailable, ApiCall::DescribeTasks, "MISSING", "the task is not known"));
    };
    Ok((task, tail.fresh().await?))
}

/// The lines that arrive after the end; they are worth some seconds, and no failure.
async fn last_lines<C: AwsApi, K: Clock>(clock: &K, tail: &mut LogTail<C>, tell: &mut impl FnMut(RunTaskEvent)) {
    let until = clock.now() + LAST_LINES;
    while clock.now() < until {
        clock.sleep(Duration::from_secs(2)).await;
        tail.fresh().await.unwrap_or_default().into_iter().for_each(|said| tell(RunTaskEvent::Said(said)));
    }
}

/// The container that is meant: the one that is asked for, else the one that answers requests, else the first essential
/// one.
///
/// # Errors
///
/// A container that the task definition does not have.
pub fn container_of(
    service: &StackService,
    definition: &TaskDefinition,
    asked: Option<&str>,
) -> Result<String, Diagnostic> {
    let names: Vec<&str> = definition.containers.iter().map(|container| container.name.as_str()).collect();
    if let Some(asked) = asked {
        return if names.contains(&asked) { Ok(asked.to_owned()) } else { Err(unknown(definition, asked, &names)) };
    }
    let answering = service.service.target_groups.first().map(|group| group.container.as_str());
    let answering = answering.filter(|name| names.contains(name));
    let essential = definition.containers.iter().find(|container| container.essential);
    let chosen = answering.or(essential.map(|container| container.name.as_str())).or(names.first().copied());
    chosen.map(str::to_owned).ok_or_else(|| unknown(definition, "", &names))
}

fn unknown(definition: &TaskDefinition, asked: &str, names: &[&str]) -> Diagnostic {
    let message = format!("{} has no container `{asked}`", revision(&definition.arn));
    Diagnostic::new(Code::UnknownContainer, message)
        .help_if(did_you_mean(asked, names.iter().copied()))
        .note(format!("its containers: {}", names.join(", ")))
}

impl TaskSource<'_> {
    /// How a stopped task ended, by the container that ran the command.
    pub fn end(&self, task: &Task, container: &str) -> RunTaskResult {
        let ran = task.containers.iter().find(|known| known.name == container);
        let code = ran.and_then(|ran| ran.exit_code);
        let cause = of_task(task, &[]).filter(|cause| cause.kind != TaskFailureKind::Other);
        let problem = match (cause, code) {
            (Some(cause), Some(_)) if cause.kind == TaskFailureKind::Exited => None,
            (Some(cause), _) => Some(self.located(cause)),
            (None, Some(_)) => None,
            (None, None) => Some(self.in_words_of_aws(task, ran)),
        };
        let note = format!("task {}, {}", task.id(), revision(&task.task_definition));
        RunTaskResult { code, problem: problem.map(|problem| problem.note(note)) }
    }

    /// That AWS did not take the task: for want of capacity, say.
    pub fn refused(&self, error: &AwsError) -> Diagnostic {
        match of_run_task_error(error) {
            Some(cause) => self.located(cause),
            None => diagnose_api_error(error).at(self.origin, "the service whose task definition it runs"),
        }
    }

    /// A cause at its line of the script, with what to do.
    fn located(&self, cause: TaskFailure) -> Diagnostic {
        let (service, never) = (self.service.to_owned(), Timestamp::default());
        let diagnosis = Diagnosis { service, cause, times: 1, log: Vec::new(), first: never, at: never };
        diagnose_task_failure(&diagnosis, self.template, self.origin)
    }

    fn in_words_of_aws(&self, task: &Task, ran: Option<&Container>) -> Diagnostic {
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
    fn the_container_that_answers_is_meant_unless_another_is_asked_for() {
        let mut web = service("app", "Web", "web");
        let definition = definition(&[("init", false), ("proxy", true), ("web", true)]);
        assert_eq!(container_of(&web, &definition, None).as_deref(), Ok("proxy"));
        let group = ServiceTargetGroup { arn: "tg".to_owned(), container: "web".to_owned(), port: 80 };
        web.service.target_groups.push(group);
        assert_eq!(container_of(&web, &definition, None).as_deref(), Ok("web"));
        assert_eq!(container_of(&web, &definition, Some("init")).as_deref(), Ok("init"));
        let unknown = container_of(&web, &definition, Some("wep")).expect_err("no such container");
        assert_eq!(
            (unknown.code.as_str(), unknown.hints[0].to_string().as_str()),
            ("unknown-container", "did you mean `web`?")
        );
    }

    #[test]
    fn a_task_ends_with_the_code_of_its_container_or_with_the_cause_and_what_to_do() {
        let (origin, template) = (Origin::new("app.rhai", 3, 1), Template::default());
        let whose = TaskSource { service: "Web", template: &template, origin: &origin };
        let container = |exit_code, reason: Option<&str>| Container {
            name: "web".to_owned(),
            status: None,
            health: None,
            exit_code,
            reason: reason.map(str::to_owned),
        };
        let end = |code, words: Option<&str>, reason: &str| {
            let containers = vec![container(code, words)];
            let told = Some(reason.to_owned());
            let status = TaskStatus::Stopped;
            whose.end(&Task { status, reason: told, containers, ..task("abc", false) }, "web")
        };
        let codes = |end: RunTaskResult| (end.code, end.problem.map(|problem| problem.code.as_str()));
        let exited = "Essential container in task exited";
        assert_eq!(codes(end(Some(0), None, exited)), (Some(0), None));
        assert_eq!(codes(end(Some(3), None, exited)), (Some(3), None), "its own affair");
        let memory = Some("OutOfMemoryError: Container killed due to memory usage");
        assert_eq!(codes(end(Some(137), memory, exited)), (Some(137), Some("task-out-of-memory")));
        let pull = "CannotPullContainerError: pull image manifest has been retried 1 time(s): x:y: not found";
        let lost = end(None, Some(pull), pull);
        assert!(lost.problem.as_ref().is_some_and(|problem| !problem.hints.is_empty()), "it says what to do");
        assert_eq!(codes(lost), (None, Some("task-image-not-found")));
        let by_hand = end(None, None, "Task stopped by user");
        assert_eq!(codes(by_hand), (None, Some("task-did-not-run")));
    }
}

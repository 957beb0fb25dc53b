use super::confirm::confirm;
use super::context::CommandContext;
use super::deployment::run_name;
use super::runner::{AccountCommand, run_on_stacks};
use super::service_selection::{SelectedService, origin_of, select_task};
use crate::cfn::{PropertyPath, Template, Value};
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, RunTask as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::json::{CommandEnd, LogRecord};
use crate::cli::project::Project;
use crate::cli::report::{faint, retrying};
use crate::cli::terminal::prompt::ask;
use crate::cli::terminal::{Signal, SignalSubscription, Terminal};
use crate::deploy::api::{AwsApi, AwsError, Clock, RunTaskRequest, Task, TaskDefinition, revision};
use crate::deploy::operate::{
    LogSource, LogTail, RunTaskEvent, RunTaskResult, StackService, TaskSource, choose_container, command_line, follow,
};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::printable::{indented, one_line};

/// Runs `run-task`: runs a one-off command in a new task of a service.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.service.scope;
    run_on_stacks(RunTask { args }, &scope.stack, &scope.rehearse, project, options, terminal)
}

struct RunTask<'a> {
    args: &'a Args,
}

impl AccountCommand for RunTask<'_> {
    const ACCESS: Access = Access::Write;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        match self.prepare(&api, cx).await {
            Ok(task) => task.run(&self.args.run, &clock).await,
            Err(exit) => exit,
        }
    }
}

impl RunTask<'_> {
    /// Returns the task to run, once it is approved.
    async fn prepare<'a, 'c, C: AwsApi>(
        &self,
        api: &C,
        cx: &'a CommandContext<'c>,
    ) -> Result<StandaloneTask<'a, 'c, C>, ExitStatus> {
        let selected = select_task(cx, api, &self.args.service.service).await?;
        let (definition, container) = self.definition(&selected, cx).await?;
        if self.args.run.is_empty() && is_service(cx, &selected.service) {
            return Err(command_missing(cx, &selected.service));
        }
        report_other_image(&selected.service, &definition, &container, cx);
        if cx.account.needs_approval(self.args.yes) {
            let revision = revision(&definition.arn);
            let question = match self.args.run.as_slice() {
                [] => format!("Run {revision}?"),
                command => format!("Run `{}` in {container} of {revision}?", command_line(command)),
            };
            confirm(&question, "nothing was started", cx).await?;
        }
        Ok(StandaloneTask { selected, definition, container, cx })
    }

    async fn definition<C: AwsApi>(
        &self,
        selected: &SelectedService<C>,
        cx: &CommandContext<'_>,
    ) -> Result<(TaskDefinition, String), ExitStatus> {
        let SelectedService { api, service } = selected;
        let name = &service.service.task_definition;
        let definition = api.task_definition(name).await.map_err(|error| cx.aws_error(&error))?;
        let Some(definition) = definition else {
            let message = format!("the task definition {} of `{}` was deleted", revision(name), service.logical_id);
            let problem = Diagnostic::new(Code::TaskDidNotRun, message).at(&origin_of(cx, service), "this service");
            cx.report(&[problem.help("deploy the stack again: it registers a new one")]);
            return Err(ExitStatus::Aws);
        };
        match choose_container(service, &definition, self.args.container.as_deref()) {
            Ok(container) => Ok((definition, container)),
            Err(problem) => {
                cx.report(&[problem]);
                Err(ExitStatus::Usage)
            }
        }
    }
}

/// Returns whether the script has it as a service and not as a job.
fn is_service(cx: &CommandContext<'_>, selected: &StackService) -> bool {
    let stack = cx.stacks.iter().find(|stack| stack.name == selected.stack);
    !stack.is_some_and(|stack| stack.jobs.iter().any(|job| job.task_definition.as_str() == selected.logical_id))
}

/// Reports a service without a command: its own would never end.
fn command_missing(cx: &CommandContext<'_>, selected: &StackService) -> ExitStatus {
    let id = &selected.logical_id;
    let problem =
        Diagnostic::new(Code::TaskDidNotRun, format!("`{id}` is a service, and its own command does not end"));
    let hint = Hint::from("run a command with ").command(CommandName::RunTask.of(id).arg("--").arg("COMMAND"));
    cx.report(&[problem.help(hint)]);
    ExitStatus::Usage
}

/// Reports that the script sets another image than the deployed one, which the task runs.
fn report_other_image(service: &StackService, definition: &TaskDefinition, container: &str, cx: &CommandContext<'_>) {
    let deployed = definition.containers.iter().find(|known| known.name == container);
    let stack = cx.stacks.iter().find(|stack| stack.name == service.stack);
    let written = stack.and_then(|stack| script_image(&stack.template, &service.logical_id, container));
    let (Some(deployed), Some((image, origin))) = (deployed, written) else { return };
    if image != deployed.image {
        let message = format!("the task runs the deployed image `{}`, not the script's `{image}`", deployed.image);
        let problem = Diagnostic::new(Code::TaskRunsDeployed, message).at(&origin, "not deployed");
        let hint = Hint::from("deploy it first with ").command(CommandName::Deploy.of(&service.stack));
        cx.report(&[problem.help(hint)]);
    }
}

/// Returns the image that the script sets for a container of a service, with its place; none if it is not known yet.
fn script_image(template: &Template, service: &str, container: &str) -> Option<(String, Origin)> {
    let named = template.resources.get(service)?;
    let definition = match named.properties.get("TaskDefinition").and_then(Value::as_reference) {
        Some(definition) => template.resources.get(definition.id.as_str())?,
        None => named,
    };
    let containers = definition.properties.get("ContainerDefinitions")?.as_list()?;
    let is_named = |it: &Value| it.get("Name").and_then(Value::as_str) == Some(container);
    let at = containers.iter().position(is_named)?;
    let image = containers[at].get("Image")?.as_str()?.to_owned();
    let path = PropertyPath::property(&format!("ContainerDefinitions.{at}.Image"));
    Some((image, definition.origin_of(&path).clone()))
}

/// One task of a service's task definition.
struct StandaloneTask<'a, 'c, C> {
    selected: SelectedService<C>,
    definition: TaskDefinition,
    container: String,
    cx: &'a CommandContext<'c>,
}

impl<C: AwsApi> StandaloneTask<'_, '_, C> {
    /// Runs a command and follows it to its end.
    async fn run<K: Clock>(&self, command: &[String], clock: &K) -> ExitStatus {
        let (api, cx, started) = (&self.selected.api, self.cx, clock.now());
        let request = self.request(command, run_name(clock));
        let task = match api.run_task(&request).await {
            Ok(task) => task,
            Err(error) => {
                self.with_source(|source| cx.report(&[source.refused(&error)]));
                return ExitStatus::Aws;
            }
        };
        let image = self.definition.containers.iter().find(|known| known.name == self.container);
        let image = image.map(|container| format!(" ({})", container.image)).unwrap_or_default();
        let text = format!("task {} of the deployed {}{image}", task.id(), revision(&task.task_definition));
        cx.output.status(&faint(&one_line(&text)));
        let (mut tail, mut received) = (LogTail::new(self.log(&task), started), cx.signals.subscribe());
        let followed = tokio::select! {
            ended = follow(api, clock, &task.arn, &mut tail, |event| show(&event, cx)) => Ok(ended),
            signal = received.next() => Err(signal),
        };
        let exit = match followed {
            Ok(ended) => ended.map(|task| self.finish(&task)),
            Err(signal) => stop_or_leave(api, &task, signal, received, cx).await,
        };
        exit.unwrap_or_else(|error| cx.aws_error(&error))
    }

    fn request(&self, command: &[String], started_by: String) -> RunTaskRequest {
        let service = &self.selected.service;
        RunTaskRequest {
            cluster: service.cluster().to_owned(),
            task_definition: self.definition.arn.clone(),
            network: service.service.network.clone(),
            container: self.container.clone(),
            command: command.to_owned(),
            propagates_tags: service.service.propagates_tags,
            started_by,
            token: None,
        }
    }

    /// Returns the log stream of the task; empty if it cannot be read.
    fn log(&self, task: &Task) -> Vec<(C, LogSource)> {
        let (container, SelectedService { api, service }) = (&self.container, &self.selected);
        let known = self.definition.containers.iter().find(|known| known.name == *container);
        let Some(log) = known.and_then(|known| known.log.as_ref()) else {
            let text = format!("{container} does not log to CloudWatch: its output cannot be shown");
            self.cx.output.status(&faint(&text));
            return Vec::new();
        };
        let source = LogSource {
            stack: service.stack.clone(),
            service: service.logical_id.clone(),
            container: container.clone(),
            group: log.group.clone(),
            prefix: log.stream(container, task),
        };
        vec![(api.clone(), source)]
    }

    /// Calls a function with the service as the script defines it.
    fn with_source<T>(&self, call: impl FnOnce(&TaskSource<'_>) -> T) -> T {
        let service = &self.selected.service;
        let stack = self.cx.stacks.iter().find(|stack| stack.name == service.stack);
        let (empty, origin) = (Template::default(), origin_of(self.cx, service));
        let template = stack.map_or(&empty, |stack| &*stack.template);
        call(&TaskSource { service: &service.logical_id, template, origin: &origin })
    }

    /// Reports how the task ended, and returns the exit code of its container.
    fn finish(&self, task: &Task) -> ExitStatus {
        let cx = self.cx;
        let RunTaskResult { code, problem } = self.with_source(|source| source.result(task, &self.container));
        cx.report(problem.as_slice());
        let Some(code) = code else { return ExitStatus::Aws };
        let container = self.container.clone();
        cx.output.json(&CommandEnd { task: task.arn.clone(), container, exit_code: code });
        cx.output.status(&faint(&format!("exit code {code}")));
        // Exit codes of processes are bytes; another number must not look like success.
        ExitStatus::ChildExit(u8::try_from(code).unwrap_or(255))
    }
}

fn show(event: &RunTaskEvent, cx: &CommandContext<'_>) {
    match event {
        RunTaskEvent::Log(entry) => cx.output.line(&LogRecord::Log(entry), || indented(&entry.text)),
        RunTaskEvent::Retrying { error, unanswered } => cx.terminal.status(&retrying(error, *unanswered, None)),
        RunTaskEvent::Status(status) => cx.output.status(&faint(&one_line(&status.as_str().to_lowercase()))),
    }
}

/// Asks after Ctrl-C whether to stop the task. It is stopped without a question if there is no terminal; it continues after
/// another signal.
async fn stop_or_leave(
    api: &impl AwsApi,
    task: &Task,
    mut signal: Signal,
    mut received: SignalSubscription<'_>,
    cx: &CommandContext<'_>,
) -> Result<ExitStatus, AwsError> {
    let mut stop = false;
    if signal == Signal::Interrupt {
        stop = tokio::select! {
            answer = ask(cx.terminal, "Stop the task?") => answer.unwrap_or(true),
            further = received.next() => {
                signal = further;
                false
            }
        };
    }
    // From here on, a signal ends the command.
    drop(received);
    if stop {
        api.stop_task(&task.arn, "stopped by Ctrl-C in rtiler run-task").await?;
        cx.terminal.message(&format!("stopping task {}", task.id()));
    } else {
        let logs = cx.terminal.frontend().hint(&Hint::command_first(CommandName::Logs.alone()));
        cx.terminal.message(&format!("detached: task {} continues; its output: {logs}", task.id()));
    }
    Ok(signal.exit())
}

use serde_json::json;

use super::confirm::confirm;
use super::context::{AccountCommand, CommandContext, answer, from_saved};
use super::deployment::run_name;
use super::service_selection::{SelectedService, one, origin_of};
use crate::cfn::Template;
use crate::cli::args::{RunOptions, RunTask as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock, RunTaskRequest, Task, TaskDefinition, revision};
use crate::deploy::operate::{
    LogSource, LogTail, RunTaskEvent, RunTaskResult, TaskSource, command_line, container_of, follow,
};
use crate::diag::{Code, Diagnostic};

/// `run-task`: a command once, in a task like those of a service.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.service.scope;
    match CommandContext::new(project, &scope.stack, options, terminal) {
        Ok(cx) => from_saved(RunTask { args }, &scope.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct RunTask<'a> {
    args: &'a Args,
}

impl AccountCommand for RunTask<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let selected = match one(cx, &cloud, &self.args.service.service).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        let (definition, container) = match self.definition(&selected, cx).await {
            Ok(found) => found,
            Err(exit) => return exit,
        };
        let question =
            format!("Run `{}` in {container} of {}?", command_line(&self.args.run), revision(&definition.arn));
        let settled = self.args.yes || self.args.service.scope.rehearse.rehearse;
        if let Err(exit) = confirm(&question, settled, cx).await {
            return exit;
        }
        let once = StandaloneTask { selected: &selected, definition: &definition, container: &container, cx };
        once.run(&self.args.run, &clock).await
    }
}

impl RunTask<'_> {
    async fn definition<C: AwsApi>(
        &self,
        selected: &SelectedService<C>,
        cx: &CommandContext<'_>,
    ) -> Result<(TaskDefinition, String), ExitStatus> {
        let SelectedService { home, service } = selected;
        let name = &service.service.task_definition;
        let definition = home.task_definition(name).await.map_err(|error| cx.refused(&error))?;
        let Some(definition) = definition else {
            let message = format!("the task definition {} of `{}` is gone", revision(name), service.logical_id);
            let problem = Diagnostic::new(Code::TaskDidNotRun, message).at(&origin_of(cx, service), "this service");
            cx.tell(&[problem.help("deploy the stack again: it registers a new one")]);
            return Err(ExitStatus::Aws);
        };
        match container_of(service, &definition, self.args.container.as_deref()) {
            Ok(container) => Ok((definition, container)),
            Err(problem) => {
                cx.tell(&[problem]);
                Err(ExitStatus::Usage)
            }
        }
    }
}

/// One task of a service's task definition.
struct StandaloneTask<'a, 'c, C> {
    selected: &'a SelectedService<C>,
    definition: &'a TaskDefinition,
    container: &'a str,
    cx: &'a CommandContext<'c>,
}

impl<C: AwsApi> StandaloneTask<'_, '_, C> {
    /// Runs a command and follows it to its end.
    async fn run<K: Clock>(&self, command: &[String], clock: &K) -> ExitStatus {
        let (home, cx, begun) = (&self.selected.home, self.cx, clock.now());
        let request = self.request(command, run_name(clock));
        let task = match home.run_task(&request).await {
            Ok(task) => task,
            Err(error) => {
                self.whose(|whose| cx.tell(&[whose.refused(&error)]));
                return ExitStatus::Aws;
            }
        };
        say(cx, &format!("task {} of {}", task.id(), revision(&task.task_definition)));
        let mut tail = LogTail::new(self.log(&task), begun);
        let ended = tokio::select! {
            ended = follow(home, clock, &task.arn, &mut tail, |fact| show(&fact, cx)) => ended.map(|task| self.end(&task)),
            () = cx.interrupted.notified() => left(home, &task, cx).await,
        };
        ended.unwrap_or_else(|error| cx.refused(&error))
    }

    fn request(&self, command: &[String], started_by: String) -> RunTaskRequest {
        let service = &self.selected.service;
        RunTaskRequest {
            cluster: service.cluster().to_owned(),
            task_definition: self.definition.arn.clone(),
            network: service.service.network.clone(),
            container: self.container.to_owned(),
            command: command.to_owned(),
            started_by,
        }
    }

    /// Where the task writes to; nothing where it cannot be read.
    fn log(&self, task: &Task) -> Vec<(C, LogSource)> {
        let (container, SelectedService { home, service }) = (self.container, self.selected);
        let known = self.definition.containers.iter().find(|known| known.name == container);
        let Some(log) = known.and_then(|known| known.log.as_ref()) else {
            say(self.cx, &format!("{container} does not log to CloudWatch: its output cannot be shown"));
            return Vec::new();
        };
        let source = LogSource {
            stack: service.stack.clone(),
            service: service.logical_id.clone(),
            container: container.to_owned(),
            group: log.group.clone(),
            prefix: log.stream(container, task),
        };
        vec![(home.clone(), source)]
    }

    /// Asks something about the service in the script.
    fn whose<T>(&self, ask: impl FnOnce(&TaskSource<'_>) -> T) -> T {
        let service = &self.selected.service;
        let stack = self.cx.stacks.iter().find(|stack| stack.name == service.stack);
        let (nothing, origin) = (Template::default(), origin_of(self.cx, service));
        let template = stack.map_or(&nothing, |stack| &stack.template);
        ask(&TaskSource { service: &service.logical_id, template, origin: &origin })
    }

    /// Tells how it ended. The exit code is the container's.
    fn end(&self, task: &Task) -> ExitStatus {
        let cx = self.cx;
        let RunTaskResult { code, problem } = self.whose(|whose| whose.end(task, self.container));
        cx.tell(problem.as_slice());
        let Some(code) = code else { return ExitStatus::Aws };
        if cx.options.script.json {
            let task = json!({ "task": task.arn, "container": self.container, "exit": code });
            cx.terminal.line(&task.to_string());
        } else {
            say(cx, &format!("exit code {code}"));
        }
        // Exit codes of processes are bytes; another number would look like success.
        ExitStatus::ChildExit(u8::try_from(code).unwrap_or(255))
    }
}

fn show(fact: &RunTaskEvent, cx: &CommandContext<'_>) {
    match fact {
        RunTaskEvent::Said(said) if cx.options.script.json => {
            cx.terminal.line(&serde_json::to_string(said).unwrap_or_default());
        }
        RunTaskEvent::Said(said) => cx.terminal.line(&said.text),
        RunTaskEvent::Status(status) => say(cx, &status.as_str().to_lowercase()),
    }
}

/// The user goes: the task is stopped, or runs on.
async fn left(home: &impl AwsApi, task: &Task, cx: &CommandContext<'_>) -> Result<ExitStatus, AwsError> {
    let stop = tokio::select! {
        stop = answer("Stop the task?".to_owned(), cx.terminal) => stop,
        () = cx.interrupted.notified() => Some(false),
    };
    // Nobody is there to answer: who sent the signal wants it to end.
    if stop.unwrap_or(true) {
        home.stop_task(&task.arn, "stopped by Ctrl-C in rtiler run-task").await?;
        cx.terminal.tell(&format!("task {} is being stopped", task.id()));
    } else {
        cx.terminal.tell(&format!("task {} runs on; its lines are in `logs`", task.id()));
    }
    Ok(ExitStatus::Interrupted)
}

/// Talk about the work, which a program does not want.
fn say(cx: &CommandContext<'_>, text: &str) {
    if !cx.options.script.json {
        cx.terminal.say(&faint(text));
    }
}

use serde_json::{Value as Json, json};

use super::context::{AccountCommand, CommandContext, from_saved};
use super::service_selection::several;
use crate::cli::args::{RunOptions, Tasks as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::{bold, faint, short};
use crate::cli::table::table_within;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, Task, TaskFilter as Which, Timestamp, revision};
use crate::deploy::operate::StackService;

/// `tasks`: those of services, running or stopped.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.services.scope;
    match CommandContext::new(project, &scope.stack, options, terminal) {
        Ok(cx) => from_saved(Tasks { args }, &scope.rehearse, false, &cx),
        Err(exit) => exit,
    }
}

struct Tasks<'a> {
    args: &'a Args,
}

impl AccountCommand for Tasks<'_> {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let selected = match several(cx, &cloud, self.args.services.service.as_deref()).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        let which = if self.args.stopped { Which::Stopped } else { Which::Running };
        let mut facts = Vec::new();
        for selected in &selected {
            let service = &selected.service;
            match selected.home.tasks(&service.service.arn, which).await {
                Ok(tasks) if cx.options.script.json => {
                    facts.push(json!({ "stack": service.stack, "service": service.logical_id, "tasks": tasks }));
                }
                Ok(tasks) => self.print(service, &tasks, cx),
                Err(error) => return cx.refused(&error),
            }
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &Json::Array(facts));
        }
        ExitStatus::Ok
    }
}

impl Tasks<'_> {
    fn print(&self, service: &StackService, tasks: &[Task], cx: &CommandContext<'_>) {
        let title = format!("{}/{}", service.stack, service.logical_id);
        if tasks.is_empty() {
            let none = if self.args.stopped { "no stopped task that AWS remembers" } else { "no task" };
            cx.terminal.line(&format!("{}  {none}", bold(&title)));
            return;
        }
        cx.terminal.line(&bold(&title));
        let width = cx.terminal.table_width();
        if self.args.stopped {
            tasks.iter().for_each(|task| cx.terminal.answer(&stopped(task)));
        } else {
            let rows: Vec<Vec<String>> = tasks.iter().map(running).collect();
            let header = ["TASK", "STATUS", "HEALTH", "STARTED", "ZONE", "ADDRESS", "REVISION"];
            cx.terminal.answer(&table_within(&header, &rows, width));
        }
    }
}

fn running(task: &Task) -> Vec<String> {
    vec![
        short(task.id()).to_owned(),
        task.status.to_string(),
        task.health.clone().filter(|health| health != "UNKNOWN").unwrap_or_else(dash),
        task.started.map_or_else(dash, moment),
        task.zone.clone().unwrap_or_else(dash),
        task.address.clone().unwrap_or_else(dash),
        revision(&task.task_definition).to_owned(),
    ]
}

/// A stopped task in some lines: what it was, why it stopped, how its containers ended.
fn stopped(task: &Task) -> String {
    let when = task.stopped.map_or_else(|| task.status.to_string(), |time| format!("stopped {}", moment(time)));
    let mut text = format!("  {}  {when}  {}\n", short(task.id()), faint(revision(&task.task_definition)));
    let why: Vec<&str> = [task.code.as_deref(), task.reason.as_deref()].into_iter().flatten().collect();
    if !why.is_empty() {
        text.push_str(&format!("    {}\n", why.join(": ")));
    }
    for container in &task.containers {
        let code = container.exit_code.map(|code| format!("exit code {code}"));
        let parts: Vec<String> = code.into_iter().chain(container.reason.clone()).collect();
        let ended = if parts.is_empty() { "never ran".to_owned() } else { parts.join(", ") };
        text.push_str(&format!("    {}: {ended}\n", container.name));
    }
    text
}

/// `11-22 20:41:07`, which is what a column has room for.
fn moment(time: Timestamp) -> String {
    let time = time.to_string();
    time.get(5..19).map_or(time.clone(), |short| short.replace('T', " "))
}

fn dash() -> String {
    "-".to_owned()
}

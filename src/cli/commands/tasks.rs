use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use super::service_selection::select_with_jobs;
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, Tasks as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::json::TasksOfService;
use crate::cli::project::Project;
use crate::cli::report::{bold, faint, short};
use crate::cli::table::Table;
use crate::cli::terminal::{Detail, Terminal};
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{AwsApi, AwsError, Clock, Task, TaskFilter, Timestamp, revision};
use crate::deploy::operate::StackService;
use crate::printable::one_line;

/// Runs `tasks`: lists the tasks of services and jobs, running or stopped; of jobs both.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.services.scope;
    run_on_stacks(Tasks { args }, &scope.stack, &scope.rehearse, project, options, terminal)
}

struct Tasks<'a> {
    args: &'a Args,
}

impl AccountCommand for Tasks<'_> {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let selected = match select_with_jobs(cx, &api, self.args.services.service.as_deref()).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        if selected.is_empty() {
            cx.terminal.message(if self.args.stopped { "no stopped tasks" } else { "no tasks" });
        }
        let mut results = cx.output.list();
        for selected in &selected {
            let service = &selected.service;
            match self.tasks(&selected.api, service).await {
                Ok(tasks) => {
                    let (stack, id, job) = (service.stack.clone(), service.logical_id.clone(), service.job.clone());
                    let value = TasksOfService { stack, service: id, job, tasks };
                    results.push(&value, || self.text(service, &value.tasks, cx.terminal.detail()));
                }
                Err(error) => return cx.aws_error(&error),
            }
        }
        results.finish();
        ExitStatus::Ok
    }
}

impl Tasks<'_> {
    /// Returns the running tasks of a service, or the stopped ones; of a job both, because most of its time it has ended.
    async fn tasks(&self, api: &impl AwsApi, service: &StackService) -> Result<Vec<Task>, AwsError> {
        let mut tasks = Vec::new();
        if !self.args.stopped {
            tasks = service.tasks(api, TaskFilter::Running).await?;
        }
        if self.args.stopped || service.job.is_some() {
            let mut stopped = service.tasks(api, TaskFilter::Stopped).await?;
            stopped.sort_by_key(|task| std::cmp::Reverse(task.stopped));
            tasks.extend(stopped);
        }
        Ok(tasks)
    }

    fn text(&self, service: &StackService, tasks: &[Task], detail: Detail) -> String {
        let name = service.job.as_deref().map_or(service.logical_id.clone(), |job| format!("{job} (job)"));
        let title = bold(&format!("{}/{}", one_line(&service.stack), one_line(&name)));
        if tasks.is_empty() {
            return format!("{title}  {}\n", self.nothing(service));
        }
        let (ended, active): (Vec<&Task>, Vec<&Task>) =
            tasks.iter().partition(|task| self.args.stopped || task.status == TaskStatus::Stopped);
        let mut text = format!("{title}\n");
        if !active.is_empty() {
            let header = ["TASK", "STATUS", "HEALTH", "STARTED", "ZONE", "ADDRESS", "REVISION"];
            let table = Table::new(&header).optional(&["ZONE", "ADDRESS", "STARTED", "HEALTH"]);
            text.push_str(&table.with(active.into_iter().map(running)).render(detail));
        }
        text.extend(ended.into_iter().map(stopped));
        text
    }

    fn nothing(&self, service: &StackService) -> &'static str {
        match (self.args.stopped, &service.job) {
            (true, _) => "no stopped tasks (AWS keeps them for about an hour)",
            (false, Some(_)) => "no task runs, and none stopped in the last hour",
            (false, None) => "no tasks",
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

/// Returns the lines of a stopped task: its revision, why it stopped and how its containers ended.
fn stopped(task: &Task) -> String {
    let when = task.stopped.map_or_else(|| task.status.to_string(), |time| format!("stopped {}", moment(time)));
    let mut text = format!(
        "  {}  {}  {}\n",
        one_line(short(task.id())),
        one_line(&when),
        faint(&one_line(revision(&task.task_definition)))
    );
    let why: Vec<&str> = [task.code.as_deref(), task.reason.as_deref()].into_iter().flatten().collect();
    if !why.is_empty() {
        text.push_str(&format!("    {}\n", one_line(&why.join(": "))));
    }
    for container in &task.containers {
        let code = container.exit_code.map(|code| format!("exit code {code}"));
        let parts: Vec<String> = code.into_iter().chain(container.reason.clone()).collect();
        let end = if parts.is_empty() { "never started".to_owned() } else { parts.join(", ") };
        text.push_str(&format!("    {}: {}\n", one_line(&container.name), one_line(&end)));
    }
    text
}

/// Returns a time that fits a column: `11-22 20:41:07`.
fn moment(time: Timestamp) -> String {
    let time = time.to_string();
    time.get(5..19).map_or(time.clone(), |short| short.replace('T', " "))
}

fn dash() -> String {
    "-".to_owned()
}

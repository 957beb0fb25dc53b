use std::collections::BTreeSet;

use regex::Regex;

use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use super::service_selection::{SelectedService, select_with_jobs};
use crate::cli::account::Access;
use crate::cli::args::{Logs as Args, Rehearse, RunOptions, Since};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::{LogLines, faint, retrying};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock, TaskFilter, Timestamp};
use crate::deploy::operate::{LogEntry, LogSource, LogTail, StackService, log_sources, previous_tasks};
use crate::diag::{Code, Diagnostic, SourceMap};
use crate::printable::one_line;

/// The start of the logs unless `--since` sets it.
const DEFAULT_START: Since = Since::Ago(std::time::Duration::from_mins(10));

/// Runs `logs`: shows the logs of services and jobs.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let pattern = match args.grep.as_deref().map(Regex::new).transpose() {
        Ok(pattern) => pattern,
        Err(error) => {
            terminal.problems(&[wrong_pattern(&error)], &SourceMap::default());
            return ExitStatus::Usage;
        }
    };
    let scope = &args.services.scope;
    // New lines of a rehearsal come in real time.
    let speed = scope.rehearse.speed.or(args.follow.then_some(1.0));
    let rehearse = Rehearse { speed, ..scope.rehearse.clone() };
    run_on_stacks(Logs { args, pattern }, &scope.stack, &rehearse, project, options, terminal)
}

fn wrong_pattern(error: &regex::Error) -> Diagnostic {
    let text = error.to_string();
    let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Diagnostic::new(Code::LogPattern, format!("the pattern of `--grep` is not a regular expression: {why}"))
        .help("escape special characters with `\\`: `--grep 'GET \\(ok\\)'`")
}

struct Logs<'a> {
    args: &'a Args,
    pattern: Option<Regex>,
}

impl AccountCommand for Logs<'_> {
    const ACCESS: Access = Access::Read;

    /// Returns the exit status after Ctrl-C, which is the normal end of `--follow`.
    fn interrupt_exit(&self) -> ExitStatus {
        if self.args.follow { ExitStatus::Ok } else { ExitStatus::Interrupted }
    }

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let selected = match select_with_jobs(cx, &api, self.args.services.service.as_deref()).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        let streams = if self.args.previous { previous(&selected).await } else { current(&selected).await };
        let LogStreams { sources, start } = match streams {
            Ok(streams) => streams,
            Err(error) => return cx.aws_error(&error),
        };
        if sources.is_empty() {
            selected.iter().for_each(|selected| self.report_no_logs(&selected.service, cx));
            return ExitStatus::Ok;
        }
        let start = start.filter(|_| self.args.since.is_none());
        let start = start.unwrap_or_else(|| self.args.since.unwrap_or(DEFAULT_START).moment(clock.now()));
        let lines = log_lines(&sources, cx);
        let show = |entry: LogEntry| {
            if self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&entry.text)) {
                lines.show(&entry);
            }
        };
        let mut tail = LogTail::new(sources, start);
        if self.args.follow {
            let on_retry = |error: &AwsError, unanswered| cx.terminal.status(&retrying(error, unanswered, None));
            return tokio::select! {
                error = tail.watch(&clock, show, on_retry) => cx.aws_error(&error),
                () = cx.terminal.reader_gone() => ExitStatus::Ok,
            };
        }
        match tail.new_lines().await {
            Ok(entries) => {
                entries.into_iter().for_each(show);
                ExitStatus::Ok
            }
            Err(error) => cx.aws_error(&error),
        }
    }
}

impl Logs<'_> {
    fn report_no_logs(&self, service: &StackService, cx: &CommandContext<'_>) {
        let id = service.job.as_ref().unwrap_or(&service.logical_id);
        let why = if self.args.previous {
            format!("{id}: AWS has no stopped task; it keeps them for about an hour")
        } else {
            format!("{id}: no container logs to CloudWatch with the driver `awslogs`")
        };
        cx.terminal.message(&faint(&one_line(&why)));
    }
}

/// Returns the printer of log lines, which names services and containers if there are several.
fn log_lines<C>(sources: &[(C, LogSource)], cx: &CommandContext<'_>) -> LogLines {
    let several = |part: fn(&LogSource) -> &str| {
        sources.iter().map(|(_, source)| part(source)).collect::<BTreeSet<_>>().len() > 1
    };
    let services = several(|source| &source.service) || several(|source| &source.stack);
    LogLines::new(&cx.output, services, several(|source| &source.container))
}

/// The log streams to read.
struct LogStreams<C> {
    sources: Vec<(C, LogSource)>,
    /// The creation of the first task; only of previous tasks and of jobs.
    start: Option<Timestamp>,
}

async fn current<C: AwsApi>(selected: &[SelectedService<C>]) -> Result<LogStreams<C>, AwsError> {
    let mut found = Vec::new();
    for SelectedService { api, service } in selected {
        found.extend(log_sources(api, service).await?.into_iter().map(|source| (api.clone(), source)));
    }
    Ok(LogStreams { sources: found, start: start_of_job(selected).await? })
}

/// Returns the creation of the last task of a job, if jobs alone are selected: it may have ended before the default start.
async fn start_of_job<C: AwsApi>(selected: &[SelectedService<C>]) -> Result<Option<Timestamp>, AwsError> {
    let mut start = None;
    for SelectedService { api, service } in selected {
        if service.job.is_none() {
            return Ok(None);
        }
        let mut tasks = service.tasks(api, TaskFilter::Running).await?;
        tasks.extend(service.tasks(api, TaskFilter::Stopped).await?);
        let last = tasks.iter().filter_map(|task| task.created).max();
        start = [start, last].into_iter().flatten().min();
    }
    Ok(start)
}

/// Returns the streams of stopped tasks and of the previous deployment.
async fn previous<C: AwsApi>(selected: &[SelectedService<C>]) -> Result<LogStreams<C>, AwsError> {
    let mut streams = LogStreams { sources: Vec::new(), start: None };
    for SelectedService { api, service } in selected {
        for task in previous_tasks(api, service).await? {
            let mut of_task = service.clone();
            of_task.service.task_definition.clone_from(&task.task_definition);
            streams.start = [streams.start, task.created].into_iter().flatten().min();
            for source in log_sources(api, &of_task).await? {
                let prefix = format!("{}{}", source.prefix, task.id());
                streams.sources.push((api.clone(), LogSource { prefix, ..source }));
            }
        }
    }
    Ok(streams)
}

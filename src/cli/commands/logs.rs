use std::collections::BTreeSet;

use regex::Regex;

use super::context::{AccountCommand, CommandContext, from_saved};
use super::service_selection::{SelectedService, several};
use crate::cli::args::{Logs as Args, Rehearse, RunOptions, Since};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::{LogLines, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock, Timestamp};
use crate::deploy::operate::{LogEntry, LogSource, LogTail, StackService, previous_tasks, sources};
use crate::diag::{Code, Diagnostic, SourceMap};

/// How far back the logs go unless it is said.
const BACK: Since = Since::Ago(std::time::Duration::from_mins(10));

/// `logs`: what the tasks of services write.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let pattern = match args.grep.as_deref().map(Regex::new).transpose() {
        Ok(pattern) => pattern,
        Err(error) => {
            terminal.problems(&[wrong_pattern(&error)], &SourceMap::default());
            return ExitStatus::Usage;
        }
    };
    let scope = &args.services.scope;
    match CommandContext::new(project, &scope.stack, options, terminal) {
        Ok(cx) => {
            // What comes in the rehearsal comes by the clock on the wall.
            let speed = scope.rehearse.speed.or(args.follow.then_some(1.0));
            let rehearse = Rehearse { speed, ..scope.rehearse.clone() };
            from_saved(Logs { args, pattern }, &rehearse, false, &cx)
        }
        Err(exit) => exit,
    }
}

fn wrong_pattern(error: &regex::Error) -> Diagnostic {
    let said = error.to_string();
    let why = said.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Diagnostic::new(Code::LogPattern, format!("the pattern of `--grep` is not a regular expression: {why}"))
        .help("a letter with a meaning of its own is taken literally after `\\`: `--grep 'GET \\(ok\\)'`")
}

struct Logs<'a> {
    args: &'a Args,
    pattern: Option<Regex>,
}

impl AccountCommand for Logs<'_> {
    /// Who has read enough of what is followed has got what was asked for.
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(if self.args.follow { ExitStatus::Ok } else { ExitStatus::Interrupted })
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let selected = match several(cx, &cloud, self.args.services.service.as_deref()).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        let mut from = self.args.since.unwrap_or(BACK).moment(clock.now());
        let found = if self.args.previous { previous(&selected).await } else { current(&selected).await };
        let found = match found {
            Ok((found, began)) => {
                from = began.filter(|_| self.args.since.is_none()).unwrap_or(from);
                found
            }
            Err(error) => return cx.refused(&error),
        };
        if found.is_empty() {
            selected.iter().for_each(|selected| self.say_none(&selected.service, cx));
            return ExitStatus::Ok;
        }
        let several = |part: fn(&LogSource) -> &str| {
            found.iter().map(|(_, source)| part(source)).collect::<BTreeSet<_>>().len() > 1
        };
        let services = several(|source| &source.service) || several(|source| &source.stack);
        let lines = LogLines::new(cx.terminal, cx.options.script.json, services, several(|source| &source.container));
        let show = |said: LogEntry| {
            if self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&said.text)) {
                lines.show(&said);
            }
        };
        let mut tail = LogTail::new(found, from);
        if !self.args.follow {
            return match tail.fresh().await {
                Ok(said) => {
                    said.into_iter().for_each(show);
                    ExitStatus::Ok
                }
                Err(error) => cx.refused(&error),
            };
        }
        cx.refused(&tail.watch(&clock, show).await)
    }
}

impl Logs<'_> {
    fn say_none(&self, service: &StackService, cx: &CommandContext<'_>) {
        let id = &service.logical_id;
        let why = if self.args.previous {
            format!("{id}: AWS remembers no stopped task; they are forgotten after about an hour")
        } else {
            format!("{id}: no container logs to CloudWatch by the driver `awslogs`")
        };
        cx.terminal.tell(&faint(&why));
    }
}

type Found<C> = (Vec<(C, LogSource)>, Option<Timestamp>);

async fn current<C: AwsApi>(selected: &[SelectedService<C>]) -> Result<Found<C>, AwsError> {
    let mut found = Vec::new();
    for SelectedService { home, service } in selected {
        found.extend(sources(home, service).await?.into_iter().map(|source| (home.clone(), source)));
    }
    Ok((found, None))
}

/// The streams of the tasks that were before, and when the first of them began.
async fn previous<C: AwsApi>(selected: &[SelectedService<C>]) -> Result<Found<C>, AwsError> {
    let (mut found, mut began) = (Vec::new(), None);
    for SelectedService { home, service } in selected {
        for task in previous_tasks(home, service).await? {
            let mut of_task = service.clone();
            of_task.service.task_definition.clone_from(&task.task_definition);
            began = [began, task.created].into_iter().flatten().min();
            for source in sources(home, &of_task).await? {
                let prefix = format!("{}{}", source.prefix, task.id());
                found.push((home.clone(), LogSource { prefix, ..source }));
            }
        }
    }
    Ok((found, began))
}

use std::collections::BTreeSet;

use regex::Regex;

use super::job::{Cx, Job, rehearsable};
use super::selection::{Selected, several};
use crate::cli::args::{Logs as Args, Rehearse, RunOptions, Since};
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::screen::{LogLines, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::operate::{LogSource, Said, StackService, Tail, previous_tasks, sources};
use crate::deploy::ports::{AwsError, Clock, Ports, Timestamp};
use crate::diag::{Code, Diagnostic, Sources};

/// How far back the logs go unless it is said.
const BACK: Since = Since::Ago(std::time::Duration::from_mins(10));

/// `logs`: what the tasks of services write.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    let pattern = match args.grep.as_deref().map(Regex::new).transpose() {
        Ok(pattern) => pattern,
        Err(error) => {
            terminal.problems(&[wrong_pattern(&error)], &Sources::default());
            return Exit::Usage;
        }
    };
    let among = &args.services.among;
    match Cx::new(project, &among.stack, options, terminal) {
        Ok(cx) => {
            // What comes in the rehearsal comes by the clock on the wall.
            let speed = among.rehearse.speed.or(args.follow.then_some(1.0));
            let rehearse = Rehearse { speed, ..among.rehearse.clone() };
            rehearsable(Logs { args, pattern }, &rehearse, false, &cx)
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

impl Job for Logs<'_> {
    /// Who has read enough of what is followed has got what was asked for.
    fn cut_short(&self) -> Option<Exit> {
        Some(if self.args.follow { Exit::Ok } else { Exit::Interrupted })
    }

    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
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
            return Exit::Ok;
        }
        let several = |part: fn(&LogSource) -> &str| {
            found.iter().map(|(_, source)| part(source)).collect::<BTreeSet<_>>().len() > 1
        };
        let services = several(|source| &source.service) || several(|source| &source.stack);
        let lines = LogLines::new(cx.terminal, cx.options.script.json, services, several(|source| &source.container));
        let show = |said: Said| {
            if self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&said.text)) {
                lines.show(&said);
            }
        };
        let mut tail = Tail::new(found, from);
        if !self.args.follow {
            return match tail.fresh().await {
                Ok(said) => {
                    said.into_iter().for_each(show);
                    Exit::Ok
                }
                Err(error) => cx.refused(&error),
            };
        }
        cx.refused(&tail.watch(&clock, show).await)
    }
}

impl Logs<'_> {
    fn say_none(&self, service: &StackService, cx: &Cx<'_>) {
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

async fn current<C: Ports>(selected: &[Selected<C>]) -> Result<Found<C>, AwsError> {
    let mut found = Vec::new();
    for Selected { home, service } in selected {
        found.extend(sources(home, service).await?.into_iter().map(|source| (home.clone(), source)));
    }
    Ok((found, None))
}

/// The streams of the tasks that were before, and when the first of them began.
async fn previous<C: Ports>(selected: &[Selected<C>]) -> Result<Found<C>, AwsError> {
    let (mut found, mut began) = (Vec::new(), None);
    for Selected { home, service } in selected {
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

use serde_json::Value as Json;

use super::context::{AccountCommand, CommandContext, from_saved};
use super::timeline::Chart;
use crate::cli::args::{Events as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::table::table;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, StackEvent};
use crate::deploy::plan::queries;

/// `events`: the last ones of the deployed stacks, oldest first.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.target.stacks.stacks, options, terminal) {
        Ok(cx) if args.chart => from_saved(Chart, &args.target.rehearse, false, &cx),
        Ok(cx) => from_saved(Events { last: args.last }, &args.target.rehearse, false, &cx),
        Err(exit) => exit,
    }
}

struct Events {
    last: usize,
}

impl AccountCommand for Events {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let mut all: Vec<(String, StackEvent)> = Vec::new();
        for stack in &cx.stacks {
            let there = cloud.for_region(stack.region.as_deref());
            match there.describe_stack(&stack.name).await {
                Ok(None) => cx.terminal.tell(&format!("{} is not deployed", stack.name)),
                Ok(Some(live)) => match queries::events(&there, &live.id, self.last).await {
                    Ok(events) => all.extend(events.into_iter().map(|event| (stack.name.clone(), event))),
                    Err(error) => return cx.refused(&error),
                },
                Err(error) => return cx.refused(&error),
            }
        }
        all.sort_by_key(|(_, event)| event.time);
        if cx.options.script.json {
            let facts: Vec<Json> =
                all.iter().map(|(_, event)| serde_json::to_value(event).unwrap_or_default()).collect();
            json::answer(cx.terminal, &Json::Array(facts));
        } else if !all.is_empty() {
            let rows: Vec<Vec<String>> = all.iter().map(|(stack, event)| row(stack, event)).collect();
            let header = ["TIME", "STACK", "RESOURCE", "STATUS", "REASON"];
            cx.terminal.answer(&table(&header, &rows));
        }
        ExitStatus::Ok
    }
}

fn row(stack: &str, event: &StackEvent) -> Vec<String> {
    vec![
        event.time.to_string(),
        stack.to_owned(),
        event.logical_id.clone(),
        event.status.as_str().to_owned(),
        event.reason.clone().unwrap_or_default(),
    ]
}

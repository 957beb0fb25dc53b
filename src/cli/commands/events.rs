use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use super::timeline::Chart;
use crate::cli::account::Access;
use crate::cli::args::{Events as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json::EventOfStack;
use crate::cli::project::Project;
use crate::cli::table::Table;
use crate::cli::terminal::{Detail, Terminal};
use crate::deploy::api::queries;
use crate::deploy::api::{AwsApi, Clock, StackEvent};

/// Runs `events`: shows the last events of the deployed stacks, the oldest first.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let target = &args.target;
    let (stacks, rehearse) = (&target.stacks.stacks, &target.rehearse);
    if args.chart {
        run_on_stacks(Chart, stacks, rehearse, project, options, terminal)
    } else {
        run_on_stacks(Events { last: args.last }, stacks, rehearse, project, options, terminal)
    }
}

struct Events {
    last: usize,
}

impl AccountCommand for Events {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut all, mut absent): (Vec<(String, StackEvent)>, Vec<_>) = (Vec::new(), Vec::new());
        for stack in &cx.stacks {
            let regional = api.for_region(stack.region.as_deref());
            match regional.describe_stack(&stack.name).await {
                Ok(None) => absent.push(stack),
                Ok(Some(live)) => match queries::recent_events(&regional, &live.id, self.last).await {
                    Ok(events) => all.extend(events.into_iter().map(|event| (stack.name.clone(), event))),
                    Err(error) => return cx.aws_error(&error),
                },
                Err(error) => return cx.aws_error(&error),
            }
        }
        all.sort_by_key(|(_, event)| event.time);
        let value = |(stack, event): &(String, StackEvent)| EventOfStack { stack: stack.clone(), event: event.clone() };
        cx.output.result_of(|| all.iter().map(value).collect::<Vec<_>>(), || text(&all, cx.terminal.detail()));
        cx.report_absent(&absent)
    }
}

fn text(events: &[(String, StackEvent)], detail: Detail) -> String {
    if events.is_empty() {
        return String::new();
    }
    let rows = events.iter().map(|(stack, event)| row(stack, event));
    let table = Table::new(&["TIME", "STACK", "RESOURCE", "STATUS", "REASON"]).optional(&["STACK", "TIME"]);
    table.with(rows).render(detail)
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

use super::context::CommandContext;
use super::runner::AccountCommand;
use crate::cfn::parse;
use crate::cli::account::Access;
use crate::cli::exit::ExitStatus;
use crate::cli::json::StackTimeline;
use crate::cli::report::{Charset, chart, critical_path};
use crate::deploy::api::queries::{last_run, run_of};
use crate::deploy::api::{AwsApi, AwsError, Clock, TaskFilter};
use crate::deploy::diagnose::timeline::{Timeline, timeline};
use crate::deploy::operate::jobs;
use crate::synth::DesiredStack;

/// The command `events --chart`: the last deployment of each stack as a timeline.
pub(super) struct Chart;

impl AccountCommand for Chart {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut results, mut absent) = (cx.output.list(), Vec::new());
        for stack in &cx.stacks {
            match last(&api.for_region(stack.region.as_deref()), stack).await {
                Ok(Some(timeline)) => {
                    let text = || {
                        let chart = chart(&stack.name, &timeline, cx.terminal.detail().width, Charset::of_locale());
                        format!("{chart}{}", critical_path(&stack.name, &timeline, cx.account.is_rehearsal()))
                    };
                    results.push(&StackTimeline { stack: stack.name.clone(), timeline: timeline.clone() }, text);
                }
                Ok(None) => absent.push(stack),
                Err(error) => return cx.aws_error(&error),
            }
        }
        results.finish();
        cx.report_absent(&absent)
    }
}

/// Returns the timeline of the last run on a stack: its operations, and the jobs between them of which AWS still has the task.
async fn last(api: &impl AwsApi, stack: &DesiredStack) -> Result<Option<Timeline>, AwsError> {
    let Some(live) = api.describe_stack(&stack.name).await? else { return Ok(None) };
    let operations = last_run(api, &live.id).await?;
    let template = parse::template(&stack.name, &api.template(&live.id).await?).value.unwrap_or_default();
    let mut steps: Vec<Timeline> = operations.iter().map(|events| timeline(events, &template)).collect();
    if let [first, _, ..] = operations.as_slice() {
        let run = first.first().and_then(run_of).unwrap_or_default();
        let jobs = jobs_between(api, stack, &live.id, run).await?;
        steps.splice(1..1, jobs);
    }
    Ok(Some(Timeline::of_steps(steps).unwrap_or_else(|| timeline(&[], &template))))
}

/// Returns the tasks of jobs that a run started, in the order of their starts.
async fn jobs_between(api: &impl AwsApi, stack: &DesiredStack, id: &str, run: &str) -> Result<Vec<Timeline>, AwsError> {
    let resources = api.resources(id).await?;
    let mut found = Vec::new();
    for job in jobs(&stack.name, &stack.jobs, &resources) {
        let tasks = job.tasks(api, TaskFilter::Stopped).await?;
        let own = tasks.into_iter().filter(|task| task.started_by.as_deref().is_some_and(|by| by.ends_with(run)));
        found.extend(own.filter_map(|task| Some((task.created?, task.stopped?, job.job.clone()?))));
    }
    found.sort();
    Ok(found.into_iter().map(|(from, to, name)| Timeline::of_job(&name, from, to)).collect())
}

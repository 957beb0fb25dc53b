use super::context::CommandContext;
use super::runner::AccountCommand;
use crate::cfn::parse;
use crate::cli::account::Access;
use crate::cli::exit::ExitStatus;
use crate::cli::json::StackTimeline;
use crate::cli::report::{Charset, chart, critical_path};
use crate::deploy::api::queries::last_operation;
use crate::deploy::api::{AwsApi, AwsError, Clock, CloudFormation};
use crate::deploy::diagnose::timeline::{Timeline, timeline};

/// The command `events --chart`: the last operation of each stack as a timeline.
pub(super) struct Chart;

impl AccountCommand for Chart {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut results, mut absent) = (cx.output.list(), Vec::new());
        for stack in &cx.stacks {
            match last(&api.for_region(stack.region.as_deref()), &stack.name).await {
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

async fn last(api: &impl CloudFormation, stack: &str) -> Result<Option<Timeline>, AwsError> {
    let Some(live) = api.describe_stack(stack).await? else { return Ok(None) };
    let events = last_operation(api, &live.id).await?;
    let template = parse::template(stack, &api.template(&live.id).await?).value.unwrap_or_default();
    Ok(Some(timeline(&events, &template)))
}

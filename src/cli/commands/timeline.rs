use serde_json::{Value as Json, json};

use super::context::{AccountCommand, CommandContext};
use crate::cfn::parse;
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::report::{Charset, chart, critical_path};
use crate::deploy::api::{AwsApi, AwsError, Clock, CloudFormation};
use crate::deploy::diagnose::timeline::{Timeline, timeline};
use crate::deploy::plan::queries::last_operation;

/// `events --chart`: the last operation of each stack as a timeline.
pub(super) struct Chart;

impl AccountCommand for Chart {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let mut facts = Vec::new();
        for stack in &cx.stacks {
            match last(&cloud.for_region(stack.region.as_deref()), &stack.name).await {
                Ok(Some(timeline)) if cx.options.script.json => {
                    facts.push(json!({ "stack": stack.name, "timeline": timeline }));
                }
                Ok(Some(timeline)) => {
                    cx.terminal.answer(&chart(&stack.name, &timeline, cx.terminal.table_width().min(200), pen()));
                    cx.terminal.answer(&critical_path(&stack.name, &timeline));
                }
                Ok(None) => cx.terminal.tell(&format!("{} is not deployed", stack.name)),
                Err(error) => return cx.refused(&error),
            }
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &Json::Array(facts));
        }
        ExitStatus::Ok
    }
}

async fn last(cloud: &impl CloudFormation, stack: &str) -> Result<Option<Timeline>, AwsError> {
    let Some(live) = cloud.describe_stack(stack).await? else { return Ok(None) };
    let events = last_operation(cloud, &live.id).await?;
    let template = parse::template(stack, &cloud.template(&live.id).await?).value.unwrap_or_default();
    Ok(Some(timeline(&events, &template)))
}

/// Blocks and lines where the locale can show them (`LC_ALL`, `LC_CTYPE`, `LANG`: the first that is set counts).
fn pen() -> Charset {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { Charset::Unicode } else { Charset::Ascii }
}

use serde_json::{Value as Json, json};

use super::context::{AccountCommand, CommandContext, from_saved};
use crate::cli::args::{RunOptions, StackArgs};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::{bold, overview as drawn};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::operate::overview;

/// `status`: the deployed stacks with what runs in them.
pub(crate) fn command(args: &StackArgs, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_saved(Status, &args.rehearse, false, &cx),
        Err(exit) => exit,
    }
}

struct Status;

impl AccountCommand for Status {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let mut facts = Vec::new();
        for stack in &cx.stacks {
            let there = cloud.for_region(stack.region.as_deref());
            match overview(&there, &stack.name).await {
                Ok(Some(found)) if cx.options.script.json => {
                    facts.push(serde_json::to_value(&found).unwrap_or_default());
                }
                Ok(Some(found)) => cx.terminal.answer(&drawn(&found, cx.terminal.table_width())),
                Ok(None) if cx.options.script.json => facts.push(json!({ "name": stack.name, "status": null })),
                Ok(None) => cx.terminal.line(&format!("{}  is not deployed", bold(&stack.name))),
                Err(error) => return cx.refused(&error),
            }
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &Json::Array(facts));
        }
        ExitStatus::Ok
    }
}

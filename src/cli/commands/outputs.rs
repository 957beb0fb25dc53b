use serde_json::{Map, Value as Json};

use super::context::{AccountCommand, CommandContext, from_saved};
use crate::cli::args::{RunOptions, StackArgs};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};

/// `outputs`: of the deployed stacks.
pub(crate) fn command(args: &StackArgs, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_saved(Outputs, &args.rehearse, false, &cx),
        Err(exit) => exit,
    }
}

struct Outputs;

impl AccountCommand for Outputs {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let mut facts = Map::new();
        for stack in &cx.stacks {
            let there = cloud.for_region(stack.region.as_deref());
            let live = match there.describe_stack(&stack.name).await {
                Ok(live) => live,
                Err(error) => return cx.refused(&error),
            };
            let Some(live) = live else {
                cx.terminal.tell(&format!("{} is not deployed", stack.name));
                continue;
            };
            let outputs = live.outputs.into_iter().map(|output| (output.key, Json::from(output.value)));
            facts.insert(stack.name.clone(), Json::Object(outputs.collect()));
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &Json::Object(facts));
        } else {
            facts.iter().for_each(|(stack, outputs)| print(stack, outputs, cx));
        }
        ExitStatus::Ok
    }
}

/// `name=value` lines; with the stack's name before them where there are several.
fn print(stack: &str, outputs: &Json, cx: &CommandContext<'_>) {
    let prefix = if cx.stacks.len() > 1 { format!("{stack}.") } else { String::new() };
    for (key, value) in outputs.as_object().into_iter().flatten() {
        cx.terminal.line(&format!("{prefix}{key}={}", value.as_str().unwrap_or_default()));
    }
}

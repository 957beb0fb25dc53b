use serde_json::{Map, Value as Json};

use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, StackArgs};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};

/// Runs `outputs`: shows the outputs of the deployed stacks.
pub(crate) fn command(args: &StackArgs, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Outputs, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Outputs;

impl AccountCommand for Outputs {
    const ACCESS: Access = Access::Read;

    fn interrupt_exit(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let mut stacks = Map::new();
        for stack in &cx.stacks {
            match api.for_region(stack.region.as_deref()).describe_stack(&stack.name).await {
                Ok(Some(live)) => {
                    let outputs = live.outputs.into_iter().map(|output| (output.key, Json::from(output.value)));
                    stacks.insert(stack.name.clone(), Json::Object(outputs.collect()));
                }
                Ok(None) => cx.terminal.message(&format!("{} is not deployed", stack.name)),
                Err(error) => return cx.aws_error(&error),
            }
        }
        cx.output.result(&stacks, || stacks.iter().map(|(stack, outputs)| text(stack, outputs, cx)).collect());
        ExitStatus::Ok
    }
}

/// Returns `name=value` lines, with the name of the stack in front if there are several.
fn text(stack: &str, outputs: &Json, cx: &CommandContext<'_>) -> String {
    let prefix = if cx.stacks.len() > 1 { format!("{stack}.") } else { String::new() };
    let line = |(key, value): (&String, &Json)| format!("{prefix}{key}={}\n", value.as_str().unwrap_or_default());
    outputs.as_object().into_iter().flatten().map(line).collect()
}

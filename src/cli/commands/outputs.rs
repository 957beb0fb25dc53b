use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, StackArgs};
use crate::cli::exit::ExitStatus;
use crate::cli::json::OutputsOfStack;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, StackOutput};
use crate::deploy::record::secrets_of_outputs;
use crate::printable::one_line;

/// Runs `outputs`: shows the outputs of the deployed stacks.
pub(crate) fn command(args: &StackArgs, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Outputs, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Outputs;

impl AccountCommand for Outputs {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut stacks, mut absent) = (Vec::new(), Vec::new());
        for stack in &cx.stacks {
            match api.for_region(stack.region.as_deref()).describe_stack(&stack.name).await {
                Ok(live) => {
                    absent.extend(live.is_none().then_some(stack));
                    let outputs = live.map(|live| live.outputs);
                    stacks.push(OutputsOfStack { stack: stack.name.clone(), outputs });
                }
                Err(error) => return cx.aws_error(&error),
            }
        }
        let outputs = stacks.iter().filter_map(|stack| stack.outputs.as_deref());
        outputs.for_each(|outputs| cx.terminal.hide(&secrets_of_outputs(outputs)));
        cx.output.result(&stacks, || stacks.iter().map(|stack| text(stack, cx)).collect());
        cx.report_absent(&absent)
    }
}

/// Returns `name=value` lines, with the name of the stack in front if there are several.
fn text(stack: &OutputsOfStack, cx: &CommandContext<'_>) -> String {
    let prefix = if cx.stacks.len() > 1 { format!("{}.", stack.stack) } else { String::new() };
    let line = |output: &StackOutput| format!("{prefix}{}={}\n", one_line(&output.key), one_line(&output.value));
    stack.outputs.iter().flatten().map(line).collect()
}

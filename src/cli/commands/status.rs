use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, StackArgs};
use crate::cli::exit::ExitStatus;
use crate::cli::json::DeployedStackView;
use crate::cli::project::Project;
use crate::cli::report::{bold, overview as text};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::operate::overview;
use crate::deploy::record::secrets_of_outputs;

/// Runs `status`: shows the deployed stacks with their services and resources.
pub(crate) fn command(args: &StackArgs, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Status, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Status;

impl AccountCommand for Status {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut results, mut absent) = (cx.output.list(), Vec::new());
        for stack in &cx.stacks {
            match overview(&api.for_region(stack.region.as_deref()), &stack.name).await {
                Ok(deployed) => {
                    absent.extend(deployed.is_none().then_some(stack));
                    let outputs = deployed.iter().map(|found| &found.snapshot.stack.outputs);
                    outputs.for_each(|outputs| cx.terminal.hide(&secrets_of_outputs(outputs)));
                    let view = DeployedStackView { stack: stack.name.clone(), deployed };
                    results.push(&view, || match &view.deployed {
                        Some(found) => text(found, cx.terminal.detail()),
                        None => format!("{} is not deployed\n", bold(&stack.name)),
                    });
                }
                Err(error) => return cx.aws_error(&error),
            }
        }
        results.finish();
        cx.report_absent(&absent)
    }
}

use wildmatch::WildMatch;

use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cfn::type_names::is_service;
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, StackArgs};
use crate::cli::exit::ExitStatus;
use crate::cli::json::DeployedStackView;
use crate::cli::project::Project;
use crate::cli::report::{bold, overview as text};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::operate::{is_named, overview};
use crate::deploy::record::secrets_of_outputs;
use crate::synth::DesiredStack;

/// Runs `status`: shows the deployed stacks with their services, jobs and resources. The name of a service or job selects its
/// stack, and of this stack the service or job alone.
pub(crate) fn command(args: &StackArgs, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let (stacks, parts) = stacks_and_parts(&args.stacks.stacks, project.stacks.as_deref().unwrap_or_default());
    run_on_stacks(Status { parts }, &stacks, &args.rehearse, project, options, terminal)
}

/// Returns the stacks that the arguments name, and the arguments that name services and jobs. A name that is neither is left for
/// the check of stacks.
fn stacks_and_parts(arguments: &[String], known: &[DesiredStack]) -> (Vec<String>, Vec<String>) {
    let (mut stacks, mut parts) = (Vec::new(), Vec::new());
    for argument in arguments {
        let is_stack = known.iter().any(|stack| WildMatch::new(argument).matches(&stack.name));
        let owners: Vec<String> =
            known.iter().filter(|stack| has_part(stack, argument)).map(|stack| stack.name.clone()).collect();
        if is_stack || owners.is_empty() {
            stacks.push(argument.clone());
        } else {
            parts.push(argument.clone());
            stacks.extend(owners);
        }
    }
    (stacks, parts)
}

fn has_part(stack: &DesiredStack, name: &str) -> bool {
    let services = stack.template.resources.iter().filter(|(_, resource)| is_service(resource.kind.as_str()));
    let jobs = stack.jobs.iter().map(|job| &job.task_definition);
    services.map(|(id, _)| id).chain(jobs).any(|id| is_named(id.as_str(), name))
}

struct Status {
    /// Names of services and jobs; empty for whole stacks.
    parts: Vec<String>,
}

impl AccountCommand for Status {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut results, mut absent) = (cx.output.list(), Vec::new());
        for stack in &cx.stacks {
            match overview(&api.for_region(stack.region.as_deref()), &stack.name, &stack.jobs).await {
                Ok(mut deployed) => {
                    if let Some(found) = deployed.as_mut().filter(|_| !self.parts.is_empty()) {
                        found.keep(&self.parts);
                    }
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

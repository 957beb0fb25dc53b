use super::context::{AccountCommand, CommandContext, from_saved};
use super::deployment::{DeploymentCommand, run_name};
use crate::cli::args::{Hotswap as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::EngineOptions;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::hotswap::TaskDefinitionChange as Change;

/// `hotswap`: new images and environments for running services, without CloudFormation.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_saved(Hotswap { args }, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Hotswap<'a> {
    args: &'a Args,
}

impl AccountCommand for Hotswap<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let operation = DeploymentCommand::begin("hotswap", &self.args.rehearse, cx);
        let silent = self.args.yes || self.args.rehearse.rehearse;
        let ask = async |stack: &str, _: &[Change]| silent || operation.answered(format!("Hotswap {stack}?")).await;
        let options = EngineOptions {
            max_task_failures: self.args.wait.max_task_failures,
            timeout: self.args.wait.timeout,
            ..EngineOptions::new(run_name(&clock))
        };
        let outcome =
            operation.carry_out(cloud, &clock, options, async |run| run.rollout(&cx.stacks, &ask).await).await;
        operation.end(&outcome, |exit| exit)
    }
}

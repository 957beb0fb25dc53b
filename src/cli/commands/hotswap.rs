use super::context::{AccountCommand, CommandContext, from_saved};
use super::deployment::{DeploymentCommand, run_name};
use crate::cli::args::{Rollout as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::EngineOptions;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::hotswap::TaskDefinitionChange as Change;

/// `rollout`: new images and environments for running services, without CloudFormation.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_saved(Rollout { args }, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Rollout<'a> {
    args: &'a Args,
}

impl AccountCommand for Rollout<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let operation = DeploymentCommand::begin("rollout", &self.args.rehearse, cx);
        let silent = self.args.yes || self.args.rehearse.rehearse;
        let ask = async |stack: &str, _: &[Change]| silent || operation.answered(format!("Roll out {stack}?")).await;
        let options = EngineOptions {
            give_up_after: self.args.patience.give_up_after,
            timeout: self.args.patience.timeout,
            ..EngineOptions::new(run_name(&clock))
        };
        let outcome =
            operation.carry_out(cloud, &clock, options, async |run| run.rollout(&cx.stacks, &ask).await).await;
        operation.end(&outcome, |exit| exit)
    }
}

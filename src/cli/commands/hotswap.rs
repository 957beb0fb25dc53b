use super::context::CommandContext;
use super::deployment::{DeploymentCommand, run_name};
use super::pins;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cli::account::Access;
use crate::cli::args::{Hotswap as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::terminal::Terminal;
use crate::deploy::EngineOptions;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::hotswap::TaskDefinitionChange;

/// Runs `hotswap`: updates images and environment variables of running services, without CloudFormation.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Hotswap { args }, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Hotswap<'a> {
    args: &'a Args,
}

impl AccountCommand for Hotswap<'_> {
    const ACCESS: Access = Access::Write;
    const WARNINGS: Warnings = Warnings::Shown;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        let stacks = match pins::resolved(&api, cx).await {
            Ok(stacks) => stacks,
            Err(exit) => return exit,
        };
        let deployment = DeploymentCommand::new("hotswap", cx).with_builder(self.args.build.builder);
        let asks = cx.account.needs_approval(self.args.yes);
        let approve = async |stack: &str, _: &[TaskDefinitionChange]| {
            !asks || deployment.approve(format!("Hotswap {stack}?")).await
        };
        let options = EngineOptions {
            build_concurrency: self.args.build.build_concurrency,
            max_task_failures: self.args.wait.max_task_failures,
            timeout: self.args.wait.timeout,
            ..EngineOptions::new(run_name(&clock))
        };
        let hotswap = deployment.execute(api, &clock, options, async |run| run.hotswap(&stacks, &approve).await);
        let outcome = hotswap.await;
        deployment.finish(&outcome, |exit| exit)
    }
}

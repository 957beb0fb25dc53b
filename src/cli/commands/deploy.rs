use super::bootstrap;
use super::context::CommandContext;
use super::deployment::{DeploymentCommand, run_name};
use super::image_checks::check_images;
use super::runner::{AccountCommand, run_command};
use super::{pins, plan_file};
use crate::cli::account::{Access, template_history};
use crate::cli::args::{Baseline, Deploy as Args, RequireApproval, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsEnvironment, Clock, DeploymentMode};
use crate::deploy::plan::plan_file::SavedPlan;
use crate::deploy::plan::{ApprovalPolicy, Plan};
use crate::deploy::{EngineOptions, Outcome, StackOutcome, StackResult};
use crate::synth::DesiredStack;

/// Runs `deploy`: plans, requests approval, applies the change set and reports progress.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let saved = match args.plan.as_deref().map(|file| plan_file::read(file, terminal)).transpose() {
        Ok(saved) => saved,
        Err(exit) => return exit,
    };
    let planned = saved.iter().flat_map(|saved| saved.stacks.iter().map(|stack| stack.plan.stack.clone()));
    let chosen: Vec<String> = args.stacks.stacks.iter().cloned().chain(planned).collect();
    match CommandContext::new(project, &chosen, &args.rehearse, Warnings::Shown, options, terminal) {
        Ok(cx) => {
            let saved = saved.map(|mut saved| {
                saved.compare_settings(&cx.settings);
                saved
            });
            run_command(Deploy { args, saved }, &cx)
        }
        Err(exit) => exit,
    }
}

pub(super) struct Deploy<'a> {
    args: &'a Args,
    saved: Option<SavedPlan>,
}

impl<'a> Deploy<'a> {
    /// Creates a deployment without a saved plan.
    pub(super) fn new(args: &'a Args) -> Self {
        Self { args, saved: None }
    }
}

impl AccountCommand for Deploy<'_> {
    const ACCESS: Access = Access::Write;
    const BASELINE: Baseline = Baseline::Deployed;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        if let Some(saved) = &self.saved
            && let Err(exit) = plan_file::check_environment(saved, &api, cx).await
        {
            return exit;
        }
        if let Err(exit) = bootstrap::require(&api, &clock, cx).await {
            return exit;
        }
        let stacks = match pins::resolved(&api, cx).await {
            Ok(stacks) => stacks,
            Err(exit) => return exit,
        };
        if !self.args.no_image_checks
            && let Err(exit) = check_images(&api, &stacks, cx).await
        {
            return exit;
        }
        let deployment = DeploymentCommand::new("deploy", cx).with_builder(self.args.build.builder);
        let approve = async |plan: &Plan| deployment.approve(format!("Deploy {}?", plan.stack)).await;
        let options = self.options(run_name(&clock), cx);
        let deploy = deployment.execute(api, &clock, options, async |run| run.deploy(&stacks, &approve).await);
        let outcome = deploy.await;
        if let Some(environment) = deployment.environment() {
            save_templates(&outcome, &environment, (&stacks, cx));
        }
        deployment.finish(&outcome, |exit| self.unless_detached(&outcome, exit))
    }
}

impl Deploy<'_> {
    fn options(&self, run: String, cx: &CommandContext<'_>) -> EngineOptions {
        EngineOptions {
            concurrency: self.args.concurrency,
            build_concurrency: self.args.build.build_concurrency,
            approval: self.approval(cx),
            allow_replace: self.args.allow_replace.clone(),
            max_task_failures: self.args.wait.max_task_failures,
            timeout: self.args.wait.timeout,
            detach: self.args.detach,
            mode: self.mode(),
            disable_rollback: self.args.no_rollback,
            saved_plan: self.saved.clone(),
            other_stacks: cx.others.clone(),
            ..EngineOptions::new(run)
        }
    }

    fn mode(&self) -> DeploymentMode {
        match (self.args.express, self.args.revert_drift) {
            (true, _) => DeploymentMode::Express,
            (_, true) => DeploymentMode::RevertDrift,
            _ => DeploymentMode::Standard,
        }
    }

    /// Returns success for `--detach` if every operation was started.
    fn unless_detached(&self, outcome: &Outcome, exit: ExitStatus) -> ExitStatus {
        let started = |stack: &StackOutcome| stack.result.is_success() || stack.result == StackResult::Detached;
        let detached = self.args.detach && outcome.problems.is_empty() && outcome.stacks.iter().all(started);
        if detached { ExitStatus::Ok } else { exit }
    }

    /// Returns which plans need approval; a saved plan was approved before.
    fn approval(&self, cx: &CommandContext<'_>) -> ApprovalPolicy {
        if !cx.account.needs_approval(self.args.yes) || self.saved.is_some() {
            return ApprovalPolicy::Never;
        }
        match self.args.require_approval {
            RequireApproval::Never => ApprovalPolicy::Never,
            RequireApproval::Broadening => ApprovalPolicy::Broadening,
            RequireApproval::AnyChange => ApprovalPolicy::AnyChange,
        }
    }
}

/// Saves the deployed templates for a later rollback.
fn save_templates(
    outcome: &Outcome,
    environment: &AwsEnvironment,
    (stacks, cx): (&[DesiredStack], &CommandContext<'_>),
) {
    let deployed =
        |result: &StackResult| matches!(result, StackResult::Created | StackResult::Updated | StackResult::Unchanged);
    let is_deployed = |name: &str| outcome.stack(name).is_some_and(|stack| deployed(&stack.result));
    for stack in stacks.iter().filter(|stack| is_deployed(&stack.name)) {
        if let Err(error) = template_history::save(stack, environment) {
            cx.terminal.status(&format!("cannot save the template of {} for a rollback: {error}", stack.name));
        }
    }
}

use super::context::{AccountCommand, CommandContext, from_deployed};
use super::deployment::{DeploymentCommand, run_name};
use super::plan_file;
use crate::cli::account::template_history;
use crate::cli::args::{Deploy as Args, RequireApproval, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsEnvironment, Clock, DeploymentMode};
use crate::deploy::plan::plan_file::SavedPlan;
use crate::deploy::plan::{ApprovalPolicy, Plan};
use crate::deploy::{EngineOptions, Outcome, StackOutcome, StackResult};

/// `deploy`: plans, shows, asks, deploys, and tells what happens.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let saved = match args.plan.as_deref().map(|file| plan_file::read(file, terminal)).transpose() {
        Ok(saved) => saved,
        Err(exit) => return exit,
    };
    let planned = saved.iter().flat_map(|saved| saved.stacks.iter().map(|stack| stack.plan.stack.clone()));
    let chosen: Vec<String> = args.stacks.stacks.iter().cloned().chain(planned).collect();
    let cx = match CommandContext::new(project, &chosen, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    from_deployed(Deploy { args, saved }, &args.rehearse, &cx)
}

struct Deploy<'a> {
    args: &'a Args,
    saved: Option<SavedPlan>,
}

impl AccountCommand for Deploy<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        if let Some(saved) = &self.saved
            && let Err(exit) = plan_file::right_place(saved, &cloud, cx).await
        {
            return exit;
        }
        let operation = DeploymentCommand::begin("deploy", &self.args.rehearse, cx);
        let ask = async |plan: &Plan| operation.answered(format!("Deploy {}?", plan.stack)).await;
        let place = cloud.place().await.ok();
        let options = self.options(run_name(&clock));
        let outcome = operation.carry_out(cloud, &clock, options, async |run| run.deploy(&cx.stacks, &ask).await).await;
        if let Some(place) = &place {
            keep(&outcome, place, cx);
        }
        operation.end(&outcome, |exit| self.unless_detached(&outcome, exit))
    }
}

impl Deploy<'_> {
    fn options(&self, run: String) -> EngineOptions {
        EngineOptions {
            concurrency: self.args.concurrency,
            approval: self.approval(),
            allow_replace: self.args.allow_replace.clone(),
            max_task_failures: self.args.wait.max_task_failures,
            timeout: self.args.wait.timeout,
            detach: self.args.detach,
            mode: self.mode(),
            keep: self.args.no_rollback,
            saved: self.saved.clone(),
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

    /// Who wanted to leave it running has got what was asked for.
    fn unless_detached(&self, outcome: &Outcome, exit: ExitStatus) -> ExitStatus {
        let fine = |stack: &StackOutcome| stack.ending.is_good() || stack.ending == StackResult::Detached;
        let as_asked = self.args.detach && outcome.problems.is_empty() && outcome.stacks.iter().all(fine);
        if as_asked { ExitStatus::Ok } else { exit }
    }

    /// A rehearsal changes nothing that is worth a question, and a saved plan was looked at before.
    fn approval(&self) -> ApprovalPolicy {
        if self.args.yes || self.args.rehearse.rehearse || self.saved.is_some() {
            return ApprovalPolicy::Never;
        }
        match self.args.require_approval {
            RequireApproval::Never => ApprovalPolicy::Never,
            RequireApproval::Broadening => ApprovalPolicy::Broadening,
            RequireApproval::AnyChange => ApprovalPolicy::AnyChange,
        }
    }
}

/// Keeps what was deployed for a way back.
fn keep(outcome: &Outcome, place: &AwsEnvironment, cx: &CommandContext<'_>) {
    let deployed =
        |ending: &StackResult| matches!(ending, StackResult::Created | StackResult::Updated | StackResult::Unchanged);
    let is_deployed = |name: &str| outcome.stack(name).is_some_and(|stack| deployed(&stack.ending));
    for stack in cx.stacks.iter().filter(|stack| is_deployed(&stack.name)) {
        if let Err(error) = template_history::keep(stack, place) {
            cx.terminal.say(&format!("the template of {} could not be kept for a rollback: {error}", stack.name));
        }
    }
}

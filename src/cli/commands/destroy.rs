use super::confirm::confirm;
use super::context::CommandContext;
use super::deployment::{DeploymentCommand, run_name};
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::{Baseline, Destroy as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::{bold, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, CloudFormation};
use crate::deploy::plan::ApprovalPolicy;
use crate::deploy::{EngineOptions, choose_stacks};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// Runs `destroy`: deletes the stacks in reverse order, after asking for approval.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let consumers = remaining_consumers(&project, &args.stacks.stacks);
    let cx = match CommandContext::new(project, &args.stacks.stacks, &args.rehearse, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    cx.report(&consumers);
    run_command(Destroy { args }, &cx)
}

/// Reports stacks that remain and read outputs of a deleted one: they cannot be deployed until it is back.
fn remaining_consumers(project: &Project, patterns: &[String]) -> Vec<Diagnostic> {
    let stacks = project.stacks.as_deref().unwrap_or_default();
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let Ok(chosen) = choose_stacks(&names, patterns) else { return Vec::new() };
    let is_chosen = |name: &str| chosen.iter().any(|at| names[*at] == name);
    let remaining = stacks.iter().filter(|stack| !is_chosen(&stack.name));
    let consumers = remaining.filter_map(|stack| Some((stack, stack.after.iter().find(|it| is_chosen(it))?)));
    let problem = |(stack, producer): (&DesiredStack, &String)| {
        let message = format!("stack `{}` needs `{producer}`, which is deleted", stack.name);
        Diagnostic::new(Code::ProducerDestroyed, message)
            .at(&stack.origin, format!("needs `{producer}`"))
            .help(Hint::from("delete both with ").command(CommandName::Destroy.of(&stack.name).arg(producer)))
    };
    consumers.map(problem).collect()
}

struct Destroy<'a> {
    args: &'a Args,
}

impl AccountCommand for Destroy<'_> {
    const ACCESS: Access = Access::Write;
    const BASELINE: Baseline = Baseline::Deployed;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        if cx.account.needs_approval(self.args.yes)
            && let Err(exit) = approve(&api, cx).await
        {
            return exit;
        }
        let deployment = DeploymentCommand::new("destroy", cx);
        let options = EngineOptions { approval: ApprovalPolicy::Never, ..EngineOptions::new(run_name(&clock)) };
        let outcome = deployment.execute(api, &clock, options, async |run| run.destroy(&cx.stacks).await).await;
        deployment.finish(&outcome, |exit| exit)
    }
}

/// Shows what is deleted, and requests approval.
async fn approve(api: &impl CloudFormation, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
    for stack in &cx.stacks {
        let regional = api.for_region(stack.region.as_deref());
        match regional.describe_stack(&stack.name).await.map_err(|error| cx.aws_error(&error))? {
            Some(live) => {
                let resources = regional.resources(&live.id).await.map_or(0, |resources| resources.len());
                cx.terminal.message(&format!("{} will be deleted: {resources} resources", bold(&stack.name)));
            }
            None => cx.terminal.status(&faint(&format!("{} is not deployed", stack.name))),
        }
    }
    confirm("Delete?", "nothing was deleted", cx).await
}

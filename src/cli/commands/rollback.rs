use super::bootstrap;
use super::confirm::confirm;
use super::context::CommandContext;
use super::deployment::{DeploymentCommand, run_name};
use super::runner::{AccountCommand, run_on_stacks};
use crate::cli::account::{Access, template_history};
use crate::cli::args::{Rollback as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::bold;
use crate::cli::terminal::Terminal;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, AwsEnvironment, Clock, CloudFormation, INLINE_TEMPLATE_BYTES};
use crate::deploy::plan::{ApprovalPolicy, DeployedStack, Plan};
use crate::deploy::{Engine, EngineOptions, RollbackOptions, StackResult};
use crate::diag::{Code, CommandName, Diagnostic};
use crate::synth::DesiredStack;

/// Runs `rollback`: rolls back a failed update that was not rolled back; reverts a healthy stack to its previous template.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Rollback { args }, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Rollback<'a> {
    args: &'a Args,
}

impl AccountCommand for Rollback<'_> {
    const ACCESS: Access = Access::Write;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        let environment = match api.environment().await {
            Ok(environment) => environment,
            Err(error) => return cx.aws_error(&error),
        };
        for stack in &cx.stacks {
            if let Err(error) = template_history::check(stack, &environment) {
                let problem =
                    Diagnostic::new(Code::FileUnreadable, format!("cannot read the previous templates: {error}"));
                cx.report(&[problem]);
                return ExitStatus::Script;
            }
        }
        if let Err(exit) = require_bucket(&api, &clock, &environment, cx).await {
            return exit;
        }
        let asks = cx.account.needs_approval(self.args.yes);
        if asks && let Err(exit) = approve(&api, cx).await {
            return exit;
        }
        let deployment = DeploymentCommand::new("rollback", cx);
        let approval = if asks { ApprovalPolicy::AnyChange } else { ApprovalPolicy::Never };
        let options = EngineOptions {
            approval,
            allow_replace: self.args.allow_replace.clone(),
            retried_by: CommandName::Rollback,
            ..EngineOptions::new(run_name(&clock))
        };
        let ask = async |plan: &Plan| deployment.approve(format!("Deploy {}?", plan.stack)).await;
        let previous =
            |stack: &DesiredStack, live: &DeployedStack| template_history::previous(stack, live, &environment);
        let rollback_options = RollbackOptions { skip: &self.args.skip, previous: &previous };
        let rollback = async |run: &Engine<'_, C, K>| run.rollback(&cx.stacks, &rollback_options, &ask).await;
        let outcome = deployment.execute(api, &clock, options, rollback).await;
        // A rollback of what is not deployed is not done.
        let absent = outcome.stacks.iter().all(|stack| stack.result == StackResult::NotDeployed);
        deployment.finish(&outcome, |exit| if absent && exit == ExitStatus::Ok { ExitStatus::Aws } else { exit })
    }
}

/// Requires the bucket for previous templates that are large. CloudFormation has the template of a failed stack itself.
async fn require_bucket<C: AwsApi, K: Clock>(
    api: &C,
    clock: &K,
    environment: &AwsEnvironment,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    let mut templates = Vec::new();
    for stack in &cx.stacks {
        let bytes = template_history::most_bytes(stack, environment);
        if bytes > INLINE_TEMPLATE_BYTES && is_healthy(api, stack, cx).await? {
            templates.push((stack, bytes));
        }
    }
    bootstrap::require_bucket(api, clock, templates, cx).await
}

async fn is_healthy(
    api: &impl CloudFormation,
    stack: &DesiredStack,
    cx: &CommandContext<'_>,
) -> Result<bool, ExitStatus> {
    let described = api.for_region(stack.region.as_deref()).describe_stack(&stack.name).await;
    let live = described.map_err(|error| cx.aws_error(&error))?;
    Ok(live.is_some_and(|live| failed_action(&live.status).is_none()))
}

/// Returns how a failed stack is rolled back; none for a healthy one.
fn failed_action(status: &StackStatus) -> Option<&'static str> {
    match status {
        StackStatus::UpdateRollbackFailed => Some("its rollback will be continued"),
        StackStatus::UpdateFailed => Some("its update will be rolled back"),
        StackStatus::CreateFailed => Some("the resources that were created will be deleted"),
        _ => None,
    }
}

/// Requests approval for the failed stacks; healthy stacks are approved with their plans.
async fn approve(api: &impl CloudFormation, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
    let mut failed = false;
    for stack in &cx.stacks {
        let described = api.for_region(stack.region.as_deref()).describe_stack(&stack.name).await;
        let live = described.map_err(|error| cx.aws_error(&error))?;
        let Some(action) = live.and_then(|live| failed_action(&live.status)) else { continue };
        failed = true;
        cx.terminal.message(&format!("{}: {action}", bold(&stack.name)));
    }
    if failed { confirm("Roll back?", "nothing was rolled back", cx).await } else { Ok(()) }
}

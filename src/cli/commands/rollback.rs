use super::context::{AccountCommand, CommandContext, answer, from_saved};
use super::deployment::{DeploymentCommand, run_name};
use crate::cli::account::template_history;
use crate::cli::args::{Rollback as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::{bold, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, Clock, CloudFormation};
use crate::deploy::plan::{ApprovalPolicy, DeployedStack, Plan};
use crate::deploy::{Engine, EngineOptions, RollbackOptions};
use crate::synth::DesiredStack;

/// `rollback`: undoes what failed and stayed; takes a healthy stack back to the template deployed before.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_saved(Rollback { args }, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Rollback<'a> {
    args: &'a Args,
}

impl AccountCommand for Rollback<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let place = match cloud.place().await {
            Ok(place) => place,
            Err(error) => return cx.refused(&error),
        };
        let silent = self.args.yes || self.args.rehearse.rehearse;
        if !silent && let Some(exit) = asked(&cloud, cx).await {
            return exit;
        }
        let operation = DeploymentCommand::begin("rollback", &self.args.rehearse, cx);
        let approval = if silent { ApprovalPolicy::Never } else { ApprovalPolicy::AnyChange };
        let options = EngineOptions { approval, ..EngineOptions::new(run_name(&clock)) };
        let ask = async |plan: &Plan| operation.answered(format!("Deploy {}?", plan.stack)).await;
        let former = |stack: &DesiredStack, live: &DeployedStack| template_history::before(stack, live, &place);
        let back = RollbackOptions { skip: &self.args.skip, former: &former };
        let go = async |run: &Engine<'_, C, K>| run.rollback(&cx.stacks, &back, &ask).await;
        let outcome = operation.carry_out(cloud, &clock, options, go).await;
        operation.end(&outcome, |exit| exit)
    }
}

/// Asks about what failed and is undone; healthy stacks are asked about with their plans.
async fn asked(cloud: &impl CloudFormation, cx: &CommandContext<'_>) -> Option<ExitStatus> {
    let mut failed = false;
    for stack in &cx.stacks {
        let status = match cloud.for_region(stack.region.as_deref()).describe_stack(&stack.name).await {
            Ok(live) => live.map(|live| live.status),
            Err(error) => return Some(cx.refused(&error)),
        };
        let what = match status {
            Some(StackStatus::UpdateRollbackFailed) => "its rollback is continued",
            Some(StackStatus::UpdateFailed) => "what its update did is undone",
            Some(StackStatus::CreateFailed) => "what its creation made is deleted",
            _ => continue,
        };
        failed = true;
        cx.terminal.tell(&format!("{}: {what}", bold(&stack.name)));
    }
    if !failed {
        return None;
    }
    let answer = tokio::select! {
        answer = answer("Roll back?".to_owned(), cx.terminal) => answer,
        () = cx.interrupted.notified() => return Some(ExitStatus::Interrupted),
    };
    match answer {
        Some(true) => None,
        Some(false) => {
            cx.terminal.say(&faint("nothing was rolled back"));
            Some(ExitStatus::Interrupted)
        }
        None => {
            cx.terminal.tell("nobody is there to answer; `--yes` rolls back without asking");
            Some(ExitStatus::Usage)
        }
    }
}

use super::context::{AccountCommand, CommandContext, answer, from_deployed};
use super::deployment::{DeploymentCommand, run_name};
use crate::cli::args::{Destroy as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::{bold, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, CloudFormation};
use crate::deploy::plan::ApprovalPolicy;
use crate::deploy::{EngineOptions, chosen};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// `destroy`: deletes the stacks in reverse order, after asking.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let readers = left_without_owner(&project, &args.stacks.stacks);
    let cx = match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    cx.tell(&readers);
    from_deployed(Destroy { args }, &args.rehearse, &cx)
}

/// Stacks that stay and read what is deleted: they cannot be deployed again until it is back.
fn left_without_owner(project: &Project, patterns: &[String]) -> Vec<Diagnostic> {
    let stacks = project.stacks.as_deref().unwrap_or_default();
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let Ok(chosen) = chosen(&names, patterns) else { return Vec::new() };
    let is_chosen = |name: &str| chosen.iter().any(|at| names[*at] == name);
    let staying = stacks.iter().filter(|stack| !is_chosen(&stack.name));
    let losing = staying.filter_map(|stack| Some((stack, stack.after.iter().find(|owner| is_chosen(owner))?)));
    let problem = |(stack, owner): (&DesiredStack, &String)| {
        let message = format!("stack `{}` needs `{owner}`, which is deleted", stack.name);
        Diagnostic::new(Code::ProducerDestroyed, message)
            .at(&stack.origin, format!("needs `{owner}`"))
            .help(Hint::from("delete both with ").command(CommandName::Destroy.of(&stack.name).arg(owner)))
    };
    losing.map(problem).collect()
}

struct Destroy<'a> {
    args: &'a Args,
}

impl AccountCommand for Destroy<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        if let Some(exit) = self.asked(&cloud, cx).await {
            return exit;
        }
        let operation = DeploymentCommand::begin("destroy", &self.args.rehearse, cx);
        let options = EngineOptions { approval: ApprovalPolicy::Never, ..EngineOptions::new(run_name(&clock)) };
        let outcome = operation.carry_out(cloud, &clock, options, async |run| run.destroy(&cx.stacks).await).await;
        operation.end(&outcome, |exit| exit)
    }
}

impl Destroy<'_> {
    /// Shows what is deleted and what is kept, and asks; a code where that ends it.
    async fn asked(&self, cloud: &impl CloudFormation, cx: &CommandContext<'_>) -> Option<ExitStatus> {
        if self.args.yes || self.args.rehearse.rehearse {
            return None;
        }
        for stack in &cx.stacks {
            let there = cloud.for_region(stack.region.as_deref());
            match there.describe_stack(&stack.name).await {
                Ok(Some(live)) => {
                    let resources = there.resources(&live.id).await.map_or(0, |resources| resources.len());
                    cx.terminal.tell(&format!("{} will be deleted: {resources} resources", bold(&stack.name)));
                }
                Ok(None) => cx.terminal.say(&faint(&format!("{} is not deployed", stack.name))),
                Err(error) => return Some(cx.refused(&error)),
            }
        }
        let answer = tokio::select! {
            answer = answer("Delete?".to_owned(), cx.terminal) => answer,
            () = cx.interrupted.notified() => return Some(ExitStatus::Interrupted),
        };
        match answer {
            Some(true) => None,
            Some(false) => {
                cx.terminal.say("nothing was deleted");
                Some(ExitStatus::Interrupted)
            }
            None => {
                cx.terminal.tell("nobody is there to answer; `--yes` deletes without asking");
                Some(ExitStatus::Usage)
            }
        }
    }
}

use super::confirm::confirm;
use super::context::CommandContext;
use super::deployment::{DeploymentCommand, run_name};
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::{Baseline, Destroy as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::deletion as deletion_text;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock, CloudFormation, ErrorKind};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::plan::ApprovalPolicy;
use crate::deploy::{EngineOptions, choose_stacks, deletion};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// Runs `destroy`: deletes the stacks in reverse order, after asking for approval.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let consumers = remaining_consumers(&project, &args.stacks.stacks);
    let cx =
        match CommandContext::new(project, &args.stacks.stacks, &args.rehearse, Warnings::Hidden, options, terminal) {
            Ok(cx) => cx,
            Err(exit) => return exit,
        };
    run_command(Destroy { args, consumers }, &cx)
}

/// A stack that remains and reads outputs of a deleted one: it cannot be deployed until that is back.
struct Consumer {
    /// The stack that is deleted.
    producer: String,
    /// The warning.
    problem: Diagnostic,
}

/// Returns the stacks that remain and read outputs of a deleted one.
fn remaining_consumers(project: &Project, patterns: &[String]) -> Vec<Consumer> {
    let stacks = project.stacks.as_deref().unwrap_or_default();
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let Ok(chosen) = choose_stacks(&names, patterns) else { return Vec::new() };
    let is_chosen = |name: &str| chosen.iter().any(|at| names[*at] == name);
    let remaining = stacks.iter().filter(|stack| !is_chosen(&stack.name));
    let consumers = remaining.filter_map(|stack| Some((stack, stack.after.iter().find(|it| is_chosen(it))?)));
    let problem = |(stack, producer): (&DesiredStack, &String)| {
        let message = format!("stack `{}` needs `{producer}`, which is deleted", stack.name);
        let problem = Diagnostic::new(Code::ProducerDestroyed, message)
            .at(&stack.origin, format!("needs `{producer}`"))
            .help(Hint::from("delete both with ").command(CommandName::Destroy.of(&stack.name).arg(producer)));
        Consumer { producer: producer.clone(), problem }
    };
    consumers.map(problem).collect()
}

pub(super) struct Destroy<'a> {
    args: &'a Args,
    consumers: Vec<Consumer>,
}

impl<'a> Destroy<'a> {
    /// Creates the deletion of stacks on which no other stack of the script depends.
    pub(super) fn new(args: &'a Args) -> Self {
        Self { args, consumers: Vec::new() }
    }
}

impl AccountCommand for Destroy<'_> {
    const ACCESS: Access = Access::Write;
    const BASELINE: Baseline = Baseline::Deployed;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        if let Err(error) = self.report_consumers(&api, cx).await {
            return cx.aws_error(&error);
        }
        let deployment = DeploymentCommand::new("destroy", cx);
        let asks = cx.account.needs_approval(self.args.yes);
        match show_deletions(&api, &clock, asks, cx).await {
            Err(error) if asks => return cx.aws_error(&error),
            Err(error) if error.kind == ErrorKind::AccessDenied => {
                let reason = diagnose_api_error(&error).message;
                cx.output.status(&format!("the resources that are deleted cannot be listed: {reason}"));
            }
            // Without a question, the deletion itself reports that AWS does not answer.
            Ok(()) | Err(_) => {}
        }
        if asks && let Err(exit) = confirm("Delete?", "nothing was deleted", cx).await {
            return exit;
        }
        let options = EngineOptions { approval: ApprovalPolicy::Never, ..EngineOptions::new(run_name(&clock)) };
        let outcome = deployment.execute(api, &clock, options, async |run| run.destroy(&cx.stacks).await).await;
        deployment.finish(&outcome, |exit| exit)
    }
}

impl Destroy<'_> {
    /// Reports the stacks that read outputs of a deployed stack that is deleted.
    async fn report_consumers(&self, api: &impl CloudFormation, cx: &CommandContext<'_>) -> Result<(), AwsError> {
        let mut problems = Vec::new();
        for Consumer { producer, problem } in &self.consumers {
            let region =
                cx.stacks.iter().find(|stack| stack.name == *producer).and_then(|stack| stack.region.as_deref());
            if api.for_region(region).describe_stack(producer).await?.is_some() {
                problems.push(problem.clone());
            }
        }
        cx.report(&problems);
        Ok(())
    }
}

/// Shows what is deleted, what is kept, and which data is lost.
async fn show_deletions(
    api: &impl CloudFormation,
    clock: &impl Clock,
    asks: bool,
    cx: &CommandContext<'_>,
) -> Result<(), AwsError> {
    let detail = cx.terminal.status_detail();
    for stack in cx.stacks.iter().rev() {
        match deletion(&api.for_region(stack.region.as_deref()), clock, stack).await? {
            // A question needs its facts, also with `--quiet`.
            Some(found) if asks => cx.terminal.message(deletion_text(&stack.name, &found, detail).trim_end()),
            Some(found) => cx.output.status(deletion_text(&stack.name, &found, detail).trim_end()),
            None => {}
        }
    }
    Ok(())
}

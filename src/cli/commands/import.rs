use super::bootstrap;
use super::context::CommandContext;
use super::deployment::{DeploymentCommand, run_name};
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::{Import as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, ImportedResource};
use crate::deploy::plan::{ApprovalPolicy, Plan};
use crate::deploy::{Engine, EngineOptions, Outcome, StackOutcome, importable};
use crate::diag::Code;

/// Runs `import`: imports existing resources into a stack.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let chosen = std::slice::from_ref(&args.stack);
    let cx = match CommandContext::new(project, chosen, &args.rehearse, Warnings::Shown, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    let [stack] = cx.stacks.as_slice() else {
        cx.terminal.failure(Code::CommandLine, "`import` works on one stack; name it");
        return ExitStatus::Usage;
    };
    let (mut resources, mut problems) = (Vec::new(), Vec::new());
    for written in &args.resources {
        match importable(stack, written) {
            Ok(resource) => resources.push(resource),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        cx.report(&problems);
        return ExitStatus::Usage;
    }
    run_command(Import { args, resources }, &cx)
}

struct Import<'a> {
    args: &'a Args,
    resources: Vec<ImportedResource>,
}

impl Import<'_> {
    /// Says how a resource exists in a rehearsal: the simulated account has only what was rehearsed before.
    fn suggest_assumptions(&self, cx: &CommandContext<'_>) {
        let flags = self.resources.iter().map(|resource| {
            let id: Vec<&str> = resource.identifier.values().map(String::as_str).collect();
            let id = id.join("|");
            if id.contains('|') {
                format!("--assume '{}={id}'", resource.kind)
            } else {
                format!("--assume {}={id}", resource.kind)
            }
        });
        let flags: Vec<String> = flags.collect();
        cx.output.status(&format!(
            "a rehearsed account has only what was rehearsed before: add `{}`, and the resource exists",
            flags.join(" ")
        ));
    }
}

impl AccountCommand for Import<'_> {
    const ACCESS: Access = Access::Write;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        let templates = vec![(&cx.stacks[0], cx.stacks[0].body().len())];
        if let Err(exit) = bootstrap::require_bucket(&api, &clock, templates, cx).await {
            return exit;
        }
        let asks = cx.account.needs_approval(self.args.yes);
        let approval = if asks { ApprovalPolicy::AnyChange } else { ApprovalPolicy::Never };
        let deployment = DeploymentCommand::new("import", cx).with_arguments(&self.args.resources);
        let options = EngineOptions { approval, ..EngineOptions::new(run_name(&clock)) };
        let approve = async |plan: &Plan| deployment.approve(format!("Import into {}?", plan.stack)).await;
        let import = async |run: &Engine<'_, C, K>| Outcome {
            stacks: vec![run.import(&cx.stacks[0], &self.resources, &approve).await],
            problems: Vec::new(),
        };
        let outcome = deployment.execute(api, &clock, options, import).await;
        let exit = deployment.finish(&outcome, |exit| exit);
        let missing = |stack: &StackOutcome| stack.problems.iter().any(|it| it.message.contains("was not found"));
        if cx.account.is_rehearsal() && outcome.stacks.iter().any(missing) {
            self.suggest_assumptions(cx);
        }
        exit
    }
}

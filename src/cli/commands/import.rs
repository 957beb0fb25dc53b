use super::context::{AccountCommand, CommandContext, from_saved};
use super::deployment::{DeploymentCommand, run_name};
use crate::cli::args::{Import as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, ImportedResource};
use crate::deploy::plan::{ApprovalPolicy, Plan};
use crate::deploy::{Engine, EngineOptions, Outcome, importable};

/// `import`: takes resources that exist into a stack.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let cx = match CommandContext::new(project, std::slice::from_ref(&args.stack), options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    let [stack] = cx.stacks.as_slice() else {
        cx.terminal.tell("`import` takes resources into one stack; name it");
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
        cx.tell(&problems);
        return ExitStatus::Usage;
    }
    from_saved(Import { args, resources }, &args.rehearse, true, &cx)
}

struct Import<'a> {
    args: &'a Args,
    resources: Vec<ImportedResource>,
}

impl AccountCommand for Import<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let silent = self.args.yes || self.args.rehearse.rehearse;
        let approval = if silent { ApprovalPolicy::Never } else { ApprovalPolicy::AnyChange };
        let operation = DeploymentCommand::begin("import", &self.args.rehearse, cx);
        let options = EngineOptions { approval, ..EngineOptions::new(run_name(&clock)) };
        let ask = async |plan: &Plan| operation.answered(format!("Import into {}?", plan.stack)).await;
        let go = async |run: &Engine<'_, C, K>| Outcome {
            stacks: vec![run.import(&cx.stacks[0], &self.resources, &ask).await],
            problems: Vec::new(),
        };
        let outcome = operation.carry_out(cloud, &clock, options, go).await;
        operation.end(&outcome, |exit| exit)
    }
}

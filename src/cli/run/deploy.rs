use super::job::{Cx, Job, foretelling};
use super::operation::{Operation, run_name};
use super::saved_plan;
use crate::cli::args::{ApprovalWhen, Deploy as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::former;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::deploy::plan::{Approval, Plan};
use crate::deploy::ports::{Clock, DeploymentMode, Place, Ports};
use crate::deploy::saved::SavedPlan;
use crate::deploy::{Ending, Options, Outcome, StackOutcome};

/// `deploy`: plans, shows, asks, deploys, and tells what happens.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    let saved = match args.plan.as_deref().map(|file| saved_plan::read(file, terminal)).transpose() {
        Ok(saved) => saved,
        Err(exit) => return exit,
    };
    let planned = saved.iter().flat_map(|saved| saved.stacks.iter().map(|stack| stack.plan.stack.clone()));
    let chosen: Vec<String> = args.stacks.stacks.iter().cloned().chain(planned).collect();
    let cx = match Cx::new(project, &chosen, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    foretelling(Deploy { args, saved }, &args.rehearse, &cx)
}

struct Deploy<'a> {
    args: &'a Args,
    saved: Option<SavedPlan>,
}

impl Job for Deploy<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        if let Some(saved) = &self.saved
            && let Err(exit) = saved_plan::right_place(saved, &cloud, cx).await
        {
            return exit;
        }
        let operation = Operation::begin("deploy", &self.args.rehearse, cx);
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
    fn options(&self, run: String) -> Options {
        Options {
            concurrency: self.args.concurrency,
            approval: self.approval(),
            allow_replace: self.args.allow_replace.clone(),
            give_up_after: self.args.patience.give_up_after,
            timeout: self.args.patience.timeout,
            detach: self.args.detach,
            mode: self.mode(),
            keep: self.args.no_rollback,
            saved: self.saved.clone(),
            ..Options::new(run)
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
    fn unless_detached(&self, outcome: &Outcome, exit: Exit) -> Exit {
        let fine = |stack: &StackOutcome| stack.ending.is_good() || stack.ending == Ending::LeftRunning;
        let as_asked = self.args.detach && outcome.problems.is_empty() && outcome.stacks.iter().all(fine);
        if as_asked { Exit::Ok } else { exit }
    }

    /// A rehearsal changes nothing that is worth a question, and a saved plan was looked at before.
    fn approval(&self) -> Approval {
        if self.args.yes || self.args.rehearse.rehearse || self.saved.is_some() {
            return Approval::Never;
        }
        match self.args.require_approval {
            ApprovalWhen::Never => Approval::Never,
            ApprovalWhen::Broadening => Approval::Broadening,
            ApprovalWhen::AnyChange => Approval::AnyChange,
        }
    }
}

/// Keeps what was deployed for a way back.
fn keep(outcome: &Outcome, place: &Place, cx: &Cx<'_>) {
    let deployed = |ending: &Ending| matches!(ending, Ending::Created | Ending::Updated | Ending::Unchanged);
    let is_deployed = |name: &str| outcome.stack(name).is_some_and(|stack| deployed(&stack.ending));
    for stack in cx.stacks.iter().filter(|stack| is_deployed(&stack.name)) {
        if let Err(error) = former::keep(stack, place) {
            cx.terminal.say(&format!("the template of {} could not be kept for a rollback: {error}", stack.name));
        }
    }
}

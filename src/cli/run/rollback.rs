use super::job::{Cx, Job, answer, rehearsable};
use super::operation::{Operation, run_name};
use crate::cli::args::{Rollback as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::former;
use crate::cli::project::Project;
use crate::cli::screen::{bold, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::plan::{Approval, Live, Plan};
use crate::deploy::ports::{Clock, Cloud, Ports};
use crate::deploy::status::StackStatus;
use crate::deploy::{Back, DesiredStack, Options, Run};

/// `rollback`: undoes what failed and stayed; takes a healthy stack back to the template deployed before.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => rehearsable(Rollback { args }, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Rollback<'a> {
    args: &'a Args,
}

impl Job for Rollback<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
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
        let operation = Operation::begin("rollback", &self.args.rehearse, cx);
        let approval = if silent { Approval::Never } else { Approval::AnyChange };
        let options = Options { approval, ..Options::new(run_name(&clock)) };
        let ask = async |plan: &Plan| operation.answered(format!("Deploy {}?", plan.stack)).await;
        let former = |stack: &DesiredStack, live: &Live| former::before(stack, live, &place);
        let back = Back { skip: &self.args.skip, former: &former };
        let go = async |run: &Run<'_, C, K>| run.rollback(&cx.stacks, &back, &ask).await;
        let outcome = operation.carry_out(cloud, &clock, options, go).await;
        operation.end(&outcome, |exit| exit)
    }
}

/// Asks about what failed and is undone; healthy stacks are asked about with their plans.
async fn asked(cloud: &impl Cloud, cx: &Cx<'_>) -> Option<Exit> {
    let mut failed = false;
    for stack in &cx.stacks {
        let status = match stack.home(cloud).describe_stack(&stack.name).await {
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
        () = cx.interrupted.notified() => return Some(Exit::Interrupted),
    };
    match answer {
        Some(true) => None,
        Some(false) => {
            cx.terminal.say(&faint("nothing was rolled back"));
            Some(Exit::Interrupted)
        }
        None => {
            cx.terminal.tell("nobody is there to answer; `--yes` rolls back without asking");
            Some(Exit::Usage)
        }
    }
}

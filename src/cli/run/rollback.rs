use std::cell::Cell;

use super::deploy::{ask, end, run_name, show, ticking};
use super::job::{Cx, Job, answer, rehearsable};
use crate::cli::args::{Rollback as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::former;
use crate::cli::project::Project;
use crate::cli::screen::{Screen, bold, faint};
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
        let watched = !self.args.rehearse.rehearse || self.args.rehearse.speed.is_some();
        let screen = Screen::new(cx.terminal, cx.options.script.json, watched, cx.stacks.len() > 1);
        let approval = if silent { Approval::Never } else { Approval::AnyChange };
        let options = Options { approval, ..Options::new(run_name(&clock)) };
        let seed = self.args.rehearse.rehearse.then_some(self.args.rehearse.seed);
        cx.record("rollback", seed, Some(&place), &clock);
        let run = Run::new(cloud, clock.clone(), options, |event| show(&event, &screen, cx), cx.leaves());
        let unanswered = Cell::new(false);
        let ask = async |plan: &Plan| ask(&plan.stack, &screen, &unanswered).await;
        let former = |stack: &DesiredStack, live: &Live| former::before(stack, live, &place);
        let back = Back { skip: &self.args.skip, former: &former };
        let outcome = ticking(run.rollback(&cx.stacks, &back, &ask), &screen, &clock).await;
        drop(run);
        screen.clear();
        end(&outcome, cx, unanswered.get())
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
        answer = answer("Roll back?".to_owned()) => answer,
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

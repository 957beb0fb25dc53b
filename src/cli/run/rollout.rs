use std::cell::Cell;

use super::deploy::{answered, end, run_name, show, ticking};
use super::interrupt::{UnderWay, heed};
use super::job::{Cx, Job, rehearsable};
use crate::cli::args::{Rollout as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::screen::Screen;
use crate::cli::terminal::Terminal;
use crate::deploy::ports::{Clock, Ports};
use crate::deploy::rollout::Rollout as Change;
use crate::deploy::{Event, Options, Run, wishes};

/// `rollout`: new images and environments for running services, without CloudFormation.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => rehearsable(Rollout { args }, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Rollout<'a> {
    args: &'a Args,
}

impl Job for Rollout<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let watched = !self.args.rehearse.rehearse || self.args.rehearse.speed.is_some();
        let screen = Screen::new(cx.terminal, cx.options.script.json, watched, cx.stacks.len() > 1);
        let silent = self.args.yes || self.args.rehearse.rehearse;
        let unanswered = Cell::new(false);
        let ask = async |stack: &str, _: &[Change]| {
            silent || answered(format!("Roll out {stack}?"), &screen, &unanswered).await
        };
        let options = Options {
            give_up_after: self.args.patience.give_up_after,
            timeout: self.args.patience.timeout,
            ..Options::new(run_name(&clock))
        };
        let ((wisher, wishes), under_way) = (wishes(), UnderWay::default());
        let tell = |event: Event| {
            under_way.hear(&event);
            show(&event, &screen, cx);
        };
        let run = Run::new(cloud, clock.clone(), options, tell, wishes);
        let outcome = tokio::select! {
            outcome = ticking(run.rollout(&cx.stacks, &ask), &screen, &clock) => outcome,
            never = heed(&wisher, &under_way, &screen) => match never {},
        };
        drop(run);
        screen.clear();
        end(&outcome, cx, unanswered.get())
    }
}

use super::job::{Cx, Job, foretelling};
use super::operation::run_name;
use super::saved_plan;
use crate::cli::args::{Plan as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::screen::{faint, plan};
use crate::cli::terminal::Terminal;
use crate::deploy::ports::{Clock, Ports};
use crate::deploy::saved::{SavedPlan, SavedStack};
use crate::deploy::{Options, Run};

/// `plan`: what a deployment would do, as AWS's change sets say.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => foretelling(Plan { args }, &args.rehearse, &cx),
        Err(exit) => exit,
    }
}

struct Plan<'a> {
    args: &'a Args,
}

impl Job for Plan<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let place = match cloud.place().await {
            Ok(place) => place,
            Err(error) => return cx.refused(&error),
        };
        let run = Run::new(cloud, clock.clone(), Options::new(run_name(&clock)), |_| {}, cx.leaves());
        let (mut stacks, mut failed) = (Vec::new(), false);
        for planned in run.plan(&cx.stacks).await {
            match planned {
                Ok(saved) => stacks.push(saved),
                Err(outcome) => {
                    failed = true;
                    cx.tell(&outcome.problems);
                }
            }
        }
        if failed {
            return Exit::Aws;
        }
        let script = cx.script.clone();
        self.shown(&SavedPlan { version: SavedPlan::VERSION, script, place, made: clock.now(), stacks }, cx)
    }
}

impl Plan<'_> {
    fn shown(&self, saved: &SavedPlan, cx: &Cx<'_>) -> Exit {
        if cx.options.script.json {
            json::answer(cx.terminal, &serde_json::to_value(saved).unwrap_or_default());
        } else {
            saved.stacks.iter().for_each(|stack| print(stack, cx));
        }
        match &self.args.save {
            Some(file) => saved_plan::write(file, saved, self.args.rehearse.rehearse, cx),
            None => Exit::Ok,
        }
    }
}

fn print(stack: &SavedStack, cx: &Cx<'_>) {
    cx.terminal.answer(&plan(&stack.plan));
    if !stack.confirmed {
        let why = "  told by the templates alone: AWS can say more once the stacks before it are there\n";
        cx.terminal.answer(&faint(why));
    }
}

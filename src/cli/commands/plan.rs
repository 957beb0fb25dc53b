use super::context::{AccountCommand, CommandContext, from_deployed};
use super::deployment::run_name;
use super::plan_file;
use crate::cli::args::{Plan as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::{faint, plan};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::plan_file::{SavedPlan, SavedStackPlan};
use crate::deploy::{Engine, EngineOptions};

/// `plan`: what a deployment would do, as AWS's change sets say.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_deployed(Plan { args }, &args.rehearse, &cx),
        Err(exit) => exit,
    }
}

struct Plan<'a> {
    args: &'a Args,
}

impl AccountCommand for Plan<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let place = match cloud.place().await {
            Ok(place) => place,
            Err(error) => return cx.refused(&error),
        };
        let run = Engine::new(cloud, clock.clone(), EngineOptions::new(run_name(&clock)), |_| {}, cx.leaves());
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
            return ExitStatus::Aws;
        }
        let script = cx.script.clone();
        self.shown(&SavedPlan { version: SavedPlan::VERSION, script, place, made: clock.now(), stacks }, cx)
    }
}

impl Plan<'_> {
    fn shown(&self, saved: &SavedPlan, cx: &CommandContext<'_>) -> ExitStatus {
        if cx.options.script.json {
            json::answer(cx.terminal, &serde_json::to_value(saved).unwrap_or_default());
        } else {
            saved.stacks.iter().for_each(|stack| print(stack, cx));
        }
        match &self.args.save {
            Some(file) => plan_file::write(file, saved, cx),
            None => ExitStatus::Ok,
        }
    }
}

fn print(stack: &SavedStackPlan, cx: &CommandContext<'_>) {
    cx.terminal.answer(&plan(&stack.plan));
    if !stack.confirmed {
        let why = "  told by the templates alone: AWS can say more once the stacks before it are there\n";
        cx.terminal.answer(&faint(why));
    }
}

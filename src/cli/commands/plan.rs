use super::context::CommandContext;
use super::deployment::run_name;
use super::runner::{AccountCommand, run_on_stacks};
use super::{bootstrap, pins, plan_file, plan_risks};
use crate::cli::account::Access;
use crate::cli::args::{Baseline, Plan as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::{expected_duration, faint, plan, planned_images as images_text};
use crate::cli::terminal::{Detail, Terminal};
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::plan_file::{SavedPlan, SavedStackPlan, planned_images};
use crate::deploy::{Engine, EngineOptions, StopSignal};

/// Runs `plan`: shows what a deployment would change, as computed by CloudFormation.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    if let Some(Err(exit)) = args.save.as_deref().map(|file| plan_file::may_replace(file, terminal)) {
        return exit;
    }
    run_on_stacks(Plan { args }, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Plan<'a> {
    args: &'a Args,
}

impl AccountCommand for Plan<'_> {
    const ACCESS: Access = Access::Write;
    const WARNINGS: Warnings = Warnings::Shown;
    const BASELINE: Baseline = Baseline::Deployed;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        let environment = match api.environment().await {
            Ok(environment) => environment,
            Err(error) => return cx.aws_error(&error),
        };
        if let Err(exit) = bootstrap::require(&api, &clock, cx).await {
            return exit;
        }
        let stacks = match pins::resolved(&api, cx).await {
            Ok(stacks) => stacks,
            Err(exit) => return exit,
        };
        cx.announce_rehearsal();
        let plan = async |stop: StopSignal| {
            let options = EngineOptions { other_stacks: cx.others.clone(), ..EngineOptions::new(run_name(&clock)) };
            let run = Engine::new(api, clock.clone(), options, cx.retries(), stop);
            run.plan(&stacks).await
        };
        let planned = match cx.until_stopped(plan).await {
            Ok(planned) => planned,
            Err(exit) => return exit,
        };
        let (mut stacks, mut failed) = (Vec::new(), false);
        for planned in planned {
            match planned {
                Ok(saved) => stacks.push(saved),
                Err(outcome) => {
                    failed = true;
                    cx.report(&outcome.problems);
                }
            }
        }
        if failed {
            return ExitStatus::Aws;
        }
        let mut saved = SavedPlan::new(&cx.script, environment, clock.now(), stacks);
        saved.settings.clone_from(&cx.settings);
        saved.images = planned_images(&cx.stacks);
        self.show(&saved, cx)
    }
}

impl Plan<'_> {
    fn show(&self, saved: &SavedPlan, cx: &CommandContext<'_>) -> ExitStatus {
        let earlier = (!cx.account.is_rehearsal()).then(|| cx.earlier_runs(&saved.environment));
        let expected = |stack: &SavedStackPlan| {
            let desired = cx.stacks.iter().find(|desired| desired.name == stack.plan.stack);
            desired
                .zip(earlier.as_ref())
                .and_then(|(desired, of)| expected_duration(&stack.plan, &desired.template, of))
        };
        let shown = |stack| text(stack, expected(stack), cx.terminal.detail());
        cx.output.result(saved, || {
            let mut plans: String = saved.stacks.iter().map(shown).collect();
            plans.push_str(&images_text(&cx.stacks));
            plans
        });
        plan_risks::report(saved.stacks.iter().map(|stack| &stack.plan), cx);
        match &self.args.save {
            Some(file) => plan_file::write(file, saved, cx),
            None => ExitStatus::Ok,
        }
    }
}

fn text(stack: &SavedStackPlan, expected: Option<String>, detail: Detail) -> String {
    let note = "  computed from the templates: CloudFormation can plan it once the stacks before it are deployed\n";
    let note = if stack.confirmed { String::new() } else { faint(note) };
    let expected = expected.map(|expected| faint(&format!("  {expected}\n"))).unwrap_or_default();
    format!("{}{expected}{note}", plan(&stack.plan, detail))
}

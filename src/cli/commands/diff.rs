use super::context::CommandContext;
use super::runner::{AccountCommand, run_command};
use super::{pins, plan_risks};
use crate::cfn::parse;
use crate::cfn::schema::Schema;
use crate::cli::account::Access;
use crate::cli::args::{Diff as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::files::read_text;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::plan;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock};
use crate::deploy::ends_in_use;
use crate::deploy::plan::{DeployedStack, Plan, plan_against, plan_stack};
use crate::diag::{Code, Origin};
use crate::synth::DesiredStack;

/// Runs `diff`: compares the script with the deployed stacks, or with a template.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let cx = match CommandContext::new(project, &args.stacks.stacks, &args.rehearse, Warnings::Shown, options, terminal)
    {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    match &args.template {
        Some(file) => compare_with_file(&file.display().to_string(), cx),
        None => run_command(Diff, &cx),
    }
}

struct Diff;

impl AccountCommand for Diff {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let stacks = match pins::resolved(&api, cx).await {
            Ok(stacks) => stacks,
            Err(exit) => return exit,
        };
        let mut plans = Vec::new();
        let script: Vec<DesiredStack> = stacks.iter().chain(&cx.others).cloned().collect();
        for stack in &stacks {
            match planned(&api.for_region(stack.region.as_deref()), stack, &script).await {
                Ok(plan) => plans.push(plan),
                Err(error) => return cx.aws_error(&error),
            }
        }
        show(&plans, cx)
    }
}

async fn planned(api: &impl AwsApi, stack: &DesiredStack, script: &[DesiredStack]) -> Result<Plan, AwsError> {
    let deployed = deployed(api, stack).await?;
    let plan = plan_stack(deployed.as_ref(), stack, Some(Schema::embedded()));
    let Some(deployed) = deployed else { return Ok(plan) };
    let ends = ends_in_use(api, stack, (&plan, &deployed), script).await?;
    Ok(plan.with_shared_ends(ends))
}

async fn deployed(api: &impl AwsApi, stack: &DesiredStack) -> Result<Option<DeployedStack>, AwsError> {
    match api.describe_stack(&stack.name).await? {
        Some(live) => Ok(Some(crate::deploy::read_deployed_stack(api, live).await?)),
        None => Ok(None),
    }
}

fn show(plans: &[Plan], cx: &CommandContext<'_>) -> ExitStatus {
    cx.output.result(&plans, || plans.iter().map(|one| plan(one, cx.terminal.detail())).collect());
    plan_risks::report(plans.iter(), cx);
    if plans.iter().all(Plan::is_empty) { ExitStatus::Ok } else { ExitStatus::ChangesFound }
}

/// Compares with a template in a file, without AWS.
fn compare_with_file(file: &str, mut cx: CommandContext<'_>) -> ExitStatus {
    let [stack] = cx.stacks.as_slice() else {
        let message = "`--template` compares one stack; name it: `diff STACK --template FILE`";
        cx.terminal.failure(Code::CommandLine, message);
        return ExitStatus::Usage;
    };
    let text = match read_text(file.as_ref()) {
        Ok(text) => text,
        Err(why) => {
            cx.report(&[why.problem(file).at(&Origin::new(file, 0, 0), "")]);
            return ExitStatus::Usage;
        }
    };
    let report = parse::template(file, &text);
    let Some(template) = report.value else {
        cx.sources.add(file, text);
        cx.report(&report.problems);
        return ExitStatus::Script;
    };
    let diff = plan_against(&template, stack, Some(Schema::embedded()));
    show(&[diff], &cx)
}

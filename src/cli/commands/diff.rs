use super::context::{AccountCommand, CommandContext, from_saved};
use crate::cfn::parse;
use crate::cfn::schema::Schema;
use crate::cli::args::{Diff as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::files::read_text;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::plan;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock};
use crate::deploy::plan::queries;
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::diag::Origin;
use crate::synth::DesiredStack;

/// `diff`: this script against what is deployed, or against a template.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let cx = match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    match &args.template {
        Some(file) => against_file(&file.display().to_string(), cx),
        None => from_saved(Diff, &args.rehearse, false, &cx),
    }
}

struct Diff;

impl AccountCommand for Diff {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let mut plans = Vec::new();
        for stack in &cx.stacks {
            let there = cloud.for_region(stack.region.as_deref());
            match live(&there, stack).await {
                Ok(live) => plans.push(plan_stack(live.as_ref(), stack, Some(Schema::embedded()))),
                Err(error) => return cx.refused(&error),
            }
        }
        shown(&plans, cx)
    }
}

async fn live(cloud: &impl AwsApi, stack: &DesiredStack) -> Result<Option<DeployedStack>, AwsError> {
    match cloud.describe_stack(&stack.name).await? {
        Some(live) => Ok(Some(queries::live(cloud, live).await?)),
        None => Ok(None),
    }
}

fn shown(plans: &[Plan], cx: &CommandContext<'_>) -> ExitStatus {
    if cx.options.script.json {
        json::answer(cx.terminal, &serde_json::to_value(plans).unwrap_or_default());
    } else {
        plans.iter().for_each(|one| cx.terminal.answer(&plan(one)));
    }
    if plans.iter().all(Plan::is_empty) { ExitStatus::Ok } else { ExitStatus::ChangesFound }
}

/// Compares with a template in a file, without AWS.
fn against_file(file: &str, mut cx: CommandContext<'_>) -> ExitStatus {
    let [stack] = cx.stacks.as_slice() else {
        cx.terminal.tell("`--template` compares one stack; name it: `diff STACK --template FILE`");
        return ExitStatus::Usage;
    };
    let text = match read_text(file.as_ref()) {
        Ok(text) => text,
        Err(why) => {
            cx.tell(&[why.problem(file).at(&Origin::new(file, 0, 0), "")]);
            return ExitStatus::Usage;
        }
    };
    let report = parse::template(file, &text);
    let Some(template) = report.value else {
        cx.sources.add(file, text);
        cx.tell(&report.problems);
        return ExitStatus::Script;
    };
    let diff = crate::deploy::plan::plan_against(&template, stack, Some(Schema::embedded()));
    shown(&[diff], &cx)
}

use super::job::{Cx, Job, rehearsable};
use crate::cfn::parse;
use crate::cfn::schema::Schema;
use crate::cli::args::{Diff as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::files::read_text;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::screen::plan;
use crate::cli::terminal::Terminal;
use crate::deploy::DesiredStack;
use crate::deploy::inspect;
use crate::deploy::plan::{Live, Plan, predict};
use crate::deploy::ports::{AwsError, Clock, Ports};
use crate::diag::Origin;

/// `diff`: this script against what is deployed, or against a template.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    let cx = match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    match &args.template {
        Some(file) => against_file(&file.display().to_string(), cx),
        None => rehearsable(Diff, &args.rehearse, false, &cx),
    }
}

struct Diff;

impl Job for Diff {
    fn cut_short(&self) -> Option<Exit> {
        Some(Exit::Interrupted)
    }

    async fn on<C: Ports, K: Clock>(self, cloud: C, _clock: K, cx: &Cx<'_>) -> Exit {
        let mut plans = Vec::new();
        for stack in &cx.stacks {
            let there = stack.home(&cloud);
            match live(&there, stack).await {
                Ok(live) => plans.push(predict(live.as_ref(), stack, Some(Schema::embedded()))),
                Err(error) => return cx.refused(&error),
            }
        }
        shown(&plans, cx)
    }
}

async fn live(cloud: &impl Ports, stack: &DesiredStack) -> Result<Option<Live>, AwsError> {
    match cloud.describe_stack(&stack.name).await? {
        Some(live) => Ok(Some(inspect::live(cloud, live).await?)),
        None => Ok(None),
    }
}

fn shown(plans: &[Plan], cx: &Cx<'_>) -> Exit {
    if cx.options.script.json {
        json::answer(cx.terminal, &serde_json::to_value(plans).unwrap_or_default());
    } else {
        plans.iter().for_each(|one| cx.terminal.answer(&plan(one)));
    }
    if plans.iter().all(Plan::is_empty) { Exit::Ok } else { Exit::Different }
}

/// Compares with a template in a file, without AWS.
fn against_file(file: &str, mut cx: Cx<'_>) -> Exit {
    let [stack] = cx.stacks.as_slice() else {
        cx.terminal.tell("`--template` compares one stack; name it: `diff STACK --template FILE`");
        return Exit::Usage;
    };
    let text = match read_text(file.as_ref()) {
        Ok(text) => text,
        Err(why) => {
            cx.tell(&[why.problem(file).at(&Origin::new(file, 0, 0), "")]);
            return Exit::Usage;
        }
    };
    let report = parse::template(file, &text);
    let Some(template) = report.value else {
        cx.sources.add(file, text);
        cx.tell(&report.problems);
        return Exit::Script;
    };
    let diff = crate::deploy::plan::against(&template, stack, Some(Schema::embedded()));
    shown(&[diff], &cx)
}

use serde_json::json;

use super::context::{AccountCommand, CommandContext, from_saved};
use super::deployment::run_name;
use crate::cli::args::{Drift as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::{bold, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, DriftStatus, ResourceDrift as Found};
use crate::deploy::{Engine, EngineOptions, drifted};
use crate::synth::DesiredStack;

/// `drift`: what was changed in the resources of stacks beside CloudFormation; exit code 5 where something was.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => from_saved(Drift, &args.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Drift;

impl AccountCommand for Drift {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        let run = Engine::new(cloud, clock.clone(), EngineOptions::new(run_name(&clock)), |_| {}, cx.leaves());
        let searches = cx.stacks.iter().map(|stack| run.drift(stack));
        let (mut facts, mut drifts) = (Vec::new(), false);
        for (stack, found) in cx.stacks.iter().zip(futures_util::future::join_all(searches).await) {
            let found = match found {
                Ok(found) => found,
                Err(error) => return cx.refused(&error),
            };
            drifts |= found.iter().flatten().any(is_drift);
            if cx.options.script.json {
                facts.push(json!({ "stack": stack.name, "resources": found }));
            } else {
                show(stack, found.as_deref(), cx);
            }
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &facts.into());
        }
        if drifts { ExitStatus::ChangesFound } else { ExitStatus::Ok }
    }
}

fn is_drift(drift: &Found) -> bool {
    matches!(drift.status, DriftStatus::Modified | DriftStatus::Deleted)
}

fn show(stack: &DesiredStack, found: Option<&[Found]>, cx: &CommandContext<'_>) {
    let Some(found) = found else {
        return cx.terminal.line(&format!("{}  is not deployed", bold(&stack.name)));
    };
    cx.tell(&drifted(stack, found));
    let changed = found.iter().filter(|drift| is_drift(drift)).count();
    let unknown = found.iter().filter(|drift| drift.status == DriftStatus::NotChecked).count();
    let apart = if unknown == 0 { String::new() } else { format!("; {unknown} cannot be looked at") };
    let said = match changed {
        0 => format!("as the template says, {} resources{apart}", found.len() - unknown),
        changed => format!("{changed} of {} resources differ{apart}", found.len() - unknown),
    };
    cx.terminal.line(&format!("{}  {}", bold(&stack.name), faint(&said)));
}

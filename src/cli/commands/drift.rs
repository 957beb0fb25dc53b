use super::context::CommandContext;
use super::deployment::run_name;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cli::account::Access;
use crate::cli::args::{Drift as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json::DriftOfStack;
use crate::cli::project::Project;
use crate::cli::report::{bold, counted, faint};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock, DriftStatus, ResourceDrift};
use crate::deploy::{Engine, EngineOptions, StopSignal, drifted};
use crate::synth::DesiredStack;

/// Runs `drift`: shows what was changed outside of CloudFormation; exit code 5 if anything was.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Drift, &args.stacks.stacks, &args.rehearse, project, options, terminal)
}

struct Drift;

impl AccountCommand for Drift {
    /// A drift detection is an operation that the account records.
    const ACCESS: Access = Access::Write;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        if let Err(exit) = cx.check_account(&api).await {
            return exit;
        }
        let detect = async |stop: StopSignal| {
            let run = Engine::new(api, clock.clone(), EngineOptions::new(run_name(&clock)), cx.retries(), stop);
            futures_util::future::join_all(cx.stacks.iter().map(|stack| run.drift(stack))).await
        };
        let detected = match cx.until_stopped(detect).await {
            Ok(detected) => detected,
            Err(exit) => return exit,
        };
        let (mut results, mut drifts, mut absent) = (cx.output.list(), false, Vec::new());
        for (stack, found) in cx.stacks.iter().zip(detected) {
            let found = match found {
                Ok(found) => found,
                Err(error) => return cx.aws_error(&error),
            };
            absent.extend(found.is_none().then_some(stack));
            drifts |= found.iter().flatten().any(is_drift);
            let value = DriftOfStack { stack: stack.name.clone(), resources: found };
            results.push(&value, || text(stack, value.resources.as_deref(), cx));
        }
        results.finish();
        let exit = cx.report_absent(&absent);
        if drifts { ExitStatus::ChangesFound } else { exit }
    }
}

fn is_drift(drift: &ResourceDrift) -> bool {
    matches!(drift.status, DriftStatus::Modified | DriftStatus::Deleted)
}

/// Reports each drift at its line of the script, and returns the summary of a stack.
fn text(stack: &DesiredStack, found: Option<&[ResourceDrift]>, cx: &CommandContext<'_>) -> String {
    let Some(found) = found else { return String::new() };
    cx.report(&drifted(stack, found));
    let changed = found.iter().filter(|drift| is_drift(drift)).count();
    let unknown = found.iter().filter(|drift| drift.status == DriftStatus::NotChecked).count();
    let unchecked = if unknown == 0 { String::new() } else { format!("; {unknown} cannot be checked") };
    let summary = match changed {
        0 => format!("no drift, {}{unchecked}", counted(found.len() - unknown, "resource")),
        changed => {
            let verb = if changed == 1 { "differs" } else { "differ" };
            format!("{changed} of {} {verb}{unchecked}", counted(found.len() - unknown, "resource"))
        }
    };
    format!("{}  {}\n", bold(&stack.name), faint(&summary))
}

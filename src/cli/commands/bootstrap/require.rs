//! A deployment that needs the bootstrap: offered on a terminal, else named in an error.

use std::collections::BTreeMap;
use std::pin::Pin;

use super::super::confirm::confirm;
use super::super::context::CommandContext;
use super::super::deploy::Deploy;
use super::super::runner::AccountCommand;
use crate::cli::args::{Deploy as DeployArgs, Rehearse, RunOptions};
use crate::cli::bootstrap_script;
use crate::cli::exit::ExitStatus;
use crate::cli::frontend::{Frontend, bootstrap_command};
use crate::deploy::api::{AwsApi, Clock, INLINE_TEMPLATE_BYTES};
use crate::deploy::bootstrap::{BootstrapState, Need, bootstrap_state, need};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// Returns whether every region has the bootstrap that its stacks need: offers to create it on a terminal, else reports the
/// command to paste. A rehearsal continues without it.
pub(in crate::cli::commands) async fn require<C: AwsApi, K: Clock>(
    api: &C,
    clock: &K,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    let has_bucket = cx.options.template_bucket.is_some();
    let needs = cx.stacks.iter().filter_map(|stack| Some((stack, need(stack, has_bucket)?))).collect();
    require_each(api, clock, needs, cx).await
}

/// Does the same for a command that sends templates and no images; each stack has the bytes of its template.
pub(in crate::cli::commands) async fn require_bucket<C: AwsApi, K: Clock>(
    api: &C,
    clock: &K,
    templates: Vec<(&DesiredStack, usize)>,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    let has_bucket = cx.options.template_bucket.is_some();
    let large = templates.into_iter().filter(|(_, bytes)| *bytes > INLINE_TEMPLATE_BYTES && !has_bucket);
    let needs = large.map(|(stack, bytes)| (stack, Need::LargeTemplate(bytes))).collect();
    require_each(api, clock, needs, cx).await
}

async fn require_each<C: AwsApi, K: Clock>(
    api: &C,
    clock: &K,
    needs: Vec<(&DesiredStack, Need)>,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    let mut by_region: BTreeMap<Option<&str>, (&DesiredStack, Need)> = BTreeMap::new();
    for (stack, need) in needs {
        by_region.entry(stack.region.as_deref()).or_insert((stack, need));
    }
    for (region, (stack, need)) in by_region {
        let api = api.for_region(region);
        let state = bootstrap_state(&api).await.map_err(|error| cx.aws_error(&error))?;
        if matches!(state, BootstrapState::Missing | BootstrapState::Older(_)) {
            offer(&api, clock, (region, state), missing(stack, need, region, cx), cx).await?;
        }
    }
    Ok(())
}

async fn offer<C: AwsApi, K: Clock>(
    api: &C,
    clock: &K,
    (region, state): (Option<&str>, BootstrapState),
    problem: Diagnostic,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    if cx.account.is_rehearsal() {
        cx.output.status(&format!(
            "{}; in AWS, run `{}` first",
            problem.message,
            bootstrap_command(cx.options, region)
        ));
        return Ok(());
    }
    if !cx.terminal.can_answer() {
        cx.report(&[problem]);
        return Err(ExitStatus::Aws);
    }
    cx.terminal.message(&problem.message);
    let verb = if state == BootstrapState::Missing { "Create" } else { "Update" };
    let place = region.map(|region| format!(" in {region}")).unwrap_or_default();
    confirm(&format!("{verb} it{place} now (`rtiler bootstrap`)?"), "nothing was deployed", cx).await?;
    match create(api, clock, cx).await {
        ExitStatus::Ok => Ok(()),
        exit => Err(exit),
    }
}

/// Deploys the bootstrap with its own plan and approval.
async fn create<C: AwsApi, K: Clock>(api: &C, clock: &K, cx: &CommandContext<'_>) -> ExitStatus {
    let options = RunOptions { role_arn: None, parameter: Vec::new(), ..cx.options.clone() };
    let terminal = cx.terminal.for_frontend(Frontend::shell(bootstrap_script::NAME, &options, false));
    let own = match super::context(&Rehearse::none(), &options, &terminal, || 0) {
        Ok(own) => own,
        Err(exit) => return exit,
    };
    let args = DeployArgs::every_stack(Rehearse::none(), false);
    // A deployment within a deployment: the type of its future would contain itself.
    let run: Pin<Box<dyn Future<Output = ExitStatus> + '_>> =
        Box::pin(Deploy::new(&args).run(api.clone(), clock.clone(), &own));
    run.await
}

fn missing(stack: &DesiredStack, need: Need, region: Option<&str>, cx: &CommandContext<'_>) -> Diagnostic {
    let why = match need {
        Need::Images => format!("stack `{}` runs images that rtiler builds, and needs their repository", stack.name),
        Need::LargeTemplate(bytes) => {
            format!(
                "the template of stack `{}` has {bytes} bytes, more than a request may have, and needs a bucket",
                stack.name
            )
        }
    };
    let problem = Diagnostic::new(Code::BootstrapMissing, why).at(&stack.origin, "this stack");
    let problem = problem.help(format!("create both with `{}`", bootstrap_command(cx.options, region)));
    match need {
        Need::Images => problem,
        Need::LargeTemplate(_) => problem.help("or name a bucket of yours with `--template-bucket`"),
    }
}

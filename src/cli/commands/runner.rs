//! Runs a command on AWS, or on the rehearsal account.

use super::context::CommandContext;
use super::rehearsal_baseline::deployed;
use crate::cli::account::{Access, RehearsalStart, TargetAccount, with_rehearsal_account};
use crate::cli::args::{Baseline, Rehearse, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::unanswered;
use crate::cli::terminal::{Signal, Terminal};
use crate::deploy::api::{AwsApi, Clock, Unanswered, WrappedApi};

/// A command on an account.
pub(super) trait AccountCommand {
    /// Whether the command reads or changes the account.
    const ACCESS: Access;

    /// The initial state of a rehearsal unless `--from` sets one: `Deployed` for a command that predicts a deployment.
    const BASELINE: Baseline = Baseline::Saved;

    /// Whether the command prints the warnings of the script.
    const WARNINGS: Warnings = Warnings::Hidden;

    /// Returns the access of this call, if its options change it.
    fn access(&self) -> Access {
        Self::ACCESS
    }

    /// Returns the exit status if Ctrl-C ends the command.
    fn interrupt_exit(&self) -> ExitStatus {
        ExitStatus::Interrupted
    }

    /// Runs the command.
    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus;
}

/// Runs a command on the chosen stacks of a project.
pub(super) fn run_on_stacks<A: AccountCommand>(
    command: A,
    chosen: &[String],
    rehearse: &Rehearse,
    project: Project,
    options: &RunOptions,
    terminal: &Terminal,
) -> ExitStatus {
    match CommandContext::new(project, chosen, rehearse, A::WARNINGS, options, terminal) {
        Ok(cx) => run_command(command, &cx),
        Err(exit) => exit,
    }
}

/// Runs a command on the account of its context.
pub(super) fn run_command<A: AccountCommand>(command: A, cx: &CommandContext<'_>) -> ExitStatus {
    let options = match &cx.account {
        TargetAccount::Aws => return run_on_aws(command, cx),
        TargetAccount::Rehearsal(options) => options,
    };
    let baseline = options.from.unwrap_or(A::BASELINE);
    let start = RehearsalStart { baseline, deployed: deployed(baseline, options.from.is_some(), cx) };
    let access = command.access();
    with_rehearsal_account(options, access, &start, cx.terminal, async |api, clock| {
        until_signal(cx, command.interrupt_exit(), command.run(watched(api, clock, cx), clock, cx)).await
    })
}

/// Returns an account of which the user learns when it does not answer.
fn watched<C, K: Clock>(api: C, clock: K, cx: &CommandContext<'_>) -> WrappedApi<C, Unanswered<K>> {
    let terminal = cx.terminal.clone();
    let say = move |call, waited| terminal.waiting(&unanswered(call, waited));
    WrappedApi::of(api, Unanswered::new(clock, say))
}

/// Runs a command until it ends, or until a signal comes that it does not handle.
async fn until_signal(
    cx: &CommandContext<'_>,
    interrupt_exit: ExitStatus,
    run: impl Future<Output = ExitStatus>,
) -> ExitStatus {
    cx.signals.listen();
    tokio::select! {
        biased;
        signal = cx.signals.unhandled() => match signal {
            Signal::Interrupt => interrupt_exit,
            other => other.exit(),
        },
        exit = run => exit,
    }
}

#[cfg(feature = "aws")]
fn run_on_aws(command: impl AccountCommand, cx: &CommandContext<'_>) -> ExitStatus {
    use crate::aws::SystemClock;
    use crate::cli::account::connect::connect;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system provides a runtime");
    let run = async {
        let interrupt_exit = command.interrupt_exit();
        let run = async {
            let api = watched(connect(cx.options).await, SystemClock, cx);
            match show_environment(&api, cx).await {
                Ok(()) => command.run(api, SystemClock, cx).await,
                Err(exit) => exit,
            }
        };
        until_signal(cx, interrupt_exit, run).await
    };
    let exit = tokio::task::LocalSet::new().block_on(&runtime, run);
    // A name that is being looked up would be waited for.
    runtime.shutdown_background();
    exit
}

/// Prints the account and region, for the user of a REPL who may think of another one.
#[cfg(feature = "aws")]
async fn show_environment(
    api: &impl crate::deploy::api::CloudFormation,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    use crate::cli::report::faint;
    if cx.terminal.frontend().is_session() {
        let environment = api.environment().await.map_err(|error| cx.aws_error(&error))?;
        cx.output.status(&faint(&crate::printable::one_line(&format!(
            "AWS account {}, {}",
            environment.account, environment.region
        ))));
    }
    Ok(())
}

#[cfg(not(feature = "aws"))]
fn run_on_aws(_command: impl AccountCommand, cx: &CommandContext<'_>) -> ExitStatus {
    let rehearsed = if cx.terminal.frontend().is_session() {
        ":target rehearsal".to_owned()
    } else {
        crate::cli::frontend::rehearsed_line(&std::env::args().skip(1).collect::<Vec<_>>())
    };
    cx.terminal.error("this rtiler was built without AWS support", &format!("rehearse it: `{rehearsed}`"));
    ExitStatus::Usage
}

//! `rtiler doctor`: checks the programs of this machine and the account, side by side.
//!
//! `programs` looks at this machine; the checks of the account are in `deploy::doctor`.

mod programs;

use crate::cli::args::{Doctor as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::{Output, bad, faint, good};
use crate::cli::terminal::Terminal;
use crate::deploy::doctor::{Examined, Health};
use crate::printable::one_line;
use crate::synth::DesiredStack;

/// Runs `doctor`: prints a line for each check; fails if a check failed.
pub(crate) fn command(args: &Args, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let output = Output::new(terminal, args.options.json);
    let options = args.aws.run_options(args.options.clone());
    let stacks = match &args.script {
        None => Vec::new(),
        Some(script) => {
            let project = Project::load(script, &args.options, terminal, allocated);
            match project.chosen(&[], Warnings::Hidden, terminal) {
                Ok((stacks, _)) => stacks,
                Err(exit) => return exit,
            }
        }
    };
    let examined = examine(&options, &stacks);
    output.result(&examined, || examined.iter().map(line).collect());
    if examined.iter().any(|examined| examined.health == Health::Failed) { ExitStatus::Script } else { ExitStatus::Ok }
}

/// Runs every check side by side, and cancels those that still wait for a program at the end.
fn examine(options: &RunOptions, stacks: &[DesiredStack]) -> Vec<Examined> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system provides a runtime");
    let (account, programs) = runtime.block_on(async { tokio::join!(account(options, stacks), programs::examine()) });
    runtime.shutdown_background();
    [account, programs].concat()
}

#[cfg(feature = "aws")]
async fn account(options: &RunOptions, stacks: &[DesiredStack]) -> Vec<Examined> {
    use crate::aws::SystemClock;
    use crate::deploy::api::Clock;
    let api = crate::cli::account::connect::connect(options).await;
    crate::deploy::doctor::examine(&api, &api, api.region(), stacks, || SystemClock.now()).await
}

#[cfg(not(feature = "aws"))]
fn account(_options: &RunOptions, _stacks: &[DesiredStack]) -> std::future::Ready<Vec<Examined>> {
    let examined = Examined::new("account", Health::Failed, "this rtiler was built without AWS support");
    std::future::ready(vec![examined])
}

fn line(examined: &Examined) -> String {
    let mark = match examined.health {
        Health::Ok => good("ok"),
        Health::Unknown => faint("--"),
        Health::Warning => bad("!!"),
        Health::Failed => bad("failed"),
    };
    let text = format!("{mark} {}: {}", examined.check, one_line(&examined.text));
    match &examined.remedy {
        Some(remedy) => format!("{text}; {}\n", one_line(remedy)),
        None => format!("{text}\n"),
    }
}

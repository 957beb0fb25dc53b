//! `rtiler bootstrap`: deploys a script that is inside the program with the engine of `deploy`.
//!
//! `require` offers it to a deployment that needs it, `remove` undoes it.

mod remove;
mod require;

use super::context::CommandContext;
use super::deploy::Deploy;
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::{
    Baseline, Bootstrap as Args, Deploy as DeployArgs, Format, RunCommand, RunOptions, StackSelection, Synth,
};
use crate::cli::bootstrap_script;
use crate::cli::exit::ExitStatus;
use crate::cli::frontend::Frontend;
use crate::cli::project::{Project, Warnings};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::bootstrap::{BootstrapState, VERSION, bootstrap_state};
use crate::diag::{Code, Diagnostic};

pub(super) use require::{require, require_bucket};

/// Runs `bootstrap`: creates or updates the stack, prints its template, or removes it.
pub(crate) fn command(args: &Args, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let options = args.account.run_options();
    let terminal = &terminal.for_frontend(Frontend::shell(bootstrap_script::NAME, &options, args.rehearse.rehearse));
    let project = Project::load(bootstrap_script::NAME, &options.script, terminal, allocated);
    if args.show {
        let show = Synth { stacks: StackSelection { stacks: Vec::new() }, format: Format::Yaml, output: None };
        return super::execute(&RunCommand::Synth(show), &options, project, terminal);
    }
    let cx = match CommandContext::new(project, &[], &args.rehearse, Warnings::Shown, &options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    if args.remove {
        return run_command(remove::Remove { args }, &cx);
    }
    let deploy = DeployArgs::every_stack(args.rehearse.clone(), args.yes);
    run_command(Bootstrap { deploy: Deploy::new(&deploy) }, &cx)
}

/// Returns the context of the bootstrap itself, for another command that has no script.
pub(super) fn context<'a>(
    rehearse: &crate::cli::args::Rehearse,
    options: &'a RunOptions,
    terminal: &'a Terminal,
    allocated: fn() -> usize,
) -> Result<CommandContext<'a>, ExitStatus> {
    let project = Project::load(bootstrap_script::NAME, &options.script, terminal, allocated);
    CommandContext::new(project, &[], rehearse, Warnings::Hidden, options, terminal)
}

struct Bootstrap<'a> {
    deploy: Deploy<'a>,
}

impl AccountCommand for Bootstrap<'_> {
    const ACCESS: Access = Access::Write;
    const BASELINE: Baseline = Baseline::Deployed;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        match bootstrap_state(&api).await {
            Ok(BootstrapState::Newer(version)) => {
                cx.report(&[newer(version)]);
                ExitStatus::Script
            }
            Ok(_) => self.deploy.run(api, clock, cx).await,
            Err(error) => cx.aws_error(&error),
        }
    }
}

fn newer(version: u32) -> Diagnostic {
    let message = format!("the bootstrap has version {version}, but this rtiler deploys version {VERSION}");
    Diagnostic::new(Code::BootstrapVersion, message).help("update rtiler")
}

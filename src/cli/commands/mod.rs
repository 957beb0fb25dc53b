//! `rtiler run SCRIPT COMMAND`: one file for each command.
//!
//! Shared by several: `context` (stacks, account and output of a command), `runner` (runs a command on AWS or on the
//! rehearsal account), `deployment` (progress, record and approval of an operation), `stop_requests` (signals during an operation), `confirm` (questions to
//! the user), `service_selection` (services by name), `rehearsal_baseline` (the state that a rehearsal starts from),
//! `plan_file` (saved plans), `bootstrap` and `gc` (commands on the account itself), `timeline` (`events --chart`), `pins` and
//! `image_checks` (images in registries).
//!
//! May import everything but `cli::repl`.
//!
//! *Invariant*: a command is written once, over the traits of `deploy::api`: a rehearsal changes what the user is asked,
//! never what is done.

pub(super) mod bootstrap;
mod check;
mod confirm;
mod context;
mod cost;
mod deploy;
mod deployment;
mod destroy;
mod diff;
mod drift;
mod events;
mod exec;
pub(super) mod gc;
mod hotswap;
mod image_builds;
mod image_checks;
mod images;
mod import;
pub(super) mod import_service;
mod inspect;
mod logs;
mod ls;
mod outputs;
mod permissions;
mod pins;
mod plan;
pub(super) mod plan_file;
mod plan_risks;
mod rehearsal_baseline;
mod rollback;
mod run_task;
mod runner;
mod scale;
mod service_selection;
mod settings;
mod simulated_shell;
mod status;
mod stop_requests;
mod synth;
mod tasks;
mod timeline;

use super::args::{Run, RunCommand, RunOptions};
use super::exit::ExitStatus;
use super::frontend::Frontend;
use super::project::Project;
use super::terminal::Terminal;

/// Runs `rtiler run SCRIPT COMMAND`.
pub(crate) fn command(run: &Run, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let options = &run.options;
    let terminal = &terminal.for_frontend(Frontend::shell(&run.script, options, run.command.rehearses()));
    let terminal = &match run.command.shows_values() {
        true if terminal.can_show_values() => terminal.showing_values(),
        true => {
            let help = "run it in a terminal, without `--json` and outside of CI; a log keeps what it shows";
            terminal.error("`--show-values` needs a terminal", help);
            return ExitStatus::Usage;
        }
        false => terminal.clone(),
    };
    let project = Project::load(&run.script, &options.script, terminal, allocated);
    execute(&run.command, options, project, terminal)
}

/// Runs a command on an evaluated project.
pub(crate) fn execute(command: &RunCommand, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match command {
        RunCommand::Synth(args) => synth::command(args, options, project, terminal),
        RunCommand::Check(args) => check::command(args, options, project, terminal),
        RunCommand::Ls(args) => ls::command(args, options, project, terminal),
        RunCommand::Cost(args) => cost::command(args, options, project, terminal),
        RunCommand::Settings => settings::command(options, &project, terminal),
        RunCommand::Images(args) => images::command(args, options, project, terminal),
        RunCommand::Permissions(args) => permissions::command(args, options, project, terminal),
        RunCommand::Diff(args) => diff::command(args, options, project, terminal),
        RunCommand::Plan(args) => plan::command(args, options, project, terminal),
        RunCommand::Deploy(args) => deploy::command(args, options, project, terminal),
        RunCommand::Hotswap(args) => hotswap::command(args, options, project, terminal),
        RunCommand::Destroy(args) => destroy::command(args, options, project, terminal),
        RunCommand::Rollback(args) => rollback::command(args, options, project, terminal),
        RunCommand::Drift(args) => drift::command(args, options, project, terminal),
        RunCommand::Import(args) => import::command(args, options, project, terminal),
        RunCommand::Outputs(args) => outputs::command(args, options, project, terminal),
        RunCommand::Status(args) => status::command(args, options, project, terminal),
        RunCommand::Inspect(args) => inspect::command(args, options, project, terminal),
        RunCommand::Events(args) => events::command(args, options, project, terminal),
        RunCommand::Logs(args) => logs::command(args, options, project, terminal),
        RunCommand::Tasks(args) => tasks::command(args, options, project, terminal),
        RunCommand::Exec(args) => exec::command(args, options, project, terminal),
        RunCommand::Scale(args) => scale::command(args, options, project, terminal),
        RunCommand::RunTask(args) => run_task::command(args, options, project, terminal),
    }
}

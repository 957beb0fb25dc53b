//! `rtiler run SCRIPT COMMAND`: one file for each command.

mod check;
mod deploy;
mod desired;
mod destroy;
mod diff;
mod events;
mod job;
mod ls;
mod outputs;
mod plan;
mod saved_plan;
mod settings;
mod status;
mod synth;

use super::args::{Run, RunCommand};
use super::exit::Exit;
use super::project::Project;
use super::terminal::Terminal;

/// `rtiler run SCRIPT COMMAND`.
pub(crate) fn command(run: &Run, terminal: &Terminal, allocated: fn() -> usize) -> Exit {
    let options = &run.options;
    let project = Project::load(&run.script, &options.script, terminal, allocated);
    match &run.command {
        RunCommand::Synth(args) => synth::command(args, options, project, terminal),
        RunCommand::Check(args) => check::command(args, options, project, terminal),
        RunCommand::Ls(args) => ls::command(args, options, project, terminal),
        RunCommand::Settings => settings::command(options, &project, terminal),
        RunCommand::Diff(args) => diff::command(args, options, project, terminal),
        RunCommand::Plan(args) => plan::command(args, options, project, terminal),
        RunCommand::Deploy(args) => deploy::command(args, options, project, terminal),
        RunCommand::Destroy(args) => destroy::command(args, options, project, terminal),
        RunCommand::Outputs(args) => outputs::command(args, options, project, terminal),
        RunCommand::Status(args) => status::command(args, options, project, terminal),
        RunCommand::Events(args) => events::command(args, options, project, terminal),
    }
}

//! `rtiler run SCRIPT COMMAND`: one file for each command.

mod check;
mod ls;
mod settings;
mod synth;

use super::args::{Run, RunCommand};
use super::exit::Exit;
use super::project::Project;
use super::terminal::Terminal;

/// `rtiler run SCRIPT COMMAND`.
pub(crate) fn command(run: &Run, terminal: &Terminal, allocated: fn() -> usize) -> Exit {
    let options = &run.options;
    let project = Project::load(&run.script, options, terminal, allocated);
    match &run.command {
        RunCommand::Synth(args) => synth::command(args, project, terminal),
        RunCommand::Check(args) => check::command(args, options, project, terminal),
        RunCommand::Ls(args) => ls::command(args, options, project, terminal),
        RunCommand::Settings => settings::command(options, &project, terminal),
        _ => Exit::Usage,
    }
}

use clap::CommandFactory;

use super::args::{Args, Completions};
use super::exit::ExitStatus;
use super::terminal::Terminal;

/// Runs `rtiler completions SHELL`.
pub(crate) fn command(completions: &Completions, terminal: &Terminal) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut Args::command(), "rtiler", &mut script);
    terminal.print(&String::from_utf8_lossy(&script));
    ExitStatus::Ok
}

//! Projects with `rtiler.toml`: their entry, their packages, and the commands on them.
//!
//! `place` finds a project, `load` reads its manifest, its lock file and its packages, `change` writes the manifest and the lock
//! file together, `project_lock` keeps that to one process at a time; `changes` describes what differs, `grants` decides about
//! permissions. One file runs each command.
//!
//! May import `package`, `registry`, `diag` and the other rooms of `cli`.
//!
//! *Invariant*: a package is compared with the lock file before a script can import it; a manifest and its lock file are changed
//! together or not at all.

pub(crate) mod add;
mod change;
mod changes;
mod grants;
mod load;
pub(crate) mod outdated;
mod place;
mod project_lock;
pub(crate) mod remove;
pub(crate) mod tree;
pub(crate) mod update;
pub(crate) mod vendor;

pub(crate) use load::{LoadedProject, cache_folder, packages_of};
pub(crate) use place::{ProjectPlace, entry_of};

use super::exit::ExitStatus;
use super::frontend::line_without;
use super::terminal::Terminal;
use crate::diag::{Code, Diagnostic, SourceMap, did_you_mean};
use crate::package::PackageName;

/// Runs a command, prints its problems and returns its exit status.
fn reported(terminal: &Terminal, command: impl FnOnce(&mut SourceMap) -> Result<(), Vec<Diagnostic>>) -> ExitStatus {
    let mut sources = SourceMap::default();
    let Err(problems) = command(&mut sources) else { return ExitStatus::Ok };
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let problems = with_online_command(problems, &line_without("--offline", &words));
    terminal.problems(&problems, &sources);
    let is_usage = problems.iter().any(|problem| problem.code == Code::CommandLine);
    if is_usage { ExitStatus::Usage } else { ExitStatus::Script }
}

/// Adds the command that fetches to each problem of `--offline`.
fn with_online_command(problems: Vec<Diagnostic>, command: &str) -> Vec<Diagnostic> {
    let help = |problem: Diagnostic| match problem.code {
        Code::PackageOffline => problem.help(format!("when this machine is online, run `{command}`")),
        _ => problem,
    };
    problems.into_iter().map(help).collect()
}

/// Returns the error of a name that is not the name of a package of the project.
fn unknown_package<'a>(name: &str, known: impl Iterator<Item = &'a PackageName> + Clone) -> Diagnostic {
    let problem = Diagnostic::new(Code::CommandLine, format!("the project has no package `{name}`"));
    problem.help_if(did_you_mean(name, known.map(PackageName::as_str))).help("`rtiler tree` lists the packages")
}

//! The checks of a task, reported at the lines of the script.

mod command_and_env;
mod containers;
pub(super) mod health;
mod mount_paths;
pub(super) mod range_checks;
mod roles;
mod settings;
mod size;

pub(crate) use command_and_env::not_split;

use super::TaskOwner;
use crate::diag::Diagnostic;

/// Returns every problem that the settings of a task show.
pub(super) fn all(owner: &TaskOwner<'_>) -> Vec<Diagnostic> {
    let task = owner.task;
    let mut problems: Vec<Diagnostic> = size::fargate(task).into_iter().collect();
    problems.extend(range_checks::out_of_range(owner));
    problems.extend(containers::all(owner));
    problems.extend(settings::all(task));
    problems.extend(roles::all(task));
    problems.extend(health::all(task));
    problems.extend(command_and_env::all(owner));
    problems
}

//! The jobs that a deployment runs before the services change.

use serde::{Deserialize, Serialize};

use super::{DeployedStack, PlannedChange, first_step};
use crate::deploy::api::{Action, Replacement};
use crate::synth::DesiredStack;

/// A job that runs before the services change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlannedJob {
    /// Its name in the script.
    pub name: String,
    /// The logical id of its task definition.
    pub task_definition: String,
    /// Whether an earlier run ended before the job had succeeded and the services had changed.
    pub resumed: bool,
}

/// Returns the jobs that run: those whose task definition is new, and those that an earlier run did not complete.
pub(super) fn planned_jobs(
    live: Option<&DeployedStack>,
    desired: &DesiredStack,
    changes: &[PlannedChange],
) -> Vec<PlannedJob> {
    let is_new = |id: &str| {
        let change = changes.iter().find(|change| change.logical_id == id);
        change.is_some_and(|it| {
            it.action == Action::Add || it.replacement.is_some_and(|replacement| replacement != Replacement::False)
        })
    };
    let jobs = desired.jobs.iter().filter(|job| job.before_deploy).filter_map(|job| {
        let resumed = live.is_some_and(|live| first_step::is_pending(job, live));
        let id = job.task_definition.as_str();
        (resumed || is_new(id)).then(|| PlannedJob { name: job.name.clone(), task_definition: id.to_owned(), resumed })
    });
    jobs.collect()
}

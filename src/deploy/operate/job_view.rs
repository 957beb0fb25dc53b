//! The state of a job: its tasks that run, and those that stopped in the last hour.

use serde::Serialize;

use super::services::StackService;
use crate::cfn::StackJob;
use crate::deploy::api::{AwsError, Ecs, Task, TaskFilter};

/// A job with its tasks.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct JobView {
    /// The name in the script.
    pub job: String,
    /// The logical id of its task definition.
    pub logical_id: String,
    /// The ARN of the deployed task definition.
    pub task_definition: String,
    /// The container whose exit code decides.
    pub container: String,
    /// Its running and starting tasks, newest first.
    pub running: Vec<Task>,
    /// Its tasks that have stopped, newest first. AWS lists them for about an hour.
    pub stopped: Vec<Task>,
}

impl JobView {
    /// Returns the exit code of the last task; none if it never ran, or if none has stopped.
    pub fn last_exit_code(&self) -> Option<i32> {
        let last = self.stopped.first()?;
        last.containers.iter().find(|container| container.name == self.container)?.exit_code
    }

    /// Returns whether its last task failed.
    pub fn has_failed(&self) -> bool {
        !self.stopped.is_empty() && self.last_exit_code() != Some(0)
    }
}

/// Returns a job with its tasks. Calls that fail are collected.
pub(super) async fn view(
    cloud: &impl Ecs,
    job: &StackJob,
    deployed: &StackService,
    errors: &mut Vec<AwsError>,
) -> JobView {
    let mut found = [Vec::new(), Vec::new()];
    for (tasks, which) in found.iter_mut().zip([TaskFilter::Running, TaskFilter::Stopped]) {
        match deployed.tasks(cloud, which).await {
            Ok(listed) => *tasks = listed,
            Err(error) => errors.push(error),
        }
    }
    let [running, mut stopped] = found;
    stopped.sort_by_key(|task| std::cmp::Reverse(task.stopped));
    JobView {
        job: job.name.clone(),
        logical_id: deployed.logical_id.clone(),
        task_definition: deployed.service.task_definition.clone(),
        container: job.container.clone(),
        running,
        stopped,
    }
}

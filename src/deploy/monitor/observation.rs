use serde::{Deserialize, Serialize};

use super::task_failure::TaskFailure;
use crate::deploy::api::{EcsDeployment, EcsService, LogLine, TargetHealth, Task, Timestamp, revision};

/// One look at a service of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Its name in the template.
    pub service: String,
    /// When.
    pub at: Timestamp,
    /// The service; none where it is gone.
    pub live: Option<EcsService>,
    /// Its stopped tasks, each with the last lines of its log.
    pub stopped: Vec<(Task, Vec<LogLine>)>,
    /// The targets of its target groups.
    pub targets: Vec<TargetHealth>,
}

/// How many tasks a service should run, and does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCounts {
    /// Its name in the template.
    pub service: String,
    /// How many tasks it should run.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
    /// Its deployments, the primary one first.
    pub deployments: Vec<DeploymentCounts>,
    /// True where it is being deleted.
    pub draining: bool,
}

/// The same for one of its deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentCounts {
    /// `ecs-svc/1234567890123456789`.
    pub id: String,
    /// True for the one that is wanted, false for those on their way out.
    pub primary: bool,
    /// `COMPLETED`, `IN_PROGRESS` or `FAILED`, where the circuit breaker judges.
    pub rollout: Option<String>,
    /// `family:revision` of its task definition.
    pub revision: String,
    /// How many tasks it should run.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
    /// How many failed.
    pub failed: u32,
}

impl ServiceCounts {
    /// Those of a service.
    pub fn of(name: &str, live: &EcsService) -> Self {
        Self {
            service: name.to_owned(),
            desired: live.desired,
            running: live.running,
            pending: live.pending,
            deployments: live.deployments.iter().map(DeploymentCounts::of).collect(),
            draining: live.status == "DRAINING",
        }
    }

    /// True where nothing moves any more: one deployment, with all of its tasks.
    pub fn is_still(&self) -> bool {
        let whole = |deployment: &DeploymentCounts| deployment.rollout.as_deref().is_none_or(|it| it == "COMPLETED");
        self.running == self.desired
            && self.pending == 0
            && self.deployments.len() == 1
            && self.deployments.iter().all(whole)
    }
}

impl DeploymentCounts {
    fn of(deployment: &EcsDeployment) -> Self {
        Self {
            id: deployment.id.clone(),
            primary: deployment.status == "PRIMARY",
            rollout: deployment.rollout.clone(),
            revision: revision(&deployment.task_definition).to_owned(),
            desired: deployment.desired,
            running: deployment.running,
            pending: deployment.pending,
            failed: deployment.failed,
        }
    }
}

/// A task that stopped, as it is remembered: AWS forgets it within the hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedTask {
    /// Its id.
    pub task: String,
    /// The deployment that started it.
    pub deployment: Option<String>,
    /// `family:revision` of its task definition.
    pub revision: String,
    /// `TaskFailedToStart`, `EssentialContainerExited`, ...
    pub code: Option<String>,
    /// AWS's words.
    pub reason: Option<String>,
    /// What became of its containers.
    pub containers: Vec<ContainerExit>,
    /// When it had stopped.
    pub stopped: Option<Timestamp>,
    /// Why, as far as that is known; nothing where it was let go.
    pub cause: Option<TaskFailure>,
    /// The last lines of its log, oldest first, as they were written.
    pub log: Vec<LogLine>,
}

impl StoppedTask {
    pub(super) fn of(task: &Task, cause: Option<TaskFailure>, log: Vec<LogLine>) -> Self {
        let exits = task.containers.iter().map(|container| ContainerExit {
            container: container.name.clone(),
            exit_code: container.exit_code,
            reason: container.reason.clone(),
        });
        Self {
            task: task.id().to_owned(),
            deployment: task.started_by.clone(),
            revision: revision(&task.task_definition).to_owned(),
            code: task.code.clone(),
            reason: task.reason.clone(),
            containers: exits.collect(),
            stopped: task.stopped,
            cause,
            log,
        }
    }
}

/// What became of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerExit {
    /// Its name.
    pub container: String,
    /// Its exit code, where it ran.
    pub exit_code: Option<i32>,
    /// AWS's words.
    pub reason: Option<String>,
}

/// One cause that comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The service's name in the template.
    pub service: String,
    /// The cause, as it was told first.
    pub cause: TaskFailure,
    /// How many tasks it stopped, or how many times AWS said so.
    pub times: u32,
    /// The last lines of the log of the latest task, oldest first.
    pub log: Vec<LogLine>,
    /// When the first task stopped.
    pub first: Timestamp,
    /// When this was known.
    pub at: Timestamp,
}

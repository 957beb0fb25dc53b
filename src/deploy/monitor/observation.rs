use serde::{Deserialize, Serialize};

use super::task_failure::TaskFailure;
use crate::deploy::api::status::{DeploymentStatus, RolloutState, ServiceStatus};
use crate::deploy::api::{
    EcsDeployment, EcsService, LogLine, ServiceDeployment, TargetHealth, Task, Timestamp, revision,
};

/// One observation of a service of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The service's name in the template.
    pub service: String,
    /// The time of the observation.
    pub at: Timestamp,
    /// The service; none if it no longer exists.
    pub live: Option<EcsService>,
    /// Its stopped tasks, each with the last lines of its log.
    pub stopped: Vec<(Task, Vec<LogLine>)>,
    /// The targets of its target groups.
    pub targets: Vec<TargetHealth>,
    /// Its latest deployment, if it shifts traffic.
    pub shift: Option<ServiceDeployment>,
}

/// The numbers of a service's tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServiceCounts {
    /// Its name in the template.
    pub service: String,
    /// The number of tasks that it should run.
    pub desired: u32,
    /// The number of running tasks.
    pub running: u32,
    /// The number of starting tasks.
    pub pending: u32,
    /// The service's deployments, the primary one first.
    pub deployments: Vec<DeploymentCounts>,
    /// Whether the service is being deleted.
    pub draining: bool,
}

/// The numbers of a deployment's tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeploymentCounts {
    /// `ecs-svc/1234567890123456789`.
    pub id: String,
    /// Whether it is the primary deployment; the others are being replaced.
    pub primary: bool,
    /// The rollout state, if the circuit breaker is on.
    pub rollout: Option<RolloutState>,
    /// `family:revision` of its task definition.
    pub revision: String,
    /// The number of tasks that it should run.
    pub desired: u32,
    /// The number of running tasks.
    pub running: u32,
    /// The number of starting tasks.
    pub pending: u32,
    /// The number of failed tasks.
    pub failed: u32,
}

impl ServiceCounts {
    /// Returns the counts of a service.
    pub fn of(name: &str, live: &EcsService) -> Self {
        Self {
            service: name.to_owned(),
            desired: live.desired,
            running: live.running,
            pending: live.pending,
            deployments: live.deployments.iter().map(DeploymentCounts::of).collect(),
            draining: live.status == ServiceStatus::Draining,
        }
    }

    /// Returns whether nothing changes any more: there is one deployment, and all of its tasks run.
    pub fn is_steady(&self) -> bool {
        let is_complete =
            |deployment: &DeploymentCounts| deployment.rollout.as_ref().is_none_or(|it| *it == RolloutState::Completed);
        self.running == self.desired
            && self.pending == 0
            && self.deployments.len() == 1
            && self.deployments.iter().all(is_complete)
    }
}

impl DeploymentCounts {
    fn of(deployment: &EcsDeployment) -> Self {
        Self {
            id: deployment.id.clone(),
            primary: deployment.status == DeploymentStatus::Primary,
            rollout: deployment.rollout.clone(),
            revision: revision(&deployment.task_definition).to_owned(),
            desired: deployment.desired,
            running: deployment.running,
            pending: deployment.pending,
            failed: deployment.failed,
        }
    }
}

/// A stopped task. AWS forgets it within an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoppedTask {
    /// The task's id.
    pub task: String,
    /// The deployment that started it.
    pub deployment: Option<String>,
    /// `family:revision` of its task definition.
    pub revision: String,
    /// `TaskFailedToStart`, `EssentialContainerExited`, ...
    #[serde(rename = "stop_code")]
    pub code: Option<String>,
    /// AWS's message.
    pub reason: Option<String>,
    /// The ends of its containers.
    pub containers: Vec<ContainerExit>,
    /// The time at which it stopped.
    pub stopped: Option<Timestamp>,
    /// The cause; none if it was stopped on purpose.
    pub cause: Option<TaskFailure>,
    /// The last lines of its log, oldest first.
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

/// The end of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerExit {
    /// The container's name.
    pub container: String,
    /// The exit code, if it ran.
    pub exit_code: Option<i32>,
    /// AWS's message.
    pub reason: Option<String>,
}

/// A cause with the number of its failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Diagnosis {
    /// The service's name in the template.
    pub service: String,
    /// The cause, as first reported.
    pub cause: TaskFailure,
    /// The number of tasks that it stopped, or of AWS's reports.
    pub times: u32,
    /// The last lines of the log of the latest task, oldest first.
    pub log: Vec<LogLine>,
    /// The time at which the first task stopped.
    pub first: Timestamp,
    /// The time at which it was diagnosed.
    pub at: Timestamp,
}

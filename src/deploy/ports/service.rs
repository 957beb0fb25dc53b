use serde::Serialize;

use super::{AwsError, Timestamp};

/// Amazon ECS in one account and region: what runs behind the services of a stack.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait Ecs: Clone {
    /// `DescribeServices` of services by ARN, of one or several clusters; those that are gone are left out.
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError>;

    /// `ListTasks` and `DescribeTasks` of what a service stopped, newest first; AWS remembers about an hour, and at most
    /// 100 tasks are looked at.
    async fn stopped_tasks(&self, service: &str) -> Result<Vec<StoppedTask>, AwsError>;
}

/// A service as `DescribeServices` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EcsService {
    /// Its ARN, which is its physical id in a stack.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// How many tasks it should run.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
    /// Its deployments, the primary one first: more than one while a deployment runs.
    pub deployments: Vec<EcsDeployment>,
    /// What it wrote in its log of events, newest first, at most 100 entries.
    pub events: Vec<EcsEvent>,
}

/// A deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EcsDeployment {
    /// `ecs-svc/1234567890123456789`: tasks that it started carry it as `startedBy`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` (an older one on its way out) or `INACTIVE`.
    pub status: String,
    /// `COMPLETED`, `IN_PROGRESS` or `FAILED`, with the circuit breaker's judgement.
    pub rollout: Option<String>,
    /// AWS's words about the rollout.
    pub reason: Option<String>,
    /// The task definition's ARN.
    pub task_definition: String,
    /// How many tasks it should run.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are about to run.
    pub pending: u32,
    /// How many failed to start since the last one that did.
    pub failed: u32,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
}

/// A line of a service's log of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EcsEvent {
    /// When.
    pub time: Timestamp,
    /// AWS's words.
    pub message: String,
}

/// A task that a service stopped, or that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoppedTask {
    /// Its ARN.
    pub arn: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The deployment that started it.
    pub started_by: Option<String>,
    /// `TaskFailedToStart`, `EssentialContainerExited`, `UserInitiated`, ...
    pub code: Option<String>,
    /// AWS's words: `CannotPullContainerError: ...`.
    pub reason: Option<String>,
    /// When it stopped.
    pub stopped: Option<Timestamp>,
    /// How its containers ended.
    pub containers: Vec<StoppedContainer>,
}

/// How a container of a stopped task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoppedContainer {
    /// Its name in the task definition.
    pub name: String,
    /// The exit code of its process; none where it never ran.
    pub exit_code: Option<i32>,
    /// AWS's words: `OutOfMemoryError: Container killed due to memory usage`.
    pub reason: Option<String>,
}

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::status::{DeploymentStatus, RolloutState, ServiceStatus, TaskStatus};
use super::{AwsError, Timestamp};

/// Amazon ECS in one account and region: what runs behind the services of a stack.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait Ecs: Clone {
    /// `DescribeServices` of services by ARN, of one or several clusters; those that are gone are left out.
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError>;

    /// `ListTasks` and `DescribeTasks` of a service by ARN, newest first. Of stopped tasks AWS remembers those of about
    /// an hour; at most 100 tasks are looked at. A service that is gone has none.
    async fn tasks(&self, service: &str, which: TaskFilter) -> Result<Vec<Task>, AwsError>;

    /// `DescribeTasks` of one task by ARN; nothing where AWS does not know it (any more).
    async fn task(&self, arn: &str) -> Result<Option<Task>, AwsError>;

    /// `DescribeTaskDefinition`, by ARN or `family:revision`; nothing where there is none.
    async fn task_definition(&self, name: &str) -> Result<Option<TaskDefinition>, AwsError>;

    /// `RegisterTaskDefinition`: the next revision of a task definition, equal but for the edits. Returns its ARN.
    async fn revise(&self, task_definition: &str, edits: &[ContainerOverride]) -> Result<String, AwsError>;

    /// `UpdateService`.
    async fn update_service(&self, service: &str, change: &UpdateServiceRequest) -> Result<(), AwsError>;

    /// `RunTask` of one task on Fargate.
    async fn run_task(&self, request: &RunTaskRequest) -> Result<Task, AwsError>;

    /// `StopTask`.
    async fn stop_task(&self, arn: &str, reason: &str) -> Result<(), AwsError>;

    /// `ExecuteCommand`, interactive: what the session-manager plugin needs to connect.
    async fn execute_command(&self, task: &str, container: &str, command: &str) -> Result<ExecSession, AwsError>;
}

/// Which tasks of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskFilter {
    /// Those that run or are about to.
    Running,
    /// Those that have stopped.
    Stopped,
}

/// A service as `DescribeServices` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsService {
    /// Its ARN, which is its physical id in a stack.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: ServiceStatus,
    /// The ARN of the task definition that it should run.
    pub task_definition: String,
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
    /// The target groups that its tasks are registered with.
    pub target_groups: Vec<ServiceTargetGroup>,
    /// Where its tasks are placed (`awsvpcConfiguration`).
    pub network: Option<TaskNetwork>,
    /// Whether `ExecuteCommand` may reach its tasks.
    pub exec: bool,
    /// Whether the deployment circuit breaker is on, and whether it rolls back.
    pub circuit_breaker: Option<CircuitBreaker>,
}

/// `family:revision`, from a task definition's ARN (or from itself).
pub fn revision(task_definition: &str) -> &str {
    task_definition.rsplit('/').next().unwrap_or(task_definition)
}

/// `DeploymentCircuitBreaker` of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitBreaker {
    /// It judges deployments.
    pub enable: bool,
    /// It goes back to the last deployment that completed.
    pub rollback: bool,
}

/// A target group of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTargetGroup {
    /// Its ARN.
    pub arn: String,
    /// The container that answers.
    pub container: String,
    /// Its port.
    pub port: u16,
}

/// Where tasks are placed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaskNetwork {
    /// Ids of subnets.
    pub subnets: Vec<String>,
    /// Ids of security groups.
    pub security_groups: Vec<String>,
    /// Whether they get a public address.
    pub public_ip: bool,
}

/// A deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsDeployment {
    /// `ecs-svc/1234567890123456789`: tasks that it started carry it as `startedBy`.
    pub id: String,
    /// Its status; an `ACTIVE` one is being replaced.
    pub status: DeploymentStatus,
    /// The rollout state, as the circuit breaker decides it.
    pub rollout: Option<RolloutState>,
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
    /// When it began.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
}

/// A line of a service's log of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcsEvent {
    /// Unique.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// AWS's words.
    pub message: String,
}

/// A task as `DescribeTasks` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its ARN; the last part is its id.
    pub arn: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The deployment that started it, or whoever did.
    pub started_by: Option<String>,
    /// Its last status.
    pub status: TaskStatus,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`, by the containers' own health checks.
    pub health: Option<String>,
    /// Why it stopped: `TaskFailedToStart`, `EssentialContainerExited`, `UserInitiated`, ...
    pub code: Option<String>,
    /// AWS's words: `CannotPullContainerError: ...`.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created: Option<Timestamp>,
    /// When its containers ran.
    pub started: Option<Timestamp>,
    /// When it had stopped.
    pub stopped: Option<Timestamp>,
    /// Its availability zone.
    pub zone: Option<String>,
    /// Its private IPv4 address.
    pub address: Option<String>,
    /// Whether `ExecuteCommand` may reach it.
    pub exec: bool,
    /// Its containers.
    pub containers: Vec<Container>,
}

impl Task {
    /// The last part of its ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// `PENDING`, `RUNNING` or `STOPPED`.
    pub status: Option<String>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`, by its own health check.
    pub health: Option<String>,
    /// The exit code of its process; none where it runs or never ran.
    pub exit_code: Option<i32>,
    /// AWS's words: `OutOfMemoryError: Container killed due to memory usage`.
    pub reason: Option<String>,
}

/// A task definition as `DescribeTaskDefinition` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Its ARN, which ends in `family:revision`.
    pub arn: String,
    /// `ACTIVE`, `INACTIVE` (deregistered) or `DELETE_IN_PROGRESS`.
    pub status: String,
    /// CPU units, as text.
    pub cpu: Option<String>,
    /// MiB of memory, as text.
    pub memory: Option<String>,
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
}

/// A container of a task definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Whether the task ends with it.
    pub essential: bool,
    /// The ports that it listens on.
    pub ports: Vec<u16>,
    /// Its environment; what is in it is not for screens and files.
    pub environment: IndexMap<String, String>,
    /// Where its output goes with the driver `awslogs`.
    pub log: Option<LogDestination>,
}

/// The group and the prefix of streams of the `awslogs` driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDestination {
    /// `awslogs-group`.
    pub group: String,
    /// `awslogs-stream-prefix`: streams are called `PREFIX/CONTAINER/TASK-ID`.
    pub prefix: String,
}

impl LogDestination {
    /// The stream of a container of a task ("Send Amazon ECS logs to CloudWatch").
    pub fn stream(&self, container: &str, task: &Task) -> String {
        format!("{}/{container}/{}", self.prefix, task.id())
    }
}

/// What is different in a container of the next revision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContainerOverride {
    /// The container.
    pub container: String,
    /// Its new image; the same unless set.
    pub image: Option<String>,
    /// Variables to set; the others stay.
    pub set: IndexMap<String, String>,
    /// Variables to take away.
    pub unset: Vec<String>,
}

/// What `UpdateService` changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpdateServiceRequest {
    /// The task definition's ARN.
    pub task_definition: Option<String>,
    /// How many tasks.
    pub desired: Option<u32>,
    /// New tasks even where nothing changed.
    pub force: bool,
}

/// What `RunTask` is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTaskRequest {
    /// The cluster's name or ARN.
    pub cluster: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// Where it is placed.
    pub network: Option<TaskNetwork>,
    /// The container whose command is replaced.
    pub container: String,
    /// The command; the image's own where it is empty.
    pub command: Vec<String>,
    /// Who runs it, at most 128 letters, digits, hyphens and underscores.
    pub started_by: String,
}

/// What connects the session-manager plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecSession {
    /// `SessionId`.
    pub id: String,
    /// `StreamUrl`.
    pub url: String,
    /// `TokenValue`: a secret.
    pub token: String,
    /// What the plugin calls the target: `ecs:CLUSTER_TASK-ID_RUNTIME-ID`.
    pub target: String,
}

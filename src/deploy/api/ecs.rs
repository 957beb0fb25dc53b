use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::status::{DeploymentStatus, DeploymentStrategy, RolloutState, ServiceStatus, TaskStatus};
use super::{AwsError, ServiceDeployment, Timestamp};

/// Amazon ECS in one account and region.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait Ecs: Clone {
    /// Calls `DescribeServices` of services by ARN, in one or several clusters. Leaves out those that do not exist.
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError>;

    /// Calls `ListServiceDeployments` and `DescribeServiceDeployments` of the latest deployment of a service by ARN. Returns nothing
    /// if there is none.
    async fn service_deployment(&self, service: &str) -> Result<Option<ServiceDeployment>, AwsError>;

    /// Calls `ListTasks` and `DescribeTasks` of a service by ARN. Returns at most 100 tasks, newest first; none if the service
    /// does not exist. AWS keeps stopped tasks for about an hour.
    async fn tasks(&self, service: &str, which: TaskFilter) -> Result<Vec<Task>, AwsError>;

    /// Calls `ListTasks` and `DescribeTasks` of the tasks of a family in a cluster. Returns at most 100 tasks, newest first;
    /// none if the cluster does not exist. AWS keeps stopped tasks for about an hour.
    async fn tasks_of_family(&self, cluster: &str, family: &str, which: TaskFilter) -> Result<Vec<Task>, AwsError>;

    /// Calls `DescribeTasks` of one task by ARN. Returns nothing if AWS does not know the task (any more).
    async fn task(&self, arn: &str) -> Result<Option<Task>, AwsError>;

    /// Calls `DescribeTaskDefinition` by ARN or `family:revision`. Returns nothing if it does not exist.
    async fn task_definition(&self, name: &str) -> Result<Option<TaskDefinition>, AwsError>;

    /// Calls `RegisterTaskDefinition` for the next revision of a task definition, which is equal except for the overrides.
    /// Returns its ARN.
    async fn revise(&self, task_definition: &str, edits: &[ContainerOverride]) -> Result<String, AwsError>;

    /// Calls `UpdateService`.
    async fn update_service(&self, service: &str, change: &UpdateServiceRequest) -> Result<(), AwsError>;

    /// Calls `RunTask` of one task on Fargate.
    async fn run_task(&self, request: &RunTaskRequest) -> Result<Task, AwsError>;

    /// Calls `StopTask`.
    async fn stop_task(&self, arn: &str, reason: &str) -> Result<(), AwsError>;

    /// Calls `ExecuteCommand`, interactive. Returns the session for the session-manager plugin.
    async fn execute_command(&self, task: &str, container: &str, command: &str) -> Result<ExecSession, AwsError>;
}

/// The tasks of a service to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskFilter {
    /// Running and starting tasks.
    Running,
    /// Stopped tasks.
    Stopped,
}

/// A service as `DescribeServices` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EcsService {
    /// Its ARN, which is its physical id in a stack.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: ServiceStatus,
    /// The ARN of the expected task definition.
    pub task_definition: String,
    /// The desired number of tasks.
    pub desired: u32,
    /// The number of running tasks.
    pub running: u32,
    /// The number of starting tasks.
    pub pending: u32,
    /// Its deployments, the primary one first: more than one while a deployment runs.
    pub deployments: Vec<EcsDeployment>,
    /// The latest events, newest first, at most 100.
    pub events: Vec<EcsEvent>,
    /// The target groups that its tasks are registered with; both of a pair whose traffic is shifted.
    pub target_groups: Vec<ServiceTargetGroup>,
    /// The network of its tasks (`awsvpcConfiguration`).
    pub network: Option<TaskNetwork>,
    /// Whether ECS Exec is enabled for its tasks.
    pub exec: bool,
    /// Whether its tasks get the tags of the service or of the task definition.
    #[serde(default)]
    pub propagates_tags: bool,
    /// The deployment circuit breaker.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// The strategy of its deployments; a rolling one unless known.
    #[serde(default)]
    pub strategy: Option<DeploymentStrategy>,
}

impl EcsService {
    /// Returns whether its deployments shift traffic between two sets of tasks.
    pub fn shifts_traffic(&self) -> bool {
        use DeploymentStrategy as S;
        matches!(self.strategy, Some(S::BlueGreen | S::Canary | S::Linear))
    }
}

/// Returns the `family:revision` of a task definition's ARN (or of itself).
pub fn revision(task_definition: &str) -> &str {
    task_definition.rsplit('/').next().unwrap_or(task_definition)
}

/// Returns the family of a task definition's ARN (or of its `family:revision`).
pub fn family(task_definition: &str) -> &str {
    let revision = revision(task_definition);
    revision.rsplit_once(':').map_or(revision, |(family, _)| family)
}

/// `DeploymentCircuitBreaker` of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CircuitBreaker {
    /// Whether it is on.
    pub enable: bool,
    /// Whether it rolls back to the last completed deployment.
    pub rollback: bool,
}

/// A target group of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServiceTargetGroup {
    /// Its ARN.
    pub arn: String,
    /// The container that receives the requests.
    pub container: String,
    /// Its port.
    pub port: u16,
}

/// The network of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TaskNetwork {
    /// Ids of subnets.
    pub subnets: Vec<String>,
    /// Ids of security groups.
    pub security_groups: Vec<String>,
    /// Whether the tasks get a public address.
    pub public_ip: bool,
}

/// A deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EcsDeployment {
    /// `ecs-svc/1234567890123456789`: tasks that it started carry it as `startedBy`.
    pub id: String,
    /// Its status; an `ACTIVE` one is being replaced.
    pub status: DeploymentStatus,
    /// The rollout state, as the circuit breaker decides it.
    pub rollout: Option<RolloutState>,
    /// AWS's message about the rollout.
    pub reason: Option<String>,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The desired number of tasks.
    pub desired: u32,
    /// The number of running tasks.
    pub running: u32,
    /// The number of starting tasks.
    pub pending: u32,
    /// The number of tasks that failed to start since the last one that started.
    pub failed: u32,
    /// The time at which it was created.
    pub created: Option<Timestamp>,
    /// The time at which it was last changed.
    pub updated: Option<Timestamp>,
}

/// An event of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EcsEvent {
    /// The unique id.
    pub id: String,
    /// The time.
    pub time: Timestamp,
    /// AWS's message.
    pub message: String,
}

/// A task as `DescribeTasks` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Task {
    /// Its ARN; the last part is its id.
    pub arn: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The deployment that started it, or another starter.
    pub started_by: Option<String>,
    /// Its last status.
    pub status: TaskStatus,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`, by the containers' own health checks.
    pub health: Option<String>,
    /// The stop code: `TaskFailedToStart`, `EssentialContainerExited`, `UserInitiated`, ...
    #[serde(rename = "stop_code")]
    pub code: Option<String>,
    /// AWS's reason: `CannotPullContainerError: ...`.
    pub reason: Option<String>,
    /// The time at which it was requested.
    pub created: Option<Timestamp>,
    /// The time at which its containers started.
    pub started: Option<Timestamp>,
    /// The time at which it stopped.
    pub stopped: Option<Timestamp>,
    /// Its availability zone.
    pub zone: Option<String>,
    /// Its private IPv4 address.
    pub address: Option<String>,
    /// Whether ECS Exec is enabled.
    pub exec: bool,
    /// Its containers.
    pub containers: Vec<Container>,
}

impl Task {
    /// Returns the last part of the ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// `PENDING`, `RUNNING` or `STOPPED`.
    pub status: Option<String>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`, by its own health check.
    pub health: Option<String>,
    /// The exit code of its process; none if it is running or never ran.
    pub exit_code: Option<i32>,
    /// AWS's reason: `OutOfMemoryError: Container killed due to memory usage`.
    pub reason: Option<String>,
    /// The name of its image in the task definition.
    #[serde(default)]
    pub image: Option<String>,
    /// The digest of the image that it runs; none before the image was pulled.
    #[serde(default)]
    pub image_digest: Option<String>,
}

/// A task definition as `DescribeTaskDefinition` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Whether the task stops with it.
    pub essential: bool,
    /// The ports that it listens on.
    pub ports: Vec<u16>,
    /// Its environment variables; the values must not be shown or stored.
    pub environment: IndexMap<String, String>,
    /// The log group and prefix of the driver `awslogs`.
    pub log: Option<LogDestination>,
}

/// The group and the prefix of streams of the `awslogs` driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LogDestination {
    /// `awslogs-group`.
    pub group: String,
    /// `awslogs-stream-prefix`: streams are named `PREFIX/CONTAINER/TASK-ID`.
    pub prefix: String,
}

impl LogDestination {
    /// Returns the stream of a container of a task ("Send Amazon ECS logs to CloudWatch").
    pub fn stream(&self, container: &str, task: &Task) -> String {
        format!("{}/{container}/{}", self.prefix, task.id())
    }
}

/// The changes of a container in the next revision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerOverride {
    /// The container.
    pub container: String,
    /// The new image, if it changes.
    pub image: Option<String>,
    /// The variables to set; the others are kept.
    pub set: IndexMap<String, String>,
    /// The variables to remove.
    pub unset: Vec<String>,
}

/// The changes that `UpdateService` makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpdateServiceRequest {
    /// The task definition's ARN.
    pub task_definition: Option<String>,
    /// The desired number of tasks.
    pub desired: Option<u32>,
    /// Whether to start new tasks even if nothing changes.
    pub force: bool,
}

/// The request of `RunTask`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTaskRequest {
    /// The cluster's name or ARN.
    pub cluster: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The network.
    pub network: Option<TaskNetwork>,
    /// The container whose command is replaced.
    pub container: String,
    /// The command; the image's own if empty.
    pub command: Vec<String>,
    /// Whether the task gets the tags of its task definition. This needs `ecs:TagResource`.
    pub propagates_tags: bool,
    /// The `startedBy` of the task, at most 128 letters, digits, hyphens and underscores.
    pub started_by: String,
    /// The `clientToken`, at most 64 characters: a second call with it starts no second task.
    pub token: Option<String>,
}

/// The session for the session-manager plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecSession {
    /// `SessionId`.
    pub id: String,
    /// `StreamUrl`.
    pub url: String,
    /// `TokenValue`: a secret.
    pub token: String,
    /// The target as the plugin names it: `ecs:CLUSTER_TASK-ID_RUNTIME-ID`.
    pub target: String,
}

//! The AWS APIs that deployments use, as traits and plain data: [`CloudFormation`], [`Ecs`], [`Logs`], [`LoadBalancing`],
//! [`AutoScaling`], [`ImageRegistry`], [`ArtifactStore`] and [`CloudControl`], all of them together [`AwsApi`], and a [`Clock`].
//! [`AccountFacts`] is for `doctor` alone, which looks at a real account.
//!
//! Two adapters implement them: `aws` over the SDK, `rehearsal` in memory. Futures run on one thread and need not be
//! `Send`. `queries` combines several calls; `api_call` names each call with its service and IAM action. `poll_interval`
//! and `retry_policy` space and limit the calls of those who poll. `wrapped` puts something around every call: `unanswered` says that
//! one has no answer yet.
//!
//! *Invariant*: imports `diag` and `image` at most. Every answer is plain data that knows no SDK. An adapter translates requests and
//! answers and retries the transport; it decides nothing.

mod account_facts;
mod api_call;
mod artifacts;
mod auto_scaling;
mod change_set;
mod cloud_control;
mod drift;
mod duration;
mod ecs;
mod error;
mod image_publisher;
mod image_registry;
mod load_balancing;
mod logs;
pub(crate) mod poll_interval;
pub mod queries;
pub(crate) mod retry_policy;
pub(crate) mod seconds;
mod service_deployment;
mod stack;
pub mod status;
mod timestamp;
mod unanswered;
mod wrapped;

pub use account_facts::{AccountFacts, Caller, CountedResource};
pub use api_call::{ApiCall, AwsService};
pub use artifacts::{ArtifactStore, StoredImage, StoredObject};
pub use auto_scaling::{Alarm, AutoScaling, ScalableTarget};
pub use change_set::{
    Action, Capability, ChangeDetail, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetSummary,
    DeploymentMode, INLINE_TEMPLATE_BYTES, ParameterValue, Replacement, RequiresRecreation, ResourceChange,
    TemplateSource,
};
pub use cloud_control::CloudControl;
pub use drift::{DriftDetection, DriftStatus, ImportedResource, PropertyDrift, ResourceDrift};
pub use duration::parse_duration;
pub use ecs::{
    CircuitBreaker, Container, ContainerDefinition, ContainerOverride, Ecs, EcsDeployment, EcsEvent, EcsService,
    ExecSession, LogDestination, RunTaskRequest, ServiceTargetGroup, Task, TaskDefinition, TaskFilter, TaskNetwork,
    UpdateServiceRequest, family, revision,
};
pub use error::{AwsError, ErrorKind};
pub use image_publisher::{ImagePublisher, ImageStep, ImageTarget};
pub use image_registry::{ImageDigests, ImageRegistry, ImageStatus, RegistryCredentials};
pub use load_balancing::{LoadBalancing, TargetHealth};
pub use logs::{LogLine, LogPage, LogQuery, Logs};
pub use service_deployment::{ServiceDeployment, TrafficPercent};
pub use stack::{
    AwsEnvironment, ClientRequestToken, EventPage, EventStatus, Export, StackDescription, StackEvent, StackOutput,
    StackResource, partition_of, url_suffix,
};
pub use timestamp::Timestamp;
pub use unanswered::Unanswered;
pub use wrapped::{CallKind, CallWrapper, WrappedApi};

use std::time::Duration;

/// CloudFormation in one account and region. A clone is cheap and works on the same account.
///
/// `stack` is a stack's name or its id; only the id finds a stack that was deleted.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait CloudFormation: Clone {
    /// Returns the same account in another region.
    fn in_region(&self, region: &str) -> Self;

    /// Returns the account in a region, or as it is if there is none.
    fn for_region(&self, region: Option<&str>) -> Self {
        region.map_or_else(|| self.clone(), |region| self.in_region(region))
    }

    /// Returns the account and the region (STS `GetCallerIdentity`).
    async fn environment(&self) -> Result<AwsEnvironment, AwsError>;

    /// Calls `DescribeStacks` of one stack. Returns nothing if it does not exist.
    async fn describe_stack(&self, stack: &str) -> Result<Option<StackDescription>, AwsError>;

    /// Calls `GetTemplate` (stage Original), which returns the text as it was submitted.
    async fn template(&self, stack: &str) -> Result<String, AwsError>;

    /// Calls `ListStackResources`, every page.
    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError>;

    /// Calls `DescribeStackEvents` for one page of events, newest first; without `page` the newest one.
    async fn events(&self, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError>;

    /// Calls `CreateChangeSet`, which returns at once, while AWS is still creating the change set.
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError>;

    /// Calls `DescribeChangeSet` with property values, every page.
    async fn describe_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, AwsError>;

    /// Calls `ExecuteChangeSet`; every event that follows carries the token. With `disable_rollback` a failure is not
    /// rolled back: the resources that succeeded stay.
    async fn execute_change_set(
        &self,
        id: &ChangeSetId,
        token: &ClientRequestToken,
        disable_rollback: bool,
    ) -> Result<(), AwsError>;

    /// Calls `ListChangeSets`, every page. Returns the stack's change sets that were not executed.
    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError>;

    /// Calls `DeleteChangeSet`. Succeeds if the change set no longer exists.
    async fn delete_change_set(&self, id: &ChangeSetId) -> Result<(), AwsError>;

    /// Calls `DeleteStack`; `retain` names the resources to keep, which AWS allows in `DELETE_FAILED` alone.
    async fn delete_stack(&self, stack: &str, token: &ClientRequestToken, retain: &[String]) -> Result<(), AwsError>;

    /// Calls `CancelUpdateStack`, which rolls a running update back. (A creation is cancelled by deleting the stack.)
    async fn cancel_update(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError>;

    /// Calls `RollbackStack`, which restores the last stable state of a stack in `CREATE_FAILED` or `UPDATE_FAILED`.
    async fn rollback_stack(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError>;

    /// Calls `ContinueUpdateRollback` of a stack in `UPDATE_ROLLBACK_FAILED`; `skip` names the resources to leave as they
    /// are.
    async fn continue_rollback(&self, stack: &str, token: &ClientRequestToken, skip: &[String])
    -> Result<(), AwsError>;

    /// Calls `DetectStackDrift`, which starts a drift detection, and returns its id.
    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError>;

    /// Calls `DescribeStackDriftDetectionStatus` of a drift detection.
    async fn drift_detection(&self, id: &str) -> Result<DriftDetection, AwsError>;

    /// Calls `DescribeStackResourceDrifts`, every page. Returns the results of the last drift detection.
    async fn drifts(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError>;

    /// Calls `UpdateTerminationProtection`.
    async fn set_termination_protection(&self, stack: &str, on: bool) -> Result<(), AwsError>;

    /// Uploads a template that is too large for a request to the bucket of templates, which `rtiler bootstrap` creates. Returns
    /// the URL for `TemplateURL`.
    async fn upload_template(&self, stack: &str, body: &str) -> Result<String, AwsError>;

    /// Calls `ListStacks`, every page. Returns the names of the stacks that exist.
    async fn stacks(&self) -> Result<Vec<String>, AwsError>;

    /// Calls `ListExports`, every page.
    async fn exports(&self) -> Result<Vec<Export>, AwsError>;

    /// Calls `ListImports`. Returns the names of the stacks that import an export.
    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError>;
}

/// Every API of an account in one region.
pub trait AwsApi:
    CloudFormation + Ecs + Logs + LoadBalancing + AutoScaling + ImageRegistry + ArtifactStore + CloudControl
{
}

impl<T> AwsApi for T where
    T: CloudFormation + Ecs + Logs + LoadBalancing + AutoScaling + ImageRegistry + ArtifactStore + CloudControl
{
}

/// Time, real or virtual.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait Clock: Clone + 'static {
    /// Returns the current time.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}

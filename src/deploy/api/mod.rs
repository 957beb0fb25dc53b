//! The outside, as deployments see it: CloudFormation is the [`CloudFormation`], beside it stand [`Ecs`], [`Logs`],
//! [`LoadBalancing`], [`AutoScaling`] and [`ImageRegistry`] (all of them together: [`AwsApi`]), and a [`Clock`].
//!
//! Two adapters implement them: `aws` over the SDK, `rehearsal` in memory. Futures run on one thread and need not be
//! `Send`.
//!
//! *Invariant*: every answer of these ports is plain data that knows no SDK; an adapter translates and retries the
//! transport, and decides nothing.

mod api_call;
mod change_set;
mod drift;
mod duration;
mod ecs;
mod error;
pub mod hash;
mod logs;
mod stack;
pub mod status;
mod timestamp;
mod traffic;

pub use api_call::{ApiCall, AwsService};
pub use change_set::{
    Action, Capability, ChangeDetail, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetSummary,
    DeploymentMode, INLINE_TEMPLATE_BYTES, ParameterValue, Replacement, RequiresRecreation, ResourceChange,
    TemplateSource,
};
pub use drift::{DriftDetection, DriftStatus, ImportedResource, PropertyDrift, ResourceDrift};
pub use duration::parse_duration;
pub use ecs::{
    CircuitBreaker, Container, ContainerDefinition, ContainerOverride, Ecs, EcsDeployment, EcsEvent, EcsService,
    ExecSession, LogDestination, RunTaskRequest, ServiceTargetGroup, Task, TaskDefinition, TaskFilter, TaskNetwork,
    UpdateServiceRequest, revision,
};
pub use error::{AwsError, ErrorKind};
pub use logs::{LogLine, LogPage, LogQuery, Logs};
pub use stack::{
    AwsEnvironment, ClientRequestToken, EventPage, EventStatus, Export, StackDescription, StackEvent, StackOutput,
    StackResource,
};
pub use timestamp::Timestamp;
pub use traffic::{Alarm, AutoScaling, ImageRegistry, ImageStatus, LoadBalancing, ScalableTarget, TargetHealth};

use std::time::Duration;

/// CloudFormation in one account and region. A clone is cheap and means the same account.
///
/// `stack` is a stack's name or its id; only the id finds a stack that was deleted.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait CloudFormation: Clone {
    /// The same account in another region.
    fn in_region(&self, region: &str) -> Self;

    /// Returns the account in a region, or as it is if there is none.
    fn for_region(&self, region: Option<&str>) -> Self {
        region.map_or_else(|| self.clone(), |region| self.in_region(region))
    }

    /// Whose account and which region this is (STS `GetCallerIdentity`).
    async fn place(&self) -> Result<AwsEnvironment, AwsError>;

    /// `DescribeStacks` of one stack; nothing where there is none of that name.
    async fn describe_stack(&self, stack: &str) -> Result<Option<StackDescription>, AwsError>;

    /// `GetTemplate` (stage Original): the text as it was handed in.
    async fn template(&self, stack: &str) -> Result<String, AwsError>;

    /// `ListStackResources`, every page.
    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError>;

    /// `DescribeStackEvents`: one page of events, newest first; no `page` is the newest one.
    async fn events(&self, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError>;

    /// `CreateChangeSet`; returns at once, with the change set still being written.
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError>;

    /// `DescribeChangeSet` with property values, every page.
    async fn describe_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, AwsError>;

    /// `ExecuteChangeSet`; every event that follows carries the token. With `keep` a failure is not rolled back
    /// (`DisableRollback`): what succeeded stays.
    async fn execute_change_set(
        &self,
        id: &ChangeSetId,
        token: &ClientRequestToken,
        keep: bool,
    ) -> Result<(), AwsError>;

    /// `ListChangeSets`, every page: those of the stack that were not carried out.
    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError>;

    /// `DeleteChangeSet`; one that is gone already is no error.
    async fn delete_change_set(&self, id: &ChangeSetId) -> Result<(), AwsError>;

    /// `DeleteStack`; `retain` names the resources to keep, which AWS allows in `DELETE_FAILED` alone.
    async fn delete_stack(&self, stack: &str, token: &ClientRequestToken, retain: &[String]) -> Result<(), AwsError>;

    /// `CancelUpdateStack`: an update that runs is rolled back. (A creation is cancelled by deleting the stack.)
    async fn cancel_update(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError>;

    /// `RollbackStack`: a stack in `CREATE_FAILED` or `UPDATE_FAILED` goes back to what it was.
    async fn rollback_stack(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError>;

    /// `ContinueUpdateRollback` of a stack in `UPDATE_ROLLBACK_FAILED`; `skip` names resources that are left as they are.
    async fn continue_rollback(&self, stack: &str, token: &ClientRequestToken, skip: &[String])
    -> Result<(), AwsError>;

    /// `DetectStackDrift`: begins to look for drift, and names the search.
    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError>;

    /// `DescribeStackDriftDetectionStatus` of a search.
    async fn drift_detection(&self, search: &str) -> Result<DriftDetection, AwsError>;

    /// `DescribeStackResourceDrifts`, every page: what the last search found.
    async fn drifts(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError>;

    /// `UpdateTerminationProtection`.
    async fn set_termination_protection(&self, stack: &str, on: bool) -> Result<(), AwsError>;

    /// Puts a template that is too large for a request into the account's bucket for templates (made when missing), and
    /// returns the URL that `TemplateURL` takes.
    async fn upload_template(&self, stack: &str, body: &str) -> Result<String, AwsError>;

    /// `ListExports`, every page.
    async fn exports(&self) -> Result<Vec<Export>, AwsError>;

    /// `ListImports`: the names of the stacks that use an export; none where nobody does.
    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError>;
}

/// Every port of an account in one region.
pub trait AwsApi: CloudFormation + Ecs + Logs + LoadBalancing + AutoScaling + ImageRegistry {}

impl<T: CloudFormation + Ecs + Logs + LoadBalancing + AutoScaling + ImageRegistry> AwsApi for T {}

/// Time, real or virtual.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait Clock: Clone + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}

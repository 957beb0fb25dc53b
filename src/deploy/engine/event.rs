//! The events that the engine emits.

use serde::{Deserialize, Serialize};

use super::progress::OperationResult;
use super::stop::StopRequest;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{
    AwsError, ChangeSetKind, ClientRequestToken, EcsEvent, ServiceDeployment, StackEvent, TargetHealth, Timestamp,
};
use crate::deploy::monitor::{Diagnosis, Finding, ServiceCounts, StoppedTask};
use crate::deploy::plan::Plan;
use crate::deploy::plan::hotswap::ContainerChange;
use crate::deploy::plan::removal::Deletion;
use crate::deploy::plan::rollback_readiness::RollbackReadiness;
use crate::deploy::plan::shared::SharedEnd;
use crate::deploy::plan::stack_state::StackState;

/// An event of a run. A terminal shows it, `--json` prints it, a record keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeployEvent {
    /// The stack's name.
    pub stack: String,
    /// The time at which it was emitted.
    #[serde(default)]
    pub at: Timestamp,
    /// The kind of the event, with its data.
    #[serde(flatten)]
    pub kind: DeployEventKind,
}

/// The kind of an event, with its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum DeployEventKind {
    /// The stack was looked up.
    StackFound {
        /// Its state.
        state: StackState,
        /// Its status, if it exists.
        status: Option<StackStatus>,
    },
    /// The deletion of what an earlier attempt left behind has started.
    LeftoverStackDeleted {
        /// The status of the leftover stack.
        status: StackStatus,
    },
    /// The run waits for an operation that it did not start.
    OperationAttached {
        /// The operation's token, if it has one.
        token: Option<ClientRequestToken>,
        /// Whether a run of rtiler started it.
        by_rtiler: bool,
        /// The stack's status.
        status: StackStatus,
    },
    /// The template was too large for a request and was uploaded to S3.
    TemplateUploaded {
        /// Its size.
        bytes: usize,
    },
    /// An image of the stack is built, pushed or found.
    Image {
        /// The name with the tag that the template has.
        reference: String,
        /// The folder or file, as the script writes it.
        path: String,
        /// The step.
        #[serde(flatten)]
        step: ImageEvent,
    },
    /// The plan is complete.
    Planned {
        /// The plan, with the changes that CloudFormation computed.
        plan: Plan,
    },
    /// The services that the plan changes were checked for a later rollback.
    ReadinessChecked {
        /// The result for each service.
        services: Vec<RollbackReadiness>,
    },
    /// Change sets of earlier runs that were killed were deleted.
    OrphansDeleted {
        /// Their names.
        change_sets: Vec<String>,
    },
    /// A failed update that was not rolled back is continued; AWS requires that rollback is disabled.
    UpdateResumed {
        /// The status of the failed update.
        status: StackStatus,
    },
    /// The rollback of a failed update has started.
    RollbackStarted {
        /// The token of the events that follow.
        token: ClientRequestToken,
        /// The stack's id.
        stack_id: String,
        /// Resources that are not rolled back.
        skip: Vec<String>,
    },
    /// There are no changes.
    Unchanged,
    /// The caller did not approve; the change set was deleted.
    Declined,
    /// The caller stopped the run before anything was changed.
    Interrupted {
        /// The caller's request.
        request: StopRequest,
    },
    /// The first step of a deployment with jobs has started: it deploys all that the jobs need, and the services stay as they are.
    FirstStepStarted {
        /// The jobs that run after it and before the services change.
        jobs: Vec<String>,
    },
    /// Resources that leave the script are kept until the stacks that use them are deployed.
    RemovalsDeferred {
        /// The resources with their users.
        resources: Vec<SharedEnd>,
    },
    /// Something happened to a job that runs before the services change.
    Job {
        /// Its name in the script.
        job: String,
        /// The step.
        #[serde(flatten)]
        step: JobEvent,
    },
    /// The execution of the change set has started.
    OperationStarted {
        /// Whether it creates or updates the stack.
        #[serde(rename = "change_set_type")]
        kind: ChangeSetKind,
        /// The token of the events that follow.
        token: ClientRequestToken,
        /// The stack's id.
        stack_id: String,
    },
    /// The stack of a rehearsal has types whose rules the rehearsal does not know: their resources never fail.
    NotSimulated {
        /// The types, in the order of the alphabet.
        types: Vec<String>,
        /// Whether the resources are deleted, not created.
        deletes: bool,
    },
    /// The resources of the stack that is deleted, and what happens to their data.
    DeletionPlanned {
        /// The deletion.
        #[serde(flatten)]
        deletion: Deletion,
    },
    /// The deletion of the stack has started.
    DeleteStarted {
        /// The token of the events that follow.
        token: ClientRequestToken,
        /// The stack's id.
        stack_id: String,
    },
    /// CloudFormation reported an event; each is emitted once, oldest first.
    StackEvent {
        /// The event.
        #[serde(flatten)]
        event: StackEvent,
    },
    /// A poll of the running operation failed and is retried.
    PollFailed {
        /// The error.
        error: AwsError,
        /// The pause before the retry.
        #[serde(rename = "retry_in_seconds", with = "crate::deploy::api::seconds::of_milliseconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        retry_in_ms: u64,
        /// The time since the last answer of AWS.
        #[serde(rename = "unanswered_seconds", with = "crate::deploy::api::seconds::of_milliseconds", default)]
        #[cfg_attr(test, schemars(with = "f64"))]
        unanswered_ms: u64,
    },
    /// A call failed before or after an operation; it is retried.
    Unreachable {
        /// The error.
        error: AwsError,
        /// The pause before the retry.
        #[serde(rename = "retry_in_seconds", with = "crate::deploy::api::seconds::of_milliseconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        retry_in_ms: u64,
        /// The time since the last answer of AWS.
        #[serde(rename = "unanswered_seconds", with = "crate::deploy::api::seconds::of_milliseconds", default)]
        #[cfg_attr(test, schemars(with = "f64"))]
        unanswered_ms: u64,
    },
    /// Something happened to a service of the stack.
    Service(ServiceEvent),
    /// The operation was cancelled; its rollback follows.
    CancelStarted {
        /// The reason.
        reason: CancelReason,
        /// Whether the stack is deleted: a creation cannot be rolled back otherwise.
        deletes_stack: bool,
    },
    /// The operation cannot be cancelled, and continues.
    CancelRejected {
        /// The reason why it cannot be cancelled.
        reason: String,
    },
    /// The configuration was applied, and the run waits until the services are stable.
    StabilizationStarted {
        /// The services' names in the template.
        services: Vec<String>,
    },
    /// The run watches services without a health check until their tasks have run for a while.
    TrialStarted {
        /// The services' names in the template.
        services: Vec<String>,
        /// The time that a task has to run, in seconds.
        seconds: u64,
    },
    /// The services did not become stable, or a job failed: the previous configuration is restored.
    RevertStarted {
        /// Whether there was no stack before, so that it is deleted.
        deletes_stack: bool,
        /// The job that failed, if that is the reason; empty if a later step failed.
        #[serde(default)]
        job: Option<String>,
    },
    /// The operation is complete.
    OperationFinished {
        /// Its result.
        result: OperationResult,
        /// The stack's status.
        status: StackStatus,
    },
    /// Task definitions are changed without CloudFormation.
    HotswapStarted {
        /// The change of each task definition.
        changes: Vec<ContainerChange>,
    },
    /// A service was given another task definition.
    TaskDefinitionUpdated {
        /// The service's name in the template.
        service: String,
        /// `family:revision` of the old task definition.
        from: String,
        /// `family:revision` of the new task definition.
        to: String,
        /// The time of the change.
        time: Timestamp,
    },
    /// Termination protection was set.
    TerminationProtectionSet {
        /// Whether it is enabled.
        enabled: bool,
    },
    /// The stack was skipped, because one that it needs did not succeed.
    Skipped {
        /// The name of that stack.
        dependency: String,
    },
    /// The run ended while CloudFormation continues.
    Detached {
        /// The operation's token.
        token: Option<ClientRequestToken>,
    },
}

/// A step of a job that runs before the services change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum JobEvent {
    /// An earlier run has started it, and it succeeded: it is not repeated.
    Found {
        /// The ARN of its task.
        task: String,
    },
    /// Its task was started.
    Started {
        /// The ARN of the task.
        task: String,
        /// `family:revision` of its task definition.
        revision: String,
        /// Whether an earlier run started it.
        resumed: bool,
    },
    /// It wrote a log line.
    Log {
        /// The time of the line.
        time: Timestamp,
        /// The text.
        text: String,
    },
    /// A poll of the task failed and is repeated.
    Retrying {
        /// The error.
        error: AwsError,
        /// The time since the last answer of AWS.
        unanswered_seconds: u64,
    },
    /// Its task is stopped.
    Stopping {
        /// The reason.
        reason: String,
    },
    /// Its task has stopped by itself.
    Ended {
        /// The exit code; none if the program never ran.
        exit_code: Option<i32>,
        /// The time since the task was requested.
        seconds: f64,
    },
}

/// A step of the way of an image to its registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum ImageEvent {
    /// It is not built or pushed, because the run is a rehearsal.
    NotBuilt {
        /// The size of the build context or file.
        bytes: u64,
    },
    /// It is in the registry: it is neither built nor pushed.
    Found,
    /// Its build has started.
    BuildStarted {
        /// The builder.
        builder: String,
        /// The size of the build context.
        bytes: u64,
    },
    /// The last line that the builder printed; not every line is an event.
    BuilderOutput {
        /// The line.
        line: String,
    },
    /// Its push has started.
    PushStarted,
    /// It is in the registry.
    Pushed {
        /// The time that the build and the push took.
        seconds: f64,
    },
    /// It could not be built or pushed.
    Failed,
}

/// An event of a service, or of its monitoring.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ServiceEvent {
    /// The numbers of its tasks changed.
    CountsChanged {
        /// The numbers.
        counts: ServiceCounts,
    },
    /// It wrote a line to its event log.
    MessageLogged {
        /// The service's name in the template.
        service: String,
        /// The line.
        message: EcsEvent,
    },
    /// One of its tasks stopped.
    TaskStopped {
        /// The service's name in the template.
        service: String,
        /// The task, with the cause and the last lines of its log.
        task: StoppedTask,
    },
    /// A health check of a target failed, so that the load balancer sends it no requests.
    TargetUnhealthy {
        /// The service's name in the template.
        service: String,
        /// The target.
        target: TargetHealth,
    },
    /// Its deployment entered another stage, shifted traffic, or failed.
    TrafficShift {
        /// The service's name in the template.
        service: String,
        /// The deployment with its stage.
        shift: ServiceDeployment,
    },
    /// Several of its tasks stopped for one cause.
    Diagnosed {
        /// The cause.
        diagnosis: Diagnosis,
    },
    /// The services cannot be monitored; emitted once, the deployment continues.
    MonitoringUnavailable {
        /// The error.
        error: AwsError,
    },
}

impl DeployEventKind {
    /// Returns the time at which something happened in AWS; none if the event itself is what happened.
    pub fn time(&self) -> Option<Timestamp> {
        match self {
            Self::StackEvent { event } => Some(event.time),
            Self::Service(ServiceEvent::MessageLogged { message, .. }) => Some(message.time),
            Self::Service(ServiceEvent::TaskStopped { task, .. }) => task.stopped,
            Self::TaskDefinitionUpdated { time, .. } => Some(*time),
            Self::Service(ServiceEvent::Diagnosed { diagnosis }) => Some(diagnosis.at),
            _ => None,
        }
    }
}

impl From<Finding> for DeployEventKind {
    fn from(finding: Finding) -> Self {
        Self::Service(match finding {
            Finding::CountsChanged(counts) => ServiceEvent::CountsChanged { counts },
            Finding::ServiceEvent { service, event } => ServiceEvent::MessageLogged { service, message: event },
            Finding::TaskStopped { service, task } => ServiceEvent::TaskStopped { service, task },
            Finding::TargetUnhealthy { service, target } => ServiceEvent::TargetUnhealthy { service, target },
            Finding::ShiftChanged { service, shift } => ServiceEvent::TrafficShift { service, shift },
            Finding::Diagnosed(diagnosis) => ServiceEvent::Diagnosed { diagnosis },
        })
    }
}

/// The reason why an operation was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum CancelReason {
    /// Too many tasks of a service stopped for one cause.
    TaskFailures {
        /// The cause.
        diagnosis: Diagnosis,
    },
    /// The operation took longer than the limit.
    TimedOut {
        /// The limit in seconds.
        #[serde(rename = "after_seconds")]
        after_s: u64,
    },
    /// The user cancelled it.
    ByUser,
}

use serde::{Deserialize, Serialize};

use super::progress::OperationResult;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsError, ChangeSetKind, ClientRequestToken, EcsEvent, StackEvent, TargetHealth, Timestamp};
use crate::deploy::monitor::{Diagnosis, Finding, ServiceCounts, StoppedTask};
use crate::deploy::plan::Plan;
use crate::deploy::plan::hotswap::ContainerChange;
use crate::deploy::plan::rollback_readiness::RollbackReadiness;
use crate::deploy::plan::stack_state::StackState;

/// What a deployment tells while it runs. A screen shows it, a pipe gets it as JSON, a recorder keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeployEvent {
    /// The stack that it is about.
    pub stack: String,
    /// What happened.
    #[serde(flatten)]
    pub fact: DeployEventKind,
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum DeployEventKind {
    /// What was found where the stack should be.
    StackFound {
        /// What that means.
        situation: StackState,
        /// Its status, where it is there.
        status: Option<StackStatus>,
    },
    /// What an earlier attempt left behind is deleted first.
    LeftoverStackDeleted {
        /// The status that it was left in.
        status: StackStatus,
    },
    /// An operation runs that another run started, or another program; it is followed to its end.
    OperationAttached {
        /// Its token, where it has one.
        token: Option<ClientRequestToken>,
        /// True where a run of rtiler started it.
        ours: bool,
        /// The stack's status.
        status: StackStatus,
    },
    /// The template is larger than a request may be and goes through S3.
    TemplateUploaded {
        /// Its size.
        bytes: usize,
    },
    /// What will happen.
    Planned {
        /// The plan, with AWS's word on it.
        plan: Plan,
    },
    /// How ready the services are to go back to what they run now.
    Readiness {
        /// Those that the plan changes.
        services: Vec<RollbackReadiness>,
    },
    /// Change sets of earlier runs that were killed are deleted.
    OrphansDeleted {
        /// Their names.
        change_sets: Vec<String>,
    },
    /// What failed and stayed is gone on with; AWS then allows no rollback.
    UpdateResumed {
        /// The status that the stack was left in.
        status: StackStatus,
    },
    /// What failed and stayed is undone.
    RollbackStarted {
        /// The token of every event that follows.
        token: ClientRequestToken,
        /// The stack's id.
        stack_id: String,
        /// Resources that are not put back.
        skip: Vec<String>,
    },
    /// There is nothing to do.
    Unchanged,
    /// The caller said no; the change set is deleted.
    Declined,
    /// The change set is carried out.
    Started {
        /// Create or update.
        kind: ChangeSetKind,
        /// The token of every event that follows.
        token: ClientRequestToken,
        /// The stack's id.
        stack_id: String,
    },
    /// The stack is being deleted.
    Deletes {
        /// The token of every event that follows.
        token: ClientRequestToken,
        /// The stack's id.
        stack_id: String,
    },
    /// An event of AWS, each once, oldest first.
    StackEvent {
        /// The event.
        #[serde(flatten)]
        event: StackEvent,
    },
    /// AWS could not be asked this time; the operation goes on, and so does the watch.
    PollFailed {
        /// Why.
        error: AwsError,
        /// When it is asked again, in milliseconds.
        again_in_ms: u64,
    },
    /// AWS cannot be reached before anything runs; it is asked again.
    Unreachable {
        /// Why.
        error: AwsError,
        /// When it is asked again, in milliseconds.
        again_in_ms: u64,
    },
    /// How a service of the stack stands, whenever that changes.
    Service {
        /// Its tasks.
        counts: ServiceCounts,
    },
    /// A line of a service's own log of events.
    ServiceEvent {
        /// The service's name in the template.
        service: String,
        /// The line.
        event: EcsEvent,
    },
    /// A task of a service stopped.
    TaskStopped {
        /// The service's name in the template.
        service: String,
        /// The task, with why and with its last words.
        task: StoppedTask,
    },
    /// A load balancer sends a target no requests, because its health check fails.
    TargetUnhealthy {
        /// The service's name in the template.
        service: String,
        /// The target.
        target: TargetHealth,
    },
    /// The same cause keeps a service's tasks from running again and again.
    Diagnosed {
        /// The cause.
        diagnosis: Diagnosis,
    },
    /// The services could not be looked at; told once, the deployment goes on without.
    MonitoringUnavailable {
        /// Why.
        error: AwsError,
    },
    /// The operation is cancelled; what follows is its undoing.
    CancelStarted {
        /// Why.
        why: CancelReason,
        /// True where a stack that is being created is deleted: there is no other way to cancel a creation.
        deletes: bool,
    },
    /// The operation cannot be cancelled, and goes on.
    CancelRejected {
        /// Why, in AWS's words or ours.
        reason: String,
    },
    /// CloudFormation is done (`EXPRESS`), and the services are watched until they are stable.
    StabilizationStarted {
        /// The services' names in the template.
        services: Vec<String>,
    },
    /// The services did not become stable: the template and parameters of before are deployed again.
    RevertStarted {
        /// True where there was nothing before, and the stack is deleted.
        deletes: bool,
    },
    /// The operation is over.
    OperationFinished {
        /// How it ended.
        verdict: OperationResult,
        /// The stack's status, as AWS says.
        status: StackStatus,
    },
    /// Images and environments are changed without CloudFormation.
    HotswapStarted {
        /// For each task definition.
        changes: Vec<ContainerChange>,
    },
    /// A service is given another task definition.
    TaskDefinitionUpdated {
        /// Its name in the template.
        service: String,
        /// `family:revision` of what it ran.
        from: String,
        /// `family:revision` of what it is to run.
        to: String,
        /// When.
        at: Timestamp,
    },
    /// Termination protection was set.
    TerminationProtectionSet {
        /// On or off.
        on: bool,
    },
    /// It was not started, because a stack that it needs is not there.
    Skipped {
        /// That stack.
        because: String,
    },
    /// The caller lets go; AWS goes on.
    Detached {
        /// The token to find the operation by.
        token: Option<ClientRequestToken>,
    },
}

/// Why an operation is cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum CancelReason {
    /// One cause stops a service's tasks again and again.
    GaveUp {
        /// The cause.
        diagnosis: Diagnosis,
    },
    /// It took longer than it may.
    TimedOut {
        /// How long that is, in seconds.
        after_s: u64,
    },
    /// The caller asked for it.
    Asked,
}

impl From<Finding> for DeployEventKind {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::CountsChanged(counts) => DeployEventKind::Service { counts },
            Finding::ServiceEvent { service, event } => DeployEventKind::ServiceEvent { service, event },
            Finding::TaskStopped { service, task } => DeployEventKind::TaskStopped { service, task },
            Finding::TargetUnhealthy { service, target } => DeployEventKind::TargetUnhealthy { service, target },
            Finding::Diagnosed(diagnosis) => DeployEventKind::Diagnosed { diagnosis },
        }
    }
}

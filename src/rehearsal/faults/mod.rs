//! Faults: failures that the user requests. `kinds` has their names, `stage` the stages of deployments, `parse` reads `--fault`, `unknown` reports faults that
//! do not exist, `health_check` finds faults that health checks cannot notice, `strategy` those that no deployment has, `unused` reports faults that had no effect, `suggestions` completes them,
//! and `api_faults` lets API calls fail.
//!
//! May import the API, `rng` and `cfn`.
//!
//! *Invariant*: `FaultPlan` is data without randomness: the same text is the same plan, and its effects follow from the
//! account's seed.

pub(crate) mod api_faults;
mod health_check;
mod kinds;
mod parse;
mod stage;
mod strategy;
mod suggestions;
mod unknown;
mod unused;

pub use parse::FaultSpec;
pub(super) use stage::DeploymentStage;
pub use suggestions::suggestions;

use std::time::Duration;

/// All requested faults.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultPlan {
    /// The steps of CloudFormation that fail.
    pub steps: Vec<ResourceFault>,
    /// The services whose new tasks fail.
    pub services: Vec<ServiceFault>,
    /// The failures of API calls.
    pub api: ApiFaults,
}

/// A service whose tasks fail: those of every deployment that starts with this fault and runs another task definition than
/// the last completed deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFault {
    /// The logical id of the service.
    pub service: String,
    /// The fault of its tasks.
    pub task_fault: TaskFault,
}

/// A fault of a service's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskFault {
    /// The image's tag or repository does not exist.
    ImageNotFound,
    /// The registry needs credentials that the execution role does not have.
    ImageDenied,
    /// The subnets have no route to the registry: neither a NAT gateway nor endpoints.
    NoRoute,
    /// A secret or parameter cannot be read.
    SecretUnreadable,
    /// The container uses more memory than it has.
    OutOfMemory,
    /// The container exits with this code.
    Exit(i32),
    /// The health check is answered with this HTTP status.
    Unhealthy(u16),
    /// Nothing answers on the port.
    Silent,
    /// Health checks pass this number of seconds after the start of the containers.
    ReadyAfter(u32),
    /// The task of a job never ends.
    Hangs,
    /// Fargate has no capacity.
    NoCapacity,
    /// ECS rolls back to the old tasks, and CloudFormation reports success.
    RolledBackByEcs,
    /// The function that judges a deployment at this stage fails it.
    HookFails(DeploymentStage),
    /// An alarm of the service goes off while its traffic is shifted.
    AlarmGoesOff,
}

impl TaskFault {
    /// Returns whether the fault affects standalone tasks. It does not if only health checks or ECS's scheduler find it.
    pub(super) fn affects_standalone_tasks(self) -> bool {
        !matches!(
            self,
            TaskFault::Unhealthy(_)
                | TaskFault::Silent
                | TaskFault::ReadyAfter(_)
                | TaskFault::RolledBackByEcs
                | TaskFault::HookFails(_)
                | TaskFault::AlarmGoesOff
        )
    }
}

/// Failures of API calls.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ApiFaults {
    /// The part of calls that is throttled, from 0 to 1.
    pub throttle: f64,
    /// The part of read calls that fail with an internal error.
    pub poll_errors: f64,
    /// The time at which the connection is lost, and the duration of the loss.
    pub lost: Option<(Duration, Duration)>,
    /// The time until a call without connection fails.
    pub silence: Duration,
    /// A call that AWS denies.
    #[cfg(test)]
    pub(crate) denied: Option<DeniedCall>,
}

/// A call that AWS denies.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeniedCall {
    /// The call.
    pub(crate) call: crate::deploy::api::ApiCall,
    /// The number of times that it is allowed before.
    pub(crate) allowed: u32,
}

impl From<Vec<ResourceFault>> for FaultPlan {
    fn from(steps: Vec<ResourceFault>) -> Self {
        Self { steps, ..Self::default() }
    }
}

/// A step that fails on request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceFault {
    /// The logical id of the resource that fails.
    pub resource: String,
    /// The step that fails.
    pub point: FaultPoint,
    /// AWS's reason.
    pub reason: String,
    /// The time from the step's start to the failure; 60 % of its duration if not set.
    pub after: Option<Duration>,
    /// The number of times that it fails.
    pub times: u32,
}

/// The steps that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// The resource is created.
    Create,
    /// The resource is updated or replaced.
    Update,
    /// The resource is restored after a failed update.
    Restore,
    /// The resource is deleted.
    Delete,
}

impl ResourceFault {
    /// Creates a fault that occurs once.
    pub fn once(resource: &str, point: FaultPoint, reason: &str) -> Self {
        Self { resource: resource.to_owned(), point, reason: reason.to_owned(), after: None, times: 1 }
    }
}

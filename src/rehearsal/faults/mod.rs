//! What goes wrong on request; `parse` reads it as the user writes it, `checks` knows what it could not make fail, `idle`
//! tells what did not come to pass.
//!
//! *Invariant*: pure data, without chance: the same words are the same faults, and what happens then follows from the
//! account's seed.

pub(crate) mod api_faults;
mod health_check;
mod parse;
mod unused;

pub use parse::FaultSpec;

use crate::deploy::api::ApiCall;
use std::time::Duration;

/// All that goes wrong on request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultPlan {
    /// Steps of CloudFormation that fail.
    pub steps: Vec<ResourceFault>,
    /// Services whose new tasks come to grief.
    pub services: Vec<ServiceFault>,
    /// How AWS can be reached.
    pub weather: ApiFaults,
}

/// A service whose tasks come to grief: those of every deployment that begins while this holds and runs another task
/// definition than the last one that completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFault {
    /// The logical id of the service.
    pub service: String,
    /// What happens to them.
    pub trouble: TaskFault,
}

/// What happens to the tasks of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskFault {
    /// The image's tag or repository does not exist.
    ImageNotFound,
    /// The registry wants credentials that the execution role does not have.
    ImageDenied,
    /// No way from the subnets to the registry: neither NAT gateway nor endpoints.
    NoRoute,
    /// A secret or parameter cannot be read.
    SecretUnreadable,
    /// The container uses more memory than it has.
    OutOfMemory,
    /// The container ends by itself, with this code.
    Exit(i32),
    /// The health check is answered with this HTTP status.
    Unhealthy(u16),
    /// Nothing answers on the port.
    Silent,
    /// Fargate has no capacity.
    NoCapacity,
    /// ECS itself goes back to the old tasks, and CloudFormation calls that success.
    RolledBackByEcs,
}

impl TaskFault {
    /// True for what keeps a task from its work, with a service or without one; false for what health checks find.
    pub(super) fn meets_lone_tasks(self) -> bool {
        !matches!(self, TaskFault::Unhealthy(_) | TaskFault::Silent | TaskFault::RolledBackByEcs)
    }
}

/// How AWS can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ApiFaults {
    /// The part of calls that is throttled, from 0 to 1.
    pub throttle: f64,
    /// The part of reading calls that AWS answers with an internal error.
    pub poll_errors: f64,
    /// From which second on no call gets through, and for how many.
    pub lost: Option<(Duration, Duration)>,
    /// A call that AWS does not allow.
    pub denied: Option<DeniedCall>,
}

/// A call that AWS does not allow (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeniedCall {
    /// The call.
    pub call: ApiCall,
    /// How often it is allowed before.
    pub granted: u32,
}

impl From<Vec<ResourceFault>> for FaultPlan {
    fn from(steps: Vec<ResourceFault>) -> Self {
        Self { steps, ..Self::default() }
    }
}

/// A step that goes wrong on request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceFault {
    /// The logical id of the resource that fails.
    pub resource: String,
    /// At which step.
    pub moment: FaultPoint,
    /// AWS's words.
    pub reason: String,
    /// How long after the step's beginning; mostly through it where nothing is said.
    pub after: Option<Duration>,
    /// How often.
    pub times: u32,
}

/// The steps that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// It is made.
    Create,
    /// It is changed or replaced.
    Update,
    /// It is put back after a failed update.
    Restore,
    /// It is deleted.
    Delete,
}

impl ResourceFault {
    /// A resource fails once.
    pub fn once(resource: &str, moment: FaultPoint, reason: &str) -> Self {
        Self { resource: resource.to_owned(), moment, reason: reason.to_owned(), after: None, times: 1 }
    }
}

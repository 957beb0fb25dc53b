//! Monitoring of the ECS services of a stack while CloudFormation waits for them.
//!
//! `observation` is one look at a service. `watchdog` turns observations into findings, each reported once, and into a
//! diagnosis if one cause comes back; `service_history` is its memory. `task_failure` classifies AWS's messages by the
//! `failure_patterns`, and `failure_kind` lists the kinds. `service_state` decides whether a service runs the expected
//! task definition. The engine makes the observations and maps findings to its events.
//!
//! *Invariant*: imports `api` and nothing else of ours, and is pure. Findings follow from the observations alone. These
//! are kept, so that a failure can still be explained when a rollback has deleted its tasks. Values of environment
//! variables never enter.

mod failure_kind;
mod failure_patterns;
mod finding;
mod observation;
mod service_history;
mod service_state;
mod task_failure;
mod watchdog;

pub use failure_kind::TaskFailureKind;
pub use finding::Finding;
pub use observation::{ContainerExit, DeploymentCounts, Diagnosis, Observation, ServiceCounts, StoppedTask};
pub use service_state::{ServiceState, service_state};
pub use task_failure::{TaskFailure, of_event, of_run_task_error, of_shift, of_target, of_task};
pub use watchdog::Watchdog;

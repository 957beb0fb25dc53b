//! The watchdog: what happens behind the services of a stack while CloudFormation waits for them.
//!
//! `cause` and `texts` classify AWS's words about a stopped task; `seen` is what was observed; `fold` turns observations
//! into facts, each told once, and into a diagnosis where one cause comes back; `locate` shows that at its line of the
//! script; `truth` says whether a service runs what was wanted. `run` asks the ports and hands in what they answer.
//!
//! *Invariant*: imports `ports`, `event`, `cfn` and `diag` and is pure: whatever it says follows from the observations,
//! which it keeps, so that it can still explain what a rollback has deleted. Values of environment variables never enter.

mod failure_patterns;
mod observation;
mod service_state;
mod task_failure;
mod watchdog;

pub use observation::{ContainerExit, DeploymentCounts, Diagnosis, Observation, ServiceCounts, StoppedTask};
pub use service_state::{ServiceState, service_state};
pub use task_failure::{TaskFailure, TaskFailureKind, of_event, of_refusal, of_target, of_task};
pub use watchdog::Watchdog;

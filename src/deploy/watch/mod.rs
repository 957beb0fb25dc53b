//! The watchdog: what happens behind the services of a stack while CloudFormation waits for them.
//!
//! `cause` and `texts` classify AWS's words about a stopped task; `seen` is what was observed; `fold` turns observations
//! into facts, each told once, and into a diagnosis where one cause comes back; `locate` shows that at its line of the
//! script; `truth` says whether a service runs what was wanted. `run` asks the ports and hands in what they answer.
//!
//! *Invariant*: imports `ports`, `event`, `cfn` and `diag` and is pure: whatever it says follows from the observations,
//! which it keeps, so that it can still explain what a rollback has deleted. Values of environment variables never enter.

mod cause;
mod fold;
mod locate;
mod seen;
mod texts;
mod truth;

pub use cause::{TaskCause, TaskCauseKind, of_event, of_refusal, of_target, of_task};
pub use fold::Watchdog;
pub use locate::locate;
pub use seen::{ContainerExit, DeploymentCounts, Diagnosis, Observation, ServiceCounts, StoppedTask};
pub use truth::{Standing, standing};

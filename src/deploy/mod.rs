//! From a template to a running stack.
//!
//! - `api` has the AWS APIs as traits and plain data, and a clock.
//! - `bootstrap` knows the stack of `rtiler bootstrap`: who needs it, who uses its images, and which of them are not used.
//! - `doctor` checks a real account before a deployment.
//! - `plan` computes the changes that a deployment makes.
//! - `monitor` finds failures of the ECS services while CloudFormation waits for them.
//! - `diagnose` explains failures at the lines of the script.
//! - `engine` carries out plans and reports events.
//! - `operate` reads and changes deployed stacks without the engine: services, tasks, logs, scaling.
//! - `permissions` computes the least IAM policies that deploying stacks needs.
//! - `record` writes the record of a run.
//!
//! The account is behind `api`: `aws` is the real one, `rehearsal` a simulated one in virtual time.
//!
//! *Invariant*: imports `synth`, `cfn` and `diag` at most. Nothing is printed, and nothing reads from the terminal: facts
//! are events, and decisions come from the caller.

pub mod api;
pub mod bootstrap;
pub mod diagnose;
pub mod doctor;
pub mod engine;
pub mod monitor;
pub mod operate;
pub mod permissions;
pub mod plan;
pub mod record;

pub use engine::deployed_stack::read_deployed_stack;
pub use engine::event::{CancelReason, DeployEvent, DeployEventKind, ImageEvent, JobEvent, ServiceEvent};
pub use engine::outcome::{Outcome, StackOutcome, StackResult};
pub use engine::{
    Engine, EngineOptions, RollbackOptions, StopHandle, StopRequest, StopSignal, deletion, drifted, ends_in_use,
    importable, stop_channel, stopped_stack,
};
pub use plan::capabilities::capabilities;
pub use plan::deployment_order::{DeploymentOrder, choose_stacks};
pub use plan::stack_state::{StackState, needs_recovery};

//! From a template to a running stack.
//!
//! `ports` is the outside: an account (CloudFormation, ECS, logs, load balancing, scaling, images) and a clock. `status`
//! types what AWS says.
//!
//! Pure: `desired` (what is wanted), `situation` (what is there), `plan` (what will happen; `saved` keeps one as a file),
//! `capability`, `broadening`, `stateful`, `readiness` (what a plan asks, widens, would lose, and could not take back),
//! `beside` (a resource there and here), `rollout` (what goes without CloudFormation), `order`, `progress` (what events add up to), `reason`, `explain` and
//! `refusal` (why it failed, at the line of the script), `watch` (what happens behind its services), `timeline` (what made
//! it slow), `outcome` (what came of it).
//!
//! `run` is the linear way over the ports, and tells `event`s; `feed` gives it those of CloudFormation, `pace` says how
//! often it asks. `inspect` looks at stacks, `operate` is what there is to do with what runs, `record` what the flight
//! recorder writes. `rehearsal` is an account in memory and in virtual time; `aws` is the real one.
//!
//! *Invariant*: imports only `cfn` and `diag`; nothing prints and nothing asks: facts go out as events, and questions
//! through what the caller hands in.

pub mod api;
pub mod diagnose;
pub mod engine;
pub mod monitor;
pub mod operate;
pub mod plan;
pub mod record;

pub use engine::deployed_stack::read_deployed_stack;
pub use engine::event::{CancelReason, DeployEvent, DeployEventKind, ServiceEvent};
pub use engine::outcome::{Outcome, StackOutcome, StackResult};
pub use engine::{
    Engine, EngineOptions, RollbackOptions, StopHandle, StopRequest, StopSignal, drifted, importable, stop_channel,
};
pub use plan::capabilities::capabilities;
pub use plan::deployment_order::{DeploymentOrder, choose_stacks};
pub use plan::stack_state::{StackState, needs_recovery};

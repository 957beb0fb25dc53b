//! CloudFormation: change sets, and operations on stacks, whose steps wait for one another.
//!
//! `steps` creates the steps of each phase, `execute` starts one step (`step_context` reads its resource, `schedule` its
//! planned events, `refusals` the services' refusals, `deletion` and `ecs_steps` the special cases), `advance` applies events,
//! `transitions` starts the next phase. `contents` records what services write into resources, and `start_obstacles` finds what
//! keeps tasks from starting. `change_sets`, `validate`, `import` and `drift` are API operations; `resolve`, `attributes`, `resource_ids`
//! `durations` and `duration_table` give values, ids and times that look like AWS's.
//!
//! May import `state`, `account`, `ecs`, `rules`, `faults`, `rng` and `cidr` of the rehearsal, and `cfn`.
//!
//! *Invariant*: nothing runs in the background. Each call first advances the account to the time of the clock, so an operation
//! can be saved at any time and continues later.

mod advance;
mod attributes;
mod change_sets;
pub(super) mod contents;
mod deletion;
mod drift;
mod duration_table;
pub(super) mod durations;
mod ecs_steps;
mod execute;
mod import;
mod messages;
pub(super) mod property_diff;
mod refusals;
pub(super) mod resolve;
mod resource_ids;
mod schedule;
mod start_obstacles;
mod step_context;
mod steps;
mod transitions;
pub(super) mod validate;

pub(super) use steps::OperationRequest;

//! The rehearsed account as data: stacks, running operations and the state of ECS. The caller saves and loads it.
//!
//! May import the API's plain data and, of this room, [`EcsState`](super::ecs), whose data is private to `ecs`.
//!
//! *Invariant*: data only, and a read account follows the rules of `reading`. The code that changes it is in `account` and `cloudformation`, which import this folder and not
//! the other way round.

mod account;
mod operation;
mod reading;
mod resource;
mod ssm_parameters;
mod stack;

pub use account::AccountState;
pub(super) use account::resource_key;
pub(super) use operation::{EcsWait, Operation, Phase, Step, StepAction, StepEvent, StepState};
pub(super) use resource::{OutOfBandChange, ResourceState, StackSpec};
pub(super) use ssm_parameters::SsmParameters;
pub(super) use stack::{PendingChangeSet, RollbackState, Stack};

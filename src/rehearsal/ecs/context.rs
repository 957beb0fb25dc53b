//! The parts of the state that a task or service may use while time advances.

use indexmap::IndexMap;

use super::addresses::Addresses;
use super::log_store::LogStore;
use super::task_definition::TaskDefinitionRecord;

/// The parts of the state that a task or service may use.
pub(super) struct SimulationContext<'a> {
    pub(super) seed: u64,
    /// The task definitions by ARN.
    pub(super) definitions: &'a IndexMap<String, TaskDefinitionRecord>,
    pub(super) logs: &'a mut LogStore,
    pub(super) addresses: &'a mut Addresses,
}

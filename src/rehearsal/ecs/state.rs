//! The state of ECS, as it is saved.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::addresses::Addresses;
use super::log_store::LogStore;
use super::service::Service;
use super::task::SimulatedTask;
use super::task_definition::TaskDefinitionRecord;
use crate::deploy::api::ScalableTarget;

/// The services, tasks, task definitions and logs of an account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::rehearsal) struct EcsState {
    pub(super) services: Vec<Service>,
    /// The tasks without a service.
    pub(super) standalone: Vec<SimulatedTask>,
    /// The task definitions by ARN.
    pub(super) definitions: IndexMap<String, TaskDefinitionRecord>,
    /// The latest revision of each family, by region and name; AWS never uses a number twice.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing_by_name")]
    pub(super) revisions: BTreeMap<String, u32>,
    /// The scalable targets by region and resource id.
    pub(super) scaling: BTreeMap<String, ScalableTarget>,
    pub(super) logs: LogStore,
    /// The addresses of tasks.
    #[serde(default)]
    pub(super) addresses: Addresses,
    /// The number of tasks that `RunTask` has started.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing")]
    pub(super) runs: u64,
    /// The ARNs of the tasks that `RunTask` has started, by their client tokens.
    #[serde(default)]
    pub(super) run_tokens: BTreeMap<String, String>,
}

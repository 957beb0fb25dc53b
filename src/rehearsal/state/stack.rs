//! A stack with its change sets and events.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::operation::Operation;
use super::resource::{ResourceState, StackSpec};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{
    ChangeSet, ChangeSetKind, DeploymentMode, ImportedResource, ResourceDrift, StackEvent, StackOutput, Timestamp,
};

/// A stack of the rehearsed account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::rehearsal) struct Stack {
    pub(in crate::rehearsal) region: String,
    pub(in crate::rehearsal) id: String,
    pub(in crate::rehearsal) name: String,
    pub(in crate::rehearsal) status: StackStatus,
    pub(in crate::rehearsal) reason: Option<String>,
    pub(in crate::rehearsal) desired: StackSpec,
    pub(in crate::rehearsal) protected: bool,
    pub(in crate::rehearsal) created: Timestamp,
    pub(in crate::rehearsal) updated: Option<Timestamp>,
    pub(in crate::rehearsal) resources: IndexMap<String, ResourceState>,
    /// The resources that still exist but no longer belong to the stack: retained, or impossible to delete.
    pub(in crate::rehearsal) leftovers: Vec<ResourceState>,
    pub(in crate::rehearsal) outputs: Vec<StackOutput>,
    pub(in crate::rehearsal) imports: BTreeSet<String>,
    pub(in crate::rehearsal) change_sets: Vec<PendingChangeSet>,
    /// The events, oldest first.
    pub(in crate::rehearsal) events: Vec<StackEvent>,
    pub(in crate::rehearsal) operation: Option<Operation>,
    /// The state to roll back to, if an operation failed and was not rolled back.
    #[serde(default)]
    pub(in crate::rehearsal) rollback_state: Option<RollbackState>,
    /// The result of the last drift detection.
    #[serde(default)]
    pub(in crate::rehearsal) drifts: Vec<ResourceDrift>,
}

impl Stack {
    /// Returns every resource of the stack, with its leftovers.
    pub(in crate::rehearsal) fn all_resources(&self) -> impl Iterator<Item = &ResourceState> {
        self.resources.values().chain(&self.leftovers)
    }

    /// Returns whether this is the stack of that name or id. Only the id finds a deleted stack.
    pub(in crate::rehearsal) fn is(&self, region: &str, stack: &str) -> bool {
        self.id == stack || (self.region == region && self.name == stack && self.status != StackStatus::DeleteComplete)
    }

    /// Returns whether the stack imports an export, or will after its operation.
    pub(in crate::rehearsal) fn imports_export(&self, export: &str) -> bool {
        let running = self.operation.as_ref().is_some_and(|operation| operation.imports.contains(export));
        running || self.imports.contains(export)
    }
}

/// The state that a stack can be rolled back to after a failed operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::rehearsal) struct RollbackState {
    /// Whether the stack was in a stable state before.
    pub(in crate::rehearsal) can_roll_back: bool,
    /// The specification of that state.
    pub(in crate::rehearsal) desired: StackSpec,
    /// The resources of that state.
    pub(in crate::rehearsal) previous: IndexMap<String, ResourceState>,
    /// The existing resources that the next operation deletes.
    pub(in crate::rehearsal) pending_deletions: Vec<(String, ResourceState)>,
}

/// A change set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::rehearsal) struct PendingChangeSet {
    pub(in crate::rehearsal) set: ChangeSet,
    pub(in crate::rehearsal) kind: ChangeSetKind,
    pub(in crate::rehearsal) spec: StackSpec,
    /// The deployment mode of its execution.
    #[serde(default)]
    pub(in crate::rehearsal) mode: DeploymentMode,
    /// The resources to import.
    #[serde(default)]
    pub(in crate::rehearsal) import: Vec<ImportedResource>,
    /// The time of the request.
    #[serde(default)]
    pub(in crate::rehearsal) created: Timestamp,
    /// The time at which its creation is finished.
    pub(in crate::rehearsal) ready: Timestamp,
}

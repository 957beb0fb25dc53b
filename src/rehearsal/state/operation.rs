//! An operation on a stack: its phase and its steps.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::resource::{ResourceState, StackSpec};
use crate::deploy::api::{ClientRequestToken, DeploymentMode, ImportedResource, Timestamp};

/// A running operation on a stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::rehearsal) struct Operation {
    pub(in crate::rehearsal) id: String,
    pub(in crate::rehearsal) token: Option<ClientRequestToken>,
    pub(in crate::rehearsal) phase: Phase,
    /// The time at which the phase started.
    pub(in crate::rehearsal) started: Timestamp,
    pub(in crate::rehearsal) steps: Vec<Step>,
    /// The specification that the stack gets.
    pub(in crate::rehearsal) spec: StackSpec,
    /// The resources before the operation.
    pub(in crate::rehearsal) previous: IndexMap<String, ResourceState>,
    /// The specification before the operation, which a rollback restores.
    #[serde(default)]
    pub(in crate::rehearsal) previous_spec: StackSpec,
    /// Whether `previous_spec` is a stable state; if not, a rollback deletes the resources.
    #[serde(default = "yes")]
    pub(in crate::rehearsal) can_roll_back: bool,
    /// Whether a failure leaves the resources that succeeded (`DisableRollback`).
    #[serde(default)]
    pub(in crate::rehearsal) disable_rollback: bool,
    /// The deployment mode.
    #[serde(default)]
    pub(in crate::rehearsal) mode: DeploymentMode,
    /// The resources to import.
    #[serde(default)]
    pub(in crate::rehearsal) import: Vec<ImportedResource>,
    /// The existing resources that the stack no longer has, which are deleted at the end.
    pub(in crate::rehearsal) pending_deletions: Vec<(String, ResourceState)>,
    /// The exports that its resources and outputs import.
    pub(in crate::rehearsal) imports: BTreeSet<String>,
}

/// Returns the default of `can_roll_back`.
fn yes() -> bool {
    true
}

impl Operation {
    /// Returns the steps of this phase that failed.
    pub(in crate::rehearsal) fn failed(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.state == StepState::Failed)
    }
}

/// A phase of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum Phase {
    /// Creates the resources of a new stack.
    Create,
    /// Deletes the resources that a failed creation created.
    Rollback,
    /// Deletes, after that, the resources that the stack had removed before it failed.
    RollbackCleanup,
    /// Creates, updates and replaces resources.
    Update,
    /// Deletes the resources that an update replaced or removed.
    UpdateCleanup,
    /// Restores the resources that a failed update changed.
    UpdateRollback,
    /// Deletes the resources that a failed update created.
    UpdateRollbackCleanup,
    /// Deletes the resources of a stack.
    Delete,
    /// Deletes, after that, the resources that the stack had removed before.
    DeleteCleanup,
    /// Imports existing resources.
    Import,
}

impl Phase {
    /// Returns whether the phase only deletes: a failed step then does not stop the others.
    pub(in crate::rehearsal) fn deletes(self) -> bool {
        self.deletes_pending() || matches!(self, Phase::Rollback | Phase::Delete)
    }

    /// Returns whether the phase deletes pending deletions instead of the stack's own resources.
    pub(in crate::rehearsal) fn deletes_pending(self) -> bool {
        use Phase as P;
        matches!(self, P::UpdateCleanup | P::UpdateRollbackCleanup | P::RollbackCleanup | P::DeleteCleanup)
    }
}

/// The work on one resource in a phase.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::rehearsal) struct Step {
    pub(in crate::rehearsal) id: String,
    pub(in crate::rehearsal) action: StepAction,
    /// The positions of the steps that come first.
    pub(in crate::rehearsal) needs: Vec<usize>,
    pub(in crate::rehearsal) state: StepState,
    /// The planned events, earliest first.
    pub(in crate::rehearsal) events: Vec<(Timestamp, StepEvent)>,
    /// The time from which the steps that need it may start.
    pub(in crate::rehearsal) ready_at: Option<Timestamp>,
    /// Whether the step created a new physical resource.
    #[serde(default)]
    pub(in crate::rehearsal) created_resource: bool,
    /// The time at which the step finished.
    pub(in crate::rehearsal) finished_at: Option<Timestamp>,
    /// The condition in ECS that the step waits for.
    pub(in crate::rehearsal) ecs_wait: Option<EcsWait>,
}

/// The action of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum StepAction {
    /// Creates a resource.
    Create,
    /// Updates or replaces a resource.
    Update,
    /// Restores a resource after a failed update.
    Restore,
    /// Imports an existing resource.
    Import,
    /// Deletes one of the stack's own resources.
    Delete,
    /// Deletes one of the pending deletions.
    DeletePending,
}

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum StepState {
    /// It waits for other steps.
    Waiting,
    /// It has started.
    Running,
    /// It succeeded.
    Done,
    /// It failed or was cancelled.
    Failed,
    /// It never starts.
    Dropped,
}

/// A planned event of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum StepEvent {
    /// The resource exists from now on, with this physical id.
    Initiated(String),
    /// Dependents may start.
    Configured,
    /// ECS gets the resource, with these properties.
    ApplyToEcs(Json),
    /// ECS starts to delete the resource.
    DeleteInEcs,
    /// The step is complete; the resource has these properties.
    Done(Json),
    /// The step failed, with this reason.
    Fail(String),
}

/// A condition in ECS that a step waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum EcsWait {
    /// The service is stable with this deployment; the resource then has these properties.
    Stable { service: String, deployment: String, properties: Json },
    /// The service is deleted.
    Deleted { service: String },
}

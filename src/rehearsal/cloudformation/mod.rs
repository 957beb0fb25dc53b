//! An operation on a rehearsed stack, as data: steps that wait for one another, and what each has in store.
//!
//! `begin` makes the steps of each phase, `work` is what one step does (`facts` what it knows, `store` what lies ahead of
//! it, `release` how things are let go, `serve` what lives on in ECS), `advance` lets time pass, `ending` goes from phase
//! to phase. Nothing runs in the background: whoever asks about the account lets it catch up with the clock first, so an
//! operation can be saved at any moment and goes on later.

mod advance;
pub(crate) mod change_sets;
mod deletion;
pub(crate) mod drift;
pub(crate) mod durations;
mod ecs_steps;
mod execute;
pub(crate) mod import;
pub(crate) mod property_diff;
pub(crate) mod resolve;
pub(crate) mod resource_ids;
mod schedule;
mod step_context;
mod steps;
mod transitions;
pub(crate) mod validate;

pub(super) use schedule::beats;
pub(super) use steps::OperationRequest;
pub(super) use transitions::reason;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::account::state::{ResourceState, StackSpec};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{ClientRequestToken, DeploymentMode, ImportedResource, Timestamp};

/// An operation that runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) token: Option<ClientRequestToken>,
    pub(super) phase: Phase,
    pub(super) began: Timestamp,
    pub(super) steps: Vec<Step>,
    /// What the stack is to become.
    pub(super) wanted: StackSpec,
    /// The resources before it.
    pub(super) previous: IndexMap<String, ResourceState>,
    /// What the stack was before it, and is again where it is undone.
    #[serde(default)]
    pub(super) base: StackSpec,
    /// Whether `base` is a state to go back to; else what is undone is deleted.
    #[serde(default = "yes")]
    pub(super) stable: bool,
    /// Whether a failure leaves what succeeded (`DisableRollback`).
    #[serde(default)]
    pub(super) keep: bool,
    /// How it is carried out.
    #[serde(default)]
    pub(super) mode: DeploymentMode,
    /// What is taken in.
    #[serde(default)]
    pub(super) import: Vec<ImportedResource>,
    /// The stack's status before it.
    pub(super) status_before: StackStatus,
    /// Existing resources that the stack lets go of: deleted at the end.
    pub(super) doomed: Vec<(String, ResourceState)>,
    /// Exports that were imported on the way.
    pub(super) imports: BTreeSet<String>,
}

fn yes() -> bool {
    true
}

/// Where an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// Resources of a new stack are made.
    Create,
    /// What a failed creation made is deleted.
    Rollback,
    /// After that: what the stack had let go of before it failed.
    RollbackRest,
    /// Resources are made, changed and replaced.
    Update,
    /// What an update replaced and removed is deleted.
    Cleanup,
    /// What a failed update changed is put back.
    Undo,
    /// What a failed update made is deleted.
    UndoCleanup,
    /// A stack is deleted.
    Delete,
    /// After that: what the stack had let go of.
    DeleteRest,
    /// Existing resources are taken in.
    Import,
}

impl Phase {
    /// True where the phase only deletes: a failure then does not stop the others.
    pub(super) fn deletes(self) -> bool {
        self.of_doomed() || matches!(self, Phase::Rollback | Phase::Delete)
    }

    /// True where it deletes what the stack lets go of, and not its own resources.
    pub(super) fn of_doomed(self) -> bool {
        matches!(self, Phase::Cleanup | Phase::UndoCleanup | Phase::RollbackRest | Phase::DeleteRest)
    }
}

/// What is done with one resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) work: StepAction,
    /// Positions of the steps that come first.
    pub(super) needs: Vec<usize>,
    pub(super) stage: StepState,
    /// What is in store, earliest first.
    pub(super) beats: Vec<(Timestamp, StepEvent)>,
    /// From when on those may start that wait for it.
    pub(super) released: Option<Timestamp>,
    /// Whether a new physical resource came of it.
    #[serde(default)]
    pub(super) made: bool,
    /// When it was over.
    pub(super) ended: Option<Timestamp>,
    /// What it waits for in ECS.
    awaits: Option<ecs_steps::EcsWait>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StepAction {
    Make,
    Change,
    Restore,
    /// Of what exists and is taken in.
    TakeIn,
    /// Of the stack's own resources.
    Remove,
    /// Of those that the stack lets go of.
    RemoveDoomed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StepState {
    Waiting,
    Running,
    Done,
    Failed,
    /// It never starts.
    Dropped,
}

/// Something that will happen to a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum StepEvent {
    /// It exists from now on, under this id.
    Initiated(String),
    /// What depends on it may start.
    Configured,
    /// ECS is told of it, with these properties.
    Told(Json),
    /// ECS is told that it goes.
    Retires,
    /// It is as wanted, with these properties.
    Done(Json),
    /// It failed.
    Fail(String),
}

impl Operation {
    /// When something happens next; nothing where every step is over and the phase can end.
    pub(super) fn next(&self, seed: u64) -> Option<Timestamp> {
        let beats =
            self.steps.iter().filter(|step| step.stage == StepState::Running).filter_map(|step| step.beats.first());
        let starts = (0..self.steps.len()).filter_map(|at| self.start_of(at, seed));
        beats.map(|(at, _)| *at).chain(starts).min()
    }

    /// When a waiting step begins, once that is known.
    pub(super) fn start_of(&self, at: usize, seed: u64) -> Option<Timestamp> {
        let step = &self.steps[at];
        if step.stage != StepState::Waiting {
            return None;
        }
        let mut from = self.began;
        for need in &step.needs {
            from = from.max(self.steps[*need].released?);
        }
        Some(from + durations::gap(seed, &[&self.id, &step.id, "gap"]))
    }

    /// The logical ids whose step of this phase failed.
    pub(super) fn failed(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.stage == StepState::Failed)
    }
}

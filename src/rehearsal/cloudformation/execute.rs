//! The start of a step, which plans its events.

use serde_json::Value as Json;

use super::deletion::retains;
use super::durations;
use super::durations::{DurationKey, StepDurations};
use super::property_diff::differences;
use super::schedule::{Events, StepTiming};
use super::step_context::{ResourceDefinition, custom_name_conflict};
use crate::cfn::schema::CreateOnly;
use crate::deploy::api::status::ResourceStatus as S;
use crate::deploy::api::{DeploymentMode, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::faults::FaultPoint;
use crate::rehearsal::rules::{Intent, Subject};
use crate::rehearsal::state::{
    Operation, OutOfBandChange, Phase, ResourceState, Stack, StepAction, StepEvent, StepState,
};

/// The reason of an update that replaces its resource.
const REPLACES: &str = "Requested update requires the creation of a new physical resource; hence creating one.";

impl Account {
    /// Starts a step of the stack's operation.
    pub(super) fn start(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, at: Timestamp) {
        let (id, action) = (operation.steps[step].id.clone(), operation.steps[step].action);
        operation.steps[step].state = StepState::Running;
        let planned = match action {
            StepAction::Create => Some(self.create(stack, operation, &id, at)),
            StepAction::Update => self.update(stack, operation, &id, at),
            StepAction::Restore => self.restore(stack, operation, &id, at),
            StepAction::Import => Some(self.import_resource(stack, operation, &id, at)),
            StepAction::Delete | StepAction::DeletePending => self.delete(stack, operation, &id, at),
        };
        let step = &mut operation.steps[step];
        if let Some(events) = planned {
            step.events = events;
        } else {
            step.state = StepState::Done;
            (step.ready_at, step.finished_at) = (Some(at), Some(at));
        }
    }

    /// Starts to create a resource.
    fn create(&mut self, stack: &mut Stack, operation: &mut Operation, id: &str, at: Timestamp) -> Events {
        let resolved = self.resolved(stack, operation, id);
        let ResourceDefinition { kind, attributes, needs } = self.definition(stack, operation, id);
        let existing = ResourceState {
            kind: kind.clone(),
            physical_id: None,
            properties: Json::Null,
            attributes,
            status: S::CreateInProgress,
            reason: None,
            updated: at,
            needs,
            generation: 0,
        };
        stack.resources.insert(id.to_owned(), existing);
        self.push_resource_event(stack, operation, id, at, (S::CreateInProgress, None));
        let properties = match resolved {
            Ok(properties) => properties,
            Err(reason) => return vec![(at, StepEvent::Fail(reason))],
        };
        let subject = Subject {
            intent: Intent::Create,
            kind: &kind,
            physical_id: None,
            replaces: None,
            properties: &properties,
            before: None,
        };
        let refusal = self.refusal(stack, operation, &subject);
        if let Some(reason) = refusal.or_else(|| self.name_collision(stack, &kind, &properties)) {
            return refused(id, at, reason);
        }
        let key = [stack.id.as_str(), id, "create", &operation.id];
        let durations = durations::create(&DurationKey { seed: self.state.seed, key: &key, kind: &kind });
        let new = self.new_physical_id(stack, id, &kind, &properties, 0);
        let timing = timing(operation, id, &kind, at, durations.of(operation.mode));
        self.with_fault(timing.events(Some(new), properties), &timing, FaultPoint::Create)
    }

    /// Starts to update or replace a resource. Returns `None` if it does not differ.
    fn update(&mut self, stack: &mut Stack, operation: &mut Operation, id: &str, at: Timestamp) -> Option<Events> {
        let resolved = self.resolved(stack, operation, id);
        let ResourceDefinition { kind, attributes, needs } = self.definition(stack, operation, id);
        let existing = stack.resources.get_mut(id)?;
        (existing.attributes, existing.needs) = (attributes, needs);
        let (generation, failed) = (existing.generation, existing.status.is_failed());
        let before = match self.state.out_of_band_change(existing) {
            Some(OutOfBandChange::Changed(actual)) if operation.mode == DeploymentMode::RevertDrift => actual.clone(),
            _ => existing.properties.clone(),
        };
        let properties = match resolved {
            Ok(properties) => properties,
            Err(reason) => {
                self.push_resource_event(stack, operation, id, at, (S::UpdateInProgress, None));
                return Some(vec![(at, StepEvent::Fail(reason))]);
            }
        };
        let differences = differences(&kind, &before, &properties);
        if differences.is_empty() && !failed {
            return None;
        }
        let replaced = differences.iter().any(|difference| difference.recreation == CreateOnly::Yes);
        let reason = replaced.then(|| REPLACES.to_owned());
        self.push_resource_event(stack, operation, id, at, (S::UpdateInProgress, reason));
        let conflict = custom_name_conflict(&kind, &properties, &differences).filter(|_| replaced);
        let conflict = conflict.or_else(|| self.deleted_out_of_band(stack, id));
        let refusal = || self.update_refusal(stack, operation, id, &properties, replaced);
        if let Some(reason) = conflict.or_else(refusal) {
            return Some(refused(id, at, reason));
        }
        let key = [stack.id.as_str(), id, "update", &operation.id];
        let draw = if replaced { durations::create } else { durations::update };
        let durations = draw(&DurationKey { seed: self.state.seed, key: &key, kind: &kind });
        let new = replaced.then(|| self.new_physical_id(stack, id, &kind, &properties, generation + 1));
        let timing = timing(operation, id, &kind, at, durations.of(operation.mode));
        Some(self.with_fault(timing.events(new, properties), &timing, FaultPoint::Update))
    }

    /// Starts to restore a resource. Returns `None` if it did not change.
    fn restore(&mut self, stack: &mut Stack, operation: &mut Operation, id: &str, at: Timestamp) -> Option<Events> {
        let old = operation.previous.get(id)?.clone();
        let current = stack.resources.get(id)?.clone();
        let same_id = current.physical_id == old.physical_id;
        if same_id && current.properties == old.properties && !current.status.is_failed() {
            stack.resources.insert(id.to_owned(), old);
            return None;
        }
        if !same_id {
            let is_old =
                |(other, existing): &(String, ResourceState)| other == id && existing.physical_id == old.physical_id;
            if let Some(at) = operation.pending_deletions.iter().position(is_old) {
                operation.pending_deletions.remove(at);
            }
            operation.pending_deletions.push((id.to_owned(), current.clone()));
        }
        // Until the step is finished, the resource is as the update left it.
        let properties = if same_id { current.properties } else { old.properties.clone() };
        let restored =
            ResourceState { status: S::UpdateInProgress, properties, generation: current.generation, ..old.clone() };
        stack.resources.insert(id.to_owned(), restored);
        self.push_resource_event(stack, operation, id, at, (S::UpdateInProgress, None));
        let key = [stack.id.as_str(), id, "restore", &operation.id];
        let durations = durations::update(&DurationKey { seed: self.state.seed, key: &key, kind: &old.kind });
        let timing = timing(operation, id, &old.kind, at, durations);
        Some(self.with_fault(timing.events(None, old.properties), &timing, FaultPoint::Restore))
    }

    /// Starts to delete a resource. Returns `None` if there is nothing to delete, or if it is retained.
    fn delete(&mut self, stack: &mut Stack, operation: &mut Operation, id: &str, at: Timestamp) -> Option<Events> {
        let replaced = operation.was_replaced(stack, id);
        let policy = if replaced { "UpdateReplacePolicy" } else { "DeletionPolicy" };
        let existing = operation.resource_to_delete(stack, id)?.clone();
        // A resource that was never created cannot be retained, even if its policy is `Retain`.
        if existing.physical_id.is_none() {
            self.push_resource_event(stack, operation, id, at, (S::DeleteComplete, None));
            operation.detach(stack, id, false);
            return None;
        }
        if retains(operation.phase, existing.policy(policy)) {
            self.push_resource_event(stack, operation, id, at, (S::DeleteSkipped, None));
            operation.detach(stack, id, true);
            return None;
        }
        self.push_resource_event(stack, operation, id, at, (S::DeleteInProgress, None));
        let subject = Subject {
            intent: Intent::Delete,
            kind: &existing.kind,
            physical_id: existing.physical_id.as_deref(),
            replaces: None,
            properties: &existing.properties,
            before: None,
        };
        if let Some(reason) = self.refusal(stack, operation, &subject) {
            return Some(refused(id, at, reason));
        }
        let key = [stack.id.as_str(), id, "delete", &operation.id];
        let durations = durations::delete(&DurationKey { seed: self.state.seed, key: &key, kind: &existing.kind });
        let timing = timing(operation, id, &existing.kind, at, durations);
        let rolls_back = operation.phase == Phase::Rollback && self.has_fault(id, FaultPoint::Restore);
        let point = if rolls_back { FaultPoint::Restore } else { FaultPoint::Delete };
        Some(self.with_fault(timing.deletion_events(), &timing, point))
    }
}

/// Returns the timing of a step.
fn timing<'a>(
    operation: &Operation,
    id: &'a str,
    kind: &'a str,
    start: Timestamp,
    durations: StepDurations,
) -> StepTiming<'a> {
    StepTiming { id, kind, start, durations, mode: operation.mode }
}

/// Plans a failure that the resource handler reports after a moment.
fn refused(id: &str, at: Timestamp, reason: String) -> Events {
    vec![(at + durations::gap(0, &[id]), StepEvent::Fail(reason))]
}

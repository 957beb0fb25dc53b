//! What one step does, from its beginning on.

use serde_json::Value as Json;

use super::deletion::keeps;
use super::durations;
use super::durations::DurationKey;
use super::ecs_steps::{removed, told};
use super::property_diff::differences;
use super::schedule::beats;
use super::step_context::name_in_the_way;
use super::{Operation, Phase, StepAction, StepEvent, StepState};
use crate::cfn::schema::CreateOnly;
use crate::deploy::api::status::ResourceStatus as S;
use crate::deploy::api::{DeploymentMode, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{OutOfBandChange, ResourceState, Stack};
use crate::rehearsal::faults::FaultPoint;

const REPLACES: &str = "Requested update requires the creation of a new physical resource; hence creating one.";

impl Account {
    /// Begins a step of the stack's operation.
    pub(super) fn start(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, at: Timestamp) {
        let (id, work) = (operation.steps[step].id.clone(), operation.steps[step].work);
        operation.steps[step].stage = StepState::Running;
        let begun = match work {
            StepAction::Make => Some(self.make(stack, operation, &id, at)),
            StepAction::Change => self.change(stack, operation, &id, at),
            StepAction::Restore => self.restore(stack, operation, &id, at),
            StepAction::TakeIn => Some(self.take_in(stack, operation, &id, at)),
            StepAction::Remove | StepAction::RemoveDoomed => self.remove(stack, operation, &id, at),
        };
        let step = &mut operation.steps[step];
        if let Some(beats) = begun {
            step.beats = beats;
        } else {
            step.stage = StepState::Done;
            (step.released, step.ended) = (Some(at), Some(at));
        }
    }

    fn make(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Vec<(Timestamp, StepEvent)> {
        let resolved = self.resolved(stack, operation, id);
        let (kind, attributes, needs) = self.facts(stack, operation, id);
        let held = ResourceState {
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
        stack.resources.insert(id.to_owned(), held);
        self.report(stack, operation, id, at, (S::CreateInProgress, None));
        let properties = match resolved {
            Ok(properties) => properties,
            Err(reason) => return vec![(at, StepEvent::Fail(reason))],
        };
        if let Some(reason) = self.collision(stack, &kind, &properties) {
            return vec![(at + durations::gap(0, &[id]), StepEvent::Fail(reason))];
        }
        let words = [stack.id.as_str(), id, "create", &operation.id];
        let times = durations::create(&DurationKey { seed: self.state.seed, words: &words, kind: &kind });
        let new = self.new_id(stack, id, &kind, &properties, 0);
        let times = times.of(operation.mode);
        let beats = told(&kind, (at, times), operation.mode, beats(at, times, Some(new), properties));
        self.faulted(beats, (at, times), id, FaultPoint::Create)
    }

    fn change(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Option<Vec<(Timestamp, StepEvent)>> {
        let resolved = self.resolved(stack, operation, id);
        let (kind, attributes, needs) = self.facts(stack, operation, id);
        let held = stack.resources.get_mut(id)?;
        (held.attributes, held.needs) = (attributes, needs);
        let (before, generation, failed) = (held.properties.clone(), held.generation, held.status.is_failed());
        let before = match self.outside(stack, id) {
            Some(OutOfBandChange::Changed(actual)) if operation.mode == DeploymentMode::RevertDrift => actual,
            _ => before,
        };
        let properties = match resolved {
            Ok(properties) => properties,
            Err(reason) => {
                self.report(stack, operation, id, at, (S::UpdateInProgress, None));
                return Some(vec![(at, StepEvent::Fail(reason))]);
            }
        };
        let differences = differences(&kind, &before, &properties);
        if differences.is_empty() && !failed {
            return None;
        }
        let replaced = differences.iter().any(|difference| difference.recreation == CreateOnly::Yes);
        let reason = replaced.then(|| REPLACES.to_owned());
        self.report(stack, operation, id, at, (S::UpdateInProgress, reason));
        if let Some(reason) = name_in_the_way(&kind, &properties, &differences).filter(|_| replaced) {
            return Some(vec![(at + durations::gap(0, &[id]), StepEvent::Fail(reason))]);
        }
        if let Some(reason) = self.gone(stack, id) {
            return Some(vec![(at + durations::gap(0, &[id]), StepEvent::Fail(reason))]);
        }
        let words = [stack.id.as_str(), id, "update", &operation.id];
        let timing = if replaced { durations::create } else { durations::update };
        let times = timing(&DurationKey { seed: self.state.seed, words: &words, kind: &kind });
        let times = times.of(operation.mode);
        let new = replaced.then(|| self.new_id(stack, id, &kind, &properties, generation + 1));
        let beats = told(&kind, (at, times), operation.mode, beats(at, times, new, properties));
        Some(self.faulted(beats, (at, times), id, FaultPoint::Update))
    }

    /// Puts a resource back; nothing where nothing happened to it.
    fn restore(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Option<Vec<(Timestamp, StepEvent)>> {
        let old = operation.previous.get(id)?.clone();
        let now = stack.resources.get(id)?;
        let failed = now.status.is_failed();
        if now.physical_id == old.physical_id && now.properties == old.properties && !failed {
            stack.resources.insert(id.to_owned(), old);
            return None;
        }
        if now.physical_id != old.physical_id {
            let doomed =
                operation.doomed.iter().position(|(other, held)| other == id && held.physical_id == old.physical_id);
            let new = now.clone();
            if let Some(kept) = doomed {
                operation.doomed.remove(kept);
            }
            operation.doomed.push((id.to_owned(), new));
        }
        // Until that is done, it is as the update left it.
        let (same, generation) = (now.physical_id == old.physical_id, now.generation);
        let properties = if same { now.properties.clone() } else { old.properties.clone() };
        stack.resources.insert(
            id.to_owned(),
            ResourceState { status: S::UpdateInProgress, properties, generation, ..old.clone() },
        );
        self.report(stack, operation, id, at, (S::UpdateInProgress, None));
        let words = [stack.id.as_str(), id, "restore", &operation.id];
        let times = durations::update(&DurationKey { seed: self.state.seed, words: &words, kind: &old.kind });
        let beats = told(&old.kind, (at, times), operation.mode, beats(at, times, None, old.properties));
        Some(self.faulted(beats, (at, times), id, FaultPoint::Restore))
    }

    fn remove(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Option<Vec<(Timestamp, StepEvent)>> {
        let replaced = operation.wanted_still_has(stack, id);
        let policy = if replaced { "UpdateReplacePolicy" } else { "DeletionPolicy" };
        let held = operation.subject(stack, id)?.clone();
        // What was never made cannot be kept, whatever its policy.
        if held.physical_id.is_none() {
            self.report(stack, operation, id, at, (S::DeleteComplete, None));
            operation.let_go(stack, id, false);
            return None;
        }
        if keeps(operation.phase, held.policy(policy)) {
            self.report(stack, operation, id, at, (S::DeleteSkipped, None));
            operation.let_go(stack, id, true);
            return None;
        }
        self.report(stack, operation, id, at, (S::DeleteInProgress, None));
        let words = [stack.id.as_str(), id, "delete", &operation.id];
        let times = durations::delete(&DurationKey { seed: self.state.seed, words: &words, kind: &held.kind });
        let beats = removed(&held.kind, at, at + times.done);
        let undone = operation.phase == Phase::Rollback && self.has_fault(id, FaultPoint::Restore);
        let moment = if undone { FaultPoint::Restore } else { FaultPoint::Delete };
        Some(self.faulted(beats, (at, times), id, moment))
    }
}

//! The transitions between the phases of an operation, and its end.

use super::messages::failed_resources;
use super::steps::{deletion_steps, pending_deletion_steps, restore_steps};
use crate::cfn::graph::Graph;
use crate::deploy::api::status::{ResourceStatus, StackStatus as S};
use crate::deploy::api::{StackOutput, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::state::{Operation, Phase, RollbackState, Stack};

/// The transition after the end of a phase.
pub(super) struct Transition {
    /// The next phase; the operation is finished if there is none.
    pub(super) phase: Option<Phase>,
    /// The stack's new status; it stays as it is if there is none.
    pub(super) status: Option<S>,
    /// The reason of the stack's event.
    pub(super) reason: Option<String>,
}

impl Transition {
    /// Ends the operation.
    pub(super) fn finish(status: S, reason: Option<String>) -> Self {
        Self { phase: None, status: Some(status), reason }
    }

    /// Starts a phase with a new status.
    fn next(phase: Phase, status: S, reason: Option<String>) -> Self {
        Self { phase: Some(phase), status: Some(status), reason }
    }

    /// Deletes pending deletions under the same status.
    fn cleanup(phase: Phase) -> Self {
        Self { phase: Some(phase), status: None, reason: None }
    }

    /// Starts the rollback of a creation or update.
    fn rollback(operation: &Operation, reason: String) -> Self {
        if operation.can_roll_back {
            Self::next(Phase::UpdateRollback, S::UpdateRollbackInProgress, Some(reason))
        } else {
            Self::next(Phase::Rollback, S::RollbackInProgress, Some(reason))
        }
    }
}

impl Account {
    /// Ends a phase whose steps are all finished. Returns whether the operation continues.
    pub(super) fn end_phase(&mut self, stack: &mut Stack, operation: &mut Operation, at: Timestamp) -> bool {
        let transition = self.transition(stack, operation, at);
        self.apply_transition(stack, operation, at, transition)
    }

    /// Rolls back an operation that failed or was cancelled.
    pub(in crate::rehearsal) fn start_rollback(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        reason: String,
    ) {
        let transition = Transition::rollback(operation, reason);
        self.apply_transition(stack, operation, at, transition);
    }

    /// Returns the transition after a phase, and stores the results of the phase in the stack.
    fn transition(&mut self, stack: &mut Stack, operation: &mut Operation, at: Timestamp) -> Transition {
        let failed = operation.failed().next().is_some();
        let failure = || Some(failed_resources(operation));
        match operation.phase {
            Phase::Create | Phase::Update if failed => fail(stack, operation, failed_resources(operation)),
            Phase::Create | Phase::Update => match self.outputs(stack, operation) {
                Ok(outputs) => self.complete(stack, operation, outputs),
                Err(reason) => fail(stack, operation, reason),
            },
            Phase::Import => self.end_import(stack, operation, at, failed),
            Phase::UpdateCleanup => {
                retain_undeleted(stack, operation);
                let reason = "Update successful. One or more resources could not be deleted.";
                Transition::finish(S::UpdateComplete, failed.then(|| reason.to_owned()))
            }
            Phase::Rollback | Phase::RollbackCleanup if failed => Transition::finish(S::RollbackFailed, failure()),
            Phase::Rollback if !operation.pending_deletions.is_empty() => Transition::cleanup(Phase::RollbackCleanup),
            Phase::Rollback | Phase::RollbackCleanup => Transition::finish(S::RollbackComplete, None),
            Phase::UpdateRollback if failed => Transition::finish(S::UpdateRollbackFailed, failure()),
            Phase::UpdateRollback => {
                schedule_deletion_of_new(stack, operation);
                Transition::next(Phase::UpdateRollbackCleanup, S::UpdateRollbackCompleteCleanupInProgress, None)
            }
            Phase::UpdateRollbackCleanup => {
                retain_undeleted(stack, operation);
                Transition::finish(S::UpdateRollbackComplete, None)
            }
            Phase::Delete | Phase::DeleteCleanup if failed => Transition::finish(S::DeleteFailed, failure()),
            Phase::Delete if !operation.pending_deletions.is_empty() => Transition::cleanup(Phase::DeleteCleanup),
            Phase::Delete | Phase::DeleteCleanup => {
                stack.outputs.clear();
                stack.imports.clear();
                Transition::finish(S::DeleteComplete, None)
            }
        }
    }

    /// Starts the next phase or ends the operation. Returns whether the operation continues.
    fn apply_transition(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        transition: Transition,
    ) -> bool {
        match (transition.phase, &transition.status) {
            (Some(phase), _) => {
                (operation.phase, operation.started) = (phase, at);
                operation.steps = match phase {
                    Phase::Rollback => deletion_steps(stack),
                    Phase::UpdateRollback => restore_steps(operation),
                    _ => pending_deletion_steps(&operation.pending_deletions),
                };
            }
            (None, Some(status)) => keep_rollback_state(stack, operation, status),
            (None, None) => {}
        }
        if let Some(status) = transition.status {
            self.push_operation_event(stack, operation, at, status, transition.reason);
        }
        transition.phase.is_some()
    }

    /// Stores the results of a successful creation or update in the stack.
    fn complete(&mut self, stack: &mut Stack, operation: &mut Operation, outputs: Vec<StackOutput>) -> Transition {
        stack.outputs = outputs;
        stack.desired = operation.spec.clone();
        stack.imports = operation.imports.clone();
        if operation.phase == Phase::Create {
            return Transition::finish(S::CreateComplete, None);
        }
        self.schedule_deletions(stack, operation);
        Transition::next(Phase::UpdateCleanup, S::UpdateCompleteCleanupInProgress, None)
    }

    /// Schedules the deletion of resources that the new template no longer has.
    fn schedule_deletions(&mut self, stack: &mut Stack, operation: &mut Operation) {
        let template = self.template(&operation.spec.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.spec);
        let graph = Graph::after(&template, &conditions);
        let removed: Vec<_> =
            stack.resources.keys().filter(|id| !graph.ids().any(|it| it.as_str() == *id)).cloned().collect();
        schedule_deletion(stack, operation, &removed);
    }

    /// Resolves the outputs. Returns an error if one cannot be resolved or exported.
    fn outputs(&mut self, stack: &Stack, operation: &mut Operation) -> Result<Vec<StackOutput>, String> {
        let template = self.template(&operation.spec.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.spec);
        let exists =
            |condition: &Option<String>| condition.as_ref().is_none_or(|name| conditions.holds(name) != Some(false));
        let (outputs, imports) = self.with_context(stack, &operation.spec, &template, |context| {
            let outputs = template.outputs.iter().filter(|(_, output)| exists(&output.condition));
            let resolved = outputs.map(|(key, output)| {
                let export = output.export.as_ref().and_then(|export| export.get("Name").or(Some(export)));
                Ok(StackOutput {
                    key: key.clone(),
                    value: context.string(&output.value)?,
                    description: output.description.clone(),
                    export: export.map(|name| context.string(name)).transpose()?,
                })
            });
            resolved.collect::<Result<Vec<_>, String>>()
        })?;
        operation.imports.extend(imports);
        self.check_exports(stack, &outputs)?;
        Ok(outputs)
    }

    /// Checks that no other stack has an export of the same name, and that an imported export stays as it is.
    fn check_exports(&self, stack: &Stack, outputs: &[StackOutput]) -> Result<(), String> {
        let others = || self.state.stacks.iter().filter(|other| other.region == stack.region);
        for name in outputs.iter().filter_map(|output| output.export.as_ref()) {
            let owner = others().find(|other| other.outputs.iter().any(|output| output.export.as_ref() == Some(name)));
            if let Some(owner) = owner {
                return Err(format!("Export with name {name} is already exported by stack {}", owner.name));
            }
        }
        for old in &stack.outputs {
            let Some(name) = &old.export else { continue };
            let user = others().find(|other| other.imports_export(name));
            let now = outputs.iter().find(|output| output.export.as_ref() == Some(name));
            match (user, now) {
                (Some(user), None) => {
                    return Err(format!("Export {name} cannot be deleted as it is in use by {}", user.name));
                }
                (Some(user), Some(now)) if now.value != old.value => {
                    return Err(format!("Export {name} cannot be updated as it is in use by {}", user.name));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Handles a failed creation or update: it is rolled back, or stays as it is if rollback is disabled.
fn fail(stack: &mut Stack, operation: &mut Operation, reason: String) -> Transition {
    if !operation.disable_rollback {
        return Transition::rollback(operation, reason);
    }
    restore_half_replaced(stack, operation);
    stack.desired = operation.spec.clone();
    let status = if operation.phase == Phase::Create { S::CreateFailed } else { S::UpdateFailed };
    Transition::finish(status, Some(reason))
}

/// Stores the specification that a finished operation leaves, and the state for a later rollback if it is needed.
fn keep_rollback_state(stack: &mut Stack, operation: &mut Operation, status: &S) {
    match status {
        S::RollbackComplete | S::RollbackFailed => stack.desired = operation.spec.clone(),
        S::UpdateRollbackComplete | S::UpdateRollbackFailed => stack.desired = operation.previous_spec.clone(),
        _ => {}
    }
    let can_continue = matches!(status, S::CreateFailed | S::UpdateFailed | S::UpdateRollbackFailed);
    stack.rollback_state = (can_continue || !operation.pending_deletions.is_empty()).then(|| RollbackState {
        can_roll_back: operation.can_roll_back,
        desired: operation.previous_spec.clone(),
        previous: std::mem::take(&mut operation.previous),
        pending_deletions: std::mem::take(&mut operation.pending_deletions),
    });
}

/// Schedules the deletion of resources that did not exist before a failed update.
fn schedule_deletion_of_new(stack: &mut Stack, operation: &mut Operation) {
    let new: Vec<_> = stack.resources.keys().filter(|id| !operation.previous.contains_key(*id)).cloned().collect();
    schedule_deletion(stack, operation, &new);
    let missing = stack.resources.iter().filter(|(_, existing)| existing.physical_id.is_none());
    for id in missing.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
        if let Some(before) = operation.previous.get(&id) {
            stack.resources.insert(id, before.clone());
        }
    }
}

/// Restores the previous resource if a replacement failed and rollback is disabled: the next operation deletes the new
/// one.
fn restore_half_replaced(stack: &mut Stack, operation: &mut Operation) {
    let failed: Vec<_> = operation.failed().filter(|step| step.created_resource).map(|step| step.id.clone()).collect();
    for id in failed {
        let existing = stack.resources.get_mut(&id).filter(|existing| existing.physical_id.is_some());
        let Some(existing) = existing else { continue };
        let new = existing.clone();
        if existing.status == ResourceStatus::CreateFailed {
            existing.physical_id = None;
            operation.pending_deletions.push((id, new));
            continue;
        }
        let is_old = |(other, old): &(String, crate::rehearsal::state::ResourceState)| {
            *other == id && old.generation + 1 == new.generation
        };
        if let Some(old) = operation.pending_deletions.iter().rposition(is_old) {
            let (_, old) = operation.pending_deletions.remove(old);
            (existing.physical_id, existing.generation) = (old.physical_id, new.generation);
            operation.pending_deletions.push((id, new));
        }
    }
}

/// Retains the resources that could not be deleted: they still exist, but no longer belong to the stack.
fn retain_undeleted(stack: &mut Stack, operation: &mut Operation) {
    let remaining = operation.pending_deletions.drain(..).map(|(_, existing)| existing);
    stack.leftovers.extend(remaining.filter(|existing| existing.physical_id.is_some()));
}

/// Schedules the deletion of resources.
fn schedule_deletion(stack: &mut Stack, operation: &mut Operation, ids: &[String]) {
    for id in ids {
        let removed = stack.resources.shift_remove(id).filter(|existing| existing.physical_id.is_some());
        operation.pending_deletions.extend(removed.map(|existing| (id.clone(), existing)));
    }
}

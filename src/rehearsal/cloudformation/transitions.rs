//! From phase to phase, and to the end.

use super::steps::{doomed_removals, own_removals, restorations};
use super::{Operation, Phase, StepAction, StepState};
use crate::cfn::graph::Graph;
use crate::deploy::api::status::{ResourceStatus, StackStatus as S};
use crate::deploy::api::{StackOutput, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{RollbackState, Stack};

impl Account {
    /// Every step of a phase is over. False when the operation is, too.
    pub(super) fn end_phase(&mut self, stack: &mut Stack, operation: &mut Operation, at: Timestamp) -> bool {
        let failed = operation.failed().next().is_some();
        match operation.phase {
            Phase::Create | Phase::Update if failed => {
                let reason = reason(operation);
                self.failed(stack, operation, at, reason)
            }
            Phase::Create | Phase::Update => match self.outputs(stack, operation) {
                Ok(outputs) => self.arrive(stack, operation, at, outputs),
                Err(reason) => self.failed(stack, operation, at, reason),
            },
            Phase::Import => self.taken_in(stack, operation, at, failed),
            Phase::Cleanup => {
                let reason =
                    failed.then(|| "Update successful. One or more resources could not be deleted.".to_owned());
                abandon(stack, operation);
                self.settle(stack, operation, at, S::UpdateComplete, reason)
            }
            Phase::Rollback if failed => self.settle(stack, operation, at, S::RollbackFailed, Some(reason(operation))),
            Phase::RollbackRest if failed => {
                self.settle(stack, operation, at, S::RollbackFailed, Some(reason(operation)))
            }
            Phase::Rollback if !operation.doomed.is_empty() => rest(operation, at, Phase::RollbackRest),
            Phase::Rollback | Phase::RollbackRest => self.settle(stack, operation, at, S::RollbackComplete, None),
            Phase::Undo if failed => {
                self.settle(stack, operation, at, S::UpdateRollbackFailed, Some(reason(operation)))
            }
            Phase::Undo => {
                let_go_of_new(stack, operation);
                self.next_phase(
                    stack,
                    operation,
                    at,
                    Phase::UndoCleanup,
                    S::UpdateRollbackCompleteCleanupInProgress,
                    None,
                )
            }
            Phase::UndoCleanup => {
                abandon(stack, operation);
                self.settle(stack, operation, at, S::UpdateRollbackComplete, None)
            }
            Phase::Delete | Phase::DeleteRest if failed => {
                self.settle(stack, operation, at, S::DeleteFailed, Some(reason(operation)))
            }
            Phase::Delete if !operation.doomed.is_empty() => rest(operation, at, Phase::DeleteRest),
            Phase::Delete | Phase::DeleteRest => {
                stack.outputs.clear();
                stack.imports.clear();
                self.settle(stack, operation, at, S::DeleteComplete, None)
            }
        }
    }

    fn arrive(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        outputs: Vec<StackOutput>,
    ) -> bool {
        stack.outputs = outputs;
        stack.desired = operation.wanted.clone();
        stack.imports = operation.imports.clone();
        if operation.phase == Phase::Create {
            return self.settle(stack, operation, at, S::CreateComplete, None);
        }
        self.let_go_of_unwanted(stack, operation);
        self.next_phase(stack, operation, at, Phase::Cleanup, S::UpdateCompleteCleanupInProgress, None)
    }

    /// An operation on the way forward failed: it is undone, or stays as it is where that was asked for.
    fn failed(&mut self, stack: &mut Stack, operation: &mut Operation, at: Timestamp, reason: String) -> bool {
        if !operation.keep {
            return self.turn_back(stack, operation, at, reason);
        }
        half_made(stack, operation);
        let status = if operation.phase == Phase::Create { S::CreateFailed } else { S::UpdateFailed };
        stack.desired = operation.wanted.clone();
        self.settle(stack, operation, at, status, Some(reason))
    }

    pub(in crate::rehearsal) fn turn_back(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        reason: String,
    ) -> bool {
        let (phase, status) = match operation.phase {
            _ if !operation.stable => (Phase::Rollback, S::RollbackInProgress),
            _ => (Phase::Undo, S::UpdateRollbackInProgress),
        };
        self.next_phase(stack, operation, at, phase, status, Some(reason))
    }

    fn next_phase(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        phase: Phase,
        status: S,
        reason: Option<String>,
    ) -> bool {
        (operation.phase, operation.began) = (phase, at);
        operation.steps = match phase {
            Phase::Rollback => own_removals(stack),
            Phase::Undo => restorations(operation),
            _ => doomed_removals(&operation.doomed),
        };
        self.announce_for(stack, operation, at, status, reason);
        true
    }

    pub(in crate::rehearsal) fn settle(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        status: S,
        reason: Option<String>,
    ) -> bool {
        match status {
            S::RollbackComplete | S::RollbackFailed => stack.desired = operation.wanted.clone(),
            S::UpdateRollbackComplete | S::UpdateRollbackFailed => stack.desired = operation.base.clone(),
            _ => {}
        }
        let unsettled = matches!(status, S::CreateFailed | S::UpdateFailed | S::UpdateRollbackFailed);
        stack.kept = (unsettled || !operation.doomed.is_empty()).then(|| RollbackState {
            stable: operation.stable,
            desired: operation.base.clone(),
            previous: std::mem::take(&mut operation.previous),
            doomed: std::mem::take(&mut operation.doomed),
        });
        self.announce_for(stack, operation, at, status, reason);
        false
    }

    /// Resources that the new template does not have any more.
    fn let_go_of_unwanted(&mut self, stack: &mut Stack, operation: &mut Operation) {
        let template = self.template(&operation.wanted.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.wanted);
        let wanted: Vec<_> = Graph::after(&template, &conditions).ids().cloned().collect();
        let unwanted: Vec<_> =
            stack.resources.keys().filter(|id| !wanted.iter().any(|it| it.as_str() == *id)).cloned().collect();
        doom(stack, operation, &unwanted);
    }

    /// The outputs; an error where one cannot be told or exported.
    fn outputs(&mut self, stack: &Stack, operation: &mut Operation) -> Result<Vec<StackOutput>, String> {
        let template = self.template(&operation.wanted.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.wanted);
        let there =
            |condition: &Option<String>| condition.as_ref().is_none_or(|name| conditions.holds(name) != Some(false));
        let (outputs, imports) = self.with_scope(stack, &operation.wanted, &template, |scope| {
            let outputs = template.outputs.iter().filter(|(_, output)| there(&output.condition));
            let told = outputs.map(|(key, output)| {
                let export = output.export.as_ref().and_then(|export| export.get("Name").or(Some(export)));
                Ok(StackOutput {
                    key: key.clone(),
                    value: scope.string(&output.value)?,
                    description: output.description.clone(),
                    export: export.map(|name| scope.string(name)).transpose()?,
                })
            });
            told.collect::<Result<Vec<_>, String>>()
        })?;
        operation.imports.extend(imports);
        self.may_export(stack, &outputs)?;
        Ok(outputs)
    }

    /// An export has one owner, and stays as it is while others import it.
    fn may_export(&self, stack: &Stack, outputs: &[StackOutput]) -> Result<(), String> {
        let others = || self.state.stacks.iter().filter(|other| other.region == stack.region);
        for name in outputs.iter().filter_map(|output| output.export.as_ref()) {
            let owner = others().find(|other| other.outputs.iter().any(|output| output.export.as_ref() == Some(name)));
            if let Some(owner) = owner {
                return Err(format!("Export with name {name} is already exported by stack {}", owner.name));
            }
        }
        for old in &stack.outputs {
            let Some(name) = &old.export else { continue };
            let user = others().find(|other| other.uses(name));
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

/// Resources that were not there before a failed update.
fn let_go_of_new(stack: &mut Stack, operation: &mut Operation) {
    let new: Vec<_> = stack.resources.keys().filter(|id| !operation.previous.contains_key(*id)).cloned().collect();
    doom(stack, operation, &new);
    let unmade = stack.resources.iter().filter(|(_, held)| held.physical_id.is_none()).map(|(id, _)| id.clone());
    for id in unmade.collect::<Vec<_>>() {
        if let Some(before) = operation.previous.get(&id) {
            stack.resources.insert(id, before.clone());
        }
    }
}

/// What was let go of before goes last, under the same status.
fn rest(operation: &mut Operation, at: Timestamp, phase: Phase) -> bool {
    (operation.phase, operation.began) = (phase, at);
    operation.steps = doomed_removals(&operation.doomed);
    true
}

/// What failed half-way and is kept: the old one serves on, and what was begun is deleted with the next operation.
fn half_made(stack: &mut Stack, operation: &mut Operation) {
    let failed: Vec<_> = operation.failed().filter(|step| step.made).map(|step| step.id.clone()).collect();
    for id in failed {
        let Some(held) = stack.resources.get_mut(&id).filter(|held| held.physical_id.is_some()) else { continue };
        let new = held.clone();
        if held.status == ResourceStatus::CreateFailed {
            held.physical_id = None;
            operation.doomed.push((id, new));
            continue;
        }
        let old =
            operation.doomed.iter().rposition(|(other, old)| *other == id && old.generation + 1 == new.generation);
        if let Some(old) = old {
            let (_, old) = operation.doomed.remove(old);
            (held.physical_id, held.generation) = (old.physical_id, new.generation);
            operation.doomed.push((id, new));
        }
    }
}

/// What could not be deleted exists on, and the stack forgets it.
fn abandon(stack: &mut Stack, operation: &mut Operation) {
    stack.leftovers.extend(operation.doomed.drain(..).map(|(_, held)| held).filter(|held| held.physical_id.is_some()));
}

fn doom(stack: &mut Stack, operation: &mut Operation, ids: &[String]) {
    for id in ids {
        if let Some(held) = stack.resources.shift_remove(id).filter(|held| held.physical_id.is_some()) {
            operation.doomed.push((id.clone(), held));
        }
    }
}

/// CloudFormation's words for the resources that failed.
pub(in crate::rehearsal) fn reason(operation: &Operation) -> String {
    let failed = |verb: &str, fits: &dyn Fn(StepAction) -> bool| {
        let ids: Vec<_> = operation
            .steps
            .iter()
            .filter(|step| step.stage == StepState::Failed && fits(step.work))
            .map(|step| step.id.as_str())
            .collect();
        if ids.is_empty() {
            String::new()
        } else {
            format!("The following resource(s) failed to {verb}: [{}]. ", ids.join(", "))
        }
    };
    let parts = [
        failed("create", &|work| work == StepAction::Make),
        failed("import", &|work| work == StepAction::TakeIn),
        failed("update", &|work| matches!(work, StepAction::Change | StepAction::Restore)),
        failed("delete", &|work| matches!(work, StepAction::Remove | StepAction::RemoveDoomed)),
    ];
    let asked = if operation.phase == Phase::Create && !operation.keep { "Rollback requested by user." } else { "" };
    format!("{}{asked}", parts.concat())
}

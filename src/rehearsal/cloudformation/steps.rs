//! The steps of each phase.

use std::collections::{BTreeMap, BTreeSet};

use super::{Operation, Phase, Step, StepAction, StepState};
use crate::cfn::LogicalId;
use crate::cfn::graph::Graph;
use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{ClientRequestToken, DeploymentMode, ImportedResource, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{ResourceState, Stack, StackSpec};
use crate::rehearsal::rng::uuid;

/// What is asked for.
pub(in crate::rehearsal) struct OperationRequest {
    pub(in crate::rehearsal) phase: Phase,
    pub(in crate::rehearsal) token: ClientRequestToken,
    pub(in crate::rehearsal) wanted: StackSpec,
    pub(in crate::rehearsal) keep: bool,
    pub(in crate::rehearsal) mode: DeploymentMode,
    pub(in crate::rehearsal) import: Vec<ImportedResource>,
}

impl OperationRequest {
    /// A phase as usual.
    pub(in crate::rehearsal) fn of(phase: Phase, token: &ClientRequestToken, wanted: StackSpec) -> Self {
        let mode = DeploymentMode::Standard;
        Self { phase, token: token.clone(), wanted, keep: false, mode, import: Vec::new() }
    }
}

impl Account {
    /// Begins an operation on a stack that has none.
    pub(in crate::rehearsal) fn begin(&mut self, stack: &mut Stack, at: Timestamp, asked: OperationRequest) {
        let phase = asked.phase;
        let status = match phase {
            Phase::Create => StackStatus::CreateInProgress,
            Phase::Update => StackStatus::UpdateInProgress,
            Phase::Undo => StackStatus::UpdateRollbackInProgress,
            Phase::Rollback => StackStatus::RollbackInProgress,
            Phase::Import => StackStatus::ImportInProgress,
            _ => StackStatus::DeleteInProgress,
        };
        self.state.counter += 1;
        let id = uuid(self.state.seed, &[&stack.id, "operation", &self.state.counter.to_string()]);
        let kept = stack.kept.take();
        let stable = kept.as_ref().map_or(phase != Phase::Create, |kept| kept.stable);
        let (previous, doomed, base) = match kept {
            Some(kept) => (kept.previous, kept.doomed, kept.desired),
            None => (stack.resources.clone(), Vec::new(), stack.desired.clone()),
        };
        let mut operation = Operation {
            id,
            token: Some(asked.token),
            phase,
            began: at,
            steps: Vec::new(),
            wanted: asked.wanted,
            previous,
            base,
            stable,
            keep: asked.keep,
            mode: asked.mode,
            import: asked.import,
            status_before: stack.status.clone(),
            doomed,
            imports: BTreeSet::new(),
        };
        operation.steps = self.first_steps(stack, &operation);
        stack.operation = Some(operation);
        if phase == Phase::Update {
            stack.updated = Some(at);
        }
        self.announce(stack, at, status, Some("User Initiated".to_owned()));
    }

    fn first_steps(&mut self, stack: &Stack, operation: &Operation) -> Vec<Step> {
        match operation.phase {
            Phase::Create | Phase::Update => self.forward(stack, operation),
            Phase::Undo => restorations(operation),
            Phase::Import => {
                let step = |import: &ImportedResource| step(&import.logical_id, StepAction::TakeIn, Vec::new());
                operation.import.iter().map(step).collect()
            }
            _ => own_removals(stack),
        }
    }

    /// Makes what is new and changes what is there, in the order of the graph.
    fn forward(&mut self, stack: &Stack, operation: &Operation) -> Vec<Step> {
        let template = self.template(&operation.wanted.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.wanted);
        let graph = Graph::after(&template, &conditions);
        let ids: Vec<&LogicalId> = graph.ids().collect();
        let position: BTreeMap<&LogicalId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let steps = ids.iter().map(|id| {
            let held = stack.resources.get(id.as_str()).filter(|held| held.physical_id.is_some());
            let there = held.is_some_and(|held| !self.is_to_be_made_again(held, operation.mode));
            let needs =
                graph.needs(id).filter(|(need, _)| need != id).filter_map(|(need, _)| position.get(need).copied());
            step(id.as_str(), if there { StepAction::Change } else { StepAction::Make }, needs.collect())
        });
        steps.collect()
    }
}

/// Deletes the stack's own resources, users before what they use.
pub(super) fn own_removals(stack: &Stack) -> Vec<Step> {
    let there = |held: &ResourceState| held.physical_id.is_some() || held.status != ResourceStatus::DeleteComplete;
    let held: Vec<_> = stack.resources.iter().filter(|(_, held)| there(held)).collect();
    removals(&held.iter().map(|(id, held)| (id.as_str(), *held)).collect::<Vec<_>>(), StepAction::Remove)
}

/// Deletes what the stack lets go of, users before what they use.
pub(super) fn doomed_removals(doomed: &[(String, ResourceState)]) -> Vec<Step> {
    removals(&doomed.iter().map(|(id, held)| (id.as_str(), held)).collect::<Vec<_>>(), StepAction::RemoveDoomed)
}

fn removals(held: &[(&str, &ResourceState)], work: StepAction) -> Vec<Step> {
    let users = |id: &str| {
        let uses = held
            .iter()
            .enumerate()
            .filter(|(_, (other, held))| *other != id && held.needs.iter().any(|need| need == id));
        uses.map(|(at, _)| at).collect::<Vec<_>>()
    };
    held.iter().map(|(id, _)| step(id, work, users(id))).collect()
}

/// Puts every resource back to what it was, in the order of what they need.
pub(super) fn restorations(operation: &Operation) -> Vec<Step> {
    let there: Vec<_> = operation.previous.iter().filter(|(_, held)| held.physical_id.is_some()).collect();
    let position = |id: &String| there.iter().position(|(other, _)| *other == id);
    let steps = there.iter().map(|(id, held)| {
        let needs = held.needs.iter().filter(|need| need != id).filter_map(position);
        step(id, StepAction::Restore, needs.collect())
    });
    steps.collect()
}

fn step(id: &str, work: StepAction, needs: Vec<usize>) -> Step {
    Step {
        id: id.to_owned(),
        work,
        needs,
        stage: StepState::Waiting,
        beats: Vec::new(),
        released: None,
        made: false,
        ended: None,
        awaits: None,
    }
}

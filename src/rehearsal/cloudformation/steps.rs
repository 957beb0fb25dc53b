//! The steps of each phase.

use std::collections::{BTreeMap, BTreeSet};

use crate::cfn::LogicalId;
use crate::cfn::graph::Graph;
use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{ClientRequestToken, DeploymentMode, ImportedResource, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{
    Operation, Phase, ResourceState, RollbackState, Stack, StackSpec, Step, StepAction, StepState,
};

/// A request for an operation.
pub(in crate::rehearsal) struct OperationRequest {
    pub(in crate::rehearsal) phase: Phase,
    pub(in crate::rehearsal) token: ClientRequestToken,
    pub(in crate::rehearsal) spec: StackSpec,
    pub(in crate::rehearsal) disable_rollback: bool,
    pub(in crate::rehearsal) mode: DeploymentMode,
    pub(in crate::rehearsal) import: Vec<ImportedResource>,
}

impl OperationRequest {
    /// Creates a request in standard mode, with rollback.
    pub(in crate::rehearsal) fn of(phase: Phase, token: &ClientRequestToken, spec: StackSpec) -> Self {
        let mode = DeploymentMode::Standard;
        Self { phase, token: token.clone(), spec, disable_rollback: false, mode, import: Vec::new() }
    }
}

impl Account {
    /// Starts an operation on a stack that has none.
    pub(in crate::rehearsal) fn start_operation(
        &mut self,
        stack: &mut Stack,
        at: Timestamp,
        request: OperationRequest,
    ) {
        let phase = request.phase;
        self.state.counter += 1;
        let id = uuid(self.state.seed, &[&stack.id, "operation", &self.state.counter.to_string()]);
        let before = stack.rollback_state.take().unwrap_or_else(|| RollbackState {
            can_roll_back: phase != Phase::Create,
            desired: stack.desired.clone(),
            previous: stack.resources.clone(),
            pending_deletions: Vec::new(),
        });
        let mut operation = Operation {
            id,
            token: Some(request.token),
            phase,
            started: at,
            steps: Vec::new(),
            spec: request.spec,
            previous: before.previous,
            previous_spec: before.desired,
            can_roll_back: before.can_roll_back,
            disable_rollback: request.disable_rollback,
            mode: request.mode,
            import: request.import,
            pending_deletions: before.pending_deletions,
            imports: BTreeSet::new(),
        };
        operation.steps = self.first_steps(stack, &operation);
        stack.operation = Some(operation);
        if phase == Phase::Update {
            stack.updated = Some(at);
        }
        self.push_stack_event(stack, at, status_in_progress(phase), Some("User Initiated".to_owned()));
    }

    /// Returns the steps of the first phase.
    fn first_steps(&mut self, stack: &Stack, operation: &Operation) -> Vec<Step> {
        match operation.phase {
            Phase::Create | Phase::Update => self.forward_steps(stack, operation),
            Phase::UpdateRollback => restore_steps(operation),
            Phase::Import => {
                let step = |import: &ImportedResource| step(&import.logical_id, StepAction::Import, Vec::new());
                operation.import.iter().map(step).collect()
            }
            _ => deletion_steps(stack),
        }
    }

    /// Returns the steps that create new resources and update existing ones, in the order of the graph.
    fn forward_steps(&mut self, stack: &Stack, operation: &Operation) -> Vec<Step> {
        let template = self.template(&operation.spec.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.spec);
        let graph = Graph::after(&template, &conditions);
        let ids: Vec<&LogicalId> = graph.ids().collect();
        let position: BTreeMap<&LogicalId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let steps = ids.iter().map(|id| {
            let existing = stack.resources.get(id.as_str()).filter(|existing| existing.physical_id.is_some());
            let updates = existing.is_some_and(|existing| !self.must_be_recreated(existing, operation.mode));
            let needs =
                graph.needs(id).filter(|(need, _)| need != id).filter_map(|(need, _)| position.get(need).copied());
            step(id.as_str(), if updates { StepAction::Update } else { StepAction::Create }, needs.collect())
        });
        steps.collect()
    }
}

/// Returns the status of a stack whose operation starts with a phase.
fn status_in_progress(phase: Phase) -> StackStatus {
    match phase {
        Phase::Create => StackStatus::CreateInProgress,
        Phase::Update => StackStatus::UpdateInProgress,
        Phase::UpdateRollback => StackStatus::UpdateRollbackInProgress,
        Phase::Rollback => StackStatus::RollbackInProgress,
        Phase::Import => StackStatus::ImportInProgress,
        _ => StackStatus::DeleteInProgress,
    }
}

/// Returns the steps that delete the stack's own resources, dependents first.
pub(super) fn deletion_steps(stack: &Stack) -> Vec<Step> {
    let exists =
        |existing: &ResourceState| existing.physical_id.is_some() || existing.status != ResourceStatus::DeleteComplete;
    let existing: Vec<_> = stack.resources.iter().filter(|(_, existing)| exists(existing)).collect();
    deletions(&existing, StepAction::Delete)
}

/// Returns the steps that delete pending deletions, dependents first.
pub(super) fn pending_deletion_steps(pending: &[(String, ResourceState)]) -> Vec<Step> {
    let pending: Vec<_> = pending.iter().map(|(id, existing)| (id, existing)).collect();
    deletions(&pending, StepAction::DeletePending)
}

/// Returns steps that delete resources, dependents first.
fn deletions(resources: &[(&String, &ResourceState)], action: StepAction) -> Vec<Step> {
    let dependents = |id: &String| {
        let needs = |(other, existing): &(&String, &ResourceState)| *other != id && existing.needs.contains(id);
        let found = resources.iter().enumerate().filter(|(_, resource)| needs(resource));
        found.map(|(at, _)| at).collect::<Vec<_>>()
    };
    resources.iter().map(|(id, _)| step(id, action, dependents(id))).collect()
}

/// Returns the steps that restore every resource, in the order of their dependencies.
pub(super) fn restore_steps(operation: &Operation) -> Vec<Step> {
    let existing: Vec<_> = operation.previous.iter().filter(|(_, existing)| existing.physical_id.is_some()).collect();
    let position = |id: &String| existing.iter().position(|(other, _)| *other == id);
    let steps = existing.iter().map(|(id, existing)| {
        let needs = existing.needs.iter().filter(|need| need != id).filter_map(position);
        step(id, StepAction::Restore, needs.collect())
    });
    steps.collect()
}

/// Returns a step that waits.
fn step(id: &str, action: StepAction, needs: Vec<usize>) -> Step {
    Step {
        id: id.to_owned(),
        action,
        needs,
        state: StepState::Waiting,
        events: Vec::new(),
        ready_at: None,
        created_resource: false,
        finished_at: None,
        ecs_wait: None,
    }
}

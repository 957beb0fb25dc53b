//! The passage of time: applies the planned events of steps.

use serde_json::Value as Json;

use super::property_diff::deletes_first;
use crate::cfn::type_names::is_service;
use crate::deploy::api::Timestamp;
use crate::deploy::api::status::ResourceStatus as S;
use crate::rehearsal::account::Account;
use crate::rehearsal::state::{Operation, Phase, Stack, Step, StepAction, StepEvent, StepState};

impl Account {
    /// Advances every operation and ECS to a time, event by event in the order of time.
    pub(in crate::rehearsal) fn advance(&mut self, now: Timestamp) {
        loop {
            let step = self.next_event().filter(|(time, _)| *time <= now);
            let task = self.state.ecs.next_event().filter(|time| *time <= now);
            if let Some(time) = task.filter(|task| step.is_none_or(|(time, _)| *task <= time)) {
                self.state.ecs.advance(time, self.state.seed);
                self.check_ecs_waits(time);
                continue;
            }
            let Some((time, at)) = step else { break };
            let mut stack = self.state.stacks.remove(at);
            let operation = stack.operation.take();
            stack.operation = operation.and_then(|operation| self.advance_operation(&mut stack, operation, time));
            self.state.stacks.insert(at, stack);
        }
        self.state.now = self.state.now.max(now);
    }

    /// Returns the time of the next event, and the position of its stack.
    fn next_event(&self) -> Option<(Timestamp, usize)> {
        let stacks = self.state.stacks.iter().enumerate();
        let times = stacks.filter_map(|(at, stack)| {
            let operation = stack.operation.as_ref()?;
            Some((operation.next_event(self.state.seed).unwrap_or_else(|| operation.phase_end()), at))
        });
        times.min()
    }

    /// Applies the events of an operation at one time. Returns the operation unless it is finished.
    fn advance_operation(&mut self, stack: &mut Stack, mut operation: Operation, at: Timestamp) -> Option<Operation> {
        let seed = self.state.seed;
        if operation.next_event(seed).is_none() {
            return self.end_phase(stack, &mut operation, at).then_some(operation);
        }
        let starting: Vec<_> =
            (0..operation.steps.len()).filter(|step| operation.start_of(*step, seed) == Some(at)).collect();
        for step in starting {
            self.start(stack, &mut operation, step, at);
        }
        for step in 0..operation.steps.len() {
            while operation.steps[step].is_due(at) {
                let (_, event) = operation.steps[step].events.remove(0);
                self.apply_event(stack, &mut operation, step, event, at);
            }
        }
        Some(operation)
    }

    /// Applies an event of a step.
    fn apply_event(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        step: usize,
        event: StepEvent,
        at: Timestamp,
    ) {
        let (id, action) = (operation.steps[step].id.clone(), operation.steps[step].action);
        let in_progress = if action == StepAction::Create { S::CreateInProgress } else { S::UpdateInProgress };
        match event {
            StepEvent::Initiated(new) => {
                operation.steps[step].created_resource = true;
                set_physical_id(stack, operation, &id, new);
                let reason = Some("Resource creation Initiated".to_owned());
                self.push_resource_event(stack, operation, &id, at, (in_progress, reason));
            }
            StepEvent::Configured => {
                operation.steps[step].ready_at = Some(at);
                set_new_properties(stack, &operation.steps[step]);
                self.push_configuration_complete(stack, operation, &id, at, in_progress);
            }
            StepEvent::ApplyToEcs(properties) => self.apply_to_ecs(stack, operation, step, &properties, at),
            StepEvent::DeleteInEcs => self.delete_service(stack, operation, step, at),
            StepEvent::Done(properties) => self.finish_step(stack, operation, step, properties, at),
            StepEvent::Fail(reason) => self.fail(stack, operation, step, reason, at),
        }
    }

    /// Finishes a step that succeeded.
    fn finish_step(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        step: usize,
        properties: Json,
        at: Timestamp,
    ) {
        let (id, action) = (operation.steps[step].id.clone(), operation.steps[step].action);
        let reason = (action == StepAction::Import).then(|| "Resource import completed.".to_owned());
        if completed(action) == S::DeleteComplete {
            self.push_resource_event(stack, operation, &id, at, (S::DeleteComplete, reason));
            self.remove_out_of_band(operation.resource_to_delete(stack, &id));
            self.delete_from_ecs(&stack.region, operation.resource_to_delete(stack, &id));
            operation.detach(stack, &id, false);
        } else {
            self.apply_properties(stack, &id, properties, operation.mode);
            self.record_out_of_band(stack.resources.get(&id));
            self.record_contents(stack.resources.get(&id));
            self.push_resource_event(stack, operation, &id, at, (completed(action), reason));
        }
        self.review_obstacles(stack, operation);
        let step = &mut operation.steps[step];
        (step.state, step.ready_at, step.finished_at) = (StepState::Done, step.ready_at.or(Some(at)), Some(at));
    }

    /// Fails a step. Unless the phase deletes or rollback is disabled, the running steps are cancelled and the waiting
    /// ones never start.
    fn fail(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, reason: String, at: Timestamp) {
        let (id, action) = (operation.steps[step].id.clone(), operation.steps[step].action);
        (operation.steps[step].state, operation.steps[step].finished_at) = (StepState::Failed, Some(at));
        self.push_resource_event(stack, operation, &id, at, (failed(action), Some(reason)));
        // What could not be created does not exist; a service exists before its tasks are stable.
        let made = stack.resources.get_mut(&id).filter(|made| action == StepAction::Create && !is_service(&made.kind));
        if let Some(made) = made {
            made.physical_id = None;
        }
        // Independent steps continue ("Choose how to handle failures when provisioning resources").
        let continues = operation.disable_rollback && matches!(operation.phase, Phase::Create | Phase::Update);
        if operation.phase.deletes() || continues {
            return operation.drop_dependents_of_failed();
        }
        self.cancel_rest(stack, operation, at);
    }

    /// Cancels the running steps and drops the waiting ones.
    pub(in crate::rehearsal) fn cancel_rest(&mut self, stack: &mut Stack, operation: &mut Operation, at: Timestamp) {
        for other in 0..operation.steps.len() {
            let (id, action) = (operation.steps[other].id.clone(), operation.steps[other].action);
            match operation.steps[other].state {
                StepState::Running => {
                    let verb = if action == StepAction::Create { "creation" } else { "update" };
                    let reason = Some(format!("Resource {verb} cancelled"));
                    operation.steps[other].state = StepState::Failed;
                    self.push_resource_event(stack, operation, &id, at, (failed(action), reason));
                }
                StepState::Waiting => operation.steps[other].state = StepState::Dropped,
                _ => {}
            }
        }
    }
}

/// Returns the status of a resource whose step succeeded.
fn completed(action: StepAction) -> S {
    match action {
        StepAction::Import => S::ImportComplete,
        StepAction::Create => S::CreateComplete,
        StepAction::Update | StepAction::Restore => S::UpdateComplete,
        StepAction::Delete | StepAction::DeletePending => S::DeleteComplete,
    }
}

/// Returns the status of a resource whose step failed.
fn failed(action: StepAction) -> S {
    match action {
        StepAction::Create => S::CreateFailed,
        StepAction::Import => S::ImportFailed,
        StepAction::Update | StepAction::Restore => S::UpdateFailed,
        StepAction::Delete | StepAction::DeletePending => S::DeleteFailed,
    }
}

/// Sets the physical id of a resource; the resource that it replaces is deleted later.
fn set_physical_id(stack: &mut Stack, operation: &mut Operation, id: &str, new: String) {
    let Some(existing) = stack.resources.get_mut(id) else { return };
    if existing.physical_id.is_some() {
        if !deletes_first(&existing.kind) {
            operation.pending_deletions.push((id.to_owned(), existing.clone()));
        }
        existing.generation += 1;
    }
    existing.physical_id = Some(new);
}

/// Gives a new resource its properties as soon as dependents may refer to them.
fn set_new_properties(stack: &mut Stack, step: &Step) {
    let planned = step.events.iter().find_map(|(_, event)| match event {
        StepEvent::Done(properties) => Some(properties),
        _ => None,
    });
    if let Some((existing, properties)) =
        stack.resources.get_mut(&step.id).zip(planned).filter(|_| step.created_resource)
    {
        existing.properties = properties.clone();
    }
}

impl Step {
    /// Returns whether its next event is due.
    fn is_due(&self, at: Timestamp) -> bool {
        self.state == StepState::Running && self.events.first().is_some_and(|(time, _)| *time <= at)
    }
}

impl Operation {
    /// Drops the steps that need a failed one: a resource that a failed deletion still needs is not deleted.
    fn drop_dependents_of_failed(&mut self) {
        loop {
            let blocked = |step: &Step| {
                let failed = |need: &usize| matches!(self.steps[*need].state, StepState::Failed | StepState::Dropped);
                step.state == StepState::Waiting && step.needs.iter().any(failed)
            };
            let Some(at) = self.steps.iter().position(blocked) else { return };
            self.steps[at].state = StepState::Dropped;
        }
    }
}

//! Time passes.

use super::property_diff::goes_first;
use super::{Operation, Phase, Step, StepAction, StepEvent, StepState};
use crate::deploy::api::Timestamp;
use crate::deploy::api::status::ResourceStatus as S;
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::Stack;

impl Account {
    /// Lets every operation, and all that runs on ECS, catch up with the clock, in the order in which things happen.
    pub(in crate::rehearsal) fn advance(&mut self, now: Timestamp) {
        loop {
            let step = self.next().filter(|(moment, _)| *moment <= now);
            let life = self.state.fleet.next().filter(|moment| *moment <= now);
            if let Some(moment) = life.filter(|life| step.is_none_or(|(moment, _)| *life <= moment)) {
                self.state.fleet.pass(moment, self.state.seed);
                self.hear(moment);
                continue;
            }
            let Some((moment, at)) = step else { break };
            let mut stack = self.state.stacks.remove(at);
            let operation = stack.operation.take();
            stack.operation = operation.and_then(|operation| self.pass(&mut stack, operation, moment));
            self.state.stacks.insert(at, stack);
        }
        self.state.now = self.state.now.max(now);
    }

    /// The next moment at which something happens, and the position of its stack.
    fn next(&self) -> Option<(Timestamp, usize)> {
        let running = self.state.stacks.iter().enumerate();
        let moments = running.filter_map(|(at, stack)| {
            let operation = stack.operation.as_ref()?;
            Some((operation.next(self.state.seed).unwrap_or_else(|| operation.over()), at))
        });
        moments.min()
    }

    /// What happens in one operation at one moment; nothing is left of it when that was its end.
    fn pass(&mut self, stack: &mut Stack, mut operation: Operation, at: Timestamp) -> Option<Operation> {
        if operation.next(self.state.seed).is_none() {
            return self.end_phase(stack, &mut operation, at).then_some(operation);
        }
        let seed = self.state.seed;
        let starting: Vec<_> =
            (0..operation.steps.len()).filter(|step| operation.start_of(*step, seed) == Some(at)).collect();
        for step in starting {
            self.start(stack, &mut operation, step, at);
        }
        for step in 0..operation.steps.len() {
            let due = |step: &Step| {
                step.stage == StepState::Running && step.beats.first().is_some_and(|(moment, _)| *moment <= at)
            };
            while due(&operation.steps[step]) {
                let (_, beat) = operation.steps[step].beats.remove(0);
                self.beat(stack, &mut operation, step, beat, at);
            }
        }
        Some(operation)
    }

    fn beat(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, beat: StepEvent, at: Timestamp) {
        let (id, work) = (operation.steps[step].id.clone(), operation.steps[step].work);
        match beat {
            StepEvent::Initiated(new) => {
                operation.steps[step].made = true;
                exists(stack, operation, &id, new);
                let status = if work == StepAction::Make { S::CreateInProgress } else { S::UpdateInProgress };
                self.report(stack, operation, &id, at, (status, Some("Resource creation Initiated".to_owned())));
            }
            StepEvent::Configured => {
                operation.steps[step].released = Some(at);
                let status = if work == StepAction::Make { S::CreateInProgress } else { S::UpdateInProgress };
                self.report_configured(stack, operation, &id, at, status);
            }
            StepEvent::Told(properties) => self.tell_ecs(stack, operation, step, &properties, at),
            StepEvent::Retires => self.retire(stack, operation, step, at),
            StepEvent::Done(properties) => {
                let status = match work {
                    StepAction::TakeIn => S::ImportComplete,
                    StepAction::Make => S::CreateComplete,
                    StepAction::Change | StepAction::Restore => S::UpdateComplete,
                    StepAction::Remove | StepAction::RemoveDoomed => S::DeleteComplete,
                };
                if status != S::DeleteComplete {
                    self.applied(stack, &id, properties, operation.mode);
                    self.see_outside(stack.resources.get(&id));
                }
                let reason = (work == StepAction::TakeIn).then(|| "Resource import completed.".to_owned());
                self.report(stack, operation, &id, at, (status.clone(), reason));
                if status == S::DeleteComplete {
                    self.forget_outside(operation.subject(stack, &id));
                    self.forget_in_ecs(&stack.region, operation.subject(stack, &id));
                    operation.let_go(stack, &id, false);
                }
                let step = &mut operation.steps[step];
                (step.stage, step.released, step.ended) = (StepState::Done, step.released.or(Some(at)), Some(at));
            }
            StepEvent::Fail(reason) => self.fail(stack, operation, step, reason, at),
        }
    }

    /// A step fails: while resources are made and changed, what runs is cancelled and what waits never starts.
    fn fail(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, reason: String, at: Timestamp) {
        let (id, work) = (operation.steps[step].id.clone(), operation.steps[step].work);
        (operation.steps[step].stage, operation.steps[step].ended) = (StepState::Failed, Some(at));
        self.report(stack, operation, &id, at, (failed(work), Some(reason)));
        // What is kept goes on along every other way ("Choose how to handle failures when provisioning resources").
        let goes_on = operation.keep && matches!(operation.phase, Phase::Create | Phase::Update);
        if operation.phase.deletes() || goes_on {
            return operation.drop_stranded();
        }
        self.cancel_rest(stack, operation, at);
    }

    /// What runs is cancelled, and what waits never starts.
    pub(in crate::rehearsal) fn cancel_rest(&mut self, stack: &mut Stack, operation: &mut Operation, at: Timestamp) {
        for other in 0..operation.steps.len() {
            let (id, work, stage) =
                (operation.steps[other].id.clone(), operation.steps[other].work, operation.steps[other].stage);
            match stage {
                StepState::Running => {
                    let verb = if work == StepAction::Make { "creation" } else { "update" };
                    operation.steps[other].stage = StepState::Failed;
                    self.report(stack, operation, &id, at, (failed(work), Some(format!("Resource {verb} cancelled"))));
                }
                StepState::Waiting => operation.steps[other].stage = StepState::Dropped,
                _ => {}
            }
        }
    }
}

fn failed(work: StepAction) -> S {
    match work {
        StepAction::Make => S::CreateFailed,
        StepAction::TakeIn => S::ImportFailed,
        StepAction::Change | StepAction::Restore => S::UpdateFailed,
        StepAction::Remove | StepAction::RemoveDoomed => S::DeleteFailed,
    }
}

/// A new physical resource takes the place of what was there.
fn exists(stack: &mut Stack, operation: &mut Operation, id: &str, new: String) {
    let Some(held) = stack.resources.get_mut(id) else { return };
    if held.physical_id.is_some() {
        if !goes_first(&held.kind) {
            operation.doomed.push((id.to_owned(), held.clone()));
        }
        held.generation += 1;
    }
    held.physical_id = Some(new);
}

impl Operation {
    /// When the phase ends: a second after its last event.
    fn over(&self) -> Timestamp {
        let last = self.steps.iter().filter_map(|step| step.ended).max();
        last.unwrap_or(self.began).max(self.began) + std::time::Duration::from_secs(1)
    }

    /// While things are deleted, what a failed one still needs stays.
    fn drop_stranded(&mut self) {
        loop {
            let lost = |step: &Step| {
                let gone = |need: &usize| matches!(self.steps[*need].stage, StepState::Failed | StepState::Dropped);
                step.stage == StepState::Waiting && step.needs.iter().any(gone)
            };
            let Some(at) = self.steps.iter().position(lost) else { return };
            self.steps[at].stage = StepState::Dropped;
        }
    }
}

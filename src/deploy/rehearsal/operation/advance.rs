//! Time passes.

use super::{Beat, Operation, Phase, Stage, Step, Work};
use crate::deploy::ports::Timestamp;
use crate::deploy::rehearsal::account::Account;
use crate::deploy::rehearsal::compare::goes_first;
use crate::deploy::rehearsal::state::Stack;
use crate::deploy::status::ResourceStatus as S;

impl Account {
    /// Lets every operation, and all that runs on ECS, catch up with the clock, in the order in which things happen.
    pub(in crate::deploy::rehearsal) fn advance(&mut self, now: Timestamp) {
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
                step.stage == Stage::Running && step.beats.first().is_some_and(|(moment, _)| *moment <= at)
            };
            while due(&operation.steps[step]) {
                let (_, beat) = operation.steps[step].beats.remove(0);
                self.beat(stack, &mut operation, step, beat, at);
            }
        }
        Some(operation)
    }

    fn beat(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, beat: Beat, at: Timestamp) {
        let (id, work) = (operation.steps[step].id.clone(), operation.steps[step].work);
        match beat {
            Beat::Initiated(new) => {
                operation.steps[step].made = true;
                exists(stack, operation, &id, new);
                let status = if work == Work::Make { S::CreateInProgress } else { S::UpdateInProgress };
                self.report(stack, operation, &id, at, (status, Some("Resource creation Initiated".to_owned())));
            }
            Beat::Configured => {
                operation.steps[step].released = Some(at);
                let status = if work == Work::Make { S::CreateInProgress } else { S::UpdateInProgress };
                self.report_configured(stack, operation, &id, at, status);
            }
            Beat::Told(properties) => self.tell_ecs(stack, operation, step, &properties, at),
            Beat::Retires => self.retire(stack, operation, step, at),
            Beat::Done(properties) => {
                let status = match work {
                    Work::TakeIn => S::ImportComplete,
                    Work::Make => S::CreateComplete,
                    Work::Change | Work::Restore => S::UpdateComplete,
                    Work::Remove | Work::RemoveDoomed => S::DeleteComplete,
                };
                if status != S::DeleteComplete {
                    self.applied(stack, &id, properties, operation.mode);
                    self.see_outside(stack.resources.get(&id));
                }
                let reason = (work == Work::TakeIn).then(|| "Resource import completed.".to_owned());
                self.report(stack, operation, &id, at, (status.clone(), reason));
                if status == S::DeleteComplete {
                    self.forget_outside(operation.subject(stack, &id));
                    self.forget_in_ecs(&stack.region, operation.subject(stack, &id));
                    operation.let_go(stack, &id, false);
                }
                let step = &mut operation.steps[step];
                (step.stage, step.released, step.ended) = (Stage::Done, step.released.or(Some(at)), Some(at));
            }
            Beat::Fail(reason) => self.fail(stack, operation, step, reason, at),
        }
    }

    /// A step fails: while resources are made and changed, what runs is cancelled and what waits never starts.
    fn fail(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, reason: String, at: Timestamp) {
        let (id, work) = (operation.steps[step].id.clone(), operation.steps[step].work);
        (operation.steps[step].stage, operation.steps[step].ended) = (Stage::Failed, Some(at));
        self.report(stack, operation, &id, at, (failed(work), Some(reason)));
        // What is kept goes on along every other way ("Choose how to handle failures when provisioning resources").
        let goes_on = operation.keep && matches!(operation.phase, Phase::Create | Phase::Update);
        if operation.phase.deletes() || goes_on {
            return operation.drop_stranded();
        }
        self.cancel_rest(stack, operation, at);
    }

    /// What runs is cancelled, and what waits never starts.
    pub(in crate::deploy::rehearsal) fn cancel_rest(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
    ) {
        for other in 0..operation.steps.len() {
            let (id, work, stage) =
                (operation.steps[other].id.clone(), operation.steps[other].work, operation.steps[other].stage);
            match stage {
                Stage::Running => {
                    let verb = if work == Work::Make { "creation" } else { "update" };
                    operation.steps[other].stage = Stage::Failed;
                    self.report(stack, operation, &id, at, (failed(work), Some(format!("Resource {verb} cancelled"))));
                }
                Stage::Waiting => operation.steps[other].stage = Stage::Dropped,
                _ => {}
            }
        }
    }
}

fn failed(work: Work) -> S {
    match work {
        Work::Make => S::CreateFailed,
        Work::TakeIn => S::ImportFailed,
        Work::Change | Work::Restore => S::UpdateFailed,
        Work::Remove | Work::RemoveDoomed => S::DeleteFailed,
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
                let gone = |need: &usize| matches!(self.steps[*need].stage, Stage::Failed | Stage::Dropped);
                step.stage == Stage::Waiting && step.needs.iter().any(gone)
            };
            let Some(at) = self.steps.iter().position(lost) else { return };
            self.steps[at].stage = Stage::Dropped;
        }
    }
}

//! The order of the stacks of a run.

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Engine;
use super::event::DeployEventKind;
use super::outcome::{Outcome, StackOutcome, StackResult};
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::deployment_order::DeploymentOrder;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// The stacks of a run while it lasts.
struct RunState<'r> {
    stacks: &'r [DesiredStack],
    order: &'r DeploymentOrder,
    started: Vec<bool>,
    outcomes: Vec<Option<StackOutcome>>,
}

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Does work on every stack, after the stacks that it needs.
    pub(super) async fn in_order(
        &self,
        stacks: &[DesiredStack],
        work: impl AsyncFn(&DesiredStack) -> StackOutcome,
    ) -> Outcome {
        match DeploymentOrder::of(stacks) {
            Ok(order) => self.run(stacks, &order, work).await,
            Err(problems) => Outcome { problems, ..Outcome::default() },
        }
    }

    /// Does work on every stack, after the stacks that need it.
    pub(super) async fn in_reverse_order(
        &self,
        stacks: &[DesiredStack],
        work: impl AsyncFn(&DesiredStack) -> StackOutcome,
    ) -> Outcome {
        match DeploymentOrder::of(stacks) {
            Ok(order) => self.run(stacks, &order.reversed(), work).await,
            Err(problems) => Outcome { problems, ..Outcome::default() },
        }
    }

    async fn run(
        &self,
        stacks: &[DesiredStack],
        order: &DeploymentOrder,
        work: impl AsyncFn(&DesiredStack) -> StackOutcome,
    ) -> Outcome {
        let (started, outcomes) = (vec![false; stacks.len()], vec![None; stacks.len()]);
        let mut state = RunState { stacks, order, started, outcomes };
        let mut running = FuturesUnordered::new();
        let work = &work;
        loop {
            while let Some((skipped, dependency)) = state.skip() {
                self.emit(skipped, DeployEventKind::Skipped { dependency: dependency.to_owned() });
            }
            for (index, stack) in stacks.iter().enumerate() {
                if running.len() < self.options.concurrency.max(1) && state.is_ready(index) {
                    state.started[index] = true;
                    running.push(async move { (index, work(stack).await) });
                }
            }
            match running.next().await {
                Some((index, outcome)) => state.outcomes[index] = Some(outcome),
                None => {
                    return Outcome { stacks: state.outcomes.into_iter().flatten().collect(), problems: Vec::new() };
                }
            }
        }
    }
}

impl<'r> RunState<'r> {
    fn is_ready(&self, index: usize) -> bool {
        !self.started[index] && self.order.needs[index].iter().all(|need| self.outcomes[*need].is_some())
    }

    /// Skips a stack that needs one that did not succeed; returns the names of both.
    fn skip(&mut self) -> Option<(&'r str, &'r str)> {
        let failed = |need: &&usize| self.outcomes[**need].as_ref().is_some_and(|outcome| !outcome.result.is_success());
        let (index, need) = (0..self.stacks.len())
            .filter(|index| !self.started[*index])
            .find_map(|index| Some((index, *self.order.needs[index].iter().find(failed)?)))?;
        let (stack, dependency) = (&self.stacks[index], &self.stacks[need].name);
        self.started[index] = true;
        self.outcomes[index] = Some(skipped(stack, dependency));
        Some((&stack.name, dependency))
    }
}

fn skipped(stack: &DesiredStack, dependency: &str) -> StackOutcome {
    let message = format!("stack `{}` was not started, because `{dependency}` did not succeed", stack.name);
    let problem = Diagnostic::new(Code::StackSkipped, message).at(&stack.origin, "this stack");
    StackOutcome::new(&stack.name, StackResult::Skipped).with_problem(problem)
}

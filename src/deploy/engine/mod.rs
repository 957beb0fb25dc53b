//! Carries deployments out, over the ports alone.
//!
//! `stack` is the way of one stack from what is there (`look`) to what is wanted; `change_set`, `guard` (what forbids it),
//! `allowance` (what the caller lets be) and `follow` are its stages, `remove` is the way out. `plan` stops before anything changes, `readiness` asks what a
//! rollback would need. Beside CloudFormation's events `services` looks at what happens behind them; `cancel` ends what
//! leads nowhere, `truth` says whether a success is one, `why` explains what is none. Without CloudFormation `rollout` and
//! its `exchange` change services, and `settle` ends an `EXPRESS` operation; both wait in `stable`. `rollback` is the way
//! back, `import` the way in, `drift` a look at what others did. `wish` is the caller's, `halt` whatever ends a way early,
//! `aftermath` what AWS refuses once something was changed;
//! `patience` asks again, `abandoned` clears up after killed runs. This file lets the stacks of a script go in order, side
//! by side where they can.
//!
//! *Invariant*: every way ends: with what AWS says, with what the caller decides, or with a diagnostic that says how to
//! go on; and no change set that was not carried out is left behind.

mod abort;
mod allow_replace;
mod cancel;
mod change_set;
mod delete;
mod deploy;
mod drift;
mod express;
mod hotswap;
mod import;
mod orphaned_change_sets;
mod partial_failure;
mod plan;
mod preflight;
mod retry;
mod rollback;
mod rollback_readiness;
mod service_monitor;
mod stabilization;
mod stack_lookup;
mod stop;
mod task_definition_swap;
mod verify_services;
pub(crate) mod watch;

pub(crate) mod event;
pub(crate) mod event_stream;
pub(crate) mod outcome;
pub(crate) mod poll_interval;
pub mod progress;
#[cfg(test)]
mod tests;

pub use drift::drifted;
pub use import::importable;
pub use rollback::RollbackOptions;
pub use stop::{StopHandle, StopRequest, StopSignal, stop_channel};

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::api::{AwsApi, ClientRequestToken, Clock, DeploymentMode};
use super::plan::deployment_order::DeploymentOrder;
use super::plan::hotswap::TaskDefinitionChange;
use super::plan::plan_file::SavedPlan;
use super::plan::{ApprovalPolicy, Plan};
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;
use event::{DeployEvent, DeployEventKind};
use outcome::{Outcome, StackOutcome, StackResult};

/// How a run goes about its work.
#[derive(Clone)]
pub struct EngineOptions {
    /// A name for this run, unique in the account: part of every token and change set. Letters, digits and hyphens.
    pub run: String,
    /// How many stacks go side by side.
    pub concurrency: usize,
    /// Which plans are asked about.
    pub approval: ApprovalPolicy,
    /// What is known of resource types: predicts replacements.
    pub schema: Option<&'static Schema>,
    /// How change sets are carried out.
    pub mode: DeploymentMode,
    /// What succeeded stays where something fails: no rollback.
    pub keep: bool,
    /// How many tasks of one cause may stop until the operation is cancelled; 0 never gives up.
    pub max_task_failures: u32,
    /// How long an operation may take until it is cancelled.
    pub timeout: Option<Duration>,
    /// Operations are started and not followed.
    pub detach: bool,
    /// Logical ids of resources with data that may be replaced; `*` allows them all.
    pub allow_replace: Vec<String>,
    /// The plan that was shown and approved: nothing else is carried out.
    pub saved: Option<SavedPlan>,
}

impl EngineOptions {
    /// Those of a careful deployment: asks about any change, follows to the end, gives up after three stopped tasks.
    pub fn new(run: impl Into<String>) -> Self {
        Self {
            run: run.into(),
            concurrency: 4,
            approval: ApprovalPolicy::AnyChange,
            schema: Some(Schema::embedded()),
            mode: DeploymentMode::Standard,
            keep: false,
            max_task_failures: 3,
            timeout: None,
            detach: false,
            allow_replace: Vec::new(),
            saved: None,
        }
    }
}

/// Something that deploys and destroys stacks, and tells what happens.
pub struct Engine<'a, C, K> {
    cloud: C,
    clock: K,
    options: EngineOptions,
    tell: RefCell<Box<dyn FnMut(DeployEvent) + 'a>>,
    wishes: StopSignal,
    /// Resources whose data was given up because the caller let them be replaced.
    given_up: RefCell<BTreeSet<String>>,
    asking: tokio::sync::Mutex<()>,
    /// Whether the cloud has answered anything yet.
    answered: Cell<bool>,
}

/// The caller wants to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StopRequested(pub(super) StopRequest);

impl<'a, C: AwsApi, K: Clock> Engine<'a, C, K> {
    /// A run over a cloud. `tell` hears every event; `wishes` are made by a caller who does not want to wait any longer.
    pub fn new(
        cloud: C,
        clock: K,
        options: EngineOptions,
        tell: impl FnMut(DeployEvent) + 'a,
        wishes: StopSignal,
    ) -> Self {
        let tell: Box<dyn FnMut(DeployEvent) + 'a> = Box::new(tell);
        let (tell, given_up, asking) = (RefCell::new(tell), RefCell::default(), tokio::sync::Mutex::new(()));
        Self { cloud, clock, options, tell, wishes, given_up, asking, answered: Cell::new(false) }
    }

    /// Brings every stack to what the script wants. `ask` is put the plans that need approval, one at a time.
    pub async fn deploy(&self, stacks: &[DesiredStack], ask: &impl AsyncFn(&Plan) -> bool) -> Outcome {
        let problems = self.unknown_allowances(stacks).await;
        if !problems.is_empty() {
            return Outcome { problems, ..Outcome::default() };
        }
        match DeploymentOrder::of(stacks) {
            Ok(order) => {
                let go = async |stack: &DesiredStack| self.deploy_stack(stack, ask).await;
                let mut outcome = self.in_order(stacks, &order, go).await;
                self.tell_idle_allowances(stacks, &mut outcome);
                outcome
            }
            Err(problems) => Outcome { problems, ..Outcome::default() },
        }
    }

    /// Deletes every stack, those that need others first. What is asked is the caller's business, before.
    pub async fn destroy(&self, stacks: &[DesiredStack]) -> Outcome {
        match DeploymentOrder::of(stacks) {
            Ok(order) => self.in_order(stacks, &order.reversed(), async |stack| self.remove_stack(stack).await).await,
            Err(problems) => Outcome { problems, ..Outcome::default() },
        }
    }

    /// Gives the services of every stack the script's images and environments, without CloudFormation. `ask` is told what
    /// that changes, one stack at a time.
    pub async fn rollout(
        &self,
        stacks: &[DesiredStack],
        ask: &impl AsyncFn(&str, &[TaskDefinitionChange]) -> bool,
    ) -> Outcome {
        match DeploymentOrder::of(stacks) {
            Ok(order) => self.in_order(stacks, &order, async |stack| self.roll_out(stack, ask).await).await,
            Err(problems) => Outcome { problems, ..Outcome::default() },
        }
    }

    async fn in_order(
        &self,
        stacks: &[DesiredStack],
        order: &DeploymentOrder,
        go: impl AsyncFn(&DesiredStack) -> StackOutcome,
    ) -> Outcome {
        let mut ended: Vec<Option<StackOutcome>> = vec![None; stacks.len()];
        let mut begun = vec![false; stacks.len()];
        let mut running = FuturesUnordered::new();
        let go = &go;
        loop {
            self.give_up(stacks, order, &mut begun, &mut ended);
            for at in 0..stacks.len() {
                let ready = order.needs[at].iter().all(|need| ended[*need].is_some());
                if running.len() < self.options.concurrency.max(1) && ready && !begun[at] {
                    begun[at] = true;
                    running.push(async move { (at, go(&stacks[at]).await) });
                }
            }
            match running.next().await {
                Some((at, outcome)) => ended[at] = Some(outcome),
                None => return Outcome { stacks: ended.into_iter().flatten().collect(), problems: Vec::new() },
            }
        }
    }

    /// Ends what can never start: a stack that one of its needs did not come to be.
    fn give_up(
        &self,
        stacks: &[DesiredStack],
        order: &DeploymentOrder,
        begun: &mut [bool],
        ended: &mut [Option<StackOutcome>],
    ) {
        let lost = |ended: &[Option<StackOutcome>], at: usize| {
            let bad = |need: &&usize| ended[**need].as_ref().is_some_and(|outcome| !outcome.ending.is_good());
            order.needs[at].iter().find(bad).copied()
        };
        while let Some((at, need)) =
            (0..stacks.len()).find_map(|at| Some((at, lost(ended, at).filter(|_| !begun[at])?)))
        {
            let because = stacks[need].name.clone();
            begun[at] = true;
            ended[at] = Some(not_started(&stacks[at], &because));
            self.tell(&stacks[at].name, DeployEventKind::Skipped { because });
        }
    }

    fn tell(&self, stack: &str, fact: DeployEventKind) {
        (self.tell.borrow_mut())(DeployEvent { stack: stack.to_owned(), fact });
    }

    /// A token for one operation on a stack; the stack's name is cut so that AWS's 128 characters hold it.
    fn token(&self, stack: &str, step: &str) -> ClientRequestToken {
        let name: String = stack.chars().take(60).collect();
        ClientRequestToken(format!("{}-{step}-{name}", self.options.run))
    }

    fn seed(&self, stack: &str) -> u64 {
        let letters = self.options.run.bytes().chain(stack.bytes());
        letters.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Waits, unless the caller wants to go first.
    async fn wait(&self, duration: Duration) -> Result<(), StopRequested> {
        self.unless_stopped(self.clock.sleep(duration)).await
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, StopRequested> {
        self.unless_beyond(None, work).await
    }

    /// Does work, unless the caller wishes for more than was heard before.
    async fn unless_beyond<T>(
        &self,
        heard: Option<StopRequest>,
        work: impl Future<Output = T>,
    ) -> Result<T, StopRequested> {
        match select(std::pin::pin!(work), std::pin::pin!(self.wishes.beyond(heard))).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right((wish, _)) => Err(StopRequested(wish)),
        }
    }

    async fn approved(&self, plan: &Plan, ask: &impl AsyncFn(&Plan) -> bool) -> Result<bool, StopRequested> {
        if !plan.needs(self.options.approval) {
            return Ok(true);
        }
        let _one_at_a_time = self.asking.lock().await;
        self.unless_stopped(ask(plan)).await
    }
}

fn not_started(stack: &DesiredStack, because: &str) -> StackOutcome {
    let problem = Diagnostic::new(
        Code::StackSkipped,
        format!("stack `{}` was not started, because `{because}` did not succeed", stack.name),
    );
    StackOutcome::new(&stack.name, StackResult::Skipped).because(problem.at(&stack.origin, "this stack"))
}

//! The deployment engine: carries plans out through the traits of `api` alone.
//!
//! [`Engine`] holds what the stacks of a run share, and runs them in order, side by side if possible. `StackTask` is
//! the work on one stack in its region; each file below adds one part of it:
//!
//! - `stack_lookup` describes the stack and waits until it can be updated; `deploy`, `delete`, `rollback`, `import` and
//!   `hotswap` (with `task_definition_swap`) are the operations; `plan` only plans; `drift` looks for drift.
//! - `jobs` runs what comes before the services change, between the two steps of a deployment.
//! - `sharing` keeps what other stacks use until they are deployed.
//! - `images` builds and pushes the images of all stacks before the first of them changes.
//! - `change_set` creates, executes and discards change sets; `preflight` and `allow_replace` decide what may be executed;
//!   `rollback_readiness` checks whether it could be rolled back; `orphaned_change_sets` deletes those of killed runs.
//! - `watch` follows a running operation, and `cancel` cancels it; `finished` is its end, `operation_failure` explains it.
//!   `service_monitor` watches the services meanwhile, `verify_services` checks them afterwards; `settling` and
//!   `stabilization` wait for services that CloudFormation did not wait for, and `service_trial` for services without
//!   `health_checks`.
//! - `retry` repeats calls, `stop` carries the caller's stop requests, `abort` lists the ways
//!   to end early, `partial_failure` explains refusals after a change. `event` and `outcome` are what a run reports.
//!
//! *Invariant*: every run ends: with AWS's result, with the caller's decision, or with a diagnostic that says how to
//! continue. A change set that is not executed is deleted. Nothing is printed, and questions go through the caller.

mod abort;
mod allow_replace;
mod cancel;
mod change_set;
mod delete;
mod deploy;
pub(crate) mod deployed_stack;
mod drift;
mod finished;
mod health_checks;
mod hotswap;
mod images;
mod import;
mod jobs;
mod operation_failure;
mod orphaned_change_sets;
mod partial_failure;
mod plan;
mod preflight;
mod rollback;
mod rollback_readiness;
mod run_order;
mod service_monitor;
mod service_trial;
mod settling;
mod sharing;
mod stabilization;
mod stack_lookup;
mod stop;
mod task_definition_swap;
mod verify_services;
mod watch;

pub(crate) mod event;
pub(crate) mod event_stream;
mod failing_services;
pub(crate) mod outcome;
pub mod progress;
pub(crate) mod retry;
#[cfg(test)]
mod tests;

pub use abort::stopped_stack;
pub use delete::deletion;
pub use drift::drifted;
pub use import::importable;
pub use rollback::RollbackOptions;
pub use sharing::ends_in_use;
pub use stop::{StopHandle, StopRequest, StopSignal, stop_channel};

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use super::api::{AwsApi, ClientRequestToken, Clock, DeploymentMode, ImagePublisher, Timestamp};
use super::plan::hotswap::TaskDefinitionChange;
use super::plan::plan_file::SavedPlan;
use super::plan::{ApprovalPolicy, Plan};
use crate::cfn::hash::{FNV_OFFSET, fnv1a};
use crate::cfn::schema::Schema;
use crate::diag::CommandName;
use crate::synth::DesiredStack;
use abort::Abort;
use event::{DeployEvent, DeployEventKind};
use images::RunImages;
use outcome::Outcome;
use stop::StopRequested;

/// The options of a run.
#[derive(Clone)]
pub struct EngineOptions {
    /// A name of the run that is unique in the account: part of every token and change set. Letters, digits and hyphens.
    pub run: String,
    /// The seed of the pauses before retries; without one they differ from run to run.
    pub jitter_seed: Option<u64>,
    /// The number of stacks that run side by side.
    pub concurrency: usize,
    /// The number of images that are built and pushed side by side.
    pub build_concurrency: usize,
    /// The plans that need approval.
    pub approval: ApprovalPolicy,
    /// The resource schema: predicts replacements.
    pub schema: Option<&'static Schema>,
    /// The mode in which change sets are executed.
    pub mode: DeploymentMode,
    /// Whether a failed operation is left in place instead of rolled back.
    pub disable_rollback: bool,
    /// The number of tasks that may fail from the same cause until the operation is cancelled; 0 for any number.
    pub max_task_failures: u32,
    /// The time after which an operation is cancelled.
    pub timeout: Option<Duration>,
    /// Whether operations are started and not watched.
    pub detach: bool,
    /// Logical ids of resources with data that may be replaced or deleted; `*` allows all.
    pub allow_replace: Vec<String>,
    /// The command that hints suggest to run again.
    pub retried_by: CommandName,
    /// The approved plan: nothing beyond it is executed.
    pub saved_plan: Option<SavedPlan>,
    /// The stacks of the script that are not part of the run: they may use its resources.
    pub other_stacks: Vec<DesiredStack>,
}

impl EngineOptions {
    /// Returns the options of a careful deployment: every change needs approval, operations are watched to their end and
    /// cancelled after three identical task failures.
    pub fn new(run: impl Into<String>) -> Self {
        Self {
            run: run.into(),
            jitter_seed: None,
            concurrency: 4,
            build_concurrency: 2,
            approval: ApprovalPolicy::AnyChange,
            schema: Some(Schema::embedded()),
            mode: DeploymentMode::Standard,
            disable_rollback: false,
            max_task_failures: 3,
            timeout: None,
            detach: false,
            allow_replace: Vec::new(),
            retried_by: CommandName::Deploy,
            saved_plan: None,
            other_stacks: Vec::new(),
        }
    }
}

/// A run: what the work on all of its stacks shares.
pub struct Engine<'a, A, K> {
    api: A,
    clock: K,
    options: EngineOptions,
    events: RefCell<Box<dyn FnMut(DeployEvent) + 'a>>,
    stop: StopSignal,
    /// Resources whose data is lost because the caller allowed it.
    accepted_losses: RefCell<BTreeSet<String>>,
    /// All stacks of the script.
    script: RefCell<Vec<DesiredStack>>,
    /// The stacks of the run that keep what other stacks use.
    kept: RefCell<BTreeSet<String>>,
    /// Held while the caller approves a plan: one question at a time.
    approval: tokio::sync::Mutex<()>,
    /// Whether AWS has answered a call.
    reached: Cell<bool>,
    /// The images of the run.
    images: RunImages<'a>,
}

/// The work on one stack in its region.
struct StackTask<'e, 'a, A, K> {
    engine: &'e Engine<'a, A, K>,
    /// The API of the stack's region.
    api: A,
    stack: &'e DesiredStack,
    stop: StopSignal,
    /// Whether an operation is reverted if the services do not run afterwards.
    reverts: bool,
    /// Whether it deletes what was kept for other stacks, so that its tokens and change sets differ from those of the first step.
    is_last_step: bool,
}

impl<'a, A: AwsApi, K: Clock> Engine<'a, A, K> {
    /// Creates a run. `events` receives every event; `stop` carries the caller's requests to stop.
    pub fn new(
        api: A,
        clock: K,
        options: EngineOptions,
        events: impl FnMut(DeployEvent) + 'a,
        stop: StopSignal,
    ) -> Self {
        let events: Box<dyn FnMut(DeployEvent) + 'a> = Box::new(events);
        Self {
            api,
            clock,
            options,
            events: RefCell::new(events),
            stop,
            accepted_losses: RefCell::default(),
            script: RefCell::default(),
            kept: RefCell::default(),
            approval: tokio::sync::Mutex::new(()),
            reached: Cell::new(false),
            images: RunImages::default(),
        }
    }

    /// Returns the run with a publisher of images. Without one, images are named and not built.
    #[must_use]
    pub fn with_publisher(mut self, publisher: Box<dyn ImagePublisher + 'a>) -> Self {
        self.images = RunImages::published_by(publisher);
        self
    }

    /// Creates or updates every stack. `approve` is asked about the plans that need approval, one at a time.
    pub async fn deploy(&self, stacks: &[DesiredStack], approve: &impl AsyncFn(&Plan) -> bool) -> Outcome {
        let problems = self.unknown_allow_replace(stacks).await;
        if !problems.is_empty() {
            return Outcome { problems, ..Outcome::default() };
        }
        self.images.require(stacks);
        self.note_script(stacks);
        let deploy = async |stack: &DesiredStack| self.task(stack).deploy(approve).await;
        let mut outcome = self.in_order(stacks, deploy).await;
        self.end_kept(stacks, &mut outcome, approve).await;
        self.report_unused_allow_replace(stacks, &mut outcome);
        outcome
    }

    /// Deletes every stack, in reverse order. Needs the caller's approval before.
    pub async fn destroy(&self, stacks: &[DesiredStack]) -> Outcome {
        self.in_reverse_order(stacks, async |stack| self.task(stack).delete().await).await
    }

    /// Updates the services of every stack to the script's images and environments, without CloudFormation. `approve` is
    /// asked about the changes of one stack at a time.
    pub async fn hotswap(
        &self,
        stacks: &[DesiredStack],
        approve: &impl AsyncFn(&str, &[TaskDefinitionChange]) -> bool,
    ) -> Outcome {
        self.images.require(stacks);
        self.in_order(stacks, async |stack| self.task(stack).hotswap(approve).await).await
    }

    fn task<'e>(&'e self, stack: &'e DesiredStack) -> StackTask<'e, 'a, A, K> {
        StackTask {
            engine: self,
            api: self.api.for_region(stack.region.as_deref()),
            stack,
            stop: self.stop.clone(),
            reverts: !self.options.disable_rollback,
            is_last_step: false,
        }
    }

    fn emit(&self, stack: &str, kind: DeployEventKind) {
        (self.events.borrow_mut())(DeployEvent { stack: stack.to_owned(), at: self.clock.now(), kind });
    }
}

impl<'e, 'a, A: AwsApi, K: Clock> StackTask<'e, 'a, A, K> {
    /// Returns the task of another version of the stack.
    fn with_stack<'s>(&self, stack: &'s DesiredStack) -> StackTask<'s, 'a, A, K>
    where
        'e: 's,
    {
        StackTask {
            engine: self.engine,
            api: self.api.clone(),
            stack,
            stop: self.stop.clone(),
            reverts: self.reverts,
            is_last_step: self.is_last_step,
        }
    }

    /// Returns a task that ignores stop requests up to `floor`.
    fn guarded(&self, floor: StopRequest) -> Self {
        Self { stop: self.stop.guarded(floor), ..self.with_stack(self.stack) }
    }

    /// Returns a task that leaves an operation as it is if the services do not run afterwards.
    fn without_revert(self) -> Self {
        Self { reverts: false, ..self }
    }

    fn options(&self) -> &EngineOptions {
        &self.engine.options
    }

    fn clock(&self) -> &K {
        &self.engine.clock
    }

    fn now(&self) -> Timestamp {
        self.engine.clock.now()
    }

    fn emit(&self, kind: DeployEventKind) {
        self.engine.emit(&self.stack.name, kind);
    }

    /// Returns the token of a step; the stack's name is cut to AWS's limit of 128 characters.
    fn token(&self, step: &str) -> ClientRequestToken {
        let name: String = self.stack.name.chars().take(60).collect();
        ClientRequestToken(format!("{}-{step}{}-{name}", self.options().run, self.step_suffix()))
    }

    /// Returns what the tokens and change sets of the last step have in addition.
    fn step_suffix(&self) -> &'static str {
        if self.is_last_step { "-end" } else { "" }
    }

    /// Returns the seed of the stack's pauses.
    fn seed(&self) -> u64 {
        let options = self.options();
        match options.jitter_seed {
            Some(seed) => fnv1a(seed ^ FNV_OFFSET, self.stack.name.bytes()),
            None => fnv1a(FNV_OFFSET, options.run.bytes().chain(self.stack.name.bytes())),
        }
    }

    /// Waits, whether or not the caller wants to stop.
    async fn sleep(&self, duration: Duration) {
        self.engine.clock.sleep(duration).await;
    }

    /// Waits unless the caller wants to stop.
    async fn wait(&self, duration: Duration) -> Result<(), StopRequested> {
        self.stop.or_stop(self.sleep(duration)).await
    }

    /// Makes the call that starts an operation. A request to detach ends it at once: then the operation may be running.
    async fn or_detached<T>(
        &self,
        token: &ClientRequestToken,
        start: impl Future<Output = Result<T, Abort>>,
    ) -> Result<T, Abort> {
        let stop = self.stop.guarded(StopRequest::CancelAndRollBack);
        match stop.or_stop(start).await {
            Ok(started) => started,
            Err(StopRequested(_)) => Err(Abort::Detached(Some(token.clone()))),
        }
    }

    /// Waits for the caller's approval if the plan needs it.
    async fn approval(&self, plan: &Plan, approve: &impl AsyncFn(&Plan) -> bool) -> Result<(), Abort> {
        if !plan.needs_approval(self.options().approval) {
            return Ok(());
        }
        let _one_at_a_time = self.engine.approval.lock().await;
        self.approved(approve(plan)).await
    }

    /// Waits for the caller's answer.
    async fn approved(&self, answer: impl Future<Output = bool>) -> Result<(), Abort> {
        if self.stop.or_stop(answer).await? { Ok(()) } else { Err(Abort::Declined) }
    }
}

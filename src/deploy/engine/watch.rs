//! Follows an operation to its end.

use std::time::Duration;

use super::abort::Abort;
use super::event::{CancelReason, DeployEventKind};
use super::event_stream::{EventFilter, EventStream};
use super::poll_interval::PollInterval;
use super::progress::{OperationGoal, OperationResult, Progress};
use super::service_monitor::ServiceMonitor;
use super::stop::StopRequest;
use super::{Engine, StopRequested};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{
    AwsApi, AwsError, ClientRequestToken, Clock, ErrorKind, StackDescription, StackEvent, Timestamp,
};

/// After so many polls without an answer the watch ends (about ten minutes); the operation itself goes on.
const PATIENCE: u32 = 40;

/// Quiet polls until the stack itself is asked: events may be missing, its status is the truth.
const QUIET: u32 = 6;

/// How long AWS may take to show that an operation has begun.
const SLOW_START: Duration = Duration::from_secs(20);

/// Polls for which the stack may look busy after its own last event; longer, and somebody else is at work.
const SLOW_END: u32 = 3;

/// How an operation ended.
#[derive(Debug)]
pub(crate) struct FinishedOperation {
    pub(crate) verdict: OperationResult,
    pub(crate) status: StackStatus,
    /// The stack, unless it is gone.
    pub(crate) stack: Option<StackDescription>,
    pub(crate) progress: Progress,
    /// What was seen of its services.
    pub(crate) services: ServiceMonitor,
    /// Why it was cancelled, where it was.
    pub(crate) cancelled: Option<CancelReason>,
}

/// An operation that is followed.
pub(super) struct OperationWatch<'w> {
    pub(super) stack: &'w str,
    pub(super) stack_id: &'w str,
    pub(super) feed: EventStream,
    pub(super) progress: Progress,
    pub(super) services: ServiceMonitor,
    pub(super) verdict: Option<OperationResult>,
    pub(super) began: Timestamp,
    /// The stack's status before the operation, where that is known.
    before: Option<StackStatus>,
    /// Whether it is ours to cancel.
    pub(super) may_cancel: bool,
    pub(super) cancelled: Option<CancelReason>,
    /// The caller's last wish.
    pub(super) heard: Option<StopRequest>,
    /// When the events are asked for next.
    due: Timestamp,
    quiet: u32,
    ending: u32,
}

/// The verdict, and the stack as AWS shows it then.
type TerminalState = (OperationResult, StackStatus, Option<StackDescription>);

impl OperationWatch<'_> {
    fn end(self, verdict: OperationResult, status: StackStatus, stack: Option<StackDescription>) -> FinishedOperation {
        let (progress, services, cancelled) = (self.progress, self.services, self.cancelled);
        FinishedOperation { verdict, status, stack, progress, services, cancelled }
    }

    pub(super) fn token(&self) -> Option<ClientRequestToken> {
        token(&self.feed)
    }

    /// True where the operation already goes back.
    pub(super) fn is_undone(&self) -> bool {
        self.progress.status.as_ref().is_some_and(|status| {
            let status = status.as_str();
            status.contains("ROLLBACK") || status.contains("DELETE")
        })
    }
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Tells every event of an operation, and what happens behind its services, until it is over.
    pub(super) async fn follow(
        &self,
        cloud: &C,
        (stack, stack_id): (&str, &str),
        goal: OperationGoal,
        feed: EventStream,
    ) -> Result<FinishedOperation, Abort> {
        self.follow_from(cloud, (stack, stack_id), goal, feed, None).await
    }

    /// The same, of a stack that had this status before: with another one the operation has begun, events or not.
    pub(super) async fn follow_from(
        &self,
        cloud: &C,
        (stack, stack_id): (&str, &str),
        goal: OperationGoal,
        feed: EventStream,
        before: Option<StackStatus>,
    ) -> Result<FinishedOperation, Abort> {
        let mut pace = PollInterval::of_events(self.seed(stack));
        let mut watch = OperationWatch { before, ..self.watch((stack, stack_id), goal, feed) };
        loop {
            if self.clock.now() >= watch.due {
                let wait = match self.look_once(cloud, &mut watch).await {
                    Ok(Some((verdict, status, live))) => return Ok(watch.end(verdict, status, live)),
                    Ok(None) if watch.quiet == 0 => pace.busy(),
                    Ok(None) => pace.quiet(),
                    Err(error) if may_pass(&error) && pace.errors() < PATIENCE => {
                        let wait = pace.failed();
                        let again_in_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                        self.tell(stack, DeployEventKind::PollFailed { error, again_in_ms });
                        wait
                    }
                    Err(error) => return Err(Abort::ConnectionLost(error)),
                };
                watch.due = self.clock.now() + wait;
            }
            self.look_behind(cloud, stack, &mut watch.services).await;
            self.cancel_if_hopeless(cloud, &mut watch).await?;
            self.idle_until_due(cloud, &mut watch).await?;
        }
    }

    fn watch<'w>(
        &self,
        (stack, stack_id): (&'w str, &'w str),
        goal: OperationGoal,
        feed: EventStream,
    ) -> OperationWatch<'w> {
        let ours = token(&feed).is_some_and(|token| token.is_ours());
        let may_cancel = goal == OperationGoal::Deployed || (goal == OperationGoal::Settled && ours);
        OperationWatch {
            stack,
            stack_id,
            feed,
            progress: Progress::new(goal),
            services: ServiceMonitor::new(self.options.max_task_failures, self.seed(stack)),
            verdict: None,
            began: self.clock.now(),
            before: None,
            may_cancel,
            cancelled: None,
            heard: matches!(goal, OperationGoal::Restored | OperationGoal::Withdrawn)
                .then_some(StopRequest::CancelAndRollBack),
            due: Timestamp::default(),
            quiet: 0,
            ending: 0,
        }
    }

    /// Waits until something is to be looked at, or the caller wishes for something.
    async fn idle_until_due(&self, cloud: &C, watch: &mut OperationWatch<'_>) -> Result<(), Abort> {
        let behind = Some(watch.services.due).filter(|_| !watch.services.arns.is_empty());
        let next = behind.map_or(watch.due, |behind| behind.min(watch.due));
        let wait = next.since(self.clock.now()).max(Duration::from_millis(1));
        match self.unless_beyond(watch.heard, self.clock.sleep(wait)).await {
            Ok(()) => Ok(()),
            Err(StopRequested(wish)) => self.heed(cloud, watch, wish).await,
        }
    }

    async fn look_once(&self, cloud: &C, watch: &mut OperationWatch<'_>) -> Result<Option<TerminalState>, AwsError> {
        let events = match watch.feed.fresh(cloud).await {
            Err(error) if error.kind == ErrorKind::NoSuchStack => Vec::new(),
            other => other?,
        };
        watch.quiet = if events.is_empty() { watch.quiet + 1 } else { 0 };
        self.take_in(watch, events);
        if watch.verdict.is_some() || watch.quiet % QUIET == QUIET - 1 || watch.quiet == 1 {
            return self.confirm(cloud, watch).await;
        }
        Ok(None)
    }

    fn take_in(&self, watch: &mut OperationWatch<'_>, events: Vec<StackEvent>) {
        for event in events {
            watch.verdict = watch.progress.apply(&event).or(watch.verdict);
            watch.services.hear(&event);
            self.tell(watch.stack, DeployEventKind::StackEvent { event });
        }
    }

    /// Asks the stack itself: its status is the truth, once the operation has shown.
    async fn confirm(&self, cloud: &C, watch: &mut OperationWatch<'_>) -> Result<Option<TerminalState>, AwsError> {
        let stack = cloud.describe_stack(watch.stack_id).await?;
        let status = stack.as_ref().map_or(StackStatus::DeleteComplete, |stack| stack.status.clone());
        let shown = watch.progress.status.is_some()
            || watch.before.as_ref().is_some_and(|before| *before != status)
            || self.clock.now().since(watch.began) >= SLOW_START;
        let over = watch.progress.verdict(&status).filter(|_| shown || stack.is_none());
        watch.ending += u32::from(watch.verdict.is_some());
        let Some(verdict) = over.or(watch.verdict.filter(|_| watch.ending > SLOW_END)) else { return Ok(None) };
        let rest = match watch.feed.rest(cloud).await {
            Err(error) if error.kind == ErrorKind::NoSuchStack => Vec::new(),
            other => other?,
        };
        self.take_in(watch, rest);
        let verdict = watch.progress.verdict(&status).unwrap_or(verdict);
        self.tell(watch.stack, DeployEventKind::OperationFinished { verdict, status: status.clone() });
        Ok(Some((verdict, status, stack)))
    }
}

/// True where waiting may help: AWS is out of reach, or somebody signs in again in another window.
fn may_pass(error: &AwsError) -> bool {
    error.is_transient() || error.kind == ErrorKind::Expired
}

fn token(feed: &EventStream) -> Option<ClientRequestToken> {
    match &feed.scope {
        EventFilter::Token(token) => Some(token.clone()),
        EventFilter::Since(_) => None,
    }
}

//! The rules of watching an operation, as a step function without I/O.
//!
//! Each input (an answer of AWS, a stop request, the passing of time) gives the effects to carry out next. The answer to
//! an effect that asks AWS is the next input.

use std::time::Duration;

use super::Operation;
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsError, ChangeSetId, ClientRequestToken, StackDescription, StackEvent, Timestamp};
use crate::deploy::engine::abort::Abort;
use crate::deploy::engine::event::{CancelReason, DeployEventKind};
use crate::deploy::engine::finished::FinishedOperation;
use crate::deploy::engine::progress::{OperationGoal, OperationResult, Progress};
use crate::deploy::engine::retry::millis;
use crate::deploy::engine::service_monitor::ServiceMonitor;
use crate::deploy::engine::stop::StopRequest;
use crate::deploy::monitor::Observation;

/// The number of polls without events after which the stack itself is described, again and again: events may be missing,
/// its status is never.
const IDLE_POLLS: u32 = 6;

/// The time that AWS may take to show that an operation has started.
const SLOW_START: Duration = Duration::from_secs(20);

/// The number of polls for which the stack may look busy after its own last event; after more, another operation runs.
const SLOW_END: u32 = 3;

/// An answer of AWS, a request of the user, or the time: the input of a step.
#[derive(Debug)]
pub(super) enum Input {
    /// Time passed.
    Tick,
    /// New events of the operation.
    Events(Vec<StackEvent>),
    /// The stack; none if it does not exist any more.
    Status(Option<Box<StackDescription>>),
    /// Whether the change set was executed to its end.
    Executed(bool),
    /// The events that were left when the operation had finished.
    LastEvents(Vec<StackEvent>),
    /// A poll of events or of the stack failed.
    PollFailed(AwsError),
    /// The answer of a poll of the services.
    Services(Result<Vec<Observation>, AwsError>),
    /// The caller wants to stop.
    Stop(StopRequest),
    /// AWS's answer to a cancel.
    CancelAnswered(CancelAnswer),
}

/// AWS's answer to a cancel.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::deploy::engine) enum CancelAnswer {
    /// The update is being rolled back.
    RollingBack,
    /// The stack that was being created is being deleted.
    Deleting,
    /// The operation continues, for this reason.
    Rejected(String),
}

/// An action that the caller of a step takes.
#[derive(Debug)]
pub(super) enum Effect {
    /// Emit an event.
    Emit(Box<DeployEventKind>),
    /// Read the new events.
    PollEvents,
    /// Describe the stack.
    DescribeStack,
    /// Describe the change set of the operation.
    DescribeChangeSet(ChangeSetId),
    /// Read every page of events again.
    DrainEvents,
    /// Observe the services.
    PollServices,
    /// Cancel the operation.
    Cancel,
    /// Stop watching: the operation is finished.
    Finish(Box<TerminalState>),
    /// Stop watching before that.
    Abort(Box<Abort>),
}

/// The end of an operation as AWS shows it.
#[derive(Debug)]
pub(super) struct TerminalState {
    pub(super) result: OperationResult,
    status: StackStatus,
    stack: Option<StackDescription>,
}

/// The options of a watch.
#[derive(Debug, Clone, Copy)]
pub(super) struct WatchOptions {
    /// The time limit of the operation.
    pub(super) timeout: Option<Duration>,
    /// Whether a failing operation is left in place instead of cancelled.
    pub(super) disable_rollback: bool,
    /// The number of tasks that may fail from the same cause; 0 for any number.
    pub(super) max_task_failures: u32,
    /// The seed of the pauses.
    pub(super) seed: u64,
}

/// The state of an operation that is watched.
#[derive(Debug)]
pub(super) struct OperationWatch {
    options: WatchOptions,
    token: Option<ClientRequestToken>,
    progress: Progress,
    services: ServiceMonitor,
    started: Timestamp,
    status_before: Option<StackStatus>,
    change_set: Option<ChangeSetId>,
    /// The end that the stack's status would be, while the change set shows whether the operation has run.
    possible_end: Option<TerminalState>,
    /// The time of the last answer of AWS.
    answered: Timestamp,
    /// Whether the operation may be cancelled.
    cancellable: bool,
    cancelled: Option<CancelReason>,
    /// The result by the stack's own last event.
    result: Option<OperationResult>,
    /// The polls since then that found the stack busy.
    busy_polls: u32,
    /// The end, while the last events are read.
    end: Option<TerminalState>,
    /// The time at which the events are polled next.
    due: Timestamp,
    interval: PollInterval,
    idle_polls: u32,
}

impl OperationWatch {
    /// Starts to watch an operation.
    pub(super) fn new(operation: &Operation, options: WatchOptions, now: Timestamp) -> Self {
        let token = operation.token().cloned();
        let cancellable = match operation.goal {
            OperationGoal::Deployed => true,
            OperationGoal::Settled => token.as_ref().is_some_and(ClientRequestToken::is_ours),
            _ => false,
        };
        Self {
            options,
            token,
            progress: Progress::new(operation.goal),
            services: ServiceMonitor::new(options.max_task_failures, options.seed),
            started: now,
            status_before: operation.status_before.clone(),
            change_set: operation.change_set.clone(),
            possible_end: None,
            answered: now,
            cancellable,
            cancelled: None,
            result: None,
            busy_polls: 0,
            end: None,
            due: Timestamp::default(),
            interval: PollInterval::of_events(options.seed),
            idle_polls: 0,
        }
    }

    /// Takes an input and returns what to do next.
    pub(super) fn step(&mut self, input: Input, now: Timestamp) -> Vec<Effect> {
        if matches!(input, Input::Events(_) | Input::Status(_) | Input::LastEvents(_)) {
            self.answered = now;
        }
        match input {
            Input::Tick if now >= self.due => vec![Effect::PollEvents],
            Input::Tick => self.after_poll(now),
            Input::Events(events) => self.new_events(events, now),
            Input::Status(stack) => self.new_status(stack.map(|stack| *stack), now),
            Input::Executed(is_executed) => self.executed(is_executed, now),
            Input::LastEvents(events) => self.last_events(events),
            Input::PollFailed(error) => self.poll_failed(error, now),
            Input::Services(polled) => {
                let mut effects: Vec<_> = self.services.record(polled, now).into_iter().map(emit).collect();
                effects.extend(self.cancel_if_failing(now));
                effects
            }
            Input::Stop(request) => self.stop(request),
            Input::CancelAnswered(answer) => self.cancel_answered(answer),
        }
    }

    /// Returns when something is to be polled next.
    pub(super) fn next_poll(&self) -> Timestamp {
        self.services.next_poll().map_or(self.due, |services| services.min(self.due))
    }

    /// Returns the services to observe.
    pub(super) fn services(&self) -> &ServiceMonitor {
        &self.services
    }

    /// Returns the finished operation.
    pub(super) fn finished(self, TerminalState { result, status, stack }: TerminalState) -> FinishedOperation {
        let (progress, cancelled) = (self.progress, self.cancelled);
        let diagnoses = self.services.diagnoses();
        FinishedOperation { result, status, stack, progress, services: self.services, diagnoses, cancelled }
    }

    fn new_events(&mut self, events: Vec<StackEvent>, now: Timestamp) -> Vec<Effect> {
        self.idle_polls = if events.is_empty() { self.idle_polls + 1 } else { 0 };
        let mut effects = self.record(events);
        if self.result.is_some() || self.idle_polls == 1 || self.idle_polls % IDLE_POLLS == IDLE_POLLS - 1 {
            effects.push(Effect::DescribeStack);
        } else {
            effects.extend(self.polled(now));
        }
        effects
    }

    fn record(&mut self, events: Vec<StackEvent>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for event in events {
            self.result = self.progress.apply(&event).or(self.result);
            self.services.apply(&event);
            effects.push(emit(DeployEventKind::StackEvent { event }));
        }
        effects
    }

    /// Decides by the stack's status whether the operation is finished.
    fn new_status(&mut self, stack: Option<StackDescription>, now: Timestamp) -> Vec<Effect> {
        let status = stack.as_ref().map_or(StackStatus::DeleteComplete, |stack| stack.status.clone());
        // A stack that was deleted before is not changed.
        let has_started = status == StackStatus::DeleteComplete
            || self.progress.status.is_some()
            || self.status_before.as_ref().is_some_and(|before| *before != status)
            || now.since(self.started) >= SLOW_START;
        self.busy_polls += u32::from(self.result.is_some());
        let by_status = self.progress.result(&status);
        let by_events = self.result.filter(|_| self.busy_polls > SLOW_END);
        match (by_status.filter(|_| has_started).or(by_events), by_status, &self.change_set) {
            (Some(result), _, _) => {
                self.end = Some(TerminalState { result, status, stack });
                vec![Effect::DrainEvents]
            }
            (None, Some(result), Some(change_set)) => {
                // Without events it is the end of this operation or of the one before.
                self.possible_end = Some(TerminalState { result, status, stack });
                vec![Effect::DescribeChangeSet(change_set.clone())]
            }
            _ => self.polled(now),
        }
    }

    /// Decides by its change set whether the operation has run.
    fn executed(&mut self, is_executed: bool, now: Timestamp) -> Vec<Effect> {
        self.end = self.possible_end.take().filter(|_| is_executed);
        if self.end.is_some() { vec![Effect::DrainEvents] } else { self.polled(now) }
    }

    fn last_events(&mut self, events: Vec<StackEvent>) -> Vec<Effect> {
        let mut effects = self.record(events);
        let mut end = self.end.take().expect("the last events are read at the end");
        end.result = self.progress.result(&end.status).unwrap_or(end.result);
        effects.push(emit(DeployEventKind::OperationFinished { result: end.result, status: end.status.clone() }));
        effects.push(Effect::Finish(Box::new(end)));
        effects
    }

    fn poll_failed(&mut self, error: AwsError, now: Timestamp) -> Vec<Effect> {
        self.end = None;
        let unanswered = now.since(self.answered);
        let Some(pause) = RetryPolicy::WATCH.pause(&error, &mut self.interval, unanswered) else {
            return vec![abort(Abort::ConnectionLost(error))];
        };
        self.due = now + pause;
        let mut effects = vec![emit(DeployEventKind::PollFailed {
            error,
            retry_in_ms: millis(pause),
            unanswered_ms: millis(unanswered),
        })];
        effects.extend(self.after_poll(now));
        effects
    }

    /// Ends a poll that did not find the end of the operation.
    fn polled(&mut self, now: Timestamp) -> Vec<Effect> {
        let pause = if self.idle_polls == 0 { self.interval.on_activity() } else { self.interval.on_idle() };
        self.due = now + pause;
        self.after_poll(now)
    }

    fn after_poll(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.services.is_due(now) { vec![Effect::PollServices] } else { self.cancel_if_failing(now) }
    }

    fn cancel_if_failing(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.cancelled.is_some() || !self.cancellable {
            return Vec::new();
        }
        let Some(reason) = self.cancel_reason(now) else { return Vec::new() };
        if self.options.disable_rollback {
            // A cancel would roll back what succeeded.
            let (diagnoses, token) = (self.services.diagnoses(), self.token.clone());
            return vec![abort(Abort::LeftInPlace { reason, diagnoses, token })];
        }
        self.cancel(reason)
    }

    fn cancel_reason(&self, now: Timestamp) -> Option<CancelReason> {
        if self.is_rolling_back() || self.result.is_some() {
            return None;
        }
        if let Some(diagnosis) = self.services.fatal_diagnosis() {
            return Some(CancelReason::TaskFailures { diagnosis });
        }
        let limit = self.options.timeout?;
        (now.since(self.started) >= limit).then_some(CancelReason::TimedOut { after_s: limit.as_secs() })
    }

    fn is_rolling_back(&self) -> bool {
        self.progress.status.as_ref().is_some_and(|status| {
            let status = status.as_str();
            status.contains("ROLLBACK") || status.contains("DELETE")
        })
    }

    fn cancel(&mut self, reason: CancelReason) -> Vec<Effect> {
        self.cancelled = Some(reason);
        vec![Effect::Cancel]
    }

    fn stop(&mut self, request: StopRequest) -> Vec<Effect> {
        match request {
            StopRequest::Detach => vec![abort(Abort::Detached(self.token.clone()))],
            StopRequest::CancelAndRollBack if self.cancelled.is_some() => Vec::new(),
            StopRequest::CancelAndRollBack if self.cancellable => self.cancel(CancelReason::ByUser),
            StopRequest::CancelAndRollBack => {
                let reason = "only a creation or an update that rtiler started can be cancelled".to_owned();
                vec![emit(DeployEventKind::CancelRejected { reason })]
            }
        }
    }

    fn cancel_answered(&mut self, answer: CancelAnswer) -> Vec<Effect> {
        let reason = self.cancelled.clone().expect("only a cancel is answered");
        let deletes_stack = answer == CancelAnswer::Deleting;
        if deletes_stack {
            self.progress.withdraw();
        }
        vec![emit(match answer {
            CancelAnswer::Rejected(reason) => DeployEventKind::CancelRejected { reason },
            CancelAnswer::RollingBack | CancelAnswer::Deleting => {
                DeployEventKind::CancelStarted { reason, deletes_stack }
            }
        })]
    }
}

fn emit(event: DeployEventKind) -> Effect {
    Effect::Emit(Box::new(event))
}

fn abort(abort: Abort) -> Effect {
    Effect::Abort(Box::new(abort))
}

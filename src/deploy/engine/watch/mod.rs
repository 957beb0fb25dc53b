//! Watching of an operation until it is finished.
//!
//! `step` decides what to do next, without I/O; this file does it: polls what is due, feeds the answers, and carries
//! the effects out.

mod step;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use super::StackTask;
use super::abort::Abort;
use super::event_stream::{EventFilter, EventStream};
use super::finished::FinishedOperation;
use super::progress::OperationGoal;
use super::stop::StopRequested;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, AwsError, ChangeSetId, ClientRequestToken, Clock, ErrorKind, StackEvent};
use step::{Effect, Input, OperationWatch, WatchOptions};

pub(super) use step::CancelAnswer;

/// A running operation.
pub(super) struct Operation {
    /// The stack's id.
    pub(super) stack_id: String,
    /// The goal of the operation.
    pub(super) goal: OperationGoal,
    /// Its events.
    pub(super) events: EventStream,
    /// The stack's status before it, if known: with another status it has started, with or without events.
    pub(super) status_before: Option<StackStatus>,
    /// The change set that is executed; none for other operations.
    pub(super) change_set: Option<ChangeSetId>,
}

impl Operation {
    /// Creates the operation that a call with this token started.
    pub(super) fn new(stack_id: &str, goal: OperationGoal, token: ClientRequestToken) -> Self {
        Self::of_events(stack_id, goal, EventStream::new(stack_id, EventFilter::Token(token)))
    }

    /// Creates an operation of which the events are known.
    pub(super) fn of_events(stack_id: &str, goal: OperationGoal, events: EventStream) -> Self {
        Self { stack_id: stack_id.to_owned(), goal, events, status_before: None, change_set: None }
    }

    /// Returns its token, if known.
    pub(super) fn token(&self) -> Option<&ClientRequestToken> {
        match &self.events.filter {
            EventFilter::Token(token) => Some(token),
            EventFilter::Since(_) => None,
        }
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Watches an operation until it is finished, and emits its events and those of its services.
    pub(super) async fn watch(&self, mut operation: Operation) -> Result<FinishedOperation, Abort> {
        let options = WatchOptions {
            timeout: self.options().timeout,
            disable_rollback: self.options().disable_rollback,
            max_task_failures: self.options().max_task_failures,
            seed: self.seed(),
        };
        let mut watch = OperationWatch::new(&operation, options, self.now());
        let mut stop = self.stop.clone();
        let mut input = Input::Tick;
        loop {
            let mut effects = VecDeque::from(watch.step(input, self.now()));
            while let Some(effect) = effects.pop_front() {
                let answer = match effect {
                    Effect::Emit(event) => {
                        self.emit(*event);
                        continue;
                    }
                    Effect::Finish(end) => return Ok(watch.finished(*end)),
                    Effect::Abort(abort) => return Err(*abort),
                    Effect::PollServices => Input::Services(self.observe_services(watch.services()).await),
                    Effect::Cancel => Input::CancelAnswered(self.cancel(&mut operation).await),
                    Effect::PollEvents => {
                        answer(operation.events.poll(&self.api).await.or_else(without_events), Input::Events)
                    }
                    Effect::DrainEvents => {
                        answer(operation.events.drain(&self.api).await.or_else(without_events), Input::LastEvents)
                    }
                    Effect::DescribeStack => answer(self.api.describe_stack(&operation.stack_id).await, |stack| {
                        Input::Status(stack.map(Box::new))
                    }),
                    Effect::DescribeChangeSet(id) => Input::Executed(self.is_executed_to_its_end(&id).await),
                };
                effects.extend(watch.step(answer, self.now()));
            }
            let pause = watch.next_poll().since(self.now()).max(Duration::from_millis(1));
            input = match stop.or_stop(self.sleep(pause)).await {
                Ok(()) => Input::Tick,
                Err(StopRequested(request)) => {
                    stop = stop.guarded(request);
                    Input::Stop(request)
                }
            };
        }
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Returns whether a change set was executed to its end; `false` if AWS does not show it any more.
    async fn is_executed_to_its_end(&self, id: &ChangeSetId) -> bool {
        self.api.describe_change_set(id).await.is_ok_and(|change_set| change_set.is_executed)
    }
}

fn answer<T>(polled: Result<T, AwsError>, input: impl FnOnce(T) -> Input) -> Input {
    polled.map_or_else(Input::PollFailed, input)
}

/// Returns no events for a stack that does not exist any more.
fn without_events(error: AwsError) -> Result<Vec<StackEvent>, AwsError> {
    if error.kind == ErrorKind::NoSuchStack { Ok(Vec::new()) } else { Err(error) }
}

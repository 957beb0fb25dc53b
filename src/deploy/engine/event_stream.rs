//! The events of one operation, each once, oldest first.

use std::collections::HashSet;

use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsError, ClientRequestToken, CloudFormation, EventPage, EventStatus, StackEvent, Timestamp};

/// The events that belong to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventFilter {
    /// The events with this token.
    Token(ClientRequestToken),
    /// The events from this time on.
    Since(Timestamp),
}

impl EventFilter {
    fn includes(&self, event: &StackEvent) -> bool {
        match self {
            EventFilter::Token(token) => event.token.as_ref() == Some(token),
            EventFilter::Since(start) => event.time >= *start,
        }
    }
}

/// A reader that returns each event once.
#[derive(Debug)]
pub(crate) struct EventStream {
    stack_id: String,
    /// The events that it reads.
    pub(crate) filter: EventFilter,
    seen: HashSet<String>,
    /// The token of the call that cancels the operation.
    cancel_token: Option<ClientRequestToken>,
}

impl EventStream {
    /// Creates a reader of the events of an operation.
    pub(crate) fn new(stack_id: &str, filter: EventFilter) -> Self {
        Self { stack_id: stack_id.to_owned(), filter, seen: HashSet::new(), cancel_token: None }
    }

    /// Adds the events of the call that cancels the operation.
    pub(crate) fn include_cancel(&mut self, token: ClientRequestToken) {
        self.cancel_token = Some(token);
    }

    fn includes(&self, event: &StackEvent) -> bool {
        self.filter.includes(event) || (event.token.is_some() && event.token == self.cancel_token)
    }

    /// Creates a reader of the events of the running operation.
    pub(crate) async fn of_running(api: &impl CloudFormation, stack_id: &str) -> Result<Self, AwsError> {
        let newest = api.events(stack_id, None).await?;
        let filter = match newest.events.iter().find_map(|event| event.token.clone()) {
            Some(token) => EventFilter::Token(token),
            None => EventFilter::Since(start_time(&newest)),
        };
        Ok(Self::new(stack_id, filter))
    }

    /// Returns the new events, oldest first.
    ///
    /// Reads pages back to one with an event seen before, or with one of another operation, and that page to its end:
    /// events that AWS adds late are not lost. After an error no event counts as seen.
    pub(crate) async fn poll(&mut self, api: &impl CloudFormation) -> Result<Vec<StackEvent>, AwsError> {
        self.read(api, false).await
    }

    /// Returns the new events after reading every page of the operation again: for its end.
    pub(crate) async fn drain(&mut self, api: &impl CloudFormation) -> Result<Vec<StackEvent>, AwsError> {
        self.read(api, true).await
    }

    async fn read(&mut self, api: &impl CloudFormation, all_pages: bool) -> Result<Vec<StackEvent>, AwsError> {
        let mut found: Vec<StackEvent> = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = api.events(&self.stack_id, next.as_deref()).await?;
            let known = page.events.iter().any(|event| self.seen.contains(&event.id));
            let foreign = page.events.iter().any(|event| !self.includes(event));
            let ours = page.events.into_iter().filter(|event| self.includes(event));
            found.extend(ours.filter(|event| !self.seen.contains(&event.id)));
            next = page.next;
            if next.is_none() || foreign || (known && !all_pages) {
                break;
            }
        }
        found.retain(|event| self.seen.insert(event.id.clone()));
        found.reverse();
        Ok(found)
    }
}

/// Returns the start of the running operation: the time of the stack's newest event that starts one.
fn start_time(page: &EventPage) -> Timestamp {
    let starts = |event: &&StackEvent| {
        matches!(
            event.status,
            EventStatus::Stack(
                StackStatus::CreateInProgress
                    | StackStatus::UpdateInProgress
                    | StackStatus::DeleteInProgress
                    | StackStatus::ImportInProgress
            )
        )
    };
    page.events.iter().find(starts).or(page.events.last()).map(|event| event.time).unwrap_or_default()
}

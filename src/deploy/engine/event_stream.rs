//! The events of one operation, each once, oldest first.

use std::collections::HashSet;

use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsError, ClientRequestToken, CloudFormation, EventPage, EventStatus, StackEvent, Timestamp};

/// Which events belong to the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventFilter {
    /// Those that carry this token.
    Token(ClientRequestToken),
    /// Those from this moment on.
    Since(Timestamp),
}

impl EventFilter {
    fn holds(&self, event: &StackEvent) -> bool {
        match self {
            EventFilter::Token(token) => event.token.as_ref() == Some(token),
            EventFilter::Since(moment) => event.time >= *moment,
        }
    }
}

/// A reader of events that remembers which it has seen.
#[derive(Debug)]
pub(crate) struct EventStream {
    stack_id: String,
    /// Which events it reads.
    pub(crate) scope: EventFilter,
    seen: HashSet<String>,
    /// The token of what cancels the operation, and belongs to it.
    also: Option<ClientRequestToken>,
}

impl EventStream {
    /// The events of an operation.
    pub(crate) fn new(stack_id: &str, scope: EventFilter) -> Self {
        Self { stack_id: stack_id.to_owned(), scope, seen: HashSet::new(), also: None }
    }

    /// From now on the events with this token too.
    pub(crate) fn also(&mut self, token: ClientRequestToken) {
        self.also = Some(token);
    }

    fn holds(&self, event: &StackEvent) -> bool {
        self.scope.holds(event) || (event.token.is_some() && event.token == self.also)
    }

    /// The events of the operation that runs now, whoever started it.
    pub(crate) async fn of_running(cloud: &impl CloudFormation, stack_id: &str) -> Result<Self, AwsError> {
        let newest = cloud.events(stack_id, None).await?;
        let scope = match newest.events.iter().find_map(|event| event.token.clone()) {
            Some(token) => EventFilter::Token(token),
            None => EventFilter::Since(beginning(&newest)),
        };
        Ok(Self::new(stack_id, scope))
    }

    /// The events that were not seen before, oldest first.
    ///
    /// Pages are read back to one that holds an event seen before, or one of another operation, and that page to its
    /// end: what AWS hands in late is not lost. A failure in between marks nothing as seen.
    pub(crate) async fn fresh(&mut self, cloud: &impl CloudFormation) -> Result<Vec<StackEvent>, AwsError> {
        self.read(cloud, false).await
    }

    /// The same, reading every page of the operation again: for its end.
    pub(crate) async fn rest(&mut self, cloud: &impl CloudFormation) -> Result<Vec<StackEvent>, AwsError> {
        self.read(cloud, true).await
    }

    async fn read(&mut self, cloud: &impl CloudFormation, thorough: bool) -> Result<Vec<StackEvent>, AwsError> {
        let mut found: Vec<StackEvent> = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = cloud.events(&self.stack_id, next.as_deref()).await?;
            let known = page.events.iter().any(|event| self.seen.contains(&event.id));
            let foreign = page.events.iter().any(|event| !self.holds(event));
            let ours = page.events.into_iter().filter(|event| self.holds(event));
            found.extend(ours.filter(|event| !self.seen.contains(&event.id)));
            next = page.next;
            if next.is_none() || foreign || (known && !thorough) {
                break;
            }
        }
        found.retain(|event| self.seen.insert(event.id.clone()));
        found.reverse();
        Ok(found)
    }
}

/// When the running operation began: at the stack's own newest event that begins one.
fn beginning(page: &EventPage) -> Timestamp {
    let begins = |event: &&StackEvent| {
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
    page.events.iter().find(begins).or(page.events.last()).map(|event| event.time).unwrap_or_default()
}

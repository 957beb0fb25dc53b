//! A queue of SQS.

mod lower;

use super::part;
use crate::block::{Block, Flag, Name, Override};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// A queue of SQS with its dead-letter queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// Whether messages keep their order.
    pub fifo: Flag,
    /// The times that a message is received before it goes to the dead-letter queue, 5 unless set.
    pub dead_letter: Option<WithOrigin<i64>>,
    /// Whether there is no dead-letter queue.
    pub no_dead_letter: Flag,
    /// Seconds that a received message is hidden from other consumers, 30 unless set.
    pub visibility_timeout: Option<WithOrigin<i64>>,
    /// Days that messages are kept, 4 unless set.
    pub retention: Option<WithOrigin<i64>>,
    /// Seconds before a sent message can be received, 0 unless set.
    pub delay: Option<WithOrigin<i64>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl Queue {
    /// Creates a queue of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            fifo: None,
            dead_letter: None,
            no_dead_letter: None,
            visibility_timeout: None,
            retention: None,
            delay: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the queue.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "Queue")
    }

    /// Returns the logical id of its dead-letter queue.
    fn dead_letter_id(&self) -> LogicalId {
        part(&self.name, "DeadLetterQueue")
    }

    /// Returns its URL.
    pub fn url(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Arn").into()
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "QueueName").into()
    }

    /// Returns the URL of its dead-letter queue.
    pub fn dead_letter_url(&self) -> TemplateString {
        Ref::to(self.dead_letter_id()).into()
    }

    /// Returns the ARN of its dead-letter queue.
    pub fn dead_letter_arn(&self) -> TemplateString {
        Ref::attribute(self.dead_letter_id(), "Arn").into()
    }

    /// Returns the physical name of its dead-letter queue.
    pub fn dead_letter_name(&self) -> TemplateString {
        Ref::attribute(self.dead_letter_id(), "QueueName").into()
    }
}

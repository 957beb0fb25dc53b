//! A topic of SNS.

mod lower;

use std::rc::Rc;

use super::{Queue, part};
use crate::block::{Block, Flag, Name, Override};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// A topic of SNS.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// Addresses that get its messages by e-mail.
    pub email: Vec<WithOrigin<String>>,
    /// URLs that get its messages by HTTPS.
    pub https: Vec<WithOrigin<String>>,
    /// Queues that get its messages.
    pub subscribe: Vec<WithOrigin<Rc<Queue>>>,
    /// Whether messages are encrypted with a key of its own.
    pub encrypted: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl Topic {
    /// Creates a topic of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            email: Vec::new(),
            https: Vec::new(),
            subscribe: Vec::new(),
            encrypted: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the topic.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "Topic")
    }

    /// Returns the logical id of its key.
    fn key_id(&self) -> LogicalId {
        part(&self.name, "TopicKey")
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "TopicName").into()
    }

    /// Returns the ARN of its key, if it has one.
    pub(crate) fn key_arn(&self) -> Option<TemplateString> {
        self.encrypted.as_ref().map(|_| Ref::attribute(self.key_id(), "Arn").into())
    }
}

//! The usual alarms of a service: `.alarms(topic)`.
//!
//! *Invariant*: an alarm is named after the service and what it watches, so that a changed threshold replaces nothing.

mod alarm;
mod kinds;
mod lower;

pub(crate) use lower::{lower, rollback};

use std::rc::Rc;

use super::{PropertyOrigins, Topic};
use crate::cfn::Map;

/// The usual alarms of a service, which notify a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmSet {
    /// The topic that gets a message when an alarm goes off, and when it ends.
    pub topic: Rc<Topic>,
    /// Thresholds by the names of alarms; `false` leaves an alarm out.
    pub thresholds: Map,
    /// The origins of the thresholds in the script.
    pub origins: PropertyOrigins,
}

impl AlarmSet {
    /// Creates the usual alarms with their thresholds.
    pub fn new(topic: Rc<Topic>) -> Self {
        Self { topic, thresholds: Map::new(), origins: PropertyOrigins::default() }
    }
}

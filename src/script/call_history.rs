//! How the values of an evaluation were made: the calls that a session shows them by.
//!
//! A block does not remember its setters' arguments as the script wrote them, and needs not: what made it is written
//! down next to it, by the address of the value, which stays alive as long as this record does.

use std::collections::HashMap;
use std::rc::Rc;

use rhai::Dynamic;

use super::block_types::{BlockType, address};
use crate::block::Block;
use crate::cfn::LogicalId;

/// A call that made a value: of a function, or of a method of the value before.
pub(crate) struct RecordedCall {
    /// The value before, for a method.
    pub(crate) before: Option<usize>,
    /// `Vpc::existing`, `cpu`.
    pub(crate) name: String,
    pub(crate) arguments: Vec<Dynamic>,
    /// The value that it created, which keeps the address its own.
    pub(crate) made: Dynamic,
}

/// Every value of blocks of one evaluation with what made it.
#[derive(Default)]
pub(crate) struct CallHistory {
    steps: Vec<RecordedCall>,
    by_address: HashMap<usize, usize>,
    by_handle: HashMap<LogicalId, usize>,
}

impl CallHistory {
    /// Writes down a call of a function.
    pub(crate) fn made<T: BlockType>(&mut self, name: &str, arguments: Vec<Dynamic>, value: &Rc<T>) {
        self.put(None, name, arguments, value);
    }

    /// Writes down a call of a method.
    pub(crate) fn changed<T: BlockType>(&mut self, before: &Rc<T>, name: &str, arguments: Vec<Dynamic>, value: &Rc<T>) {
        let before = self.of(address(before));
        self.put(before, name, arguments, value);
    }

    fn put<T: BlockType>(&mut self, before: Option<usize>, name: &str, arguments: Vec<Dynamic>, value: &Rc<T>) {
        let at = self.steps.len();
        let made = Dynamic::from(Rc::clone(value));
        self.by_address.insert(address(value), at);
        for id in T::block(value).iter().flat_map(Block::logical_ids) {
            self.by_handle.insert(id, at);
        }
        self.steps.push(RecordedCall { before, name: name.to_owned(), arguments, made });
    }

    /// Returns the last call that made the value at an address.
    pub(crate) fn of(&self, address: usize) -> Option<usize> {
        self.by_address.get(&address).copied()
    }

    /// Returns the last call that made something of this logical id.
    pub(crate) fn of_handle(&self, id: &LogicalId) -> Option<usize> {
        self.by_handle.get(id).copied()
    }

    /// Returns a call.
    pub(crate) fn step(&self, at: usize) -> &RecordedCall {
        &self.steps[at]
    }

    /// Returns the calls that made a value, the first first.
    pub(crate) fn chain(&self, last: usize) -> Vec<&RecordedCall> {
        let mut chain = vec![self.step(last)];
        while let Some(before) = chain.last().and_then(|step| step.before) {
            chain.push(self.step(before));
        }
        chain.reverse();
        chain
    }
}

//! The calls that created the values of an evaluation, for a session that shows them.
//!
//! A block does not have the arguments of its setters as the script wrote them. This record has them, by the address of
//! the value. It also holds the value, so that no other value can get the address.

use std::collections::HashMap;
use std::rc::Rc;

use rhai::Dynamic;

use super::block_types::{BlockType, address};
use crate::block::Block;
use crate::cfn::LogicalId;

/// A call that created a value: of a function, or of a method of another value.
pub(crate) struct RecordedCall {
    /// The index of the call that created the receiver, for a method.
    pub(crate) before: Option<usize>,
    /// `Vpc::existing`, `cpu`.
    pub(crate) name: String,
    pub(crate) arguments: Vec<Dynamic>,
    /// The value that it created. Its address is not reused while it is held here.
    pub(crate) value: Dynamic,
}

/// The calls that created the blocks of one evaluation.
#[derive(Default)]
pub(crate) struct CallHistory {
    steps: Vec<RecordedCall>,
    by_address: HashMap<usize, usize>,
    by_logical_id: HashMap<LogicalId, usize>,
}

impl CallHistory {
    /// Records a call of a function.
    pub(crate) fn record_function<T: BlockType>(&mut self, name: &str, arguments: Vec<Dynamic>, value: &Rc<T>) {
        self.record(None, name, arguments, value);
    }

    /// Records a call of a method.
    pub(crate) fn record_method<T: BlockType>(
        &mut self,
        before: &Rc<T>,
        name: &str,
        arguments: Vec<Dynamic>,
        value: &Rc<T>,
    ) {
        let before = self.of(address(before));
        self.record(before, name, arguments, value);
    }

    fn record<T: BlockType>(&mut self, before: Option<usize>, name: &str, arguments: Vec<Dynamic>, value: &Rc<T>) {
        let at = self.steps.len();
        self.by_address.insert(address(value), at);
        for id in T::block(value).iter().flat_map(Block::logical_ids) {
            self.by_logical_id.insert(id, at);
        }
        self.steps.push(RecordedCall {
            before,
            name: name.to_owned(),
            arguments,
            value: Dynamic::from(Rc::clone(value)),
        });
    }

    /// Returns the last call that created the value at an address.
    pub(crate) fn of(&self, address: usize) -> Option<usize> {
        self.by_address.get(&address).copied()
    }

    /// Returns the last call that created a block with this logical id.
    pub(crate) fn last_for_logical_id(&self, id: &LogicalId) -> Option<usize> {
        self.by_logical_id.get(id).copied()
    }

    /// Returns a call.
    pub(crate) fn step(&self, at: usize) -> &RecordedCall {
        &self.steps[at]
    }

    /// Returns the calls that created a value, in the order of the script.
    pub(crate) fn chain(&self, last: usize) -> Vec<&RecordedCall> {
        let mut chain = vec![self.step(last)];
        while let Some(before) = chain.last().and_then(|step| step.before) {
            chain.push(self.step(before));
        }
        chain.reverse();
        chain
    }
}

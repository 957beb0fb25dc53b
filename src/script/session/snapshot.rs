//! The outcome of an evaluation of a session.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use rhai::{Array, Dynamic, FnPtr, Map};

use super::to_source;
use super::to_source::NamedValues;
use crate::block::{Block, ReferencedBlocks, Stack};
use crate::diag::{Origin, Sink, SourceMap};
use crate::script::block_types::{address_of, block, equal, type_name};
use crate::script::eval_state::EvalState;
use crate::script::value::Reference;
use crate::script::{EvalOutput, bindings};
use crate::settings::Setting;

/// The variables at the end of an evaluation, with its state.
#[derive(Default)]
pub(in crate::script) struct Snapshot {
    variables: Vec<(String, Dynamic)>,
    /// The indices of the variables by their names.
    indices: HashMap<String, usize>,
    pub(in crate::script) state: Rc<EvalState>,
}

impl Snapshot {
    /// Creates the snapshot of an evaluation; of a variable that was declared twice, the last value counts.
    pub(in crate::script) fn of(run: EvalOutput) -> Self {
        let mut seen = HashSet::new();
        let is_last = |(name, _): &(String, Dynamic)| seen.insert(name.clone());
        let mut variables: Vec<(String, Dynamic)> = run.variables.into_iter().rev().filter(is_last).collect();
        variables.reverse();
        variables.iter_mut().for_each(|(_, value)| *value = std::mem::take(value).flatten());
        let indices = variables.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        Self { variables, indices, state: run.state }
    }

    pub(in crate::script) fn variables(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(in crate::script) fn get(&self, name: &str) -> Option<&Dynamic> {
        self.indices.get(name).map(|at| &self.variables[*at].1)
    }

    pub(in crate::script) fn settings(&self) -> Vec<Setting> {
        self.state.settings.borrow().settings().to_vec()
    }

    pub(in crate::script) fn mentions(&self) -> ReferencedBlocks {
        self.state.mentions.borrow().clone()
    }

    pub(in crate::script) fn sources(&self) -> SourceMap {
        self.state.sources.borrow().clone()
    }

    /// Returns the diagnostics in the order of their origins: Rhai evaluates arguments before the chain around them.
    pub(in crate::script) fn problems(&self) -> Sink {
        let mut problems = self.state.problems.borrow().clone();
        problems.sort_by_cached_key(|problem| problem.origin().cloned());
        problems
    }

    /// Returns the variables that are new or differ.
    pub(in crate::script) fn changes(&self, before: &Snapshot) -> Vec<String> {
        let differs = |name: &str, value: &Dynamic| before.get(name).is_none_or(|old| !same(old, value));
        let removed = before.variables().filter(|(name, _)| self.get(name).is_none());
        let new = self.variables().filter(|(name, value)| differs(name, value));
        new.chain(removed).map(|(name, _)| name.to_owned()).collect()
    }

    /// Returns whether it declares more settings.
    pub(in crate::script) fn declares_more_settings(&self, before: &Snapshot) -> bool {
        self.settings().len() != before.settings().len()
    }

    /// Returns the lines that were printed in addition to those of an earlier evaluation.
    pub(in crate::script) fn printed_since(&self, before: &Snapshot) -> Vec<(Origin, String)> {
        let known = before.state.printed.borrow().len();
        self.state.printed.borrow().iter().skip(known).cloned().collect()
    }
}

/// A value of a session that can be shown.
#[derive(Clone)]
pub struct DisplayValue {
    pub(in crate::script) value: Dynamic,
    pub(in crate::script) snapshot: Rc<Snapshot>,
}

impl DisplayValue {
    pub(in crate::script) fn new(value: Dynamic, snapshot: Rc<Snapshot>) -> Self {
        Self { value, snapshot }
    }

    /// Returns its type as users know it: `FargateService`, `text`, `list`.
    pub fn kind(&self) -> String {
        to_source::kind(&self.value)
    }

    /// Returns the expression that creates it, as a chain of setters; variables are written by name.
    pub fn expression(&self) -> String {
        self.written(&NamedValues::of(self.snapshot.variables()))
    }

    /// Returns the expression that creates it, without variables.
    pub fn whole_expression(&self) -> String {
        self.written(&NamedValues::none())
    }

    fn written(&self, names: &NamedValues) -> String {
        to_source::expression(&self.value, &self.snapshot.state.call_history.borrow(), names)
    }

    /// Returns it as a block or resource, if it is one.
    pub fn block(&self) -> Option<Block> {
        block(&self.value)
    }

    /// Returns the blocks that it may refer to.
    pub fn mentions(&self) -> ReferencedBlocks {
        self.snapshot.mentions()
    }

    /// Returns the texts that its origins refer to.
    pub fn sources(&self) -> SourceMap {
        self.snapshot.sources()
    }

    /// Returns whether it is a single stack.
    pub fn is_stack(&self) -> bool {
        self.value.is::<Rc<Stack>>()
    }

    /// Returns it as stacks: one, or a list that contains only stacks.
    pub fn stacks(&self) -> Vec<Rc<Stack>> {
        if let Some(stack) = self.value.read_lock::<Rc<Stack>>() {
            return vec![Rc::clone(&stack)];
        }
        let Ok(items) = self.value.as_array_ref() else { return Vec::new() };
        let stacks: Vec<Rc<Stack>> = items.iter().filter_map(|item| item.clone().try_cast()).collect();
        if stacks.len() == items.len() { stacks } else { Vec::new() }
    }

    /// Returns an item of a list; the value itself if it is not a list.
    #[must_use]
    pub fn item(&self, at: usize) -> DisplayValue {
        let item = self.value.as_array_ref().ok().and_then(|items| items.get(at).cloned());
        Self::new(item.unwrap_or_else(|| self.value.clone()), Rc::clone(&self.snapshot))
    }

    /// Returns the keys, for a map.
    pub fn keys(&self) -> Vec<String> {
        self.value.as_map_ref().map(|map| map.keys().map(ToString::to_string).collect()).unwrap_or_default()
    }

    /// Returns the value in a template, for a reference.
    pub fn template_value(&self) -> Option<crate::cfn::Value> {
        self.value.read_lock::<Reference>().map(|reference| reference.0.clone())
    }

    /// Returns the setters that were not called on it, each with its declared default.
    pub fn defaults(&self) -> Vec<(&'static str, &'static str)> {
        let used = self.setters();
        let kind = bindings::types().into_iter().find(|kind| Some(kind.name) == type_name(&self.value));
        let is_called = |name: &str| used.iter().any(|used| used == name);
        let defaults = kind.into_iter().flat_map(|kind| kind.methods).filter_map(|method| {
            let default = method.default.filter(|_| !is_called(method.name))?;
            (!default.unless.is_some_and(is_called)).then_some((method.name, default.text))
        });
        defaults.collect()
    }

    /// Returns the names of the methods that were called on it.
    pub(in crate::script) fn setters(&self) -> Vec<String> {
        let call_history = self.snapshot.state.call_history.borrow();
        let last = address_of(&self.value).and_then(|address| call_history.of(address));
        last.map(|last| call_history.chain(last).iter().skip(1).map(|step| step.name.clone()).collect())
            .unwrap_or_default()
    }
}

/// Returns whether two values are equal for scripts.
fn same(a: &Dynamic, b: &Dynamic) -> bool {
    fn both<T: Clone + PartialEq + 'static>(a: &Dynamic, b: &Dynamic) -> Option<bool> {
        Some(*a.read_lock::<T>()? == *b.read_lock::<T>()?)
    }
    if a.type_id() != b.type_id() {
        return false;
    }
    if let (Ok(a), Ok(b)) = (a.as_array_ref(), b.as_array_ref()) {
        let (a, b): (&Array, &Array) = (&a, &b);
        return a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    }
    if let (Ok(a), Ok(b)) = (a.as_map_ref(), b.as_map_ref()) {
        let (a, b): (&Map, &Map) = (&a, &b);
        return a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && same(a, b));
    }
    if let (Some(a), Some(b)) = (a.read_lock::<FnPtr>(), b.read_lock::<FnPtr>()) {
        return a.fn_name() == b.fn_name();
    }
    both::<Reference>(a, b).or_else(|| equal(a, b)).unwrap_or_else(|| a.to_string() == b.to_string())
}

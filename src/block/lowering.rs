//! A block that is being lowered: what it adds, and what it reports.

use indexmap::IndexMap;

use super::lowering_context::LoweringContext;
use crate::cfn;
use crate::cfn::{LogicalId, Resource, StackJob, Value};
use crate::diag::{Diagnostic, Origin, Sink, WithOrigin};
use crate::image::{PinnedImage, RequiredImage};

/// The resources, parameters and problems of one block.
#[derive(Debug, Default)]
pub struct LoweredBlock {
    /// The resources.
    pub resources: IndexMap<LogicalId, Resource>,
    /// The parameters.
    pub parameters: IndexMap<LogicalId, cfn::Parameter>,
    /// The images to push before the stack is deployed.
    pub images: Vec<RequiredImage>,
    /// The images whose tags become digests.
    pub pinned: Vec<PinnedImage>,
    /// The jobs of the stack.
    pub jobs: Vec<StackJob>,
    /// The problems of the settings.
    pub problems: Sink,
}

/// A block being lowered, with what it may read of the other blocks.
pub(crate) struct Lowering<'a> {
    /// The name of the stack.
    pub(crate) stack: &'a str,
    /// The other blocks.
    pub(crate) context: &'a LoweringContext,
    lowered: LoweredBlock,
}

impl<'a> Lowering<'a> {
    /// Begins to lower a block of a stack.
    pub(crate) fn new(stack: &'a str, context: &'a LoweringContext) -> Self {
        Self { stack, context, lowered: LoweredBlock::default() }
    }

    /// Returns what was added and reported.
    pub(crate) fn finish(self) -> LoweredBlock {
        self.lowered
    }

    /// Adds a resource.
    pub(crate) fn add(&mut self, id: impl Into<LogicalId>, resource: Resource) {
        self.lowered.resources.insert(id.into(), resource);
    }

    /// Makes a resource that was added wait for others.
    pub(crate) fn wait_for(&mut self, id: &LogicalId, needed: Vec<LogicalId>) {
        if let Some(resource) = self.lowered.resources.get_mut(id) {
            *resource = needed.into_iter().fold(resource.clone(), Resource::after);
        }
    }

    /// Adds a parameter.
    pub(crate) fn add_parameter(&mut self, id: LogicalId, parameter: cfn::Parameter) {
        self.lowered.parameters.insert(id, parameter);
    }

    /// Adds an image to push before the stack is deployed.
    pub(crate) fn add_image(&mut self, image: RequiredImage) {
        self.lowered.images.push(image);
    }

    /// Adds an image whose tag becomes a digest.
    pub(crate) fn add_pinned(&mut self, image: PinnedImage) {
        self.lowered.pinned.push(image);
    }

    /// Adds a job of the stack.
    pub(crate) fn add_job(&mut self, job: StackJob) {
        self.lowered.jobs.push(job);
    }

    /// Reports a problem.
    pub(crate) fn report(&mut self, problem: Diagnostic) {
        self.lowered.problems.push(problem);
    }

    /// Reports problems, if there are any.
    pub(crate) fn report_all(&mut self, problems: impl IntoIterator<Item = Diagnostic>) {
        self.lowered.problems.extend(problems);
    }

    /// Returns the tag that the console shows as the name of a resource of a network.
    pub(crate) fn name_tag(&self, id: &LogicalId) -> Value {
        Value::List(vec![cfn!({ "Key": "Name", "Value": format!("{}/{id}", self.stack) })])
    }
}

/// Setting properties together with the setters behind them.
pub(crate) trait SetProperty: Sized {
    /// Sets a property to a setting, and its origin to that of the setting, if it is set.
    fn set<'s, T: 's, V: Into<Value>>(
        self,
        property: &str,
        setting: impl Into<Option<&'s WithOrigin<T>>>,
        value: impl FnOnce(&T) -> V,
    ) -> Self;

    /// Sets a property to a setting with its origin, or to a default.
    fn set_or<'s, T: 's, V: Into<Value>>(
        self,
        property: &str,
        setting: impl Into<Option<&'s WithOrigin<T>>>,
        default: impl Into<Value>,
        value: impl FnOnce(&T) -> V,
    ) -> Self;

    /// Records the origin of a setting as that of a property, if it is set.
    fn with_origin<'s, T: 's>(self, property: &str, setting: impl Into<Option<&'s WithOrigin<T>>>) -> Self;

    /// Records an origin as that of a property, if there is one.
    fn with_origin_at(self, property: &str, origin: Option<&Origin>) -> Self;
}

impl SetProperty for Resource {
    fn set<'s, T: 's, V: Into<Value>>(
        self,
        property: &str,
        setting: impl Into<Option<&'s WithOrigin<T>>>,
        value: impl FnOnce(&T) -> V,
    ) -> Self {
        match setting.into() {
            Some(setting) => self.with(property, value(&setting.value)).record_origin(property, &setting.origin),
            None => self,
        }
    }

    fn set_or<'s, T: 's, V: Into<Value>>(
        self,
        property: &str,
        setting: impl Into<Option<&'s WithOrigin<T>>>,
        default: impl Into<Value>,
        value: impl FnOnce(&T) -> V,
    ) -> Self {
        match setting.into() {
            Some(setting) => self.set(property, setting, value),
            None => self.with(property, default),
        }
    }

    fn with_origin<'s, T: 's>(self, property: &str, setting: impl Into<Option<&'s WithOrigin<T>>>) -> Self {
        self.with_origin_at(property, setting.into().map(|setting| &setting.origin))
    }

    fn with_origin_at(self, property: &str, origin: Option<&Origin>) -> Self {
        match origin {
            Some(origin) => self.record_origin(property, origin),
            None => self,
        }
    }
}

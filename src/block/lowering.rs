//! What a block is lowered into.

use indexmap::IndexMap;

use super::lowering_context::LoweringContext;
use super::{Block, overrides};
use crate::cfn;
use crate::cfn::{LogicalId, Resource, Value};
use crate::diag::{Diagnostic, Origin, Sink, WithOrigin};

/// The resources, parameters and problems of one block.
#[derive(Debug, Default)]
pub struct LoweredBlock {
    /// Its resources.
    pub resources: IndexMap<LogicalId, Resource>,
    /// Its parameters.
    pub parameters: IndexMap<LogicalId, cfn::Parameter>,
    /// What is wrong with it.
    pub problems: Sink,
}

/// One block being lowered, with what it may know of its neighbours.
pub(crate) struct Lowering<'a> {
    /// The name of the stack.
    pub(crate) stack: &'a str,
    /// The other blocks.
    pub(crate) neighbours: &'a LoweringContext,
    made: LoweredBlock,
}

impl Block {
    /// The resources of the block in a stack of this name.
    pub fn lower(&self, stack: &str, neighbours: &LoweringContext) -> LoweredBlock {
        let mut scope = Lowering { stack, neighbours, made: LoweredBlock::default() };
        match self {
            Block::Vpc(vpc) => vpc.lower(&mut scope),
            Block::Cluster(cluster) => cluster.lower(&mut scope),
            Block::FargateService(service) => {
                service.lower(&mut scope);
                overrides::apply(&service.overrides, &mut scope.made);
            }
            Block::Alb(alb) => {
                alb.lower(&mut scope);
                overrides::apply(&alb.overrides, &mut scope.made);
            }
            Block::Resource(resource) => resource.lower(&mut scope),
            Block::Parameter(parameter) => parameter.lower(&mut scope),
        }
        scope.made
    }
}

impl Lowering<'_> {
    /// Adds a resource.
    pub(crate) fn add(&mut self, id: impl Into<LogicalId>, resource: Resource) {
        self.made.resources.insert(id.into(), resource);
    }

    /// Adds a parameter.
    pub(crate) fn add_parameter(&mut self, id: LogicalId, parameter: cfn::Parameter) {
        self.made.parameters.insert(id, parameter);
    }

    /// Says what is wrong.
    pub(crate) fn problem(&mut self, problem: Diagnostic) {
        self.made.problems.push(problem);
    }

    /// Says what is wrong, where something is.
    pub(crate) fn problems(&mut self, problems: impl IntoIterator<Item = Diagnostic>) {
        self.made.problems.extend(problems);
    }

    /// The tag that the console shows as the name of a resource of a network.
    pub(crate) fn name_tag(&self, id: &LogicalId) -> Value {
        Value::List(vec![cfn!({ "Key": "Name", "Value": format!("{}/{id}", self.stack) })])
    }
}

/// Remembering the setters behind properties.
pub(crate) trait RecordOrigin {
    /// Remembers the place of a setting, where it was set, as that of a property.
    fn marked<T>(self, property: &str, setting: Option<&WithOrigin<T>>) -> Self;

    /// Remembers a place, where there is one.
    fn marked_at(self, property: &str, origin: Option<&Origin>) -> Self;
}

impl RecordOrigin for Resource {
    fn marked<T>(self, property: &str, setting: Option<&WithOrigin<T>>) -> Self {
        self.marked_at(property, setting.map(|setting| &setting.origin))
    }

    fn marked_at(self, property: &str, origin: Option<&Origin>) -> Self {
        match origin {
            Some(origin) => self.mark(property, origin),
            None => self,
        }
    }
}

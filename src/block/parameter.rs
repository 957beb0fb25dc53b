use std::rc::Rc;

use super::kind::BlockKind;
use super::lowering::Lowering;
use crate::block::Name;
use crate::cfn;
use crate::cfn::{LogicalId, Map, Ref, TemplateString};
use crate::diag::{Origin, WithOrigin};

/// A parameter of the template, set when the stack is deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, whose stem is the logical id.
    pub name: WithOrigin<Name>,
    /// `Type` (`String` unless set), `Default`, `AllowedValues`, `NoEcho` and the rest.
    pub body: Map,
}

impl Parameter {
    /// Creates a parameter of this name.
    pub fn new(name: WithOrigin<Name>, body: Map) -> Self {
        Self { name, body }
    }

    /// Returns its logical id.
    pub fn logical_id(&self) -> LogicalId {
        self.name.value.stem().into()
    }

    /// Returns its value.
    pub fn reference(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }
}

impl BlockKind for Parameter {
    fn origin(&self) -> &Origin {
        &self.name.origin
    }

    fn block_name(&self) -> Option<&Name> {
        None
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        vec![self.logical_id()]
    }

    fn reference(&self) -> TemplateString {
        Parameter::reference(self)
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let mut body = self.body.clone();
        if !body.contains_key("Type") {
            body.shift_insert(0, "Type".to_owned(), "String".into());
        }
        lowering.add_parameter(self.logical_id(), cfn::Parameter { body, origin: self.name.origin.clone() });
    }
}

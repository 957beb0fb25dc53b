use crate::block::Name;
use crate::cfn::{LogicalId, Map, Ref, Text};
use crate::diag::Spanned;

/// A parameter of the template, given when the stack is deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, whose stem is the logical id.
    pub name: Spanned<Name>,
    /// `Type` (`String` unless set), `Default`, `AllowedValues`, `NoEcho` and the rest.
    pub body: Map,
}

impl Parameter {
    /// A parameter of this name.
    pub fn new(name: Spanned<Name>, body: Map) -> Self {
        Self { name, body }
    }

    /// Its logical id.
    pub fn logical_id(&self) -> LogicalId {
        self.name.value.stem().into()
    }

    /// Its value.
    pub fn reference(&self) -> Text {
        Ref::to(self.logical_id()).into()
    }
}

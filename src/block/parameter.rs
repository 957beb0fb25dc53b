use crate::block::Name;
use crate::block::scope::Scope;
use crate::cfn::{self, LogicalId, Map, Ref, Text};
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

impl Parameter {
    pub(crate) fn lower(&self, scope: &mut Scope<'_>) {
        let mut body = self.body.clone();
        if !body.contains_key("Type") {
            body.shift_insert(0, "Type".to_owned(), "String".into());
        }
        scope.add_parameter(self.logical_id(), cfn::Parameter { body, origin: self.name.origin.clone() });
    }
}

use crate::block::{Block, Name};
use crate::cfn::{LogicalId, Map, Ref, Text, TypeName, Value};
use crate::diag::Spanned;

/// A resource as CloudFormation writes it: `AWS::S3::Bucket("Tiles", #{ ... })`.
#[derive(Debug, Clone, PartialEq)]
pub struct RawResource {
    /// Its name, whose stem is the logical id.
    pub name: Spanned<Name>,
    /// Its type.
    pub kind: TypeName,
    /// Its properties.
    pub properties: Map,
    /// What must be there before it, beyond what it refers to.
    pub depends_on: Vec<Spanned<Block>>,
    /// `Delete`, `Retain`, `RetainExceptOnCreate` or `Snapshot`.
    pub deletion_policy: Option<Spanned<String>>,
    /// The attribute `UpdatePolicy`.
    pub update_policy: Option<Spanned<Value>>,
    /// The condition under which it exists.
    pub condition: Option<Spanned<String>>,
    /// The attribute `Metadata`.
    pub metadata: Option<Spanned<Value>>,
}

impl RawResource {
    /// A resource of this type, name and properties.
    pub fn new(kind: impl Into<TypeName>, name: Spanned<Name>, properties: Map) -> Self {
        Self {
            name,
            kind: kind.into(),
            properties,
            depends_on: Vec::new(),
            deletion_policy: None,
            update_policy: None,
            condition: None,
            metadata: None,
        }
    }

    /// Its logical id.
    pub fn logical_id(&self) -> LogicalId {
        self.name.value.stem().into()
    }

    /// What `Ref` gives: for most types the physical name.
    pub fn reference(&self) -> Text {
        Ref::to(self.logical_id()).into()
    }

    /// What `Fn::GetAtt` gives; whether the type has the attribute is the schema check's business.
    pub fn attribute(&self, name: &str) -> Text {
        Ref::attribute(self.logical_id(), name).into()
    }
}

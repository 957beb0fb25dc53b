use crate::block::{Block, Name};
use crate::cfn::{LogicalId, Map, Path, Ref, Text, TypeName, Value};
use crate::diag::{Origin, Spanned};

/// The places of the keys of a literal in the script. They never make two resources differ.
#[derive(Debug, Clone, Default)]
pub struct Marks(Vec<(Path, Origin)>);

impl Marks {
    /// Each path, from the properties on, with its place.
    pub fn iter(&self) -> impl Iterator<Item = &(Path, Origin)> {
        self.0.iter()
    }
}

impl From<Vec<(Path, Origin)>> for Marks {
    fn from(marks: Vec<(Path, Origin)>) -> Self {
        Self(marks)
    }
}

impl PartialEq for Marks {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// A resource as CloudFormation writes it: `AWS::S3::Bucket("Tiles", #{ ... })`.
#[derive(Debug, Clone, PartialEq)]
pub struct RawResource {
    /// Its name, whose stem is the logical id.
    pub name: Spanned<Name>,
    /// Its type.
    pub kind: TypeName,
    /// Its properties.
    pub properties: Map,
    /// Where its properties stand in the script.
    pub marks: Marks,
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
            marks: Marks::default(),
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

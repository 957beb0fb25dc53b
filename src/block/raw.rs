use std::rc::Rc;

use super::kind::BlockKind;
use super::lowering::Lowering;
use crate::block::{Block, Name, PropertyOrigins, depends_on};
use crate::cfn::{LogicalId, Map, PropertyPath, Ref, Resource, TemplateString, TypeName, Value};
use crate::diag::{Origin, WithOrigin};

/// A resource as CloudFormation writes it: `AWS::S3::Bucket("Tiles", #{ ... })`.
#[derive(Debug, Clone, PartialEq)]
pub struct RawResource {
    /// Its name, whose stem is the logical id.
    pub name: WithOrigin<Name>,
    /// Its type.
    pub kind: TypeName,
    /// Its properties.
    pub properties: Map,
    /// The origins of its properties in the script.
    pub origins: PropertyOrigins,
    /// The blocks that are created before it, besides those that it refers to.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// `Delete`, `Retain`, `RetainExceptOnCreate` or `Snapshot`.
    pub deletion_policy: Option<WithOrigin<String>>,
    /// `Delete`, `Retain` or `Snapshot`; else it follows from the deletion policy.
    pub update_replace_policy: Option<WithOrigin<String>>,
    /// The attribute `CreationPolicy`.
    pub creation_policy: Option<WithOrigin<Value>>,
    /// The attribute `UpdatePolicy`.
    pub update_policy: Option<WithOrigin<Value>>,
    /// The condition under which it exists.
    pub condition: Option<WithOrigin<String>>,
    /// The attribute `Metadata`.
    pub metadata: Option<WithOrigin<Value>>,
}

impl RawResource {
    /// Creates a resource of this type, name and properties.
    pub fn new(kind: impl Into<TypeName>, name: WithOrigin<Name>, properties: Map) -> Self {
        Self {
            name,
            kind: kind.into(),
            properties,
            origins: PropertyOrigins::default(),
            depends_on: Vec::new(),
            deletion_policy: None,
            update_replace_policy: None,
            creation_policy: None,
            update_policy: None,
            condition: None,
            metadata: None,
        }
    }

    /// Returns its logical id.
    pub fn logical_id(&self) -> LogicalId {
        self.name.value.stem().into()
    }

    /// Returns what `Ref` gives: for most types the physical name.
    pub fn reference(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns what `Fn::GetAtt` gives; whether the type has the attribute is the schema check's business.
    pub fn attribute(&self, name: &str) -> TemplateString {
        Ref::attribute(self.logical_id(), name).into()
    }
}

impl RawResource {
    /// Returns its type and properties.
    pub(crate) fn described(&self) -> Resource {
        let mut resource = Resource::new(self.kind.clone(), self.name.origin.clone());
        resource.properties.clone_from(&self.properties);
        resource
    }
}

impl BlockKind for RawResource {
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
        RawResource::reference(self)
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let mut resource = self.described();
        self.origins.apply_to(&mut resource);
        resource.condition = self.condition.as_ref().map(|condition| condition.value.clone());
        let kept = self.deletion_policy.as_ref().map(|policy| policy.clone().map(|policy| kept_when_replaced(&policy)));
        let replace = self.update_replace_policy.clone().or(kept);
        let policy = |policy: &WithOrigin<String>| policy.clone().map(Value::from);
        let attributes = [
            ("DeletionPolicy", self.deletion_policy.as_ref().map(policy)),
            ("UpdateReplacePolicy", replace.as_ref().map(policy)),
            ("CreationPolicy", self.creation_policy.clone()),
            ("UpdatePolicy", self.update_policy.clone()),
            ("Metadata", self.metadata.clone()),
        ];
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            resource.attributes.insert(name.to_owned(), value.value);
            resource.add_origin(PropertyPath::attribute(name), &value.origin);
        }
        resource = depends_on::apply(&self.depends_on, resource);
        if let Some(condition) = &self.condition {
            resource.add_origin(PropertyPath::attribute("Condition"), &condition.origin);
        }
        lowering.add(self.logical_id(), resource);
    }
}

/// Returns the `UpdateReplacePolicy`: a resource that is kept when the stack is deleted is kept when it is replaced.
fn kept_when_replaced(policy: &str) -> String {
    let replace = if policy == "RetainExceptOnCreate" { "Retain" } else { policy };
    replace.to_owned()
}

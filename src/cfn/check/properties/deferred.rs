//! Values that are known only when the stack is deployed, and what is certain of them before.

use super::format;
use super::object::{Presence, presence};
use super::validator::Validator;
use super::violation::{ActualType, Violation};
use crate::cfn::schema::{JsonTypes, Keyword, Node, TypeSchema};
use crate::cfn::type_names::{SECURITY_GROUP, SSM_PARAMETER};
use crate::cfn::{Function, Intrinsic, Ref, Value};

/// The shape that a computed value certainly has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeferredShape {
    Unknown,
    Scalar,
    List,
}

impl<'a> Validator<'a, '_> {
    pub(super) fn computed(&mut self, value: &'a Value, node: Node<'a>) {
        if let Value::Call(call) = value
            && let Some(found) = self.mapped(call)
        {
            return self.value(found, node);
        }
        self.unknown |= !node.is_anything();
        let kinds = node.kinds();
        let (shape, gives) = match self.shape(value) {
            DeferredShape::Unknown => return self.formats(value, node),
            DeferredShape::Scalar => (JsonTypes::SCALAR, "a string"),
            DeferredShape::List => (JsonTypes::LIST, "a list"),
        };
        if kinds.meets(shape) {
            self.formats(value, node);
        } else {
            self.violation(Violation::WrongType { expected: kinds, found: ActualType::Computed(name(value), gives) });
        }
    }

    /// Returns the literal that an `Fn::FindInMap` with literal keys finds.
    fn mapped(&self, call: &'a Intrinsic) -> Option<&'a Value> {
        let [map, first, second] = call.argument.as_list()? else { return None };
        let found = self.template.mappings.get(map.as_str()?)?.get(first.as_str()?)?.get(second.as_str()?);
        found.filter(|_| call.function == Function::FindInMap)
    }

    fn shape(&self, value: &Value) -> DeferredShape {
        match value {
            Value::Call(call) => match call.function {
                Function::Split | Function::GetAzs | Function::Cidr => DeferredShape::List,
                Function::Join | Function::Base64 | Function::Sub | Function::ImportValue | Function::ToJsonString => {
                    DeferredShape::Scalar
                }
                Function::Length => DeferredShape::Scalar,
                _ => DeferredShape::Unknown,
            },
            value => value.as_reference().map_or(DeferredShape::Scalar, |reference| self.shape_of(reference)),
        }
    }

    /// Returns the shape of a reference: that of a parameter's type, a string for `Ref`, that of the schema for
    /// attributes.
    pub(super) fn shape_of(&self, reference: &Ref) -> DeferredShape {
        let id = reference.id.as_str();
        if let Some(parameter) = self.template.parameters.get(id) {
            return parameter
                .body
                .get("Type")
                .and_then(Value::as_str)
                .map_or(DeferredShape::Unknown, shape_of_parameter);
        }
        let Some(attribute) = &reference.attribute else {
            return match id {
                "AWS::NotificationARNs" => DeferredShape::List,
                "AWS::NoValue" => DeferredShape::Unknown,
                _ if reference.id.is_pseudo() || self.template.resources.contains_key(id) => DeferredShape::Scalar,
                _ => DeferredShape::Unknown,
            };
        };
        let Some(node) = self.kind_of(id).and_then(|kind| kind.attribute(attribute)?.node) else {
            return DeferredShape::Unknown;
        };
        match node.kinds() {
            JsonTypes::LIST => DeferredShape::List,
            JsonTypes::STRING | JsonTypes::INTEGER | JsonTypes::NUMBER | JsonTypes::BOOLEAN => DeferredShape::Scalar,
            _ => DeferredShape::Unknown,
        }
    }

    fn kind_of(&self, id: &str) -> Option<TypeSchema<'a>> {
        let kind = &self.template.resources.get(id)?.kind;
        // The implementation of these decides what they give.
        let free =
            ["AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack", "AWS::Serverless::Application"];
        if free.contains(&kind.as_str()) { None } else { self.schema.get(kind.as_str()) }
    }

    /// Reports references of another format: `Ref` of a role is its name, not an ARN.
    fn formats(&mut self, value: &'a Value, node: Node<'a>) {
        let Some(reference) = value.as_reference() else { return };
        let wanted = wanted_formats(node);
        if wanted.is_empty() {
            return;
        }
        if let Some(actual) = self.actual_formats(reference)
            && !actual.iter().any(|format| wanted.contains(format))
            && !(actual.is_empty() && self.may_give(reference, &wanted))
        {
            self.violation(Violation::Reference { to: reference, formats: wanted });
        }
    }

    /// Returns whether a value without a format may be what is wanted: its name says so, and its type has nothing else of
    /// the wanted format. The group of a classic load balancer is such a value.
    fn may_give(&self, reference: &'a Ref, wanted: &[&str]) -> bool {
        if self.shape_of(reference) == DeferredShape::List {
            return true;
        }
        let id = reference.id.as_str();
        let has_wanted = self.kind_of(id).is_some_and(|kind| better(&kind, wanted).is_some());
        let kind = self.template.resources.get(id).map_or("", |resource| resource.kind.as_str());
        let name = reference.attribute.as_deref().unwrap_or(kind).to_lowercase();
        let noun = |format: &&str| format.split(['.', ':']).rev().nth(1).unwrap_or_default().to_lowercase();
        !has_wanted && wanted.iter().any(|format| name.contains(&noun(format)))
    }

    /// Returns the formats of what a reference gives, if known; an empty list means a value without a format.
    fn actual_formats(&self, reference: &'a Ref) -> Option<Vec<&'a str>> {
        let id = reference.id.as_str();
        let kind = self.kind_of(id)?;
        let resource = self.template.resources.get(id)?;
        match &reference.attribute {
            Some(attribute) if resource.kind.as_str() == SSM_PARAMETER && attribute == "Value" => None,
            Some(attribute) => Some(wanted_formats(kind.attribute(attribute)?.node?)),
            None if resource.kind.as_str() == SECURITY_GROUP => match presence(&resource.properties, "VpcId") {
                Presence::Present => Some(vec!["AWS::EC2::SecurityGroup.Id"]),
                Presence::Absent => Some(vec!["AWS::EC2::SecurityGroup.Name"]),
                Presence::Maybe => None,
            },
            None => Some(wanted_formats(kind.reference()?)),
        }
    }
}

/// Returns the formats of AWS that a node requires; none if one of its alternatives has no format.
fn wanted_formats(node: Node<'_>) -> Vec<&str> {
    let mut formats = Vec::new();
    for keyword in node.keywords() {
        match keyword {
            Keyword::Format(format) if format.starts_with("AWS::") => formats.push(format),
            Keyword::AnyOf(parts) | Keyword::OneOf(parts) => {
                let lists: Vec<_> = parts.into_iter().map(wanted_formats).collect();
                if lists.iter().all(|list| !list.is_empty()) {
                    formats.extend(lists.into_iter().flatten());
                }
            }
            _ => {}
        }
    }
    formats
}

fn shape_of_parameter(kind: &str) -> DeferredShape {
    if kind == "CommaDelimitedList" || kind.contains("List<") || kind.contains("<CommaDelimitedList>") {
        return DeferredShape::List;
    }
    if matches!(kind, "String" | "Number") || kind.starts_with("AWS::") {
        DeferredShape::Scalar
    } else {
        DeferredShape::Unknown
    }
}

/// Returns the value as a reader of the template knows it.
fn name(value: &Value) -> String {
    match value {
        Value::Call(call) => format!("`{}`", call.function.name()),
        value => match value.as_reference() {
            Some(reference) => reference_name(reference),
            None => "a string with references".to_owned(),
        },
    }
}

/// Returns the description of a reference for messages.
pub(super) fn reference_name(reference: &Ref) -> String {
    match &reference.attribute {
        Some(attribute) => format!("attribute `{attribute}` of `{}`", reference.id),
        None => format!("`Ref` of `{}`", reference.id),
    }
}

/// Returns the attribute that gives what is wanted.
pub(super) fn better<'a>(kind: &TypeSchema<'a>, wanted: &[&str]) -> Option<&'a str> {
    let fits = |node: Node<'_>| wanted_formats(node).iter().any(|format| wanted.contains(format));
    kind.attributes().into_iter().find(|attribute| attribute.node.is_some_and(fits)).map(|attribute| attribute.name)
}

/// Returns the description of several formats for messages.
pub(super) fn meanings(formats: &[&str]) -> String {
    let mut meanings: Vec<_> = formats.iter().map(|format| format::meaning(format)).collect();
    meanings.dedup();
    meanings.join(" or ")
}

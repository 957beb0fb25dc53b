//! The tree of a resource.

use super::ParseContext;
use super::node::{Key, Kind, Node, to_map};
use super::shape::text;
use crate::cfn::{LogicalId, Resource};
use crate::diag::{Code, Diagnostic, did_you_mean};

/// Returns the resource of an object.
pub(super) fn read(key: &Key, node: &Node, body: &[(Key, Node)], reader: &mut ParseContext) -> Resource {
    let mut resource = Resource::new("", reader.origin(key.at));
    node.mark(&mut Vec::new(), &mut resource.origins, reader);
    for (name, node) in body {
        match name.name.as_str() {
            "Type" => resource.kind = text(name, node, reader).unwrap_or_default().as_str().into(),
            "Condition" => resource.condition = text(name, node, reader),
            "DependsOn" => resource.depends_on = depends_on(node, reader),
            "Properties" => match &node.kind {
                Kind::Map(entries) => resource.properties = to_map(entries),
                _ => reader.shape(node, "`Properties`", "an object"),
            },
            _ => {
                resource.attributes.insert(name.name.clone(), node.to_value());
            }
        }
    }
    if !body.iter().any(|(name, _)| name.name == "Type") {
        let message = format!("the resource `{}` has no `Type`", key.name);
        let hint = body.iter().find_map(|(name, _)| did_you_mean("Type", [name.name.as_str()]).map(|_| &name.name));
        let problem = Diagnostic::new(Code::MissingType, message)
            .help_if(hint.map(|name| format!("`{name}` looks like a misspelt `Type`")));
        reader.report(problem, key.at, "");
    }
    resource
}

fn depends_on(node: &Node, reader: &mut ParseContext) -> Vec<LogicalId> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut ids: Vec<LogicalId> = Vec::with_capacity(items.len());
    for item in items {
        match item.as_str() {
            Some(id) => ids.push(id.into()),
            None => reader.shape(item, "`DependsOn`", "the name of a resource, or a list of names"),
        }
    }
    ids
}

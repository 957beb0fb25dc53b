//! Parts of a template that must have a certain shape.

use super::ParseContext;
use super::node::{Key, Node};

/// Calls `each` for every entry of a section that must be an object.
pub(super) fn entries(
    section: &Key,
    node: &Node,
    reader: &mut ParseContext,
    mut each: impl FnMut(&Key, &Node, &mut ParseContext),
) {
    match node.as_map() {
        Some(entries) => entries.iter().for_each(|(key, node)| each(key, node, reader)),
        None => reader.shape(node, &format!("the section `{}`", section.name), "an object"),
    }
}

/// Calls `each` for every entry of a section of objects; what a transform expands is left to CloudFormation.
pub(super) fn objects(
    section: &Key,
    node: &Node,
    reader: &mut ParseContext,
    mut each: impl FnMut(&Key, &[(Key, Node)], &mut ParseContext),
) {
    entries(section, node, reader, |key, node, reader| match node.as_map() {
        _ if is_expanded(&key.name) => {}
        Some(body) => each(key, body, reader),
        None => reader.shape(node, &format!("`{}` in the section `{}`", key.name, section.name), "an object"),
    });
}

/// Returns whether CloudFormation replaces an entry of this name by others before it reads a section.
pub(super) fn is_expanded(name: &str) -> bool {
    name == "Fn::Transform" || name.starts_with("Fn::ForEach::")
}

/// Returns the string that an attribute must be; another shape is reported.
pub(super) fn text(key: &Key, node: &Node, reader: &mut ParseContext) -> Option<String> {
    let text = node.as_str().map(str::to_owned);
    if text.is_none() {
        reader.shape(node, &format!("`{}`", key.name), "a string");
    }
    text
}

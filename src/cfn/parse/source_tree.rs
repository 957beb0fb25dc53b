//! The tree of any YAML or JSON text, with the line of each value.

use super::node::{Kind, Node};
use super::{ParseContext, tree};
use crate::diag::{Code, Report};

/// A value with its line.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceNode {
    /// The line that it begins on, from 1; for an entry of an object, that of its key.
    pub line: u32,
    /// The value.
    pub value: SourceValue,
}

/// A value of YAML or JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceValue {
    /// Null, also an empty value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<SourceNode>),
    /// An object, in the order of the text.
    Map(Vec<(String, SourceNode)>),
}

/// Returns the tree of a YAML or JSON text of any kind. Aliases and merges (`<<`) are written out; a tag becomes an object of
/// one key, as in templates.
pub fn source_tree(name: &str, text: &str) -> Report<SourceNode> {
    let mut reader = ParseContext::new(name);
    match tree(name, text, &mut reader) {
        Ok(node) => {
            // Only CloudFormation refuses aliases.
            reader.problems.retain(|problem| problem.code != Code::YamlAlias);
            Report { value: Some(placed(&node, node.at.line)), problems: reader.problems }
        }
        Err(problem) => Report::failed(vec![problem]),
    }
}

fn placed(node: &Node, line: u32) -> SourceNode {
    let value = match &node.kind {
        Kind::Null => SourceValue::Null,
        Kind::Bool(boolean) => SourceValue::Bool(*boolean),
        Kind::Int(number) => SourceValue::Int(*number),
        Kind::Float(number) => SourceValue::Float(*number),
        Kind::Text(text) => SourceValue::Text(text.clone()),
        Kind::List(items) => SourceValue::List(items.iter().map(|item| placed(item, item.at.line)).collect()),
        Kind::Map(entries) => SourceValue::Map(
            entries.iter().map(|(key, value)| (key.name.clone(), placed(value, key.at.line))).collect(),
        ),
    };
    SourceNode { line, value }
}

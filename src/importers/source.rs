//! A source file as a tree that records which of its values were used.

use std::cell::Cell;

use crate::cfn::parse::{self, SourceNode, SourceValue};
use crate::diag::{Diagnostic, Sink};

/// A value with its line.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: NodeValue,
    used: Cell<bool>,
}

#[derive(Debug, Clone)]
pub(super) enum NodeValue {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// A key that was not used, or the part of one that is a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unused {
    /// The keys that lead to it; items of lists are not counted: `services.web.ports.mode`.
    pub(super) path: String,
    pub(super) line: u32,
}

impl Node {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// The problems of a text that is neither YAML nor JSON.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, Sink> {
        if text.trim().is_empty() {
            return Ok(Self::new(1, NodeValue::Null));
        }
        let report = parse::source_tree(name, text);
        match report.value {
            Some(tree) if !report.problems.iter().any(Diagnostic::is_error) => Ok(Self::from(tree)),
            _ => Err(report.problems),
        }
    }

    pub(super) fn new(line: u32, value: NodeValue) -> Self {
        Self { line, value, used: Cell::new(false) }
    }

    /// Returns the value of a key, and records that it was used.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let found = self.peek(key)?;
        found.used.set(true);
        Some(found)
    }

    /// Returns the value of a path of keys, and records that they were used.
    pub(super) fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.get(key))
    }

    /// Returns the value of a key.
    pub(super) fn peek(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Returns the entries of an object.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        match &self.value {
            NodeValue::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list, or a single value as the only item.
    pub(super) fn items(&self) -> Vec<&Node> {
        match &self.value {
            NodeValue::Null => Vec::new(),
            NodeValue::List(items) => items.iter().collect(),
            _ => vec![self],
        }
    }

    /// Renames a key in it and in all values below. The reader of CloudFormation takes the key `on` for `true`, as YAML 1.1 does.
    pub(super) fn renamed(self, from: &str, to: &str) -> Self {
        let value = match self.value {
            NodeValue::List(items) => NodeValue::List(items.into_iter().map(|item| item.renamed(from, to)).collect()),
            NodeValue::Map(entries) => {
                let name = |key: String| if key == from { to.to_owned() } else { key };
                NodeValue::Map(entries.into_iter().map(|(key, value)| (name(key), value.renamed(from, to))).collect())
            }
            other => other,
        };
        Self { value, ..self }
    }

    /// Records that the value was used, and not what is in it.
    pub(super) fn mark(&self) {
        self.used.set(true);
    }

    /// Records that everything in the value was used.
    pub(super) fn whole(&self) -> &Self {
        self.used.set(true);
        match &self.value {
            NodeValue::List(items) => items.iter().for_each(|item| _ = item.whole()),
            NodeValue::Map(entries) => entries.iter().for_each(|(_, value)| _ = value.whole()),
            _ => {}
        }
        self
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.value, NodeValue::Map(_))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, NodeValue::Null)
    }

    /// Returns a text, a number or a boolean as text.
    pub(super) fn text(&self) -> Option<String> {
        match &self.value {
            NodeValue::Scalar(Scalar::Text(text)) => Some(text.clone()),
            NodeValue::Scalar(Scalar::Bool(flag)) => Some(flag.to_string()),
            NodeValue::Scalar(Scalar::Int(number)) => Some(number.to_string()),
            NodeValue::Scalar(Scalar::Float(number)) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns a whole number, also written as text.
    pub(super) fn int(&self) -> Option<i64> {
        self.text()?.trim().parse().ok()
    }

    /// Returns a boolean, also written as text.
    pub(super) fn bool(&self) -> Option<bool> {
        self.text()?.trim().parse().ok()
    }

    /// Returns the text of a key, and records that it was used.
    pub(super) fn text_of(&self, key: &str) -> Option<String> {
        self.get(key)?.text()
    }

    /// Returns the entries of a list of `NAME=VALUE` or of a map, with their lines.
    pub(super) fn pairs(&self) -> Vec<(String, Option<String>, u32)> {
        self.whole();
        if self.is_map() {
            return self.entries().iter().map(|(name, value)| (name.clone(), value.text(), value.line)).collect();
        }
        let entry = |item: &&Node| {
            let text = item.text()?;
            Some(match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned()), item.line),
                None => (text, None, item.line),
            })
        };
        self.items().iter().filter_map(entry).collect()
    }

    /// Returns the keys that were not used.
    pub(super) fn unused(&self) -> Vec<Unused> {
        let mut found = Vec::new();
        self.collect_unused("", &mut found);
        found
    }

    fn collect_unused(&self, path: &str, found: &mut Vec<Unused>) {
        match &self.value {
            NodeValue::List(items) => items.iter().for_each(|item| item.collect_unused(path, found)),
            NodeValue::Map(entries) => {
                for (key, value) in entries {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    if value.used.get() {
                        value.collect_unused(&path, found);
                    } else {
                        found.push(Unused { path, line: value.line });
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns the value with another one merged over it: objects by key, lists one after the other, else the other one.
    pub(super) fn merged(self, over: Node) -> Node {
        self.with(over, true)
    }

    /// Returns the value with another one over it: objects are merged by key, anything else is the other one.
    pub(super) fn overridden(self, over: Node) -> Node {
        self.with(over, false)
    }

    fn with(self, over: Node, adds_items: bool) -> Node {
        let line = over.line;
        match (self.value, over.value) {
            (NodeValue::Map(mut own), NodeValue::Map(others)) => {
                for (key, value) in others {
                    match own.iter().position(|(name, _)| *name == key) {
                        Some(at) => {
                            let before = std::mem::replace(&mut own[at].1, Node::new(0, NodeValue::Null));
                            own[at].1 = before.with(value, adds_items);
                        }
                        None => own.push((key, value)),
                    }
                }
                Node { line, value: NodeValue::Map(own), used: self.used }
            }
            (NodeValue::List(own), NodeValue::List(others)) if adds_items => {
                Node::new(line, NodeValue::List(own.into_iter().chain(others).collect()))
            }
            (_, value) => Node::new(line, value),
        }
    }
}

impl From<SourceNode> for Node {
    fn from(tree: SourceNode) -> Self {
        let value = match tree.value {
            SourceValue::Null => NodeValue::Null,
            SourceValue::Bool(flag) => NodeValue::Scalar(Scalar::Bool(flag)),
            SourceValue::Int(number) => NodeValue::Scalar(Scalar::Int(number)),
            SourceValue::Float(number) => NodeValue::Scalar(Scalar::Float(number)),
            SourceValue::Text(text) => NodeValue::Scalar(Scalar::Text(text)),
            SourceValue::List(items) => NodeValue::List(items.into_iter().map(Node::from).collect()),
            SourceValue::Map(entries) => {
                NodeValue::Map(entries.into_iter().map(|(key, value)| (key, Node::from(value))).collect())
            }
        };
        Node::new(tree.line, value)
    }
}

/// Returns the reason of a table that fits a path best: its patterns have `*` for any key, and cover all keys below them.
pub(super) fn reason_for(table: &[(&str, &'static str)], path: &str) -> Option<&'static str> {
    let keys: Vec<&str> = path.split('.').collect();
    let fits = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('.').collect();
        pattern.len() <= keys.len() && pattern.iter().zip(&keys).all(|(known, key)| *known == "*" || known == key)
    };
    let best = table.iter().filter(|(pattern, _)| fits(pattern)).max_by_key(|(pattern, _)| pattern.split('.').count());
    best.map(|(_, reason)| *reason)
}

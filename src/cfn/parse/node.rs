//! The tree of a YAML or JSON text, with places; a short form (`!Ref x`) is an object of one key, as its long form is.

use crate::cfn::places::Places;
use crate::cfn::{Map, PathSegment, PropertyPath, Value};
use crate::diag::Code;

use super::ParseContext;

/// A line and a column, from 1; both 0 if there is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A node and where it begins.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) kind: Kind,
}

/// A key with its position.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) at: Position,
}

/// The value of a node.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

impl Kind {
    /// Returns the kind for a message.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::Float(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "an object",
        }
    }
}

impl Node {
    pub(super) fn new(kind: Kind, at: Position) -> Self {
        Self { at, kind }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns the value, with functions recognised.
    pub(super) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(boolean) => Value::Bool(*boolean),
            Kind::Int(number) => Value::Int(*number),
            Kind::Float(number) => Value::Float(*number),
            Kind::Text(text) => text.as_str().into(),
            Kind::List(items) => Value::List(items.iter().map(Node::to_value).collect()),
            Kind::Map(entries) => Value::Map(to_map(entries)).folded(),
        }
    }

    /// Records the place of everything inside, each by its path from the whole.
    pub(super) fn mark(&self, path: &mut Vec<PathSegment>, origins: &mut Places, reader: &ParseContext) {
        match &self.kind {
            Kind::List(items) => items.iter().enumerate().for_each(|(at, item)| {
                item.mark_at(PathSegment::Index(at), item.at, path, origins, reader);
            }),
            Kind::Map(entries) => entries.iter().for_each(|(key, value)| {
                value.mark_at(PathSegment::Key(key.name.clone()), key.at, path, origins, reader);
            }),
            _ => {}
        }
    }

    /// Records a place for this node and the places of everything inside.
    pub(super) fn mark_at(
        &self,
        step: PathSegment,
        place: Position,
        path: &mut Vec<PathSegment>,
        origins: &mut Places,
        reader: &ParseContext,
    ) {
        path.push(step);
        if place.line > 0 && reader.takes_path(path.len()) {
            origins.push(PropertyPath(path.clone()), reader.origin(place));
        }
        self.mark(path, origins, reader);
        path.pop();
    }
}

/// Returns the entries of an object as values.
pub(super) fn to_map(entries: &[(Key, Node)]) -> Map {
    entries.iter().map(|(key, value)| (key.name.clone(), value.to_value())).collect()
}

/// Returns the tree of a JSON value that has no text.
pub(super) fn from_json(json: &serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let kind = match json {
        Json::Null => Kind::Null,
        Json::Bool(boolean) => Kind::Bool(*boolean),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Kind::Float(number.as_f64().unwrap_or(f64::NAN)), Kind::Int)
        }
        Json::String(text) => Kind::Text(text.clone()),
        Json::Array(items) => Kind::List(items.iter().map(from_json).collect()),
        Json::Object(entries) => {
            let key = |name: &String| Key { name: name.clone(), at: Position::default() };
            Kind::Map(entries.iter().map(|(name, value)| (key(name), from_json(value))).collect())
        }
    };
    Node::new(kind, Position::default())
}

/// Reports repeated keys of one object, and keeps the last of each, as CloudFormation does.
pub(super) fn without_duplicates(entries: Vec<(Key, Node)>, reader: &mut ParseContext) -> Vec<(Key, Node)> {
    let mut seen = std::collections::HashMap::with_capacity(entries.len());
    let mut unique = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if let Some(at) = seen.get(&key.name).copied() {
            let (first, replaced): (Key, Node) = std::mem::replace(&mut unique[at], (key.clone(), value));
            reader.replaced.push(replaced.to_value());
            let first = reader.origin(first.at);
            let problem = crate::diag::Diagnostic::new(Code::DuplicateKey, format!("`{}` is set twice", key.name))
                .at(&reader.origin(key.at), "set again")
                .at(&first, "set here first")
                .help("keep one of them: CloudFormation uses the last one and silently drops the others");
            reader.problems.push(problem);
        } else {
            seen.insert(key.name.clone(), unique.len());
            unique.push((key, value));
        }
    }
    unique
}

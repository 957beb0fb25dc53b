use crate::cfn::emit::json::to_json;
use crate::cfn::{Map, PathSegment, PropertyPath, Value};

/// The change of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The value is new.
    Added(Value),
    /// The value was removed.
    Removed(Value),
    /// The value is another one.
    Changed(Value, Value),
    /// The value is an object or a list of which parts differ.
    Within(Vec<ValueDiff>),
}

/// A part of an object or list that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueDiff {
    /// The key, or the index in the new list (in the old list for a removed item).
    pub step: PathSegment,
    /// The name of an item of a list (`Name`, `Key`, ...), if that identifies it better than its index.
    pub name: Option<String>,
    /// The change of the part.
    pub change: Change,
}

/// A single change at the end of a branch, with the path to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf<'a> {
    /// The way from where the comparison began.
    pub path: PropertyPath,
    /// The value before.
    pub before: Option<&'a Value>,
    /// The value after.
    pub after: Option<&'a Value>,
}

/// Compares two values; nothing where they mean the same. `"2"` and 2 are the same to CloudFormation, and so are
/// `"true"` and true, and a text that was written as an `Fn::Join` is that `Fn::Join` when it is read again.
pub fn compare(before: &Value, after: &Value) -> Option<Change> {
    match (before, after) {
        _ if before == after || same_scalar(before, after) => None,
        (Value::Text(_), Value::Call(_)) | (Value::Call(_), Value::Text(_)) if to_json(before) == to_json(after) => {
            None
        }
        (Value::Map(before), Value::Map(after)) => within(maps(before, after)),
        (Value::List(before), Value::List(after)) => within(lists(before, after)),
        _ => Some(Change::Changed(before.clone(), after.clone())),
    }
}

impl Change {
    /// Returns every single change below this one, in order.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        self.collect(PropertyPath::default(), &mut leaves);
        leaves
    }

    fn collect<'a>(&'a self, path: PropertyPath, leaves: &mut Vec<Leaf<'a>>) {
        let (before, after) = match self {
            Change::Added(value) => (None, Some(value)),
            Change::Removed(value) => (Some(value), None),
            Change::Changed(before, after) => (Some(before), Some(after)),
            Change::Within(entries) => {
                return entries
                    .iter()
                    .for_each(|part| part.change.collect(path.clone().then(part.step.clone()), leaves));
            }
        };
        leaves.push(Leaf { path, before, after });
    }
}

fn within(entries: Vec<ValueDiff>) -> Option<Change> {
    (!entries.is_empty()).then_some(Change::Within(entries))
}

fn same_scalar(before: &Value, after: &Value) -> bool {
    scalar(before).is_some_and(|text| scalar(after) == Some(text))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(Value::float_text(*number)),
        Value::Text(text) => text.as_str().map(str::to_owned),
        _ => None,
    }
}

fn maps(before: &Map, after: &Map) -> Vec<ValueDiff> {
    let present =
        after.iter().filter_map(|(key, new)| entry(PathSegment::Key(key.clone()), None, before.get(key), Some(new)));
    let removed = before.iter().filter(|(key, _)| !after.contains_key(*key));
    present
        .chain(removed.filter_map(|(key, old)| entry(PathSegment::Key(key.clone()), None, Some(old), None)))
        .collect()
}

fn entry(step: PathSegment, name: Option<String>, before: Option<&Value>, after: Option<&Value>) -> Option<ValueDiff> {
    let change = match (before, after) {
        (Some(before), Some(after)) => compare(before, after)?,
        (None, Some(after)) => Change::Added(after.clone()),
        (Some(before), None) => Change::Removed(before.clone()),
        (None, None) => return None,
    };
    Some(ValueDiff { step, name, change })
}

/// Compares two lists: items with a unique name are compared by it, others by their position.
fn lists(before: &[Value], after: &[Value]) -> Vec<ValueDiff> {
    let keys = ["Name", "Key", "Sid", "Id", "ContainerName", "Family"];
    match keys.into_iter().find_map(|key| Some((names(before, key)?, names(after, key)?))) {
        Some((old, new)) if !(old.is_empty() && new.is_empty()) => by_name(before, &old, after, &new),
        _ => by_index(before, after),
    }
}

fn names<'a>(items: &'a [Value], key: &str) -> Option<Vec<&'a str>> {
    let names: Option<Vec<_>> = items.iter().map(|item| item.get(key)?.as_str()).collect();
    let names = names?;
    let unique = names.iter().enumerate().all(|(at, name)| !names[..at].contains(name));
    unique.then_some(names)
}

fn by_name(before: &[Value], old: &[&str], after: &[Value], new: &[&str]) -> Vec<ValueDiff> {
    let present = new.iter().zip(after).enumerate().filter_map(|(at, (name, item))| {
        let was = old.iter().position(|other| other == name).map(|index| &before[index]);
        entry(PathSegment::Index(at), Some((*name).to_owned()), was, Some(item))
    });
    let removed = old.iter().zip(before).enumerate().filter(|(_, (name, _))| !new.contains(name));
    let removed = removed
        .filter_map(|(at, (name, item))| entry(PathSegment::Index(at), Some((*name).to_owned()), Some(item), None));
    present.chain(removed).collect()
}

fn by_index(before: &[Value], after: &[Value]) -> Vec<ValueDiff> {
    let longest = before.len().max(after.len());
    (0..longest).filter_map(|at| entry(PathSegment::Index(at), None, before.get(at), after.get(at))).collect()
}

//! The values that differ, guarded.

use serde_json::Value as Json;

use super::{DeployedStack, PropertyChange};
use crate::cfn::diff::{Change, TemplateDiff, ValueDiff};
use crate::cfn::emit::json::to_json;
use crate::cfn::sensitive::{GuardedValue, is_secret_name, masked_sections};
use crate::cfn::{Parameter, PathSegment, Template, Value};
use crate::synth::DesiredStack;

/// The keys that name the items of a list, as the comparison of lists uses them.
const NAMES: [&str; 6] = ["Name", "Key", "Sid", "Id", "ContainerName", "Family"];

/// The old and the new form of a value without what is sensitive.
#[derive(Clone, Copy)]
pub(super) struct Masked<'a> {
    pub(super) before: Option<&'a Json>,
    pub(super) after: Option<&'a Json>,
}

impl<'a> Masked<'a> {
    /// Returns the forms of a part.
    fn part(self, entry: &ValueDiff) -> Self {
        let at = |value: &'a Json| match (value, &entry.step) {
            // A part of what is hidden is hidden.
            (Json::String(_), _) => Some(value),
            (value, PathSegment::Key(key)) => value.get(key),
            (Json::Array(items), PathSegment::Index(index)) => match &entry.name {
                Some(name) => items.iter().find(|item| is_named(item, name)),
                None => items.get(*index),
            },
            _ => None,
        };
        Self { before: self.before.and_then(at), after: self.after.and_then(at) }
    }
}

fn is_named(item: &Json, name: &str) -> bool {
    NAMES.iter().any(|key| item.get(key).and_then(Json::as_str) == Some(name))
}

/// Returns the single values of a difference, with their paths.
pub(super) fn details(entry: &ValueDiff, before: &str, masked: Masked<'_>) -> Vec<PropertyChange> {
    let path = path(entry, before);
    let masked = masked.part(entry);
    let (old, new) = match &entry.change {
        Change::Within(entries) => return entries.iter().flat_map(|inner| details(inner, &path, masked)).collect(),
        Change::Added(value) => (None, Some(value)),
        Change::Removed(value) => (Some(value), None),
        Change::Changed(old, new) => (Some(old), Some(new)),
    };
    let guard = |value: &Value, masked: Option<&Json>| GuardedValue::masked(to_json(value), masked);
    let before = old.map(|old| guard(old, masked.before));
    let (before, after) = GuardedValue::changed(before, new.map(|new| guard(new, masked.after)));
    vec![PropertyChange { path, before, after }]
}

fn path(entry: &ValueDiff, before: &str) -> String {
    match (&entry.step, &entry.name) {
        (PathSegment::Key(key), _) if before.is_empty() => key.clone(),
        (PathSegment::Key(key), _) => format!("{before}.{key}"),
        (PathSegment::Index(_), Some(name)) => format!("{before}[{name}]"),
        (PathSegment::Index(index), None) => format!("{before}[{index}]"),
    }
}

/// Returns the differences outside of the resources: in sections of the template, tags and parameter values.
pub(super) fn others(
    diff: &TemplateDiff,
    before: &Template,
    live: Option<&DeployedStack>,
    desired: &DesiredStack,
) -> Vec<PropertyChange> {
    let no_echo = |template: &Template, name: &str| template.parameters.get(name).is_some_and(Parameter::is_secret);
    let has_no_echo = |name: &str| no_echo(before, name) || no_echo(&desired.template, name);
    let mask = |template: &Template| masked_sections(template, has_no_echo, &desired.secrets);
    let is_needed = !diff.sections.is_empty();
    let (old, new) = (is_needed.then(|| mask(before)), is_needed.then(|| mask(&desired.template)));
    let masked = Masked { before: old.as_ref(), after: new.as_ref() };
    let mut found: Vec<_> = diff.sections.iter().flat_map(|entry| details(entry, "", masked)).collect();
    found.extend(live.into_iter().flat_map(|live| stack_settings(live, desired, &has_no_echo)));
    found
}

/// Returns the differences of the stack's tags and parameter values. AWS does not return the value of a parameter with
/// `NoEcho`: any value may be another one.
fn stack_settings(
    live: &DeployedStack,
    desired: &DesiredStack,
    has_no_echo: &impl Fn(&str) -> bool,
) -> Vec<PropertyChange> {
    let mut found = Vec::new();
    let mut compare = |section: &str, key: &str, before: Option<&String>, after: Option<&String>| {
        if before != after {
            let is_hidden = is_secret_name(key) || (section == "Parameters" && has_no_echo(key));
            let guard = |text: &String| {
                let value = text.as_str().into();
                if is_hidden { GuardedValue::hidden(value) } else { desired.secrets.guard(value) }
            };
            let (before, after) = GuardedValue::changed(before.map(guard), after.map(guard));
            found.push(PropertyChange { path: format!("{section}.{key}"), before, after });
        }
    };
    for (key, value) in &desired.tags {
        compare("Tags", key, live.stack.tags.get(key), Some(value));
    }
    for (key, value) in live.stack.tags.iter().filter(|(key, _)| !desired.tags.contains_key(*key)) {
        compare("Tags", key, Some(value), None);
    }
    for (key, value) in &desired.parameters {
        compare("Parameters", key, live.stack.parameter(key), Some(value));
    }
    found
}

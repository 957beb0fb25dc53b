//! `.override(role, map)` and `.override(role, path, value)`: properties of one resource that a block creates.

mod merge;
mod path;
mod role;

use super::Override;
use super::lowering::LoweredBlock;
use crate::cfn::PropertyPath;
use crate::cfn::{LogicalId, Resource, Value};
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// The values that an override replaced, and what was lost.
#[derive(Default)]
struct Changes {
    /// The path of each replaced value in the resource, and the path of its new value in the override.
    replaced: Vec<(PropertyPath, PropertyPath)>,
    /// The path of each list or map that lost values, and these values.
    lost: Vec<(PropertyPath, Vec<String>)>,
}

/// Applies the overrides of a block to its resources.
pub(crate) fn apply(overrides: &[WithOrigin<Override>], stem: &str, made: &mut LoweredBlock) {
    for (at, wanted) in overrides.iter().enumerate() {
        made.problems.extend(overridden_twice(wanted, &overrides[..at]));
        let problems = match role::find(wanted, stem, &made.resources) {
            Ok(id) => change(wanted, &id, made),
            Err(problem) => vec![problem],
        };
        made.problems.extend(problems);
    }
}

/// Reports a property that an earlier override sets to another value.
fn overridden_twice(wanted: &WithOrigin<Override>, before: &[WithOrigin<Override>]) -> Option<Diagnostic> {
    let path = wanted.value.path.as_ref()?;
    let is_same = |other: &&WithOrigin<Override>| {
        other.value.role == wanted.value.role && other.value.path.as_ref() == Some(path)
    };
    let first = before.iter().find(is_same).filter(|first| first.value.value != wanted.value.value)?;
    let message = format!("`{path}` of `{}` is overridden twice", wanted.value.role);
    Some(
        Diagnostic::new(Code::SetterCalledTwice, message)
            .at(&wanted.origin, "replaces the first value")
            .at(&first.origin, "the first value is set here")
            .help("remove one of the two"),
    )
}

/// Applies an override to a resource. Returns the problems.
fn change(wanted: &WithOrigin<Override>, id: &LogicalId, made: &mut LoweredBlock) -> Vec<Diagnostic> {
    let Some(resource) = made.resources.get_mut(id) else { return Vec::new() };
    let mut properties = Value::Map(std::mem::take(&mut resource.properties));
    let (at, from) = (PropertyPath::attribute("Properties"), PropertyPath::default());
    let mut changes = Changes::default();
    let done = match &wanted.value.path {
        None if let Some(problem) = container_without_image(&properties, &wanted.value.value) => Err(problem),
        None => {
            merge::merge(&mut properties, &wanted.value.value, (at, from), &mut changes);
            Ok(())
        }
        Some(path) => path::set(&mut properties, path, &wanted.value.value, &mut changes),
    };
    if let Value::Map(properties) = properties {
        resource.properties = properties;
    }
    record_origins(resource, wanted, &changes);
    let lost = changes.lost.iter().map(|(path, lost)| loses_values(wanted, id, path, lost));
    lost.chain(done.err().map(|problem| problem.at(&wanted.origin, ""))).collect()
}

/// Lets the replaced values have the origin of the override, and its literals their own.
/// Reports a container of a map of overrides that the task does not have, unless it has an image and so is a further one.
fn container_without_image(properties: &Value, wanted: &Value) -> Option<Diagnostic> {
    let containers = |value: &Value| value.get("ContainerDefinitions").and_then(Value::as_list).map(<[Value]>::to_vec);
    let names = |list: &[Value]| -> Vec<String> {
        list.iter().filter_map(|item| item.get("Name")?.as_str().map(str::to_owned)).collect()
    };
    let known = names(&containers(properties)?);
    let without_image: Vec<Value> =
        containers(wanted)?.into_iter().filter(|item| item.get("Image").is_none()).collect();
    let unknown = names(&without_image).into_iter().find(|name| !known.contains(name))?;
    Some(
        Diagnostic::new(Code::OverridePath, format!("the task definition has no container `{unknown}` to change"))
            .help_if(did_you_mean(&unknown, known.iter().map(String::as_str)))
            .help("a further container needs its `Image`")
            .note(format!("it has {}", known.join(", "))),
    )
}

fn record_origins(resource: &mut Resource, wanted: &WithOrigin<Override>, changes: &Changes) {
    for (at, from) in &changes.replaced {
        resource.origins.remove(at);
        resource.add_origin(at.clone(), &wanted.origin);
        let literals = wanted.value.origins.iter().filter(|(path, _)| path.0.starts_with(&from.0));
        for (path, origin) in literals {
            let inside = path.0[from.0.len()..].iter().cloned();
            resource.add_origin(PropertyPath(at.0.iter().cloned().chain(inside).collect()), origin);
        }
    }
}

fn loses_values(wanted: &WithOrigin<Override>, id: &LogicalId, path: &PropertyPath, lost: &[String]) -> Diagnostic {
    const SHOWN: usize = 4;
    let mut names: Vec<String> = lost.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if lost.len() > SHOWN {
        names.push(format!("{} more", lost.len() - SHOWN));
    }
    let path = path.to_string();
    let path = path.trim_start_matches("Properties").trim_start_matches('.');
    Diagnostic::new(
        Code::OverrideLosesValues,
        format!("this override removes {} from `{path}` of `{id}`", names.join(", ")),
    )
    .at(&wanted.origin, "replaces the value as a whole")
    .help(remedy(wanted))
}

/// Returns how to change a value without the loss of its other parts.
fn remedy(wanted: &WithOrigin<Override>) -> String {
    let Override { role, path, value, .. } = &wanted.value;
    let items = value.as_list().unwrap_or_default();
    let are_named =
        !items.is_empty() && items.iter().all(|item| merge::NAMES.iter().any(|key| item.get(key).is_some()));
    match path.as_deref().filter(|path| are_named && !path.contains(['.', '['])) {
        Some(list) => {
            format!("merge the list by name: `.override(\"{role}\", #{{ {list}: [..] }})`, or repeat what stays")
        }
        None => "repeat what stays, or set one part by its path: `ContainerDefinitions[web].Ulimits`, `Options.mode`"
            .to_owned(),
    }
}

//! `.override(type, map)`: properties merged into the resources that a block makes.

use super::Override;
use super::lowering::LoweredBlock;
use crate::cfn::template::{PathSegment, PropertyPath};
use crate::cfn::{Map, Resource, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};

pub(crate) fn apply(overrides: &[WithOrigin<Override>], made: &mut LoweredBlock) {
    for wanted in overrides {
        let mut found = false;
        for resource in made.resources.values_mut().filter(|resource| resource.kind == wanted.value.kind) {
            found = true;
            merge(resource, &wanted.value.properties, &wanted.origin);
            wanted.value.origins.apply_to(resource);
        }
        if !found {
            made.problems.push(unknown_type(wanted, made));
        }
    }
}

fn unknown_type(wanted: &WithOrigin<Override>, made: &LoweredBlock) -> Diagnostic {
    let mut kinds: Vec<&str> = made.resources.values().map(|resource| resource.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let kind = &wanted.value.kind;
    Diagnostic::new(Code::OverrideUnknownType, format!("this block has no resource of type `{kind}`"))
        .at(&wanted.origin, "overrides nothing")
        .help_if(did_you_mean(kind.as_str(), kinds.iter().copied()))
        .note(format!("it has {}", kinds.join(", ")))
}

fn merge(resource: &mut Resource, properties: &Map, origin: &Origin) {
    let mut properties_now = std::mem::take(&mut resource.properties);
    let mut replaced = Vec::new();
    merge_map(&mut properties_now, properties, &PropertyPath::attribute("Properties"), &mut replaced);
    resource.properties = properties_now;
    for path in replaced {
        resource.origins.retain(|(marked, _)| !marked.0.starts_with(&path.0));
        resource.add_origin(path, origin);
    }
}

fn merge_map(into: &mut Map, from: &Map, at: &PropertyPath, replaced: &mut Vec<PropertyPath>) {
    for (key, value) in from {
        let path = at.clone().then(PathSegment::Key(key.clone()));
        if let (Some(Value::Map(into)), Value::Map(from)) = (into.get_mut(key), value) {
            merge_map(into, from, &path, replaced);
        } else {
            into.insert(key.clone(), value.clone());
            replaced.push(path);
        }
    }
}

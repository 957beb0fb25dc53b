use std::collections::BTreeMap;

use super::tree::{Change, ValueDiff, compare};
use crate::cfn::schema::{CreateOnly, ReplacementOrder, Schema};
use crate::cfn::{LogicalId, Map, PathSegment, Resource, Template, TypeName, Value};

/// The change of a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeKind {
    /// The resource is created.
    Added,
    /// The resource is deleted, or retained by its `DeletionPolicy`.
    Removed,
    /// The resource is updated in place, as far as is known.
    Modified,
    /// Whether it is replaced depends on values that are not known yet.
    PerhapsReplaced,
    /// A new resource replaces it.
    Replaced {
        /// Whether the old resource is deleted before the new one is created.
        delete_first: bool,
    },
}

/// The reason why a resource differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeCause {
    /// The property (or attribute, such as `DeletionPolicy`) that decides.
    pub property: String,
    /// The replaced resource that it refers to, if the text did not change.
    pub through: Option<LogicalId>,
    /// Whether the change of it replaces the resource.
    pub recreation: CreateOnly,
}

/// A resource that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceDiff {
    /// Its name.
    pub id: LogicalId,
    /// Its type; the new one if it changed.
    pub kind: TypeName,
    /// The change.
    pub change: ChangeKind,
    /// Its differing parts: `Properties`, `DependsOn`, `DeletionPolicy` and the like; none when it is added, removed,
    /// or only touched by another's replacement.
    pub parts: Vec<ValueDiff>,
    /// The reasons, one for each property.
    pub causes: Vec<ChangeCause>,
}

pub(super) fn all(before: &Template, after: &Template, schema: Option<&Schema>) -> Vec<ResourceDiff> {
    let mut found: BTreeMap<&LogicalId, ResourceDiff> = BTreeMap::new();
    for (id, resource) in &after.resources {
        let diff = match before.resources.get(id) {
            None => Some(whole(id, resource, ChangeKind::Added)),
            Some(old) => written(id, old, resource, schema),
        };
        found.extend(diff.map(|diff| (id, diff)));
    }
    propagate(before, after, schema, &mut found);
    let mut ordered: Vec<_> = after.resources.keys().filter_map(|id| found.remove(id)).collect();
    let removed = before.resources.iter().filter(|(id, _)| !after.resources.contains_key(*id));
    ordered.extend(removed.map(|(id, resource)| whole(id, resource, ChangeKind::Removed)));
    ordered
}

fn whole(id: &LogicalId, resource: &Resource, change: ChangeKind) -> ResourceDiff {
    ResourceDiff { id: id.clone(), kind: resource.kind.clone(), change, parts: Vec::new(), causes: Vec::new() }
}

/// Returns the difference between the two texts of a resource.
fn written(id: &LogicalId, old: &Resource, new: &Resource, schema: Option<&Schema>) -> Option<ResourceDiff> {
    let Change::Within(parts) = compare(&Value::Map(body(old)), &Value::Map(body(new)))? else { return None };
    let mut causes: Vec<ChangeCause> = parts.iter().flat_map(|part| causes_of(part, &new.kind, schema)).collect();
    if old.kind != new.kind {
        let property = "Type".to_owned();
        causes.insert(0, ChangeCause { property, through: None, recreation: CreateOnly::Yes });
    }
    let change = change(&causes, &new.kind, schema);
    Some(ResourceDiff { parts, causes, ..whole(id, new, change) })
}

fn body(resource: &Resource) -> Map {
    let mut body = resource.attributes.clone();
    body.insert("Type".to_owned(), resource.kind.as_str().into());
    if !resource.properties.is_empty() {
        body.insert("Properties".to_owned(), Value::Map(resource.properties.clone()));
    }
    let mut after: Vec<_> = resource.depends_on.iter().map(LogicalId::as_str).collect();
    after.sort_unstable();
    if !after.is_empty() {
        body.insert("DependsOn".to_owned(), Value::list(after));
    }
    body.extend(resource.condition.as_ref().map(|name| ("Condition".to_owned(), name.into())));
    body
}

fn causes_of(part: &ValueDiff, kind: &TypeName, schema: Option<&Schema>) -> Vec<ChangeCause> {
    let PathSegment::Key(attribute) = &part.step else { return Vec::new() };
    let properties: Vec<(String, Vec<String>)> = match (&part.change, attribute.as_str()) {
        (_, "Type") => return Vec::new(),
        (Change::Within(properties), "Properties") => properties.iter().map(leaf_paths).collect(),
        (Change::Added(Value::Map(all)) | Change::Removed(Value::Map(all)), "Properties") => {
            all.keys().map(|name| (name.clone(), vec![name.clone()])).collect()
        }
        _ => return vec![ChangeCause { property: attribute.clone(), through: None, recreation: CreateOnly::No }],
    };
    let causes = properties.into_iter().map(|(property, paths)| {
        let recreation = paths.iter().map(|path| create_only(kind, path, schema)).max();
        ChangeCause { property, through: None, recreation: recreation.unwrap_or(CreateOnly::No) }
    });
    causes.collect()
}

/// Returns the name of a property that differs, and the ways to each of its single changes.
fn leaf_paths(property: &ValueDiff) -> (String, Vec<String>) {
    let name = step_text(&property.step);
    let leaves = property.change.leaves();
    let paths = leaves.iter().map(|leaf| {
        let steps = leaf.path.0.iter().map(step_text);
        std::iter::once(name.clone()).chain(steps).collect::<Vec<_>>().join(".")
    });
    let paths = paths.collect();
    (name, paths)
}

fn step_text(step: &PathSegment) -> String {
    match step {
        PathSegment::Key(key) => key.clone(),
        PathSegment::Index(index) => index.to_string(),
    }
}

fn create_only(kind: &TypeName, path: &str, schema: Option<&Schema>) -> CreateOnly {
    let known = schema.and_then(|schema| schema.get(kind.as_str()));
    known.map_or(CreateOnly::No, |kind| kind.create_only(path))
}

fn change(causes: &[ChangeCause], kind: &TypeName, schema: Option<&Schema>) -> ChangeKind {
    let worst = causes.iter().map(|cause| match (&cause.through, cause.recreation) {
        (Some(_), CreateOnly::Yes) => CreateOnly::Perhaps,
        (_, recreation) => recreation,
    });
    match worst.max() {
        Some(CreateOnly::Yes) => {
            let known = schema.and_then(|schema| schema.get(kind.as_str()));
            ChangeKind::Replaced {
                delete_first: known.is_some_and(|kind| kind.replacement() == ReplacementOrder::DeleteFirst),
            }
        }
        Some(CreateOnly::Perhaps) => ChangeKind::PerhapsReplaced,
        _ => ChangeKind::Modified,
    }
}

/// Follows replacements to the resources that refer to what is replaced, until nothing changes any more.
fn propagate<'t>(
    before: &Template,
    after: &'t Template,
    schema: Option<&Schema>,
    found: &mut BTreeMap<&'t LogicalId, ResourceDiff>,
) {
    loop {
        let moved: Vec<LogicalId> =
            found.values().filter(|diff| is_replaced(&diff.change)).map(|diff| diff.id.clone()).collect();
        let mut changed = false;
        for (id, resource) in after.resources.iter().filter(|(id, _)| before.resources.contains_key(*id)) {
            for cause in touched(resource, &moved, schema) {
                changed |= add_cause(found, id, resource, cause, schema);
            }
        }
        if !changed {
            return;
        }
    }
}

fn is_replaced(change: &ChangeKind) -> bool {
    matches!(change, ChangeKind::Replaced { .. } | ChangeKind::PerhapsReplaced)
}

fn touched(resource: &Resource, moved: &[LogicalId], schema: Option<&Schema>) -> Vec<ChangeCause> {
    let mut causes = Vec::new();
    for (property, value) in &resource.properties {
        value.each_ref(&mut |reference| {
            if moved.contains(&reference.id) {
                let recreation = create_only(&resource.kind, property, schema);
                causes.push(ChangeCause {
                    property: property.clone(),
                    through: Some(reference.id.clone()),
                    recreation,
                });
            }
        });
    }
    causes
}

/// Adds a cause that is new, and determines the change again; returns whether it was new.
fn add_cause<'t>(
    found: &mut BTreeMap<&'t LogicalId, ResourceDiff>,
    id: &'t LogicalId,
    resource: &Resource,
    cause: ChangeCause,
    schema: Option<&Schema>,
) -> bool {
    let diff = found.entry(id).or_insert_with(|| whole(id, resource, ChangeKind::Modified));
    if diff.change == ChangeKind::Added || diff.causes.contains(&cause) {
        return false;
    }
    diff.causes.push(cause);
    diff.change = change(&diff.causes, &diff.kind, schema);
    true
}

use std::collections::BTreeMap;

use super::tree::{Change, ValueDiff, compare};
use crate::cfn::schema::{CreateOnly, ReplacementOrder, Schema, ValueChange, conditional_replacement};
use crate::cfn::{LogicalId, Map, PathSegment, PropertyPath, Resource, Template, TypeName, Value};

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
    /// The property (or attribute, such as `DeletionPolicy`) that decides; if a part of a property decides, its path.
    pub property: String,
    /// The path to the first changed value of it.
    pub path: PropertyPath,
    /// The replaced resource that it refers to, if the text did not change.
    pub through: Option<LogicalId>,
    /// Whether the change of it replaces the resource.
    pub recreation: CreateOnly,
}

impl ResourceDiff {
    /// Returns the causes that decide the change: those of a replacement, or else all.
    pub fn deciding_causes(&self) -> impl Iterator<Item = &ChangeCause> {
        let decisive = match self.change {
            ChangeKind::Replaced { .. } => CreateOnly::Yes,
            ChangeKind::PerhapsReplaced => CreateOnly::Perhaps,
            _ => CreateOnly::No,
        };
        self.causes.iter().filter(move |cause| cause.effect() >= decisive)
    }
}

impl ChangeCause {
    /// Returns whether it replaces the resource. A new value of a reference may be the old one.
    pub fn effect(&self) -> CreateOnly {
        match (&self.through, self.recreation) {
            (Some(_), CreateOnly::Yes) => CreateOnly::Perhaps,
            (_, recreation) => recreation,
        }
    }
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
        let (property, path) = ("Type".to_owned(), PropertyPath::attribute("Type"));
        causes.insert(0, ChangeCause { property, path, through: None, recreation: CreateOnly::Yes });
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
    match (&part.change, attribute.as_str()) {
        (_, "Type") => Vec::new(),
        (Change::Within(properties), "Properties") => {
            properties.iter().flat_map(|property| causes_of_property(property, kind, schema)).collect()
        }
        (Change::Added(Value::Map(all)) | Change::Removed(Value::Map(all)), "Properties") => {
            let whole = |name: &String| cause(PropertyPath::attribute(name), 1, kind, schema);
            all.keys().map(whole).collect()
        }
        _ => vec![ChangeCause {
            property: attribute.clone(),
            path: PropertyPath::attribute(attribute),
            through: None,
            recreation: CreateOnly::No,
        }],
    }
}

/// Returns a cause for each part of a property that decides whether the resource is replaced, or one for the property.
fn causes_of_property(property: &ValueDiff, kind: &TypeName, schema: Option<&Schema>) -> Vec<ChangeCause> {
    let root = PropertyPath(vec![property.step.clone()]);
    if let Some(recreation) = decided(property, kind, schema) {
        return vec![ChangeCause { recreation, ..cause(root, 1, kind, schema) }];
    }
    let path_of = |leaf: &PropertyPath| PropertyPath(root.0.iter().chain(&leaf.0).cloned().collect());
    let leaves = property.change.leaves();
    let all = leaves.iter().map(|leaf| {
        let path = path_of(&leaf.path);
        let recreation = create_only(kind, &path, schema);
        let decides = |steps: &usize| create_only(kind, &PropertyPath(path.0[..*steps].to_vec()), schema) == recreation;
        let steps =
            if recreation == CreateOnly::No { 1 } else { (1..path.0.len()).find(decides).unwrap_or(path.0.len()) };
        cause(path, steps, kind, schema)
    });
    let all: Vec<ChangeCause> = all.collect();
    let worst = all.iter().map(|cause| cause.recreation).max().unwrap_or(CreateOnly::No);
    let mut causes: Vec<ChangeCause> = Vec::new();
    for cause in all.into_iter().filter(|cause| cause.recreation == worst) {
        if !causes.iter().any(|known| known.property == cause.property) {
            causes.push(cause);
        }
    }
    causes
}

/// Returns whether a change replaces the resource, if the documentation decides what the schema leaves open. A value that is not known
/// may be the old one.
fn decided(property: &ValueDiff, kind: &TypeName, schema: Option<&Schema>) -> Option<CreateOnly> {
    let PathSegment::Key(name) = &property.step else { return None };
    let change = match &property.change {
        Change::Added(_) => ValueChange::Added,
        Change::Removed(_) => ValueChange::Removed,
        Change::Changed(old, new) if old.as_str().is_some() && new.as_str().is_some() => ValueChange::Changed,
        Change::Changed(..) | Change::Within(_) => return None,
    };
    schema.and_then(|_| conditional_replacement(kind.as_str(), name, change))
}

/// Returns the cause of a changed value; the first steps of its path name what decides.
fn cause(path: PropertyPath, steps: usize, kind: &TypeName, schema: Option<&Schema>) -> ChangeCause {
    let recreation = create_only(kind, &path, schema);
    let property = PropertyPath(path.0[..steps.min(path.0.len())].to_vec()).to_string();
    let path = PropertyPath(std::iter::once(PathSegment::Key("Properties".to_owned())).chain(path.0).collect());
    ChangeCause { property, path, through: None, recreation }
}

/// Returns whether a change at a path below the properties replaces a resource.
fn create_only(kind: &TypeName, path: &PropertyPath, schema: Option<&Schema>) -> CreateOnly {
    let step = |step: &PathSegment| match step {
        PathSegment::Key(key) => key.clone(),
        PathSegment::Index(index) => index.to_string(),
    };
    let known = schema.and_then(|schema| schema.get(kind.as_str()));
    known.map_or(CreateOnly::No, |kind| kind.create_only(&path.0.iter().map(step).collect::<Vec<_>>().join(".")))
}

fn change(causes: &[ChangeCause], kind: &TypeName, schema: Option<&Schema>) -> ChangeKind {
    match causes.iter().map(ChangeCause::effect).max() {
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
                let recreation = create_only(&resource.kind, &PropertyPath::attribute(property), schema);
                causes.push(ChangeCause {
                    property: property.clone(),
                    path: PropertyPath::property(property),
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

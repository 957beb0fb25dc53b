//! The tags of a stack, on every resource whose type takes tags.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use crate::block::{Stack, Tag};
use crate::cfn::schema::{Node, Schema, Tagging};
use crate::cfn::{Map, PathSegment, PropertyPath, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// Returns a problem for each tag of a stack that is set again to another value.
pub(super) fn set_twice(stack: &Stack) -> Vec<Diagnostic> {
    let mut firsts: HashMap<&str, &WithOrigin<Tag>> = HashMap::new();
    let again = stack.tags.iter().filter_map(|tag| {
        let first = *firsts.entry(&tag.value.key).or_insert(tag);
        (first.value != tag.value).then(|| {
            Diagnostic::new(Code::DuplicateItem, format!("the tag `{}` is set twice", tag.value.key))
                .at(&tag.origin, "another value here")
                .at(&first.origin, "the first value")
                .help("remove one of the two")
        })
    });
    again.collect()
}

/// Returns the tags of a stack; of two with one key the later wins.
pub(super) fn of(stack: &Stack) -> IndexMap<String, WithOrigin<TemplateString>> {
    let tags = stack.tags.iter().map(|tag| (tag.value.key.clone(), tag.clone().map(|tag| tag.value)));
    tags.collect()
}

/// Adds tags to a resource that takes them. A tag that the resource has already stays as it is.
pub(super) fn put(tags: &IndexMap<String, WithOrigin<TemplateString>>, resource: &mut Resource, schema: &Schema) {
    if tags.is_empty() {
        return;
    }
    let Some(kind) = schema.get(resource.kind.as_str()) else { return };
    let Some(tagging) = kind.tags() else { return };
    if tagging.map {
        return put_in_map(tags, resource, tagging);
    }
    let item = kind.properties().property(tagging.property).and_then(Node::items);
    let fits = item.is_some_and(|item| item.property("Key").is_some() && item.property("Value").is_some());
    // Auto Scaling groups want to know of each tag whether instances get it too.
    let propagate = item.is_some_and(|item| item.required().contains(&"PropagateAtLaunch"));
    if fits {
        put_in_list(tags, resource, tagging, propagate);
    }
}

/// Gives the tasks of a service the tags of the service, unless the service says which tags they get, and their cluster and service
/// as tags.
///
/// ECS gives tasks no tags of the service by default, so that the cost of Fargate has none (`propagateTags` and
/// `enableECSManagedTags` of `CreateService`, ECS API).
pub(super) fn propagate_to_tasks(tags: &IndexMap<String, WithOrigin<TemplateString>>, service: &mut Resource) {
    let own = matches!(service.properties.get("Tags"), Some(Value::List(own)) if !own.is_empty());
    if (tags.is_empty() && !own) || service.properties.contains_key("PropagateTags") {
        return;
    }
    let origin = tags.values().next().map_or(&service.origin, |tag| &tag.origin).clone();
    for (property, value) in [("EnableECSManagedTags", Value::from(true)), ("PropagateTags", "SERVICE".into())] {
        if !service.properties.contains_key(property) {
            service.properties.insert(property.to_owned(), value);
            service.add_origin(PropertyPath::property(property), &origin);
        }
    }
}

fn put_in_map(tags: &IndexMap<String, WithOrigin<TemplateString>>, resource: &mut Resource, tagging: Tagging<'_>) {
    let there = resource.properties.entry(tagging.property.to_owned()).or_insert_with(|| Value::Map(Map::new()));
    let Value::Map(map) = there else { return };
    let mut marks = Vec::new();
    for (key, tag) in tags.iter().filter(|(key, _)| !map.contains_key(*key)).collect::<Vec<_>>() {
        map.insert(key.clone(), (&tag.value).into());
        marks.push((PathSegment::Key(key.clone()), &tag.origin));
    }
    mark(resource, tagging, marks);
}

fn put_in_list(
    tags: &IndexMap<String, WithOrigin<TemplateString>>,
    resource: &mut Resource,
    tagging: Tagging<'_>,
    propagate: bool,
) {
    let there = resource.properties.entry(tagging.property.to_owned()).or_insert_with(|| Value::List(Vec::new()));
    let Value::List(list) = there else { return };
    let keys = list.iter().filter_map(|tag| tag.get("Key").and_then(Value::as_str).map(str::to_owned));
    let there: HashSet<String> = keys.collect();
    let mut marks = Vec::new();
    for (key, tag) in tags {
        if there.contains(key) {
            continue;
        }
        marks.push((PathSegment::Index(list.len()), &tag.origin));
        let mut entry =
            Map::from_iter([("Key".to_owned(), Value::from(key)), ("Value".to_owned(), Value::from(&tag.value))]);
        entry.extend(propagate.then(|| ("PropagateAtLaunch".to_owned(), true.into())));
        list.push(entry.into());
    }
    mark(resource, tagging, marks);
}

fn mark(resource: &mut Resource, tagging: Tagging<'_>, marks: Vec<(PathSegment, &crate::diag::Origin)>) {
    for (step, origin) in marks {
        resource.add_origin(PropertyPath::property(tagging.property).then(step), origin);
    }
}

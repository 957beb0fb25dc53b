//! Services, types, properties and attributes of CloudFormation, from the embedded schema.

use super::bindings::{self, Signature};
use super::part::{first_sentence, summary};
use super::{DocElement, Entry, Kind as About};
use crate::cfn::schema::{Bound, CreateOnly, JsonTypes, Keyword, Node, Schema, TypeSchema};
use crate::diag::nearest;

/// Returns the service, type, property or attribute of this name, in any case.
pub(super) fn find(name: &str) -> Vec<Entry> {
    let (kind, path) = split(name);
    if let Some(kind) = type_named(kind) {
        return match path {
            "" => vec![resource_type(&kind)],
            path => member(&kind, path).into_iter().collect(),
        };
    }
    let short = name.get(..5).filter(|start| start.eq_ignore_ascii_case("AWS::")).map_or(name, |_| &name[5..]);
    let service = Schema::embedded().services().find(|service| service.eq_ignore_ascii_case(short));
    service.filter(|_| name.contains("::")).map(self::service).into_iter().collect()
}

/// Splits `AWS::ECS::Service.DeploymentConfiguration.Alarms` at its first dot.
fn split(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((name, ""))
}

fn type_named(name: &str) -> Option<String> {
    let schema = Schema::embedded();
    if schema.contains(name) && name.matches("::").count() == 2 {
        return Some(name.to_owned());
    }
    name.contains("::").then(names)?.into_iter().find(|known| {
        known.eq_ignore_ascii_case(name)
            || known.strip_prefix("AWS::").is_some_and(|short| short.eq_ignore_ascii_case(name))
    })
}

/// Returns the full names of all types.
pub(super) fn names() -> Vec<String> {
    let schema = Schema::embedded();
    schema.services().flat_map(|service| schema.types_of(service).collect::<Vec<_>>()).collect()
}

/// Returns the matching types, each with its summary only.
pub(super) fn search(fits: &dyn Fn(&str) -> bool) -> Vec<Entry> {
    names().into_iter().filter(|name| fits(name)).map(brief).collect()
}

/// Returns the property of a known type with the most similar name.
pub(super) fn nearest_property(name: &str) -> Option<String> {
    let (kind, path) = split(name);
    let kind = type_named(kind)?;
    let schema = Schema::embedded().get(&kind)?;
    let mut node = schema.properties();
    let mut right = Vec::new();
    for step in path.split('.') {
        let parent = inside(node);
        match known_step(parent, step) {
            Some((known, next)) => {
                right.push(known.to_owned());
                node = next;
            }
            None => {
                let mut names: Vec<&str> = parent.properties().into_iter().map(|(name, _)| name).collect();
                if right.is_empty() {
                    names.extend(schema.attributes().iter().map(|attribute| attribute.name));
                }
                right.push(nearest(step, names)?.to_owned());
                break;
            }
        }
    }
    Some(format!("{kind}.{}", right.join(".")))
}

pub(super) fn brief(name: String) -> Entry {
    let summary = first_sentence(Schema::embedded().doc(&name, "").unwrap_or_default());
    Entry { kind: About::ResourceType, name, signatures: Vec::new(), summary, parts: Vec::new() }
}

fn service(service: &str) -> Entry {
    let types: Vec<Entry> = Schema::embedded().types_of(service).map(brief).collect();
    let name = if service.contains("::") { service.to_owned() } else { format!("AWS::{service}") };
    let summary = format!("{} resource types.", types.len());
    let rows = types.into_iter().map(|entry| vec![entry.name, entry.summary]).collect();
    let parts = vec![DocElement::text(&summary), DocElement::table(&["Type", "What it is"], rows)];
    Entry { kind: About::Service, name, signatures: Vec::new(), summary, parts }
}

fn resource_type(name: &str) -> Entry {
    let schema = Schema::embedded();
    let kind = schema.get(name).expect("the type was found by its name");
    let about = schema.doc(name, "").unwrap_or("AWS has no description of this type.");
    let mut parts = vec![DocElement::text(about), DocElement::text(reference(&kind))];
    parts.push(DocElement::heading("Properties"));
    parts.push(properties(name, &kind, "", kind.properties()));
    let attributes: Vec<Vec<String>> = kind
        .attributes()
        .iter()
        .map(|attribute| vec![attribute.name.to_owned(), type_of(attribute.node), doc(name, attribute.name)])
        .collect();
    if !attributes.is_empty() {
        parts.push(DocElement::heading("Attributes"));
        parts.push(DocElement::table(&["Name", "Type", "What it is"], attributes));
    }
    parts.push(DocElement::heading("Methods"));
    parts.push(DocElement::table(&["Name", "What it does"], methods()));
    let signature = format!("{name}(id, #{{ .. }})");
    Entry {
        kind: About::ResourceType,
        name: name.to_owned(),
        signatures: vec![signature],
        summary: first_sentence(about),
        parts,
    }
}

/// Returns the methods that a resource of any type has.
fn methods() -> Vec<Vec<String>> {
    let of_resources = |form: &Signature| form.owner == Some("Resource") && form.parameters.is_some();
    let row = |form: Signature| {
        let call = form.signature().trim_start_matches("Resource").to_owned();
        vec![call, summary(&form.doc)]
    };
    bindings::forms().into_iter().filter(of_resources).map(row).collect()
}

/// Describes what `Ref` returns (`primaryIdentifier` of the schema).
fn reference(kind: &TypeSchema<'_>) -> String {
    let identifier: Vec<String> = kind.primary_identifier().map(|name| format!("`{name}`")).collect();
    match identifier.as_slice() {
        [] => "Its schema does not say what identifies it.".to_owned(),
        [one] => format!("The value is its `Ref`: {one}."),
        several => format!("It is identified by {} together.", several.join(" and ")),
    }
}

fn doc(kind: &str, path: &str) -> String {
    first_sentence(Schema::embedded().doc(kind, path).unwrap_or_default())
}

/// Returns the properties of an object of a type: read-only ones are attributes.
fn properties(name: &str, kind: &TypeSchema<'_>, path: &str, parent: Node<'_>) -> DocElement {
    let required = parent.required();
    let read_only: Vec<&str> = kind.read_only().collect();
    let rows = parent.properties().into_iter().filter_map(|(property, node)| {
        let full = if path.is_empty() { property.to_owned() } else { format!("{path}.{property}") };
        if read_only.iter().any(|only| same_path(only, &full)) {
            return None;
        }
        let needed = if required.contains(&property) { "required" } else { "" };
        let values = choices(node).map_or_else(String::new, |values| format!(" One of {values}."));
        let about = format!("{}{values}", doc(name, &full));
        Some(vec![property.to_owned(), type_of(Some(node)), needed.to_owned(), change(kind, &full).0.to_owned(), about])
    });
    DocElement::table(&["Property", "Type", "Required", "A change", "What it is"], rows.collect())
}

fn same_path(only: &str, path: &str) -> bool {
    only.split('.').filter(|step| *step != "*").eq(path.split('.'))
}

/// Returns the effect of a change, in a word and in a sentence.
fn change(kind: &TypeSchema<'_>, path: &str) -> (&'static str, &'static str) {
    match kind.create_only(path) {
        CreateOnly::Yes => ("replaces", "A change replaces the resource."),
        CreateOnly::Perhaps => ("may replace", "A change may replace the resource; it depends on what changes."),
        CreateOnly::No => ("", "A change is made in place."),
    }
}

/// Returns the type in words: `string`, `list of object`, `map of string`.
fn type_of(node: Option<Node<'_>>) -> String {
    let Some(node) = node else { return String::new() };
    if node.kinds() == JsonTypes::ANY {
        return if node.properties().is_empty() { "any".to_owned() } else { "object".to_owned() };
    }
    let names = node.kinds().names().map(|name| match (name, node.items(), node.values()) {
        ("list", Some(items), _) => format!("list of {}", type_of(Some(items))),
        ("object", _, Some(values)) if node.properties().is_empty() => format!("map of {}", type_of(Some(values))),
        _ => name.to_owned(),
    });
    names.collect::<Vec<_>>().join(" or ")
}

/// Returns the allowed values, if the schema lists them.
fn choices(node: Node<'_>) -> Option<String> {
    let listed = |keyword| match keyword {
        Keyword::Enum { values, .. } => {
            Some(values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    };
    node.keywords().find_map(listed).or_else(|| choices(node.items()?))
}

/// Returns a property or attribute at a dotted path.
fn member(kind_name: &str, path: &str) -> Option<Entry> {
    let schema = Schema::embedded();
    let kind = schema.get(kind_name)?;
    let mut node = kind.properties();
    let mut steps = Vec::new();
    let mut required = false;
    for step in path.split('.').filter(|step| *step != "*" && step.parse::<usize>().is_err()) {
        let parent = inside(node);
        let Some((known, next)) = known_step(parent, step) else { return attribute(kind_name, &kind, path) };
        required = parent.required().contains(&known);
        steps.push(known.to_owned());
        node = next;
    }
    let path = steps.join(".");
    if kind.read_only().any(|only| same_path(only, &path)) {
        return attribute(kind_name, &kind, &path);
    }
    let about = schema.doc(kind_name, &path).unwrap_or("AWS has no description of this property.");
    let needed = if required { "required" } else { "optional" };
    let mut parts = vec![
        DocElement::text(about),
        DocElement::text(format!("{}, {needed}. {}", type_of(Some(node)), change(&kind, &path).1)),
    ];
    parts.extend(constraints(node).into_iter().map(|text| DocElement::Item { text }));
    if !inside(node).properties().is_empty() {
        parts.push(DocElement::heading("Properties"));
        parts.push(properties(kind_name, &kind, &path, inside(node)));
    }
    let name = format!("{kind_name}.{path}");
    Some(Entry { kind: About::ResourceProperty, name, signatures: Vec::new(), summary: first_sentence(about), parts })
}

/// Returns the object that a property or the items of a list are.
fn inside(node: Node<'_>) -> Node<'_> {
    node.items().map_or(node, inside)
}

/// Returns the name of a property in the schema's case; any key of a map.
fn known_step<'s>(parent: Node<'s>, step: &str) -> Option<(&'s str, Node<'s>)> {
    let named = parent.properties().into_iter().find(|(name, _)| name.eq_ignore_ascii_case(step));
    named.or_else(|| parent.values().map(|values| ("*", values)))
}

fn attribute(kind_name: &str, kind: &TypeSchema<'_>, path: &str) -> Option<Entry> {
    let attributes = kind.attributes();
    let attribute = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(path))?;
    let about = Schema::embedded().doc(kind_name, attribute.name).unwrap_or("An attribute without a description.");
    let how = format!("{}; known when the stack is deployed (`Fn::GetAtt`).", type_of(attribute.node));
    let name = format!("{kind_name}.{}", attribute.name);
    let parts = vec![DocElement::text(about), DocElement::text(how.trim_start_matches("; "))];
    Some(Entry { kind: About::Attribute, name, signatures: Vec::new(), summary: first_sentence(about), parts })
}

/// Returns the constraints of a value, one sentence each.
fn constraints(node: Node<'_>) -> Vec<String> {
    let between = |min: usize, max: Option<usize>, what: &str| match (min, max) {
        (0, Some(max)) => format!("at most {max} {what}"),
        (min, None) => format!("at least {min} {what}"),
        (min, Some(max)) => format!("{min} to {max} {what}"),
    };
    let one = |keyword| match keyword {
        Keyword::Pattern(pattern) => Some(format!("matches `{pattern}`")),
        Keyword::Length { min, max } => Some(between(min, max, "characters")),
        Keyword::ItemCount { min, max } => Some(between(min, max, "items")),
        Keyword::Range { limit, bound } => Some(match bound {
            Bound::AtLeast => format!("at least {limit}"),
            Bound::AtMost => format!("at most {limit}"),
            Bound::MoreThan => format!("more than {limit}"),
            Bound::LessThan => format!("less than {limit}"),
        }),
        Keyword::UniqueItems => Some("each item once".to_owned()),
        Keyword::Default(value) => Some(format!("`{value}` unless set")),
        _ => None,
    };
    let listed = choices(node).map(|values| format!("one of {values}"));
    listed.into_iter().chain(node.keywords().filter_map(one)).collect()
}

//! Properties and values inside of the map of a raw resource, by the schema.

use super::cursor_context::CursorContext;
use super::{Candidate, CandidateKind, brief};
use crate::cfn::schema::{JsonTypes, Keyword, Node, Schema, TypeSchema};

/// A position in the properties of a resource.
pub(super) struct PropertyContext {
    /// `AWS::S3::Bucket`.
    pub(super) kind: String,
    /// The path of the map or value that the cursor is in: `BucketEncryption.ServerSideEncryptionConfiguration`.
    pub(super) path: String,
    /// The keys that the map has already.
    given: Vec<String>,
    /// Whether a key can be at the cursor.
    at_key: bool,
    /// Whether the value is an item of a list.
    in_list: bool,
}

/// Returns the candidates in the properties of a resource; none elsewhere, and none if any value is allowed.
pub(super) fn candidates(context: &CursorContext<'_>) -> Option<Vec<Candidate>> {
    let inside = inside(context)?;
    let schema = Schema::embedded().get(&inside.kind)?;
    let node = schema.properties().at(&inside.path)?;
    if inside.at_key {
        return Some(keys(&inside, &schema, items(node)));
    }
    let node = if inside.in_list { items(node) } else { node };
    let values = values(node, context.quoted);
    (!values.is_empty()).then_some(values)
}

/// Returns the position of the cursor if it is in the properties of a resource.
pub(super) fn inside(context: &CursorContext<'_>) -> Option<PropertyContext> {
    let call = context.brackets.iter().rposition(|bracket| bracket.open == "(")?;
    let kind = resource(context, call)?;
    let (last, holders) = context.brackets[call + 1..].split_last()?;
    let key = |bracket: &super::cursor_context::Bracket| bracket.keys.last().cloned();
    let maps = holders.iter().filter(|bracket| bracket.open == "#{");
    let mut path: Vec<String> = maps.filter_map(key).collect();
    let at_key = last.open == "#{" && last.at_key;
    if last.open == "#{" && !last.at_key {
        path.extend(key(last));
    }
    let given = if at_key { last.keys.clone() } else { Vec::new() };
    Some(PropertyContext { kind, path: path.join("."), given, at_key, in_list: last.open == "[" })
}

/// Returns the type of the resource whose properties a call takes: `AWS::S3::Bucket(id, #{`, `.override("AWS::..", #{`.
fn resource(context: &CursorContext<'_>, call: usize) -> Option<String> {
    let bracket = &context.brackets[call];
    let name = context.joined(context.names(bracket.at)?);
    if bracket.commas != 1 {
        return None;
    }
    if name == "override" {
        let kind = context.tokens.get(bracket.at + 1)?.unquoted();
        return kind.starts_with("AWS::").then(|| kind.to_owned());
    }
    name.starts_with("AWS::").then_some(name)
}

/// Returns the node of a list's items; any other node unchanged.
fn items(node: Node<'_>) -> Node<'_> {
    node.items().unwrap_or(node)
}

/// Returns the properties that the map does not have yet, the required ones first.
fn keys(inside: &PropertyContext, schema: &TypeSchema<'_>, node: Node<'_>) -> Vec<Candidate> {
    let read_only: Vec<&str> = schema.read_only().collect();
    let required = node.required();
    let full = |name: &str| if inside.path.is_empty() { name.to_owned() } else { format!("{}.{name}", inside.path) };
    let settable = |name: &str| {
        let full = full(name);
        !read_only.iter().any(|only| only.replace(".*", "") == full)
    };
    let known = node.properties().into_iter();
    let mut open: Vec<(&str, Node<'_>)> =
        known.filter(|(name, _)| !inside.given.iter().any(|given| given == name) && settable(name)).collect();
    open.sort_by_key(|(name, _)| (!required.contains(name), *name));
    let candidate = |(name, node): (&str, Node<'_>)| {
        let doc = Schema::embedded().doc(&inside.kind, &full(name)).unwrap_or_default();
        let must = if required.contains(&name) { "required; " } else { "" };
        let what = format!("{must}{}", kinds(node));
        let doc = brief(doc);
        let description = if doc.is_empty() { what } else { format!("{what}: {doc}") };
        Candidate::new(CandidateKind::Property, format!("{name}: "), description)
    };
    open.into_iter().map(candidate).collect()
}

/// Returns the types that a value may have: `string`, `list or string`.
pub(super) fn kinds(node: Node<'_>) -> String {
    if node.kinds() == JsonTypes::ANY {
        return "value".to_owned();
    }
    node.kinds().names().collect::<Vec<_>>().join(" or ")
}

/// Returns the values that a property may have, if the schema lists them.
fn values(node: Node<'_>, quoted: bool) -> Vec<Candidate> {
    let mut found: Vec<String> = Vec::new();
    each_value(node, &mut found, quoted);
    if found.is_empty() && node.kinds() == JsonTypes::BOOLEAN && !quoted {
        found = vec!["true".to_owned(), "false".to_owned()];
    }
    found.into_iter().map(|value| Candidate::new(CandidateKind::Value, value, "")).collect()
}

fn each_value(node: Node<'_>, found: &mut Vec<String>, quoted: bool) {
    for keyword in node.keywords() {
        match keyword {
            Keyword::Enum { values, .. } => {
                let is_text = node.kinds().meets(JsonTypes::STRING);
                let shown = values.iter().map(|value| match (is_text, quoted) {
                    (true, false) => format!("\"{value}\""),
                    _ => value.to_string(),
                });
                found.extend(shown);
            }
            Keyword::AnyOf(parts) | Keyword::OneOf(parts) | Keyword::AllOf(parts) => {
                parts.into_iter().for_each(|part| each_value(part, found, quoted));
            }
            _ => {}
        }
    }
    found.dedup();
}

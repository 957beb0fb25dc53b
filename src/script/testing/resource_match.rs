//! Partial matches of resources: the properties that a test names, and nothing about the others.

use rhai::{Array, Dynamic, Map};

use super::comparison::{equal, shown};
use crate::cfn::{LogicalId, Map as Properties, PathSegment, PropertyPath, Resource, Value};
use crate::diag::{Code, Diagnostic};
use crate::script::template_view::{ResourceKind, TemplateView};
use crate::script::value::{ReferenceTable, from_value};

/// The maximum number of differences that are shown.
const MOST_SHOWN: usize = 8;

/// A value of a resource that is not as expected.
#[derive(Debug, Clone, PartialEq)]
struct Mismatch {
    path: PropertyPath,
    /// Both values as texts.
    text: String,
}

/// Checks that a resource of a type has properties. A list matches if it has the expected items in their order; further items
/// may be between them. The value `()` means that there is no such property.
///
/// # Errors
///
/// The failure, with the resource that has the fewest differences.
pub(super) fn check(
    template: &TemplateView,
    kind: &ResourceKind,
    expected: &Map,
    references: &dyn ReferenceTable,
) -> Result<(), Diagnostic> {
    let mut nearest: Option<(&LogicalId, &Resource, Vec<Mismatch>)> = None;
    for (id, resource) in template.of_type(kind) {
        let mut found = Vec::new();
        let path = PropertyPath::attribute("Properties");
        of_map(expected, &resource.properties, &path, references, &mut found);
        if found.is_empty() {
            return Ok(());
        }
        if nearest.as_ref().is_none_or(|(.., fewest)| found.len() < fewest.len()) {
            nearest = Some((id, resource, found));
        }
    }
    Err(failure(template, kind, nearest))
}

fn failure(
    template: &TemplateView,
    kind: &ResourceKind,
    nearest: Option<(&LogicalId, &Resource, Vec<Mismatch>)>,
) -> Diagnostic {
    let kind = kind.as_str();
    let Some((id, resource, mismatches)) = nearest else {
        let mut kinds: Vec<&str> = template.template().resources.values().map(|it| it.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        return Diagnostic::new(Code::Assertion, format!("the template has no `{kind}`"))
            .note(format!("its types are {}", kinds.join(", ")));
    };
    let shown: Vec<&str> = mismatches.iter().take(MOST_SHOWN).map(|mismatch| mismatch.text.as_str()).collect();
    let more = mismatches.len().saturating_sub(MOST_SHOWN);
    let more = if more == 0 { String::new() } else { format!("\nand {more} more") };
    let mut problem = Diagnostic::new(Code::Assertion, format!("no `{kind}` has these properties"))
        .note(format!("the nearest is `{id}`:\n{}{more}", shown.join("\n")));
    problem.labels.extend(label(resource, &mismatches[0].path, id));
    problem
}

/// Returns the place of the value that differs.
fn label(resource: &Resource, path: &PropertyPath, id: &LogicalId) -> Option<crate::diag::Label> {
    let origin = resource.origin_of(path).clone();
    origin.is_known().then(|| crate::diag::Label { origin, message: format!("`{id}`") })
}

fn of_map(
    expected: &Map,
    actual: &Properties,
    path: &PropertyPath,
    references: &dyn ReferenceTable,
    found: &mut Vec<Mismatch>,
) {
    for (key, wanted) in expected {
        let path = path.clone().then(PathSegment::Key(key.to_string()));
        match (actual.get(key.as_str()), wanted.is_unit()) {
            (None, true) => {}
            (None, false) => found.push(mismatch(&path, &shown(wanted), "not set")),
            (Some(value), true) => found.push(mismatch(&path, "not set", &shown(&from_value(value)))),
            (Some(value), false) => of_value(wanted, value, &path, references, found),
        }
    }
}

fn of_value(
    expected: &Dynamic,
    actual: &Value,
    path: &PropertyPath,
    references: &dyn ReferenceTable,
    found: &mut Vec<Mismatch>,
) {
    if let (Ok(expected), Value::Map(actual)) = (expected.as_map_ref(), actual) {
        return of_map(&expected, actual, path, references, found);
    }
    if let (Ok(expected), Value::List(actual)) = (expected.as_array_ref(), actual) {
        return of_list(&expected, actual, path, references, found);
    }
    let actual = from_value(actual);
    if !equal(expected, &actual, references) {
        found.push(mismatch(path, &shown(expected), &shown(&actual)));
    }
}

/// Compares a list: each expected item is looked for after the one before.
fn of_list(
    expected: &Array,
    actual: &[Value],
    path: &PropertyPath,
    references: &dyn ReferenceTable,
    found: &mut Vec<Mismatch>,
) {
    let differences = |wanted: &Dynamic, at: usize| {
        let mut found = Vec::new();
        of_value(wanted, &actual[at], &path.clone().then(PathSegment::Index(at)), references, &mut found);
        found
    };
    let mut next = 0;
    for wanted in expected {
        let candidates: Vec<Vec<Mismatch>> = (next..actual.len()).map(|at| differences(wanted, at)).collect();
        match candidates.iter().position(Vec::is_empty) {
            Some(at) => next += at + 1,
            // One expected item and one item: the differences inside are more useful than both items.
            None => match candidates.into_iter().min_by_key(Vec::len) {
                Some(nearest) => found.extend(nearest),
                None => found.push(mismatch(path, &format!("an item {}", shown(wanted)), "no further item")),
            },
        }
    }
}

fn mismatch(path: &PropertyPath, expected: &str, actual: &str) -> Mismatch {
    let name = path.to_string();
    let name = name.strip_prefix("Properties.").unwrap_or(&name);
    Mismatch { path: path.clone(), text: format!("  {name}: expected {expected}, found {actual}") }
}

//! The schemas of `docs/schema`, from the types of the results.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value as Json};

use super::document::{FORMAT_VERSION, Printed};
use super::*;
use crate::deploy::doctor::Examined;
use crate::deploy::plan::Plan;
use crate::deploy::plan::plan_file::SavedPlan;
use crate::deploy::record::RecordEntry;
use crate::script::reference::SearchResult;

/// A value on stdout of a command that prints while it works.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum Stream<'a, L, R> {
    Line(L),
    Document(Printed<'a, R>),
}

/// A line of `rtiler repl --json`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum Session<'a> {
    Entry(EntryLine),
    Document(Printed<'a, Json>),
}

/// Returns each schema with its name and its title.
fn schemas() -> Vec<(&'static str, &'static str, Schema)> {
    vec![
        ("add", "`rtiler add`, `rtiler remove` and `rtiler update`", document::<PackageChanges>()),
        ("check", "`rtiler check` and `rtiler run SCRIPT check`", document::<CheckCounts>()),
        ("cost", "`rtiler run SCRIPT cost`", document::<Vec<StackCost>>()),
        ("diff", "`rtiler run SCRIPT diff`", document::<Vec<Plan>>()),
        ("doc", "`rtiler doc`", document::<SearchResult>()),
        ("doctor", "`rtiler doctor`", document::<Vec<Examined>>()),
        ("drift", "`rtiler run SCRIPT drift`", document::<Vec<DriftOfStack>>()),
        ("error", "a command line that is not valid", document::<()>()),
        ("events", "`rtiler run SCRIPT events`", document::<Vec<EventOfStack>>()),
        ("events-chart", "`rtiler run SCRIPT events --chart`", document::<Vec<StackTimeline>>()),
        ("exec", "`rtiler run SCRIPT exec`", document::<CommandEnd>()),
        ("explain", "`rtiler explain`", document::<Vec<CodePage>>()),
        ("fmt", "`rtiler fmt`", document::<Vec<FormattedFile>>()),
        ("gc", "`rtiler gc`", document::<UnusedArtifacts>()),
        ("images", "`rtiler run SCRIPT images`", document::<Vec<ListedImage>>()),
        ("import-from", "`rtiler import-from`", document::<ImportedScript>()),
        ("init", "`rtiler init`", document::<ProjectWritten>()),
        ("inspect", "`rtiler run SCRIPT inspect`", document::<Vec<Inspected>>()),
        ("logs", "`rtiler run SCRIPT logs`", of::<Stream<'_, LogRecord<'_>, ()>>()),
        ("ls", "`rtiler run SCRIPT ls`", document::<Vec<StackListing>>()),
        (
            "operation",
            "`deploy`, `hotswap`, `rollback`, `import` and `destroy` of `rtiler run SCRIPT`, `rtiler bootstrap` and `rtiler replay`",
            of::<Stream<'_, EventRecord<'_>, RunResult>>(),
        ),
        ("outdated", "`rtiler outdated`", document::<Vec<PackageVersions>>()),
        ("outputs", "`rtiler run SCRIPT outputs`", document::<Vec<OutputsOfStack>>()),
        ("permissions", "`rtiler run SCRIPT permissions`", document::<RolePolicies>()),
        ("plan", "`rtiler run SCRIPT plan`", document::<SavedPlan>()),
        ("plan-file", "the file of `rtiler run SCRIPT plan --save FILE`", of::<SavedPlan>()),
        ("publish", "`rtiler publish`", document::<PublishedPackage>()),
        ("record", "a line of a file in `.rtiler/runs`", of::<RecordEntry>()),
        ("repl", "`rtiler repl`", of::<Session<'_>>()),
        ("run-task", "`rtiler run SCRIPT run-task`", of::<Stream<'_, LogRecord<'_>, CommandEnd>>()),
        ("scale", "`rtiler run SCRIPT scale`", document::<ScaleResult>()),
        ("settings", "`rtiler run SCRIPT settings`", document::<Vec<SettingValue>>()),
        ("status", "`rtiler run SCRIPT status`", document::<Vec<DeployedStackView>>()),
        ("synth", "`rtiler run SCRIPT synth`", document::<Vec<SynthesizedStack>>()),
        ("test", "`rtiler test`", document::<TestResults>()),
        ("tasks", "`rtiler run SCRIPT tasks`", document::<Vec<TasksOfService>>()),
        ("tree", "`rtiler tree`", document::<Vec<PackageEntry>>()),
        ("vendor", "`rtiler vendor`", document::<VendoredPackages>()),
    ]
}

fn document<R: JsonSchema>() -> Schema {
    of::<Printed<'_, R>>()
}

fn of<T: JsonSchema>() -> Schema {
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    inline(schema.as_object_mut().expect("a schema of an object"), &definitions);
    close(schema.as_object_mut().expect("a schema of an object"), true);
    schema
}

/// Replaces a reference next to fields by its definition: it adds to them and is not a whole object.
fn inline(schema: &mut Map<String, Json>, definitions: &Json) {
    if schema.contains_key("properties")
        && let Some(Json::String(reference)) = schema.remove("$ref")
    {
        let name = reference.trim_start_matches("#/$defs/");
        schema.insert("allOf".to_owned(), Json::Array(vec![definitions[name].clone()]));
    }
    for value in schema.values_mut() {
        match value {
            Json::Object(inner) => inline(inner, definitions),
            Json::Array(items) => {
                items.iter_mut().filter_map(Json::as_object_mut).for_each(|item| inline(item, definitions));
            }
            _ => {}
        }
    }
}

/// Forbids fields that a schema does not name, in each object. `is_whole` is false for a part of a combination, whose whole
/// knows the other fields.
fn close(schema: &mut Map<String, Json>, is_whole: bool) {
    let parts = ["oneOf", "anyOf", "allOf"];
    let is_object = |schema: &Map<String, Json>| schema.contains_key("properties");
    let combines = parts.iter().filter_map(|part| schema.get(*part)?.as_array());
    let has_fields = combines.flatten().filter_map(Json::as_object).any(is_object);
    let closes = is_whole && (is_object(schema) || has_fields);
    for (keyword, value) in schema.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties" | "$defs", Json::Object(named)) => {
                named.values_mut().filter_map(Json::as_object_mut).for_each(|inner| close(inner, true));
            }
            (keyword, Json::Array(several)) if parts.contains(&keyword) => {
                several.iter_mut().filter_map(Json::as_object_mut).for_each(|part| close(part, is_whole && !closes));
            }
            ("items" | "additionalProperties", Json::Object(inner)) => close(inner, true),
            _ => {}
        }
    }
    if closes {
        schema.remove("additionalProperties");
        schema.insert("unevaluatedProperties".to_owned(), Json::Bool(false));
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema")
}

fn text(name: &str, title: &str, schema: Schema) -> String {
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), Json::from("https://json-schema.org/draft/2020-12/schema"));
    whole.insert("$id".to_owned(), Json::from(format!("rtiler/{FORMAT_VERSION}/{name}.json")));
    whole.insert("title".to_owned(), Json::from(format!("JSON of {title}")));
    whole.extend(
        schema
            .to_value()
            .as_object()
            .cloned()
            .expect("an object")
            .into_iter()
            .filter(|(key, _)| !["$schema", "title"].contains(&key.as_str())),
    );
    format!("{:#}\n", Json::Object(whole))
}

#[test]
fn schemas_of_the_documentation_are_those_of_the_types() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut differing = Vec::new();
    for (name, title, schema) in schemas() {
        let (path, text) = (folder().join(format!("{name}.json")), text(name, title, schema));
        if bless {
            std::fs::create_dir_all(folder()).expect("the folder is writable");
            std::fs::write(&path, &text).expect("the folder is writable");
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            differing.push(name);
        }
    }
    let bless = "BLESS=1 cargo test --no-default-features --lib schemas_of_the_documentation";
    assert!(
        differing.is_empty(),
        "docs/schema/{{{}}}.json differ from the types; `{bless}` writes them",
        differing.join(",")
    );
}

#[test]
fn every_field_of_every_schema_has_a_description() {
    let mut bare = BTreeSet::new();
    for (name, _, schema) in schemas() {
        collect_bare(name, schema.as_value(), &mut bare);
    }
    assert!(bare.is_empty(), "fields without a doc comment: {bare:#?}");
}

/// Returns the schemas inside a schema.
fn inner(schema: &Json) -> Vec<&Json> {
    let named = ["properties", "$defs"].into_iter().filter_map(|key| schema.get(key)?.as_object());
    let listed = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
    let single = ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key));
    named.flat_map(Map::values).chain(listed.flatten()).chain(single).collect()
}

fn fields(schema: &Json) -> impl Iterator<Item = (&String, &Json)> {
    schema.get("properties").and_then(Json::as_object).into_iter().flatten()
}

/// Collects the fields without a description. A tag (`const`) needs none, a reference has that of its type, and the only
/// field of a variant has that of the variant.
fn collect_bare(path: &str, schema: &Json, bare: &mut BTreeSet<String>) {
    let of_variant = schema.get("description").is_some() && fields(schema).count() <= 2;
    for (field, inner) in fields(schema).filter(|_| !of_variant) {
        if !["description", "const", "$ref"].iter().any(|keyword| inner.get(*keyword).is_some()) {
            bare.insert(format!("{path}: {field}"));
        }
    }
    inner(schema).into_iter().for_each(|inner| collect_bare(path, inner, bare));
}

#[test]
fn names_of_fields_are_snake_case() {
    fn names(schema: &Json, found: &mut Vec<String>) {
        found.extend(fields(schema).map(|(name, _)| name.clone()));
        inner(schema).into_iter().for_each(|inner| names(inner, found));
    }
    let mut found = Vec::new();
    schemas().iter().for_each(|(.., schema)| names(schema.as_value(), &mut found));
    let is_snake = |name: &String| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let wrong: Vec<&String> = found.iter().filter(|name| !is_snake(name)).collect();
    assert!(wrong.is_empty() && found.len() > 100, "{wrong:?}");
}

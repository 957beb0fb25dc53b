//! The keys of DynamoDB tables and of their indexes against the attribute definitions.
//!
//! Source: the DynamoDB API, `CreateTable`: every key attribute is defined, and every defined attribute is used by a key
//! ("Number of attributes in `KeySchema` does not exactly match number of attributes defined in `AttributeDefinitions`").

use std::collections::HashSet;

use super::context::{CheckContext, ResourceEntry, ValueLookup};
use crate::cfn::Value;
use crate::diag::{Code, Sink};

const DEFINITIONS: &str = "AttributeDefinitions";
const INDEXES: [&str; 2] = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for table in scope.all("AWS::DynamoDB::Table").chain(scope.all("AWS::DynamoDB::GlobalTable")) {
        let schemas = schemas(table);
        for (path, is_table) in &schemas {
            order(table, path, *is_table, sink);
        }
        let paths: Vec<&str> = schemas.iter().map(|(path, _)| path.as_str()).collect();
        attributes(table, &paths, scope, sink);
        local_indexes(table, sink);
    }
}

/// Returns the paths of the key schemas, that of the table first.
fn schemas(table: ResourceEntry<'_>) -> Vec<(String, bool)> {
    let of_index =
        |list: &'static str| (0..table.list(list).len()).map(move |at| (format!("{list}.{at}.KeySchema"), false));
    std::iter::once(("KeySchema".to_owned(), true)).chain(INDEXES.into_iter().flat_map(of_index)).collect()
}

fn name(item: &Value) -> Option<&str> {
    item.get("AttributeName")?.as_str()
}

/// Checks that the keys and the definitions name the same attributes.
fn attributes(table: ResourceEntry<'_>, schemas: &[&str], scope: &CheckContext<'_>, sink: &mut Sink) {
    let definitions = table.list(DEFINITIONS);
    let defined: HashSet<&str> = definitions.iter().filter_map(name).collect();
    if definitions.is_empty() || definitions.iter().any(|item| name(item).is_none()) {
        return;
    }
    let mut used = HashSet::new();
    let mut is_known = true;
    for path in schemas {
        let keys = table.list(path);
        is_known &= !keys.is_empty() && keys.iter().all(|key| name(key).is_some());
        for (at, key) in keys.iter().enumerate() {
            let Some(name) = name(key) else { continue };
            if used.insert(name) && !defined.contains(name) {
                let message = format!("the key attribute `{name}` is not among the `{DEFINITIONS}`");
                let problem = table.error(Code::KeySchema, &format!("{path}.{at}"), message);
                let hint = scope.suggestions.did_you_mean(name, defined.iter().copied());
                sink.push(problem.help_if(hint.or_else(|| Some(format!("add `AttributeName: {name}` with its type")))));
            }
        }
    }
    is_known &=
        INDEXES.iter().all(|list| table.lacks(list) || matches!(table.look(list), ValueLookup::Here(Value::List(_))));
    for (at, item) in definitions.iter().enumerate().filter(|_| is_known) {
        if let Some(name) = name(item).filter(|name| !used.contains(name)) {
            let message = format!("no key uses the attribute `{name}`, and DynamoDB refuses such a definition");
            let problem = table.error(Code::KeySchema, &format!("{DEFINITIONS}.{at}"), message);
            sink.push(problem.help("remove it: attributes that are not keys need no definition"));
        }
    }
}

/// Checks the kinds of the keys: one partition key, then at most one sort key. A global index may have four of each.
fn order(table: ResourceEntry<'_>, path: &str, is_table: bool, sink: &mut Sink) {
    let kinds: Vec<&str> =
        table.list(path).iter().map(|key| key.get("KeyType").and_then(Value::as_str).unwrap_or("?")).collect();
    if kinds.is_empty() || kinds.contains(&"?") {
        return;
    }
    let most = if is_table || path.starts_with(INDEXES[1]) { 1 } else { 4 };
    let hashes = kinds.iter().take_while(|kind| **kind == "HASH").count();
    let rest = &kinds[hashes..];
    let is_right = (1..=most).contains(&hashes) && rest.len() <= most && rest.iter().all(|kind| *kind == "RANGE");
    if !is_right {
        let message = format!("the keys are {}", kinds.join(", "));
        let problem = table.error(Code::KeySchema, path, message);
        sink.push(problem.help("write the partition key (`HASH`) first, then the sort key (`RANGE`)"));
    }
}

/// Checks that local indexes have the partition key of the table.
fn local_indexes(table: ResourceEntry<'_>, sink: &mut Sink) {
    let Some(partition) = table.list("KeySchema").first().and_then(name) else { return };
    for at in 0..table.list(INDEXES[1]).len() {
        let path = format!("{}.{at}.KeySchema", INDEXES[1]);
        let keys = table.list(&path);
        if let Some(other) = keys.first().and_then(name).filter(|other| *other != partition) {
            let message = format!("a local index has the partition key of its table, `{partition}`, and not `{other}`");
            sink.push(table.error(Code::KeySchema, &path, message).help("make it a global index, or change the key"));
        } else if keys.len() == 1 && name(&keys[0]).is_some() {
            sink.push(table.error(Code::KeySchema, &path, "a local index needs a sort key of its own"));
        }
    }
}

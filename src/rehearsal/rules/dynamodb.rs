//! Amazon `DynamoDB`: tables and their indexes.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::view::AccountView;
use super::{CHANGES, CREATION, DELETION, Intent, Refusal, Rule, Subject};
use crate::rehearsal::property_access::{boolean, list, text};

const TABLE: &str = "AWS::DynamoDB::Table";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: TABLE, intents: CREATION, check: name_in_use },
    Rule { kind: TABLE, intents: CHANGES, check: attributes_differ_from_keys },
    Rule { kind: TABLE, intents: CHANGES, check: capacity_on_demand },
    Rule { kind: TABLE, intents: CHANGES, check: capacity_missing },
    Rule { kind: TABLE, intents: &[Intent::Update], check: several_indexes_change },
    Rule { kind: TABLE, intents: DELETION, check: deletion_protected },
];

/// Returns a refusal of a parameter.
fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("DynamoDb", "ValidationException", "InvalidRequest", text)
}

/// Refuses a name that another table has (`ResourceInUseException` of `CreateTable`, `DynamoDB` API).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "TableName")?;
    view.others(TABLE, subject).find(|other| other.has("TableName", &name))?;
    let text = format!("Table already exists: {name}");
    Some(Refusal::new("DynamoDb", "ResourceInUseException", "AlreadyExists", text))
}

/// Refuses attribute definitions that are not exactly the attributes of keys (`AttributeDefinitions` of `CreateTable`, `DynamoDB`
/// API: "attributes that describe the key schema for the table and indexes").
fn attributes_differ_from_keys(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    const INVALID: &str = "One or more parameter values were invalid";
    let names = |json: &Json, property: &str| {
        list(json, property).filter_map(|it| text(it, "AttributeName")).collect::<BTreeSet<_>>()
    };
    let defined = names(subject.properties, "AttributeDefinitions");
    let own = names(subject.properties, "KeySchema");
    let properties = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
    let indexes = properties.iter().flat_map(|name| list(subject.properties, name));
    let of_indexes: BTreeSet<_> = indexes.flat_map(|index| names(index, "KeySchema")).collect();
    if defined.is_empty() || own.is_empty() {
        return None;
    }
    if let Some(keys) = [&own, &of_indexes].into_iter().find(|keys| !keys.is_subset(&defined)) {
        return Some(invalid(format!(
            "{INVALID}: Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: \
             [{}]",
            listed(keys),
            listed(&defined)
        )));
    }
    let keys: BTreeSet<String> = own.union(&of_indexes).cloned().collect();
    if defined == keys {
        return None;
    }
    Some(invalid(if of_indexes.is_empty() {
        format!(
            "{INVALID}: Number of attributes in KeySchema does not exactly match number of attributes defined in \
             AttributeDefinitions"
        )
    } else {
        let (defined, keys) = (listed(&defined), listed(&keys));
        format!(
            "{INVALID}: Some AttributeDefinitions are not used. AttributeDefinitions: [{defined}], keys used: [{keys}]"
        )
    }))
}

/// Returns names as a list.
fn listed(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}

/// Refuses provisioned capacity of a table on demand (`ProvisionedThroughput` of `CreateTable`, `DynamoDB` API: "if you set
/// `BillingMode` as `PAY_PER_REQUEST`, you cannot specify this property").
fn capacity_on_demand(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let on_demand = text(subject.properties, "BillingMode").is_some_and(|mode| mode == "PAY_PER_REQUEST");
    (on_demand && subject.properties.get("ProvisionedThroughput").is_some()).then(|| {
        invalid(
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when \
             BillingMode is PAY_PER_REQUEST",
        )
    })
}

/// Refuses a table with provisioned capacity that does not set it (`ProvisionedThroughput` of `CreateTable`, `DynamoDB` API: "if
/// you set `BillingMode` as `PROVISIONED`, you must specify this property").
fn capacity_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let provisioned = text(subject.properties, "BillingMode").is_none_or(|mode| mode == "PROVISIONED");
    (provisioned && subject.properties.get("ProvisionedThroughput").is_none()).then(|| {
        invalid(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when \
             BillingMode is PROVISIONED",
        )
    })
}

/// Refuses more than one index that is created or deleted in one update (`GlobalSecondaryIndexes` of `AWS::DynamoDB::Table`,
/// CloudFormation user guide: "you can create or delete only one global secondary index for each stack operation").
fn several_indexes_change(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let names = |properties: &Json| {
        list(properties, "GlobalSecondaryIndexes").filter_map(|it| text(it, "IndexName")).collect::<BTreeSet<_>>()
    };
    let (before, after) = (names(subject.before?), names(subject.properties));
    (before.symmetric_difference(&after).count() > 1)
        .then(|| invalid("Cannot perform more than one GSI creation or deletion in a single update"))
}

/// Refuses the deletion of a table with deletion protection (`DeletionProtectionEnabled` of `CreateTable`, `DynamoDB` API; "Using
/// deletion protection", developer guide).
fn deletion_protected(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    boolean(subject.properties, "DeletionProtectionEnabled").then(|| {
        invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
    })
}

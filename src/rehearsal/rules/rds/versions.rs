//! Changes of the engine version of a database.

use std::cmp::Ordering;

use super::super::versions::{compare, numbers};
use super::super::view::AccountView;
use super::super::{Intent, Refusal, Rule, Subject};
use super::{CLUSTER, INSTANCE, refuse};
use crate::rehearsal::property_access::{boolean, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: INSTANCE, intents: &[Intent::Update], check: older_version },
    Rule { kind: CLUSTER, intents: &[Intent::Update], check: older_version },
    Rule { kind: INSTANCE, intents: &[Intent::Update], check: major_version_not_allowed },
];

/// Returns the engine and the versions before and after an update, if all are known and the version of an instance is its own.
fn change(subject: &Subject<'_>) -> Option<(String, String, String)> {
    let engine = text(subject.properties, "Engine")?;
    let of_cluster = text(subject.properties, "DBClusterIdentifier").is_some();
    let before = text(subject.before?, "EngineVersion").filter(|_| !of_cluster)?;
    Some((engine, before, text(subject.properties, "EngineVersion")?))
}

/// Refuses an older version than the database has ("Upgrading a DB instance engine version", user guide; the message is quoted in
/// hashicorp/terraform#22462, that of a cluster in ministryofjustice/cloud-platform-environments#7615).
fn older_version(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let (engine, before, after) = change(subject)?;
    (compare(&after, &before) == Ordering::Less).then(|| {
        let text = format!("Cannot upgrade {engine} from {before} to {after}");
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

/// Refuses another major version without `AllowMajorVersionUpgrade` (`ModifyDBInstance`, RDS API; the message is quoted in
/// hashicorp/terraform#8471). CloudFormation's handler allows it for clusters.
fn major_version_not_allowed(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let (engine, before, after) = change(subject)?;
    let (before, after) = (major(&engine, &before)?, major(&engine, &after)?);
    (after > before && !boolean(subject.properties, "AllowMajorVersionUpgrade")).then(|| {
        let text = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.";
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

/// Returns the numbers of the major version, if all are given: two of `MySQL` and `MariaDB` ("`MySQL` on Amazon RDS versions", user
/// guide) and of `PostgreSQL` before 10, otherwise one.
fn major(engine: &str, version: &str) -> Option<Vec<u32>> {
    let numbers = numbers(version);
    let old_postgres = engine.contains("postgres") && numbers.first().is_some_and(|first| *first < 10);
    let length = if old_postgres || engine.contains("mysql") || engine == "mariadb" { 2 } else { 1 };
    (numbers.len() >= length).then(|| numbers[..length].to_vec())
}

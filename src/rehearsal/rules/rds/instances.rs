//! The storage, zone and name of a database.

use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, Intent, Refusal, Rule, Subject};
use super::{CLUSTER, INSTANCE, refuse};
use crate::rehearsal::property_access::{boolean, number, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: INSTANCE, intents: CHANGES, check: storage_too_small },
    Rule { kind: INSTANCE, intents: &[Intent::Update], check: storage_reduced },
    Rule { kind: INSTANCE, intents: CREATION, check: zone_of_several },
    Rule { kind: INSTANCE, intents: CREATION, check: engine_of_another_cluster },
    Rule { kind: INSTANCE, intents: CREATION, check: invalid_database_name },
    Rule { kind: CLUSTER, intents: CREATION, check: invalid_database_name },
];

/// The engines whose storage is set for each instance and has the same limits.
const WITH_STORAGE: [&str; 3] = ["mariadb", "mysql", "postgres"];

/// Refuses less storage than the type of storage has at least ("Amazon RDS DB instance storage", user guide: 20 GiB of General
/// Purpose SSD, 100 GiB of Provisioned IOPS, 5 GiB of magnetic storage; the message is quoted in convox/rack#2846).
fn storage_too_small(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let size = number(subject.properties, "AllocatedStorage")?;
    let least = match storage_type(subject).as_str() {
        "gp2" | "gp3" => 20,
        "io1" | "io2" => 100,
        "standard" => 5,
        _ => return None,
    };
    (size < least).then(|| invalid_size(subject, size))?
}

/// Refuses less storage than the database has ("Working with storage for Amazon RDS DB instances", user guide: the amount of
/// storage cannot be reduced; CloudFormation's handler sends the size unless it rolls back: `canUpdateAllocatedStorage` in
/// aws-cloudformation/aws-cloudformation-resource-providers-rds. The message is inferred.)
fn storage_reduced(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let size = number(subject.properties, "AllocatedStorage")?;
    let before = number(subject.before?, "AllocatedStorage")?;
    (size < before).then(|| invalid_size(subject, size))?
}

/// Returns the refusal of a size. An instance of a cluster has no storage of its own.
fn invalid_size(subject: &Subject<'_>, size: u32) -> Option<Refusal> {
    let engine = text(subject.properties, "Engine").filter(|engine| WITH_STORAGE.contains(&engine.as_str()))?;
    if text(subject.properties, "DBClusterIdentifier").is_some() {
        return None;
    }
    let kind = storage_type(subject);
    let text = format!("Invalid storage size for engine name {engine} and storage type {kind}: {size}");
    Some(refuse("InvalidParameterCombination", "InvalidRequest", text))
}

/// Returns the type of the storage (`StorageType` of `CreateDBInstance`, RDS API: `io1` if `Iops` is set, otherwise `gp2`).
fn storage_type(subject: &Subject<'_>) -> String {
    let default = if subject.properties.get("Iops").is_some() { "io1" } else { "gp2" };
    text(subject.properties, "StorageType").unwrap_or_else(|| default.to_owned())
}

/// Refuses a zone of a database in several zones (`AvailabilityZone` of `CreateDBInstance`, RDS API; the message is quoted in
/// hashicorp/terraform-provider-aws#39225).
fn zone_of_several(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "AvailabilityZone")?;
    boolean(subject.properties, "MultiAZ").then(|| {
        let text = "Requesting a specific availability zone is not valid for Multi-AZ instances.";
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

/// Refuses an instance with another engine than its cluster (`Engine` of `CreateDBInstance`, RDS API; the refusal is described in
/// getmoto/moto#6993).
fn engine_of_another_cluster(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let engine = text(subject.properties, "Engine")?;
    let name = text(subject.properties, "DBClusterIdentifier")?;
    let of_cluster = view.find(CLUSTER, &name)?.text("Engine")?;
    (!engine.eq_ignore_ascii_case(&of_cluster)).then(|| {
        let text = format!(
            "The engine name requested for your DB instance ({engine}) doesn't match the engine name of your DB cluster \
             ({of_cluster})."
        );
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

/// Refuses a database name with other characters than letters, digits and underscores (`DBName` of `CreateDBInstance` and
/// `DatabaseName` of `CreateDBCluster`, RDS API; the message of the first is quoted in
/// ministryofjustice/cloud-platform-environments#452). Oracle and SQL Server give the name another meaning.
fn invalid_database_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let engine = text(subject.properties, "Engine")?;
    if !engine.contains("mysql") && !engine.contains("postgres") && engine != "mariadb" {
        return None;
    }
    let property = if subject.kind == CLUSTER { "DatabaseName" } else { "DBName" };
    let name = text(subject.properties, property)?;
    let first = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (!name.starts_with(first) || !name.chars().all(allowed)).then(|| {
        let text = format!("{property} must begin with a letter and contain only alphanumeric characters.");
        refuse("InvalidParameterValue", "InvalidRequest", text)
    })
}

//! Changes of the engine version of a database.

use std::cmp::Ordering;

use super::super::versions::compare;
use super::super::view::AccountView;
use super::super::{Intent, Refusal, Rule, Subject};
use super::{CLUSTER, INSTANCE, refuse};
use crate::cfn::engine_versions::major;
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
/// hashicorp/terraform#8471). CloudFormation's handler allows it for clusters (`modifyDbClusterRequest` of
/// aws-cloudformation-resource-providers-rds).
fn major_version_not_allowed(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let (engine, before, after) = change(subject)?;
    let (before, after) = (major(&engine, &before)?, major(&engine, &after)?);
    (after > before && !boolean(subject.properties, "AllowMajorVersionUpgrade")).then(|| {
        let text = "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.";
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

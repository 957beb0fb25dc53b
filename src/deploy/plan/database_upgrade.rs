//! Databases that a deployment gives another major version of their engine.

use super::{Plan, PlannedChange, PropertyChange, origin_of_change};
use crate::cfn::engine_versions::major;
use crate::cfn::type_names::{DB_CLUSTER, DB_INSTANCE};
use crate::cfn::{Resource, Value};
use crate::deploy::api::{Action, Replacement};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

const VERSION: &str = "Properties.EngineVersion";

/// Returns a problem for each database with another major version: an error if RDS would refuse it (`AllowMajorVersionUpgrade` of
/// `ModifyDBInstance`, RDS API; CloudFormation allows it for each cluster: `modifyDbClusterRequest` of
/// aws-cloudformation-resource-providers-rds), else a warning, because it cannot be undone ("Upgrading a DB instance engine
/// version", RDS user guide).
pub(crate) fn database_upgrades(plan: &Plan, stack: &DesiredStack) -> Vec<Diagnostic> {
    plan.resources.iter().filter_map(|change| upgrade(change, stack)).collect()
}

fn upgrade(change: &PlannedChange, stack: &DesiredStack) -> Option<Diagnostic> {
    let is_kept = change.action == Action::Modify && change.replacement != Some(Replacement::True);
    if !is_kept || ![DB_INSTANCE, DB_CLUSTER].contains(&change.kind.as_str()) {
        return None;
    }
    let database = stack.template.resources.get(change.logical_id.as_str())?;
    // The version of a member is that of its cluster.
    if database.properties.contains_key("DBClusterIdentifier") {
        return None;
    }
    let engine = database.properties.get("Engine")?.as_str()?.to_lowercase();
    let version = change.details.iter().find(|detail| detail.path == VERSION)?;
    let (before, after) = versions(version)?;
    if major(&engine, &after)? <= major(&engine, &before)? {
        return None;
    }
    let is_allowed = change.kind == DB_CLUSTER || allows(database);
    let id = &change.logical_id;
    let message = if is_allowed {
        format!("`{id}` is upgraded from {engine} {before} to {after}, which cannot be undone")
    } else {
        format!("RDS refuses to upgrade `{id}` from {engine} {before} to {after}: a new major version must be allowed")
    };
    let origin = origin_of_change(&stack.template, id, VERSION).unwrap_or(&stack.origin);
    let problem = Diagnostic::new(Code::DatabaseUpgrade, message)
        .at(origin, "another major version")
        .note("the database does not answer for some minutes, and a rollback of the stack does not bring the old version back");
    Some(if is_allowed {
        problem.as_warning().help("take a snapshot before, and try the upgrade with a copy that is restored from it")
    } else {
        problem
            .help(format!("allow it: `.version(\"{after}\").allow_major_version_upgrade()`"))
            .help(format!("or keep the version: `.version(\"{before}\")`"))
    })
}

/// Returns the version before and after.
fn versions(change: &PropertyChange) -> Option<(String, String)> {
    let text = |value: &super::GuardedValue| match value.visible() {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Some((text(change.before.as_ref()?)?, text(change.after.as_ref()?)?))
}

fn allows(database: &Resource) -> bool {
    match database.properties.get("AllowMajorVersionUpgrade") {
        Some(Value::Bool(allowed)) => *allowed,
        // Also what only the deployment knows.
        Some(value) => value.as_str().is_none_or(|text| text.eq_ignore_ascii_case("true")),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::cfn::schema::Schema;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    fn template(kind: &str, engine: &str, version: &str, more: &str) -> String {
        format!(
            "Resources:\n  Db:\n    Type: AWS::RDS::{kind}\n    Properties:\n      Engine: {engine}\n      EngineVersion: \
             \"{version}\"\n{more}"
        )
    }

    /// Returns whether each problem of a change is an error.
    fn errors(kind: &str, engine: &str, (before, after): (&str, &str), more: &str) -> Vec<bool> {
        let old = parse::template("before.yaml", &template(kind, engine, before, more)).value.expect("a template");
        let new = stack("db", &template(kind, engine, after, more));
        let plan = plan_against(&old, &new, Some(Schema::embedded()));
        database_upgrades(&plan, &new).iter().map(Diagnostic::is_error).collect()
    }

    #[test]
    fn major_version_of_an_instance_must_be_allowed() {
        let allowed = "      AllowMajorVersionUpgrade: true\n";
        assert_eq!(errors("DBInstance", "postgres", ("16", "17"), ""), [true]);
        assert_eq!(errors("DBInstance", "postgres", ("16", "17"), allowed), [false]);
        assert_eq!(errors("DBInstance", "mysql", ("8.0.42", "8.4.6"), ""), [true]);
    }

    #[test]
    fn cluster_is_upgraded_with_a_warning() {
        assert_eq!(errors("DBCluster", "aurora-postgresql", ("16", "17"), ""), [false]);
    }

    #[test]
    fn minor_version_and_an_older_one_are_no_upgrade() {
        assert_eq!(errors("DBInstance", "postgres", ("16.3", "16.9"), ""), [false; 0]);
        assert_eq!(errors("DBInstance", "postgres", ("17", "16"), ""), [false; 0]);
    }
}

//! Parameter groups of databases.

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, DELETION, Refusal, Rule, Subject};
use super::{CLUSTER, INSTANCE, refuse};
use crate::rehearsal::property_access::text;

const OF_INSTANCES: &str = "AWS::RDS::DBParameterGroup";
const OF_CLUSTERS: &str = "AWS::RDS::DBClusterParameterGroup";

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: OF_INSTANCES, intents: DELETION, check: in_use },
    Rule { kind: OF_CLUSTERS, intents: DELETION, check: in_use },
    Rule { kind: INSTANCE, intents: CHANGES, check: other_family },
    Rule { kind: CLUSTER, intents: CHANGES, check: other_family },
];

/// Returns the property that names the parameter group of a database.
fn property(kind: &str) -> &'static str {
    if kind == CLUSTER { "DBClusterParameterGroupName" } else { "DBParameterGroupName" }
}

/// Refuses the deletion of a parameter group that a database uses (`InvalidDBParameterGroupState` of `DeleteDBParameterGroup`, RDS
/// API: "the DB parameter group to be deleted can't be associated with any DB instances"; the message is quoted in
/// hashicorp/terraform-provider-aws#6448).
fn in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = subject.physical_id?;
    let (kind, noun) = if subject.kind == OF_CLUSTERS { (CLUSTER, "clusters") } else { (INSTANCE, "instances") };
    let uses = |other: &&Existing<'_>| {
        other.kind == kind && other.text(property(kind)).is_some_and(|group| group.eq_ignore_ascii_case(name))
    };
    view.staying().find(uses)?;
    let text = format!(
        "One or more database {noun} are still members of this parameter group {name}, so the group cannot be deleted"
    );
    Some(refuse("InvalidDBParameterGroupState", "ResourceConflict", text))
}

/// Refuses a parameter group of another engine or major version (`DBParameterGroupFamily` of `CreateDBParameterGroup`, RDS API: "a
/// DB parameter group can be associated with one and only one DB parameter group family"; the message is quoted in
/// mattermost/mattermost-load-test-ng#707).
fn other_family(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let groups = if subject.kind == CLUSTER { OF_CLUSTERS } else { OF_INSTANCES };
    let name = text(subject.properties, property(subject.kind))?;
    let family = view.find(groups, &name)?.text("Family")?;
    let engine = text(subject.properties, "Engine")?.to_lowercase();
    let version = text(subject.properties, "EngineVersion")?;
    let parts = if engine.contains("postgres") { 1 } else { 2 };
    let major: Vec<&str> = version.split('.').take(parts).collect();
    let own = format!("{engine}{}", major.join("."));
    (major.len() == parts && family != own).then(|| {
        let text = format!(
            "The parameter group {name} with DBParameterGroupFamily {family} can't be used for this instance. Use a parameter \
             group with DBParameterGroupFamily {own}."
        );
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

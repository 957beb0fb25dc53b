//! Replacements that the schema leaves open (`conditionalCreateOnlyProperties`) and the service's documentation decides.

use super::CreateOnly;

/// The change of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueChange {
    /// The property had no value.
    Added,
    /// The property gets no value.
    Removed,
    /// The property gets another value.
    Changed,
}

/// Returns whether a change of a property replaces the resource, if the documentation of its service says it.
///
/// - `LaunchType` of `AWS::ECS::Service`: `UpdateService` (ECS API) has no launch type, so another one needs a new service. Without one
///   a service keeps its launch type or gets the capacity providers of the template in place (`capacityProviderStrategy` of
///   `UpdateService`: "update the Fargate launch type to an Auto Scaling group capacity provider"; `CapacityProviderStrategy` of
///   `AWS::ECS::Service`: "no interruption"). What CloudFormation does when the launch type is added is not documented.
/// - Settings of `AWS::RDS::DBInstance` that `ModifyDBInstance` (RDS API) takes: RDS changes them in place, some with a restart or in
///   the next maintenance window ("Settings for DB instances" of the RDS user guide).
pub fn conditional_replacement(kind: &str, property: &str, change: ValueChange) -> Option<CreateOnly> {
    match (kind, property, change) {
        ("AWS::ECS::Service", "LaunchType", ValueChange::Changed) => Some(CreateOnly::Yes),
        ("AWS::ECS::Service", "LaunchType", ValueChange::Removed) => Some(CreateOnly::No),
        ("AWS::RDS::DBInstance", property, _) if OF_MODIFY_DB_INSTANCE.contains(&property) => Some(CreateOnly::No),
        _ => None,
    }
}

/// Parameters of `ModifyDBInstance` that the schema lists as conditional. That of the key of Performance Insights is none of them: RDS
/// takes it, and its documentation does not say what becomes of the metrics.
const OF_MODIFY_DB_INSTANCE: [&str; 6] = [
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "DBParameterGroupName",
    "MultiAZ",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
];

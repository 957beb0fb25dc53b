//! Actions that a type needs for one of its properties only. The schemas list the actions of every property.
//!
//! Source: the documentation of each property in the CloudFormation template reference.

use wildmatch::WildMatch;

use crate::cfn::type_names::{BUCKET, LOG_GROUP, SCALABLE_TARGET};
use crate::cfn::{Resource, Value};

/// A resource type (with `*`), actions (with `*`), and the starts of the properties that need them.
const OPTIONAL: &[(&str, &str, &[&str])] = &[
    (BUCKET, "s3tables:*", &["Metadata"]),
    (BUCKET, "s3:*BucketMetadata*", &["Metadata"]),
    (BUCKET, "s3:PutObjectAcl", &["AccessControl"]),
    (BUCKET, "s3:DeleteObject", &["Replication"]),
    (LOG_GROUP, "firehose:*", &["DataProtection"]),
    (LOG_GROUP, "s3:*", &["DataProtection"]),
    (LOG_GROUP, "logs:CreateLogDelivery", &["DataProtection"]),
    (LOG_GROUP, "logs:PutBearerTokenAuthentication", &["BearerToken"]),
    ("AWS::ECR::Repository", "kms:*", &["Encryption"]),
    ("AWS::ECS::Cluster", "kms:*", &["Configuration"]),
    ("AWS::ECS::Cluster", "ecs:PutAccountSetting*", &[]),
    ("AWS::ElasticLoadBalancingV2::Listener", "cognito-idp:*", &["DefaultActions"]),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "cognito-idp:*", &["Actions"]),
    ("AWS::RDS::*", "secretsmanager:*", &["ManageMasterUserPassword", "MasterUserSecret"]),
    ("AWS::RDS::*", "rds:AddRoleTo*", &["AssociatedRoles"]),
    ("AWS::RDS::*", "rds:RemoveRoleFrom*", &["AssociatedRoles"]),
    ("AWS::RDS::*", "rds:CreateDBInstanceReadReplica", &["SourceDB"]),
    ("AWS::RDS::*", "rds:PromoteReadReplica", &["SourceDB"]),
    ("AWS::RDS::*", "rds:Restore*", &["DBSnapshot", "DBClusterSnapshot", "Restore", "SourceDB", "Snapshot"]),
    ("AWS::RDS::*", "rds:*AutomatedBackupsReplication", &["AutomaticBackupReplication"]),
];

/// Returns whether the resource sets no property that needs the action.
pub(super) fn is_unused(resource: &Resource, action: &str) -> bool {
    let kind = resource.kind.as_str();
    if kind == SCALABLE_TARGET && action.starts_with("lambda:") {
        return resource
            .properties
            .get("ServiceNamespace")
            .and_then(Value::as_str)
            .is_some_and(|name| name != "lambda");
    }
    if action.starts_with("cognito-idp:") && kind.starts_with("AWS::ElasticLoadBalancingV2::") {
        return !mentions(resource, "authenticate-cognito");
    }
    let applies = |pattern: &str, text: &str| WildMatch::new(pattern).matches(text);
    let mut rules = OPTIONAL.iter().filter(|(types, actions, _)| applies(types, kind) && applies(actions, action));
    let is_set = |starts: &[&str]| {
        resource.properties.keys().any(|property| starts.iter().any(|start| property.starts_with(start)))
    };
    rules.next().is_some_and(|(_, _, starts)| !is_set(starts))
}

fn mentions(resource: &Resource, text: &str) -> bool {
    fn inside(value: &Value, text: &str) -> bool {
        match value {
            Value::List(items) => items.iter().any(|item| inside(item, text)),
            Value::Map(map) => map.values().any(|item| inside(item, text)),
            Value::Text(found) => found.as_str().is_none_or(|found| found == text),
            Value::Call(_) => true,
            _ => false,
        }
    }
    // Only the types of actions decide; a reference elsewhere says nothing.
    let actions = ["Actions", "DefaultActions"].iter().filter_map(|name| resource.properties.get(*name));
    let kinds = actions.flat_map(|actions| match actions {
        Value::List(items) => items.iter().map(|item| item.get("Type").unwrap_or(item)).collect::<Vec<_>>(),
        other => vec![other],
    });
    kinds.into_iter().any(|kind| inside(kind, text))
}

//! Resources that hold data, and plans that would lose it.

use super::{DeployedStack, Plan, PlannedChange};
use crate::cfn::names::with_article;
use crate::cfn::{Template, Value};
use crate::deploy::api::{Action, Replacement};
use crate::diag::{Code, Diagnostic};

/// Types whose instances hold data: databases, file systems, buckets, volumes, streams, repositories, users and keys.
const STATEFUL: [&str; 39] = [
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::FSx::Volume",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchServerless::Collection",
    "AWS::OpenSearchService::Domain",
    "AWS::QLDB::Ledger",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Namespace",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3Tables::Table",
    "AWS::S3Tables::TableBucket",
    "AWS::S3Vectors::VectorBucket",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Database",
    "AWS::Timestream::InfluxDBInstance",
    "AWS::Timestream::Table",
    "AWS::WorkSpaces::Workspace",
];

/// Returns whether a type is one whose instances hold data.
pub fn is_stateful(kind: &str) -> bool {
    STATEFUL.binary_search(&kind).is_ok()
}

/// Returns an error for each resource that would lose its data and that `allowed` does not name (`*` names all).
///
/// A replacement starts empty even if the old resource is kept. A removal is harmless if the resource is kept or a
/// snapshot is taken.
pub fn data_loss(plan: &Plan, live: Option<&DeployedStack>, allowed: &[String]) -> Vec<Diagnostic> {
    let is_allowed = |id: &str| allowed.iter().any(|name| name == "*" || name == id);
    losses(plan, live).filter(|(id, _)| !is_allowed(id)).map(|(_, problem)| problem).collect()
}

/// Returns the resources that would lose their data and that `allowed` names.
pub fn accepted_data_loss(plan: &Plan, live: Option<&DeployedStack>, allowed: &[String]) -> Vec<String> {
    losses(plan, live).map(|(id, _)| id).filter(|id| allowed.contains(id)).cloned().collect()
}

/// Returns the resources that would lose their data, each with its error.
fn losses<'p>(plan: &'p Plan, live: Option<&'p DeployedStack>) -> impl Iterator<Item = (&'p String, Diagnostic)> {
    let stateful = plan.resources.iter().filter(|change| is_stateful(&change.kind));
    stateful.filter_map(move |change| Some((&change.logical_id, loss(change, live.map(|live| &live.template))?)))
}

fn loss(change: &PlannedChange, before: Option<&Template>) -> Option<Diagnostic> {
    let id = &change.logical_id;
    let message = match (change.action, change.replacement) {
        (Action::Modify, Some(Replacement::True)) if change.retained => {
            format!("`{id}` would be replaced by an empty one; the old one is kept outside of the stack")
        }
        (Action::Modify, Some(Replacement::True)) => format!("`{id}` would be replaced and lose its data"),
        (Action::Modify, Some(Replacement::Conditional)) => {
            format!("`{id}` may be replaced and lose its data")
        }
        (Action::Remove, _) if !change.retained && !leaves_a_snapshot(change, before?) => {
            format!("`{id}` would be deleted with its data")
        }
        _ => return None,
    };
    let problem = Diagnostic::new(Code::DataLoss, message);
    let problem = match &change.origin {
        Some(origin) => problem.at(origin, with_article(&change.kind)),
        None => problem.note(format!("`{id}` is {}, and no longer in the script", with_article(&change.kind))),
    };
    let problem = match change.causes.as_slice() {
        [] => problem,
        causes => problem.note(format!("cause: {}", causes.join(", "))),
    };
    Some(problem.help(format!("back up its data, then pass `--allow-replace {id}`")))
}

/// Returns whether `DeletionPolicy` is `Snapshot`, which is RDS's default ("`DeletionPolicy` attribute", user guide).
fn leaves_a_snapshot(change: &PlannedChange, before: &Template) -> bool {
    let resource = before.resources.get(change.logical_id.as_str());
    let policy = resource.and_then(|resource| resource.attributes.get("DeletionPolicy")).and_then(Value::as_str);
    match (policy, change.kind.as_str()) {
        (Some(policy), _) => policy == "Snapshot",
        (None, "AWS::RDS::DBCluster") => true,
        (None, "AWS::RDS::DBInstance") => {
            resource.is_some_and(|resource| !resource.properties.contains_key("DBClusterIdentifier"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::cfn::schema::Schema;
    use crate::deploy::api::StackDescription;
    use crate::deploy::api::status::StackStatus;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    fn messages(before: &str, after: &str, allowed: &[&str]) -> Vec<String> {
        let template = parse::template("before.yaml", before).value.expect("a template");
        let plan = plan_against(&template, &stack("db", after), Some(Schema::embedded()));
        let stack = StackDescription::named("db", StackStatus::CreateComplete);
        let allowed: Vec<String> = allowed.iter().map(|it| (*it).to_owned()).collect();
        let problems = data_loss(&plan, Some(&DeployedStack { stack, template, hotswapped: Vec::new() }), &allowed);
        problems.into_iter().map(|problem| problem.message).collect()
    }

    const TABLE: &str = "Resources:\n  Tiles:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      KeySchema: \
                         [{AttributeName: id, KeyType: HASH}]\n      AttributeDefinitions: [{AttributeName: id, \
                         AttributeType: S}]\n      TableName: tiles\n";
    const OTHER: &str = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";

    #[test]
    fn list_is_sorted_and_every_type_exists() {
        assert!(STATEFUL.is_sorted());
        let unknown: Vec<_> = STATEFUL.iter().filter(|kind| !Schema::embedded().contains(kind)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn replaced_table_loses_its_data_unless_allowed() {
        let renamed = TABLE.replace("TableName: tiles", "TableName: maps");
        assert_eq!(messages(TABLE, &renamed, &[]), ["`Tiles` would be replaced and lose its data"]);
        assert_eq!(messages(TABLE, &renamed, &["Tiles"]), [""; 0]);
        assert_eq!(messages(TABLE, &renamed, &["*"]), [""; 0]);
        let billing = TABLE.replace("TableName: tiles", "TableName: tiles\n      BillingMode: PAY_PER_REQUEST");
        assert_eq!(messages(TABLE, &billing, &[]), [""; 0]);
    }

    #[test]
    fn removed_table_loses_its_data_unless_retained() {
        assert_eq!(messages(TABLE, OTHER, &[]), ["`Tiles` would be deleted with its data"]);
        let kept = TABLE.replace("    Properties:", "    DeletionPolicy: Retain\n    Properties:");
        assert_eq!(messages(&kept, OTHER, &[]), [""; 0]);
    }

    #[test]
    fn removed_database_leaves_a_snapshot_by_default() {
        let database = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      DBInstanceClass: \
                        db.t4g.micro\n";
        assert_eq!(messages(database, OTHER, &[]), [""; 0]);
        let careless = database.replace("    Properties:", "    DeletionPolicy: Delete\n    Properties:");
        assert_eq!(messages(&careless, OTHER, &[]), ["`Db` would be deleted with its data"]);
    }
}

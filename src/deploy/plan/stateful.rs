//! Resources that hold data, and plans that would lose it.

use serde::{Deserialize, Serialize};

use super::{Plan, PlannedChange};
use crate::cfn::names::with_article;
use crate::deploy::api::{Action, Replacement};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin, SuggestedCommand};

/// The data that resources of a type hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Data {
    /// The name of the data: `items`, `files`.
    pub(super) noun: &'static str,
    /// Whether a deployment that loses it is refused without `--allow-replace`. Logs are short-lived.
    is_guarded: bool,
}

const fn guarded(noun: &'static str) -> Data {
    Data { noun, is_guarded: true }
}

const fn short_lived(noun: &'static str) -> Data {
    Data { noun, is_guarded: false }
}

/// Types whose instances hold data: databases, file systems, buckets, volumes, streams, repositories, users, keys, logs and
/// queues.
const STATEFUL: [(&str, Data); 43] = [
    ("AWS::Backup::BackupVault", guarded("recovery points")),
    ("AWS::Cassandra::Table", guarded("rows")),
    ("AWS::Cognito::UserPool", guarded("users")),
    ("AWS::DocDB::DBCluster", guarded("documents")),
    ("AWS::DocDB::DBInstance", guarded("documents")),
    ("AWS::DynamoDB::GlobalTable", guarded("items")),
    ("AWS::DynamoDB::Table", guarded("items")),
    ("AWS::EC2::Volume", guarded("files")),
    ("AWS::ECR::Repository", guarded("images")),
    ("AWS::EFS::FileSystem", guarded("files")),
    ("AWS::ElastiCache::CacheCluster", guarded("entries")),
    ("AWS::ElastiCache::ReplicationGroup", guarded("entries")),
    ("AWS::ElastiCache::ServerlessCache", guarded("entries")),
    ("AWS::Elasticsearch::Domain", guarded("indexes")),
    ("AWS::FSx::FileSystem", guarded("files")),
    ("AWS::FSx::Volume", guarded("files")),
    ("AWS::KMS::Key", guarded("keys")),
    ("AWS::Kinesis::Stream", guarded("records")),
    ("AWS::Logs::LogGroup", short_lived("log events")),
    ("AWS::MSK::Cluster", guarded("topics")),
    ("AWS::MSK::ServerlessCluster", guarded("topics")),
    ("AWS::MemoryDB::Cluster", guarded("entries")),
    ("AWS::Neptune::DBCluster", guarded("graphs")),
    ("AWS::Neptune::DBInstance", guarded("graphs")),
    ("AWS::OpenSearchServerless::Collection", guarded("indexes")),
    ("AWS::OpenSearchService::Domain", guarded("indexes")),
    ("AWS::QLDB::Ledger", guarded("journal entries")),
    ("AWS::RDS::DBCluster", guarded("databases")),
    ("AWS::RDS::DBInstance", guarded("databases")),
    ("AWS::RDS::GlobalCluster", guarded("databases")),
    ("AWS::Redshift::Cluster", guarded("databases")),
    ("AWS::RedshiftServerless::Namespace", guarded("databases")),
    ("AWS::S3::Bucket", guarded("objects")),
    ("AWS::S3Express::DirectoryBucket", guarded("objects")),
    ("AWS::S3Tables::Table", guarded("tables")),
    ("AWS::S3Tables::TableBucket", guarded("tables")),
    ("AWS::S3Vectors::VectorBucket", guarded("vectors")),
    ("AWS::SQS::Queue", guarded("messages")),
    ("AWS::SecretsManager::Secret", guarded("values")),
    ("AWS::Timestream::Database", guarded("records")),
    ("AWS::Timestream::InfluxDBInstance", guarded("records")),
    ("AWS::Timestream::Table", guarded("records")),
    ("AWS::WorkSpaces::Workspace", guarded("files")),
];

/// The effect of a change on the data of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DataEffect {
    /// The data is lost.
    Lost,
    /// The data is lost if the resource is replaced, which is not known yet.
    MayBeLost,
    /// A new, empty resource replaces it; the old one is kept outside of the stack.
    EmptyButRetained,
    /// A new, empty resource replaces it; a snapshot of the old one is kept.
    EmptyButSnapshot,
    /// The resource leaves the stack and is kept.
    Retained,
    /// The resource is deleted; a snapshot is kept.
    Snapshot,
}

impl DataEffect {
    /// Returns whether the program that uses the resource finds no data afterwards.
    fn is_harmful(self) -> bool {
        self != Self::Retained
    }
}

/// Returns the data that resources of a type hold; none if they hold none.
pub(super) fn data_of(kind: &str) -> Option<&'static Data> {
    STATEFUL.binary_search_by_key(&kind, |(kind, _)| kind).ok().map(|at| &STATEFUL[at].1)
}

/// Returns the name of the data that resources of a type hold.
pub fn data_noun(kind: &str) -> Option<&'static str> {
    data_of(kind).map(|data| data.noun)
}

/// Returns whether resources of a type hold data that cannot be created again.
pub(crate) fn is_stateful(kind: &str) -> bool {
    data_of(kind).is_some_and(|data| data.is_guarded)
}

/// Returns the effect of a change on the data of its resource; none if it holds no data or keeps it.
pub(super) fn effect(change: &PlannedChange) -> Option<DataEffect> {
    data_of(&change.kind)?;
    match (change.action, change.replacement) {
        (Action::Remove, _) if change.retained => Some(DataEffect::Retained),
        (Action::Remove, _) if change.snapshot => Some(DataEffect::Snapshot),
        (Action::Remove, _) => Some(DataEffect::Lost),
        (_, Some(Replacement::True)) if change.retained => Some(DataEffect::EmptyButRetained),
        (_, Some(Replacement::True)) if change.snapshot => Some(DataEffect::EmptyButSnapshot),
        (_, Some(Replacement::True)) => Some(DataEffect::Lost),
        (_, Some(Replacement::Conditional)) => Some(DataEffect::MayBeLost),
        _ => None,
    }
}

/// Returns an error for each resource that would lose its data and that `allowed` does not name (`*` names all).
///
/// A replacement starts empty even if the old resource is kept. A removal is harmless if the resource is kept; a snapshot alone is
/// data that no program reads.
///
/// `retried_by` is the command that the hint suggests.
pub fn data_loss(plan: &Plan, allowed: &[String], retried_by: CommandName) -> Vec<Diagnostic> {
    let is_allowed = |id: &str| allowed.iter().any(|name| name == "*" || name == id);
    let refused = losses(plan).filter(|change| !is_allowed(&change.logical_id));
    refused.map(|change| loss(change, accepting(plan, retried_by))).collect()
}

/// Returns the command that accepts everything that a plan loses or ends, so that it is not refused again for another resource. The stacks
/// that use what ends are deployed, too.
pub(super) fn accepting(plan: &Plan, retried_by: CommandName) -> SuggestedCommand {
    let (mut stacks, mut ids) = (Vec::new(), Vec::new());
    let users = plan.shared_ends.iter().flat_map(|end| &end.users).map(|user| user.stack.as_str());
    let ended = plan.shared_ends.iter().filter(|end| end.replaced).map(|end| end.resource.as_str());
    let lost = losses(plan).map(|change| change.logical_id.as_str());
    stacks.extend(users);
    ids.extend(lost.chain(ended));
    let once = |all: Vec<&str>| {
        all.iter()
            .enumerate()
            .filter(|(at, one)| !all[..*at].contains(one))
            .map(|(_, one)| (*one).to_owned())
            .collect::<Vec<String>>()
    };
    let command = retried_by.of(&plan.stack).args(once(stacks));
    once(ids).into_iter().fold(command, |command, id| command.arg("--allow-replace").arg(id))
}

/// Gives the place of the stack to a problem about a resource that its script does not have.
pub fn at_stack(problem: Diagnostic, stack: &Origin) -> Diagnostic {
    if problem.labels.is_empty() { problem.at(stack, "this stack") } else { problem }
}

/// Returns the resources that would lose their data, or end while other stacks use them, and that `allowed` names.
pub fn accepted_losses(plan: &Plan, allowed: &[String]) -> Vec<String> {
    let in_use = plan.shared_ends.iter().map(|end| &end.resource);
    let lost = losses(plan).map(|change| &change.logical_id);
    lost.chain(in_use).filter(|id| allowed.contains(id)).cloned().collect()
}

/// Returns the resources that would lose their data.
fn losses(plan: &Plan) -> impl Iterator<Item = &PlannedChange> {
    let guarded = plan.resources.iter().filter(|change| is_stateful(&change.kind));
    guarded.filter(|change| change.data.is_some_and(DataEffect::is_harmful))
}

fn loss(change: &PlannedChange, command: SuggestedCommand) -> Diagnostic {
    let (id, kind) = (&change.logical_id, with_article(&change.kind));
    let problem = Diagnostic::new(Code::DataLoss, message(change));
    let cause = change.cause_origin.as_ref().filter(|origin| origin.is_known() && !change.causes.is_empty());
    let problem = match (cause, &change.origin) {
        (Some(cause), _) => problem.at(cause, format!("replaces {kind}")),
        (None, Some(origin)) => problem.at(origin, kind),
        (None, None) => problem.note(format!("`{id}` is {kind}, which the stack would not have any more")),
    };
    let problem = match change.causes.as_slice() {
        [] => problem,
        causes => problem.note(format!("cause: {}", causes.join(", "))),
    };
    problem.help(Hint::from("back up its data, then run ").command(command))
}

fn message(change: &PlannedChange) -> String {
    let id = &change.logical_id;
    match change.data {
        Some(DataEffect::EmptyButRetained) => {
            format!("`{id}` would be replaced by an empty one; the old one is kept outside of the stack")
        }
        Some(DataEffect::EmptyButSnapshot) => {
            format!("`{id}` would be replaced by an empty one; a snapshot of the old one is kept")
        }
        Some(DataEffect::MayBeLost) => format!("`{id}` may be replaced and lose its data"),
        Some(DataEffect::Snapshot) => format!("`{id}` would be deleted; a snapshot of it is kept"),
        _ if change.action == Action::Remove => format!("`{id}` would be deleted with its data"),
        _ => format!("`{id}` would be replaced and lose its data"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::cfn::schema::Schema;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    fn messages(before: &str, after: &str, allowed: &[&str]) -> Vec<String> {
        let template = parse::template("before.yaml", before).value.expect("a template");
        let plan = plan_against(&template, &stack("db", after), Some(Schema::embedded()));
        let allowed: Vec<String> = allowed.iter().map(|it| (*it).to_owned()).collect();
        data_loss(&plan, &allowed, CommandName::Deploy).into_iter().map(|problem| problem.message).collect()
    }

    const TABLE: &str = "Resources:\n  Tiles:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      KeySchema: \
                         [{AttributeName: id, KeyType: HASH}]\n      AttributeDefinitions: [{AttributeName: id, \
                         AttributeType: S}]\n      TableName: tiles\n";
    const OTHER: &str = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";

    #[test]
    fn list_is_sorted_and_every_type_exists() {
        assert!(STATEFUL.is_sorted_by_key(|(kind, _)| *kind));
        let unknown: Vec<_> = STATEFUL.iter().filter(|(kind, _)| !Schema::embedded().contains(kind)).collect();
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
    fn removed_database_is_refused_although_a_snapshot_is_kept() {
        let database = "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      DBInstanceClass: \
                        db.t4g.micro\n";
        assert_eq!(messages(database, OTHER, &[]), ["`Db` would be deleted; a snapshot of it is kept"]);
        assert_eq!(messages(database, OTHER, &["Db"]), [""; 0]);
        let careless = database.replace("    Properties:", "    DeletionPolicy: Delete\n    Properties:");
        assert_eq!(messages(&careless, OTHER, &[]), ["`Db` would be deleted with its data"]);
    }

    #[test]
    fn replacement_names_the_property_that_forces_it_at_its_line() {
        let database = |id: &str, class: &str| {
            format!(
                "Resources:\n  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      DBInstanceClass: {class}\n      \
                 DBInstanceIdentifier: {id}\n"
            )
        };
        let before = parse::template("before.yaml", &database("first", "db.t4g.micro")).value.expect("a template");
        let after = stack("db", &database("other", "db.t4g.small"));
        let problems = data_loss(&plan_against(&before, &after, Some(Schema::embedded())), &[], CommandName::Deploy);
        assert_eq!(problems[0].notes, ["cause: DBInstanceIdentifier"]);
        assert_eq!(problems[0].origin().expect("a place").line, 6);
    }

    #[test]
    fn lost_logs_are_in_the_plan_and_are_not_refused() {
        let logs = "Resources:\n  Logs: {Type: AWS::Logs::LogGroup}\n";
        let before = parse::template("before.yaml", logs).value.expect("a template");
        let plan = plan_against(&before, &stack("db", OTHER), Some(Schema::embedded()));
        let logs = plan.resources.iter().find(|change| change.logical_id == "Logs").expect("a removal");
        assert_eq!((logs.data, data_loss(&plan, &[], CommandName::Deploy).len()), (Some(DataEffect::Lost), 0));
    }

    #[test]
    fn queue_that_becomes_fifo_loses_its_messages_unless_allowed() {
        let queue = "Resources:\n  Jobs: {Type: AWS::SQS::Queue, Properties: {}}\n";
        let fifo = queue.replace("{}}", "{FifoQueue: true}}");
        assert_eq!(messages(queue, &fifo, &[]), ["`Jobs` would be replaced and lose its data"]);
        assert_eq!(messages(queue, &fifo, &["Jobs"]), [""; 0]);
        assert_eq!(messages(queue, OTHER, &[]), ["`Jobs` would be deleted with its data"]);
    }

    #[test]
    fn replaced_table_with_a_policy_starts_empty_and_the_old_one_is_kept() {
        let renamed = TABLE.replace("TableName: tiles", "TableName: maps");
        let kept = TABLE.replace("    Properties:", "    UpdateReplacePolicy: Retain\n    Properties:");
        let message = "`Tiles` would be replaced by an empty one; the old one is kept outside of the stack";
        assert_eq!(messages(&kept, &renamed, &[]), [message]);
    }

    #[test]
    fn loss_of_a_resource_that_the_script_lacks_is_at_the_stack() {
        let before = parse::template("before.yaml", TABLE).value.expect("a template");
        let desired = stack("db", OTHER);
        let problems =
            data_loss(&plan_against(&before, &desired, Some(Schema::embedded())), &[], CommandName::Rollback);
        let placed = at_stack(problems[0].clone(), &desired.origin);
        assert_eq!(placed.origin(), Some(&desired.origin));
        assert_eq!(placed.notes, ["`Tiles` is an AWS::DynamoDB::Table, which the stack would not have any more"]);
    }
}

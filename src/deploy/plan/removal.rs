//! The end of resources: what CloudFormation does to a resource that is deleted or replaced, and the deletion of a stack.
//!
//! Sources: "`DeletionPolicy` attribute" and "`UpdateReplacePolicy` attribute" of the CloudFormation user guide.

use serde::{Deserialize, Serialize};

use super::stateful::data_of;
use crate::cfn::type_names::LOAD_BALANCER;
use crate::cfn::{LogicalId, Resource, Template, Value};
use crate::deploy::api::StackResource;
use crate::deploy::api::status::ResourceStatus;
use crate::synth::DesiredStack;

/// The reason why a resource ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is deleted with its stack, or because it is not in the template any more.
    Deletion,
    /// A new resource replaces it.
    Replacement,
}

/// The policy of CloudFormation for a resource that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RemovalPolicy {
    /// It is deleted.
    Delete,
    /// A snapshot is taken, and it is deleted.
    Snapshot,
    /// It is kept, and no stack manages it any more.
    Retain,
}

impl Removal {
    /// Returns the policy of a resource. Databases of RDS leave a snapshot by default, but not if they are replaced.
    pub fn policy(self, resource: &Resource) -> RemovalPolicy {
        let attribute = match self {
            Self::Deletion => "DeletionPolicy",
            Self::Replacement => "UpdateReplacePolicy",
        };
        match resource.attributes.get(attribute).map(Value::as_str) {
            Some(Some("Retain" | "RetainExceptOnCreate")) => RemovalPolicy::Retain,
            Some(Some("Snapshot")) => RemovalPolicy::Snapshot,
            None if self == Self::Deletion && leaves_snapshot(resource) => RemovalPolicy::Snapshot,
            _ => RemovalPolicy::Delete,
        }
    }
}

/// Returns whether the default `DeletionPolicy` of a resource is `Snapshot`.
fn leaves_snapshot(resource: &Resource) -> bool {
    match resource.kind.as_str() {
        "AWS::RDS::DBCluster" => true,
        "AWS::RDS::DBInstance" => !resource.properties.contains_key("DBClusterIdentifier"),
        _ => false,
    }
}

/// The deletion of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deletion {
    /// Its resources, in the order of the stack.
    pub resources: Vec<DeletedResource>,
}

/// A resource of a stack that is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeletedResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// The type and name of the block that creates it; none if the script writes the resource itself.
    pub block: Option<String>,
    /// Its name in AWS.
    pub physical_id: Option<String>,
    /// The policy that decides about it.
    pub policy: RemovalPolicy,
    /// The data that it holds: `items`, `files`; none if it holds none.
    pub data: Option<String>,
    /// Whether AWS refuses to delete it while it holds data.
    pub must_be_empty: bool,
    /// Whether its deletion protection is on, so that AWS refuses to delete it.
    #[serde(default)]
    pub is_protected: bool,
}

impl Deletion {
    /// Returns the deletion of a stack with these resources. Resources that were never created or are already deleted are
    /// left out.
    pub fn new(stack: &DesiredStack, template: &Template, resources: &[StackResource]) -> Self {
        let exists = |resource: &&StackResource| {
            let created = resource.physical_id.as_deref().is_some_and(|id| !id.is_empty());
            created && resource.status != ResourceStatus::DeleteComplete
        };
        let resources = resources.iter().filter(exists).map(|resource| deleted(resource, template, stack));
        Self { resources: resources.collect() }
    }

    /// Returns the names of the resources whose deletion AWS refuses, because their deletion protection is on.
    pub fn protected(&self) -> impl Iterator<Item = &str> {
        let kept = |resource: &&DeletedResource| resource.policy != RemovalPolicy::Retain;
        self.resources.iter().filter(kept).filter(|it| it.is_protected).map(|it| it.logical_id.as_str())
    }

    /// Returns the resources with this policy.
    pub fn with_policy(&self, policy: RemovalPolicy) -> impl Iterator<Item = &DeletedResource> {
        self.resources.iter().filter(move |resource| resource.policy == policy)
    }
}

fn deleted(resource: &StackResource, template: &Template, stack: &DesiredStack) -> DeletedResource {
    let written = template.resources.get(resource.logical_id.as_str());
    DeletedResource {
        logical_id: resource.logical_id.clone(),
        kind: resource.kind.clone(),
        block: stack.block_of(&LogicalId::from(resource.logical_id.as_str())).map(str::to_owned),
        physical_id: resource.physical_id.clone(),
        policy: written.map_or(RemovalPolicy::Delete, |written| Removal::Deletion.policy(written)),
        data: data_of(&resource.kind).map(|data| data.noun.to_owned()),
        must_be_empty: must_be_empty(&resource.kind, written),
        is_protected: written.is_some_and(is_protected),
    }
}

/// Returns whether the deletion protection of a resource is on ("`DeletionProtection`" of `CreateDBInstance`, `CreateDBCluster` and
/// `CreateUserPool`, "`DeletionProtectionEnabled`" of `CreateTable`, "`deletion_protection.enabled`" of `LoadBalancerAttribute`).
fn is_protected(resource: &Resource) -> bool {
    let is = |property: &str, value: &Value| resource.properties.get(property) == Some(value);
    match resource.kind.as_str() {
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => is("DeletionProtection", &Value::Bool(true)),
        "AWS::DynamoDB::Table" => is("DeletionProtectionEnabled", &Value::Bool(true)),
        "AWS::Cognito::UserPool" => is("DeletionProtection", &Value::from("ACTIVE")),
        LOAD_BALANCER => {
            let attributes = resource.properties.get("LoadBalancerAttributes").and_then(Value::as_list);
            attributes.unwrap_or_default().iter().any(|attribute| {
                let text = |name: &str| attribute.get(name).and_then(Value::as_str);
                text("Key") == Some("deletion_protection.enabled") && text("Value") == Some("true")
            })
        }
        _ => false,
    }
}

/// Returns whether AWS refuses to delete a resource that holds data (`BucketNotEmpty` of `DeleteBucket`,
/// `RepositoryNotEmptyException` of `DeleteRepository`, `InvalidRequestException` of `DeleteBackupVault`).
fn must_be_empty(kind: &str, resource: Option<&Resource>) -> bool {
    match kind {
        "AWS::S3::Bucket" | "AWS::S3Express::DirectoryBucket" | "AWS::Backup::BackupVault" => true,
        "AWS::ECR::Repository" => {
            resource.is_none_or(|it| it.properties.get("EmptyOnDelete").is_none_or(|it| *it == Value::Bool(false)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    const TEMPLATE: &str = "Resources:
  Db: {Type: AWS::RDS::DBInstance, Properties: {}}
  Replica: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: c}}
  Kept: {Type: AWS::DynamoDB::Table, DeletionPolicy: RetainExceptOnCreate}
  Lost: {Type: AWS::DynamoDB::Table}
  Never: {Type: AWS::DynamoDB::Table, DeletionPolicy: Retain}
  Images: {Type: AWS::ECR::Repository, Properties: {EmptyOnDelete: true}}
  Media: {Type: AWS::S3::Bucket}
";

    fn resource(id: &str, kind: &str, physical_id: Option<&str>) -> StackResource {
        StackResource {
            logical_id: id.to_owned(),
            physical_id: physical_id.map(str::to_owned),
            kind: kind.to_owned(),
            status: ResourceStatus::CreateComplete,
            reason: None,
            updated: None,
        }
    }

    #[test]
    fn deletion_says_what_is_kept_and_which_data_is_lost() {
        let template = parse::template("db.yaml", TEMPLATE).value.expect("a template");
        let resources: Vec<_> = template
            .resources
            .iter()
            .map(|(id, it)| resource(id.as_str(), it.kind.as_str(), (id.as_str() != "Never").then_some("x")))
            .collect();
        let stack = crate::testing::harness::stack("db", TEMPLATE);
        let deletion = Deletion::new(&stack, &template, &resources);
        let found: Vec<_> = deletion
            .resources
            .iter()
            .map(|it| (it.logical_id.as_str(), it.policy, it.data.is_some(), it.must_be_empty))
            .collect();
        let expected = [
            ("Db", RemovalPolicy::Snapshot, true, false),
            ("Replica", RemovalPolicy::Delete, true, false),
            ("Kept", RemovalPolicy::Retain, true, false),
            ("Lost", RemovalPolicy::Delete, true, false),
            ("Images", RemovalPolicy::Delete, true, false),
            ("Media", RemovalPolicy::Delete, true, true),
        ];
        assert_eq!(found, expected, "a resource that was never created is left out");
    }

    #[test]
    fn replaced_database_leaves_no_snapshot_unless_its_policy_says_so() {
        let template = parse::template("db.yaml", TEMPLATE).value.expect("a template");
        let mut database = template.resources["Db"].clone();
        assert_eq!(Removal::Replacement.policy(&database), RemovalPolicy::Delete);
        database.attributes.insert("UpdateReplacePolicy".to_owned(), "Snapshot".into());
        assert_eq!(Removal::Replacement.policy(&database), RemovalPolicy::Snapshot);
    }
}

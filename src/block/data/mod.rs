//! The blocks that services use: databases, caches, buckets, queues, topics, tables, file systems, secrets and repositories.
//!
//! Each block creates its resources with safe defaults: encrypted, reachable from its network alone, and kept where it holds data.
//! The rules, permissions and variables of a service that uses one are in `link`.
//!
//! *Invariant*: the settings of a block decide its resources alone. Who uses it changes its network at most, if it sets none.

mod bucket;
mod cache;
mod database;
pub(crate) mod file_system;
mod network;
mod queue;
mod repository;
mod secret;
mod table;
mod topic;

pub use bucket::{Bucket, CrossOrigin, Expiry};
pub use cache::Cache;
pub use database::Database;
pub use file_system::FileSystem;
pub use queue::Queue;
pub use repository::Repository;
pub use secret::StoredSecret;
pub use table::{KeyAttribute, Table, TableIndex};
pub use topic::Topic;

use std::ops::RangeInclusive;

use super::range_checks::within;
use super::{Flag, Name};
use crate::cfn::{LogicalId, PropertyPath, Ref, Resource, TemplateString};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// Returns the logical id of a resource of a block: the stem of its name and a role.
fn part(name: &WithOrigin<Name>, role: &str) -> LogicalId {
    format!("{}{role}", name.value.stem()).into()
}

/// Keeps a resource when its stack is deleted or when it is replaced, unless the script deletes it with the stack. A resource
/// whose creation is rolled back holds no data and is deleted ("`DeletionPolicy` attribute", CloudFormation guide:
/// `RetainExceptOnCreate`).
fn kept(resource: Resource, deleted: &Flag) -> Resource {
    let (deletion, replacement) =
        if deleted.is_some() { ("Delete", "Delete") } else { ("RetainExceptOnCreate", "Retain") };
    with_policies(resource, (deletion, replacement), deleted)
}

/// Sets what becomes of a resource that is deleted, and of one that is replaced.
fn with_policies(mut resource: Resource, (deletion, replacement): (&str, &str), set: &Flag) -> Resource {
    for (name, policy) in [("DeletionPolicy", deletion), ("UpdateReplacePolicy", replacement)] {
        resource.attributes.insert(name.to_owned(), policy.into());
        if let Some(set) = set {
            resource.add_origin(PropertyPath::attribute(name), &set.origin);
        }
    }
    resource
}

/// Reports a number of a setting that is out of its range.
fn out_of_range(
    setting: Option<&WithOrigin<i64>>,
    range: RangeInclusive<i64>,
    (what, unit): (&str, &str),
) -> Option<Diagnostic> {
    within(setting?, range, Code::DataSetting, what, unit)
}

/// Returns the logical id of the security group of a block.
fn group_id(name: &WithOrigin<Name>, role: &str) -> LogicalId {
    part(name, &format!("{role}SecurityGroup"))
}

/// Returns the id of the security group of a block.
fn security_group_id(name: &WithOrigin<Name>, role: &str) -> TemplateString {
    Ref::attribute(group_id(name, role), "GroupId").into()
}

//! The least IAM policies that deploying stacks needs.
//!
//! Two roles share the work. The *deployer* runs rtiler: `deployer` lists the calls of rtiler itself. The *execution role* is the
//! service role of CloudFormation, which creates the resources: `execution` lists the actions of the handlers of their types,
//! `resource_names` limits them to the names of the stacks, `optional_actions` leaves out those of properties that are not set,
//! `passed_roles` and `service_linked_roles` handle the two special actions of IAM. `grants` collects permissions, and
//! `policy_document` writes them within IAM's limit of characters.
//!
//! Sources: "AWS CloudFormation service role" of the CloudFormation user guide; "IAM and AWS STS quotas" of the IAM user guide.
//!
//! *Invariant*: pure; a permission that cannot be limited is granted for `*` and counted, never left out.

mod deployer;
mod execution;
mod grants;
mod optional_actions;
mod passed_roles;
mod policy_document;
mod resource_names;
mod service_linked_roles;

use std::collections::BTreeSet;

pub use policy_document::{LARGEST_POLICY, PolicyDocument, Statement};

use crate::synth::DesiredStack;
use grants::Grants;

/// The policies of the two roles.
#[derive(Debug, Clone, PartialEq)]
pub struct Permissions {
    /// The policies of the role or user that runs rtiler.
    pub deployer: Vec<PolicyDocument>,
    /// The policies of the role that CloudFormation uses.
    pub execution: Vec<PolicyDocument>,
    /// The resource types whose schemas list no permissions, so that the policies may lack some.
    pub types_without_permissions: BTreeSet<String>,
    /// The actions that IAM could limit to resources, but whose resources have no predictable name.
    pub not_limited: BTreeSet<String>,
}

/// The facts that the script does not have.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicyScope<'a> {
    /// The region of stacks that set none.
    pub region: Option<&'a str>,
    /// The ARN of the execution role, if it exists already.
    pub execution_role: Option<&'a str>,
    /// The bucket of large templates, if it is not rtiler's own.
    pub template_bucket: Option<&'a str>,
}

/// The name of the execution role unless another one is named.
pub const EXECUTION_ROLE: &str = "rtiler-execution";

/// Returns the policies for deploying, updating and deleting these stacks.
pub fn permissions(stacks: &[DesiredStack], scope: PolicyScope<'_>) -> Permissions {
    let (mut execution, mut deployer) = (Grants::default(), Grants::default());
    let mut types_without_permissions = BTreeSet::new();
    for stack in stacks {
        execution::grant(stack, scope, &mut execution, &mut types_without_permissions);
        deployer::grant(stack, scope, &mut deployer);
    }
    let not_limited = execution.not_limited().chain(deployer.not_limited()).collect();
    Permissions {
        deployer: policy_document::documents(&deployer),
        execution: policy_document::documents(&execution),
        types_without_permissions,
        not_limited,
    }
}

/// Returns the trust policy of the execution role: CloudFormation alone may assume it.
pub fn trust_policy() -> serde_json::Value {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "cloudformation.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    })
}

#[cfg(test)]
mod tests;

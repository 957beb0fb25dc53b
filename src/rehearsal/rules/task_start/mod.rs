//! Tasks that ECS cannot start because of other resources of the account: roles, secrets, networks, logs, images
//! and file systems.
//!
//! Sources of the messages: "Amazon ECS stopped tasks error messages" and "`ResourceInitializationError`" (developer guide), and
//! public issues that each rule names.

mod files;
mod images;
mod network;
mod secrets;

use serde_json::Value as Json;

use super::access::role_allows;
use super::policy::{is_closed_to, role};
use super::view::{AccountView, Existing};
use crate::cfn::type_names::{LOG_GROUP, ROLE, SSM_PARAMETER, SUBNET, VPC_ENDPOINT};
use crate::rehearsal::ecs::StartObstacle;
use crate::rehearsal::property_access::{list, text};

/// A task that is about to start.
pub(in crate::rehearsal) struct TaskStart<'a> {
    pub(in crate::rehearsal) task_definition: &'a Json,
    /// The subnets in which it may run.
    pub(in crate::rehearsal) subnets: &'a [String],
    /// Whether it gets a public address.
    pub(in crate::rehearsal) public_ip: bool,
    /// Whether ways out of the network are still being created.
    pub(in crate::rehearsal) awaits_ways: bool,
}

/// A rule about tasks that need resources of some types.
pub(super) struct TaskRule {
    pub(super) kinds: &'static [&'static str],
    check: fn(&TaskStart<'_>, &AccountView<'_>) -> Option<StartObstacle>,
}

/// The rules, in the order in which a task needs the resources.
pub(super) const RULES: &[TaskRule] = &[
    TaskRule { kinds: &[ROLE], check: role_closed_to_tasks },
    TaskRule { kinds: &[SUBNET, VPC_ENDPOINT], check: network::unreachable },
    TaskRule { kinds: &[secrets::SECRET, SSM_PARAMETER], check: secrets::unreadable },
    TaskRule { kinds: &[secrets::SECRET, "AWS::KMS::Key"], check: secrets::encrypted },
    TaskRule { kinds: &[secrets::SECRET], check: secrets::key_missing },
    TaskRule { kinds: &[super::ecr::REPOSITORY], check: images::registry_denied },
    TaskRule { kinds: &[super::ecr::REPOSITORY], check: images::repository_empty },
    TaskRule { kinds: &[LOG_GROUP], check: images::logs_unwritable },
    TaskRule { kinds: &[super::efs::FILE_SYSTEM, super::efs::MOUNT_TARGET], check: files::mount_target_missing },
    TaskRule { kinds: &[super::efs::FILE_SYSTEM, files::ACCESS_POINT], check: files::folder_missing },
];

/// Returns the reason why a task cannot start, if the account has one.
pub(in crate::rehearsal) fn obstacle(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    RULES.iter().find_map(|rule| (rule.check)(start, view))
}

impl TaskStart<'_> {
    /// Returns the container definitions.
    fn containers(&self) -> impl Iterator<Item = &Json> {
        list(self.task_definition, "ContainerDefinitions")
    }

    /// Returns the execution role, if it is known.
    fn execution_role<'v, 'a>(&self, view: &'v AccountView<'a>) -> Option<&'v Existing<'a>> {
        role(view, &text(self.task_definition, "ExecutionRoleArn")?)
    }

    /// Returns AWS's message if the policies of the execution role are known and do not allow an action on a resource.
    fn denied(&self, view: &AccountView<'_>, action: &str, resource: &str) -> Option<String> {
        let role = self.execution_role(view)?;
        if role_allows(view, role, action, resource)? {
            return None;
        }
        Some(format!(
            "AccessDeniedException: User: arn:{}:sts::{}:assumed-role/{}/{{task}} is not authorized to perform: {action} on \
             resource: {resource} because no identity-based policy allows the {action} action",
            view.partition(),
            view.account,
            role.physical_id?
        ))
    }
}

/// Finds a role that ECS tasks cannot assume ("Amazon ECS task IAM role", developer guide; the message is quoted in
/// aws-samples/aws-modern-application-workshop#149 and telia-oss/terraform-aws-ecs-fargate#58).
fn role_closed_to_tasks(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    let roles = ["ExecutionRoleArn", "TaskRoleArn"].into_iter().filter_map(|name| text(start.task_definition, name));
    let closed = roles.into_iter().find(|role| is_closed_to(view, role, "ecs-tasks.amazonaws.com"))?;
    Some(StartObstacle::NotLaunched(format!(
        "ECS was unable to assume the role '{closed}' that was provided for this task. Please verify that the role being passed \
         has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
    )))
}

//! The jobs of a stack: tasks that end.

use super::{LogicalId, Value};
use crate::diag::Origin;

/// A job: how a task of its task definition runs, outside of its schedules.
#[derive(Debug, Clone, PartialEq)]
pub struct StackJob {
    /// The name in the script.
    pub name: String,
    /// The task definition that it runs.
    pub task_definition: LogicalId,
    /// The container whose exit code decides.
    pub container: String,
    /// The name or ARN of the cluster.
    pub cluster: Value,
    /// The ids of the subnets: a list.
    pub subnets: Value,
    /// The ids of the security groups: a list.
    pub security_groups: Value,
    /// Whether the task gets a public address.
    pub public_ip: bool,
    /// The time after which a task that is followed is stopped, in seconds.
    pub timeout: u64,
    /// Whether it runs once, with its new task definition, before the services of the stack change.
    pub before_deploy: bool,
    /// The place of the script that creates it.
    pub origin: Origin,
}

impl StackJob {
    /// Returns the ids of the resources that place the job: cluster, subnets and security groups.
    pub fn placed_by(&self) -> Vec<LogicalId> {
        let mut found = vec![self.task_definition.clone()];
        for value in [&self.cluster, &self.subnets, &self.security_groups] {
            value.each_ref(&mut |reference| found.push(reference.id.clone()));
        }
        found
    }
}

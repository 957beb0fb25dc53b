//! The jobs of a stack: tasks that end.

use super::{LogicalId, Resource, Template, Value};
use crate::diag::Origin;

/// The type of a schedule of EventBridge Scheduler.
const SCHEDULE: &str = "AWS::Scheduler::Schedule";

/// A schedule that starts the tasks of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStart {
    /// The schedule's name in the template.
    pub logical_id: LogicalId,
    /// `cron(..)`, `rate(..)` or `at(..)`; none if it is known to AWS alone.
    pub expression: Option<String>,
    /// The time zone of the expression; none is UTC.
    pub time_zone: Option<String>,
}

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
    /// Returns the schedules of a template that start its task definition.
    pub fn schedules(&self, template: &Template) -> Vec<JobStart> {
        let is_own = |resource: &Resource| {
            let parameters = resource.properties.get("Target").and_then(|target| target.get("EcsParameters"));
            let started = parameters.and_then(|it| it.get("TaskDefinitionArn")).and_then(Value::as_reference);
            resource.kind.as_str() == SCHEDULE && started.is_some_and(|started| started.id == self.task_definition)
        };
        let text = |resource: &Resource, property: &str| {
            resource.properties.get(property).and_then(Value::as_str).map(str::to_owned)
        };
        let own = template.resources.iter().filter(|(_, resource)| is_own(resource));
        own.map(|(id, resource)| JobStart {
            logical_id: id.clone(),
            expression: text(resource, "ScheduleExpression"),
            time_zone: text(resource, "ScheduleExpressionTimezone"),
        })
        .collect()
    }

    /// Returns the ids of the resources that place the job: cluster, subnets and security groups.
    pub fn placed_by(&self) -> Vec<LogicalId> {
        let mut found = vec![self.task_definition.clone()];
        for value in [&self.cluster, &self.subnets, &self.security_groups] {
            value.each_ref(&mut |reference| found.push(reference.id.clone()));
        }
        found
    }
}

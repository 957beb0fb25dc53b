//! The schedules of a job: EventBridge Scheduler starts its task with a role that may do just that.
//!
//! Source: "Target types supported in EventBridge Scheduler" and "Setting up EventBridge Scheduler" (execution role) of its user
//! guide; `EcsParameters` of its API reference.

use super::{Job, JobSchedule};
use crate::block::Cluster;
use crate::block::iam_role::{self, Statement};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::task::NetworkPlacement;
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::WithOrigin;

const SCHEDULER: &str = "scheduler.amazonaws.com";
/// The retention of failed starts: the longest that SQS has (`MessageRetentionPeriod`), 14 days.
const RETENTION_SECONDS: i64 = 1_209_600;

/// Adds the schedules, their role and the queue of failed starts.
pub(super) fn lower(job: &Job, cluster: &Cluster, placement: &NetworkPlacement, lowering: &mut Lowering<'_>) {
    if job.schedule.is_empty() {
        return;
    }
    lowering.add(role_id(job), role(job, lowering.stack));
    if let Some(dead_letter) = &job.dead_letter {
        let queue = Resource::new("AWS::SQS::Queue", dead_letter.origin.clone())
            .with("MessageRetentionPeriod", RETENTION_SECONDS)
            .with("SqsManagedSseEnabled", true);
        lowering.add(queue_id(job), queue);
    }
    for schedule in &job.schedule {
        lowering.add(schedule_id(job, &schedule.value), resource(job, schedule, cluster, placement));
    }
}

/// Returns the logical id of a schedule.
pub(super) fn schedule_id(job: &Job, schedule: &JobSchedule) -> LogicalId {
    let name = schedule.name.as_ref().map(super::super::name::Name::stem).unwrap_or_default();
    job.task.part(&format!("{name}Schedule"))
}

fn role_id(job: &Job) -> LogicalId {
    job.task.part("ScheduleRole")
}

fn queue_id(job: &Job) -> LogicalId {
    job.task.part("DeadLetterQueue")
}

/// Returns the role with which Scheduler starts the task: any revision of its family, with its two roles.
fn role(job: &Job, stack: &str) -> Resource {
    let arn = |service: &str| {
        let start = TemplateString::from("arn:").with(Ref::to("AWS::Partition")).with(format!(":{service}:").as_str());
        start.with(Ref::to("AWS::Region")).with(":").with(Ref::to("AWS::AccountId"))
    };
    let family = arn("ecs").with(format!(":task-definition/{}:*", job.family(stack)).as_str());
    let pass = Statement {
        actions: vec!["iam:PassRole".into()],
        resources: vec![job.task.execution_role_arn(), job.task.task_role_arn()],
    };
    let mut statements = vec![Statement::allow(&["ecs:RunTask"], family), pass];
    if job.dead_letter.is_some() {
        statements.push(Statement::allow(&["sqs:SendMessage"], Ref::attribute(queue_id(job), "Arn")));
    }
    let origin = job.schedule.first().map_or(&job.name.origin, |schedule| &schedule.origin);
    iam_role::role(origin, SCHEDULER, &statements)
}

fn resource(
    job: &Job,
    schedule: &WithOrigin<JobSchedule>,
    cluster: &Cluster,
    placement: &NetworkPlacement,
) -> Resource {
    let network = job.task.network_configuration(job.security_group_id(), placement);
    let task = cfn!({
        "TaskDefinitionArn": job.task_definition(),
        "LaunchType": "FARGATE",
        "TaskCount": 1_i64,
        "NetworkConfiguration": network,
    });
    let mut target = cfn::Map::from_iter([
        ("Arn".to_owned(), Value::from(cluster.arn())),
        ("RoleArn".to_owned(), Ref::attribute(role_id(job), "Arn").into()),
        ("EcsParameters".to_owned(), task),
    ]);
    if let Some(retries) = &job.retries {
        target.insert("RetryPolicy".to_owned(), cfn!({ "MaximumRetryAttempts": retries.value }));
    }
    if job.dead_letter.is_some() {
        target.insert("DeadLetterConfig".to_owned(), cfn!({ "Arn": Ref::attribute(queue_id(job), "Arn") }));
    }
    let JobSchedule { expression, time_zone, .. } = &schedule.value;
    let resource = Resource::new("AWS::Scheduler::Schedule", schedule.origin.clone())
        .with("ScheduleExpression", expression.as_str())
        .with_some("ScheduleExpressionTimezone", time_zone.as_deref())
        .with("FlexibleTimeWindow", cfn!({ "Mode": "OFF" }))
        .with("Target", target)
        .with_origin("Target.RetryPolicy", &job.retries)
        .with_origin("Target.DeadLetterConfig", &job.dead_letter);
    // Without the routes a task cannot pull its image.
    let resource = placement.needs.iter().fold(resource, |resource, first| resource.after(first.clone()));
    job.task.record_network("Target.EcsParameters.NetworkConfiguration", placement, resource)
}

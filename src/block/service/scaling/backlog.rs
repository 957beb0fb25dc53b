//! Scaling by the messages that wait in a queue for each running task.
//!
//! Sources: "Create a target tracking scaling policy for Application Auto Scaling using metric math" (its example divides
//! the visible messages by the running tasks); "Amazon ECS service utilization metrics" (the sample count of
//! `CPUUtilization` over one minute is the number of running tasks, without Container Insights); "Available CloudWatch
//! metrics for Amazon SQS".

use super::FargateService;
use super::tracking::{self, Specification};
use crate::block::lowering::Lowering;
use crate::block::scaling::metric::dimension;
use crate::block::{Cluster, QueueBacklog, Scaling};
use crate::cfn;
use crate::cfn::type_names::{ALARM, SCALING_POLICY};
use crate::cfn::{Map, Ref, Resource, Value};
use crate::diag::WithOrigin;

/// Seconds: both metrics have a value a minute.
const PERIOD: i64 = 60;
/// The messages for each running task; all of them while no task runs.
const BACKLOG: &str = "messages / IF(FILL(tasks, 0) < 1, 1, FILL(tasks, 0))";
/// 1 while messages wait and no task runs.
const WAITING: &str = "IF(messages > 0 AND FILL(tasks, 0) < 1, 1, 0)";

/// Adds a policy for each queue, and what starts the first task of a service that may have none.
pub(super) fn lower(service: &FargateService, scaling: &Scaling, cluster: &Cluster, lowering: &mut Lowering<'_>) {
    for queue in &scaling.queue {
        let role = format!("{}BacklogScaling", queue.value.stem);
        let metric = Map::from_iter([("Metrics".to_owned(), queries(service, cluster, &queue.value, BACKLOG, false))]);
        let target = (queue.value.messages_per_task.into(), &queue.origin);
        tracking::add(service, scaling, &role, target, Specification::Customized(metric), lowering);
        if scaling.reaches_zero() {
            first_task(service, cluster, queue, lowering);
        }
    }
}

/// Adds an alarm and a policy that start one task when messages wait and no task runs. Target tracking changes the number of
/// tasks in proportion to the metric, and no page of AWS says that it leaves 0 in this way.
fn first_task(
    service: &FargateService,
    cluster: &Cluster,
    queue: &WithOrigin<QueueBacklog>,
    lowering: &mut Lowering<'_>,
) {
    let id = service.part(&format!("{}FirstTask", queue.value.stem));
    let step = cfn!({ "MetricIntervalLowerBound": 0_i64, "ScalingAdjustment": 1_i64 });
    let policy = Resource::new(SCALING_POLICY, queue.origin.clone())
        .with("PolicyName", id.as_str())
        .with("PolicyType", "StepScaling")
        .with("ScalingTargetId", Ref::to(service.part("ScalableTarget")))
        .with(
            "StepScalingPolicyConfiguration",
            cfn!({
                "AdjustmentType": "ChangeInCapacity",
                "MetricAggregationType": "Maximum",
                "Cooldown": PERIOD,
                "StepAdjustments": cfn!([step]),
            }),
        );
    let alarm = Resource::new(ALARM, queue.origin.clone())
        .with("AlarmDescription", format!("Messages wait and no task of {} runs", service.name.value))
        .with("Metrics", queries(service, cluster, &queue.value, WAITING, true))
        .with("ComparisonOperator", "GreaterThanOrEqualToThreshold")
        .with("Threshold", 1_i64)
        .with("EvaluationPeriods", 1_i64)
        .with("TreatMissingData", "notBreaching")
        .with("AlarmActions", cfn!([Ref::to(id.clone())]));
    lowering.add(format!("{id}Alarm"), alarm);
    lowering.add(id, policy);
}

/// Returns the metrics of the queue and the service with an expression over them. Those of an alarm have a period.
fn queries(service: &FargateService, cluster: &Cluster, queue: &QueueBacklog, expression: &str, alarm: bool) -> Value {
    let queue_name = dimension("QueueName", queue.queue_name.clone());
    let messages = cfn!({
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": cfn!([queue_name]),
    });
    let tasks = cfn!({
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": cfn!([dimension("ClusterName", cluster.name()), dimension("ServiceName", service.name())]),
    });
    let statistic = |metric: Value, name: &str| {
        let mut statistic = Map::from_iter([("Metric".to_owned(), metric), ("Stat".to_owned(), name.into())]);
        statistic.extend(alarm.then(|| ("Period".to_owned(), PERIOD.into())));
        Value::Map(statistic)
    };
    cfn!([
        cfn!({ "Id": "messages", "MetricStat": statistic(messages, "Maximum"), "ReturnData": false }),
        cfn!({ "Id": "tasks", "MetricStat": statistic(tasks, "SampleCount"), "ReturnData": false }),
        cfn!({ "Id": "wanted", "Expression": expression, "ReturnData": true }),
    ])
}

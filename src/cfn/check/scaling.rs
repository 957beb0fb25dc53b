//! Application Auto Scaling and Auto Scaling groups.
//!
//! Sources: the API references of both; "Schedule expressions" of the Application Auto Scaling user guide.

use super::context::{CheckContext, ResourceEntry, StackFacts};
use crate::cfn::schema::Schema;
use crate::cfn::type_names::{AUTO_SCALING_GROUP, SCALABLE_TARGET, SCALING_POLICY};
use crate::cfn::{LogicalId, Template, Value};
use crate::diag::{Code, Diagnostic, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for target in scope.all(SCALABLE_TARGET) {
        range(target, "MinCapacity", "MaxCapacity", None, sink);
        dimension(target, sink);
        schedules(target, sink);
        from_zero(target, scope, sink);
        sink.extend(without_policy(target, scope));
    }
    scope.all(SCALING_POLICY).for_each(|policy| config(policy, sink));
    scope.all(AUTO_SCALING_GROUP).for_each(|group| range(group, "MinSize", "MaxSize", Some("DesiredCapacity"), sink));
}

fn range(found: ResourceEntry<'_>, least: &str, most: &str, wanted: Option<&str>, sink: &mut Sink) {
    let (low, high) = (found.int(least), found.int(most));
    if let Some(low) = low.filter(|low| *low < 0) {
        sink.push(found.error(Code::ScalingRange, least, format!("`{least}` cannot be {low}")));
    }
    if let (Some(low), Some(high)) = (low, high)
        && low > high
    {
        let problem =
            found.error(Code::ScalingRange, least, format!("`{least}` is {low}, above `{most}`, which is {high}"));
        sink.push(problem.at(found.origin(most), ""));
    }
    let Some((name, wanted)) = wanted.and_then(|name| Some((name, found.int(name)?))) else { return };
    if low.is_some_and(|low| wanted < low) || high.is_some_and(|high| wanted > high) {
        let message = format!("`{name}` is {wanted}, outside of `{least}` to `{most}`");
        sink.push(found.error(Code::ScalingRange, name, message));
    }
}

/// Reports a range of tasks that nothing uses: a target of ECS without a policy or a schedule.
fn without_policy(target: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let (least, most) = (target.int("MinCapacity")?, target.int("MaxCapacity")?);
    if target.text("ServiceNamespace") != Some("ecs") || least >= most || target.has("ScheduledActions") {
        return None;
    }
    // A policy may name its target by a `ResourceId` that only the deployment knows.
    let refers = |policy: ResourceEntry<'_>| match policy.reference("ScalingTargetId") {
        Some(reference) => reference.id == *target.id,
        None => true,
    };
    if scope.is_transformed() || scope.all(SCALING_POLICY).any(refers) {
        return None;
    }
    let message = format!("nothing changes the number of tasks: it stays at {least}");
    let problem = target.warning(Code::ScalingWithoutPolicy, "MinCapacity", message);
    Some(problem.help("add `.cpu(60)`, `.memory(..)`, `.requests_per_target(..)` or `.schedule(..)` (in a template, an `AWS::ApplicationAutoScaling::ScalingPolicy`)"))
}

/// Checks that `service/cluster/name` is used with `ecs:service:DesiredCount`.
fn dimension(target: ResourceEntry<'_>, sink: &mut Sink) {
    let (Some(namespace), Some(dimension)) = (target.text("ServiceNamespace"), target.text("ScalableDimension")) else {
        return;
    };
    if !dimension.starts_with(&format!("{namespace}:")) && namespace != "custom-resource" {
        let message = format!("`{dimension}` is not a dimension of `{namespace}`");
        sink.push(target.error(Code::ScalingDimension, "ScalableDimension", message));
    }
    let resource = target.text("ResourceId");
    if namespace == "ecs" && resource.is_some_and(|id| id.split('/').count() != 3 || !id.starts_with("service/")) {
        let problem = target.error(Code::ScalingResource, "ResourceId", "this does not name a service of ECS");
        sink.push(problem.help("write it as `service/cluster/service`"));
    }
}

fn schedules(target: ResourceEntry<'_>, sink: &mut Sink) {
    for (at, action) in target.list("ScheduledActions").iter().enumerate() {
        let int = |name: &str| action.get("ScalableTargetAction")?.get(name)?.as_int();
        if let (Some(low), Some(high)) = (int("MinCapacity"), int("MaxCapacity"))
            && low > high
        {
            let message = format!("the schedule sets a minimum of {low} above its maximum of {high}");
            sink.push(target.error(Code::ScalingRange, &format!("ScheduledActions.{at}"), message));
        }
    }
}

/// Returns a warning if the scalable target of a template would stay at 0 tasks once it has none.
pub fn stays_at_zero(template: &Template, target: &LogicalId, schema: &Schema) -> Option<Diagnostic> {
    let scope = CheckContext::new(template, schema, StackFacts::default());
    let found = scope.all(SCALABLE_TARGET).find(|found| found.id == target)?;
    let mut problems = Sink::new();
    from_zero(found, &scope, &mut problems);
    problems.pop()
}

/// Metrics that have no data while a service has no tasks.
const METRICS_OF_TASKS: [&str; 3] =
    ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"];

/// Reports a minimum of 0 that no policy ever leaves: tasks that do not run have no utilization to measure, and a target
/// tracking policy does nothing without data ("Target tracking scaling policies" of the Application Auto Scaling guide).
fn from_zero(target: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    const METRIC: &str = "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType";
    let raises = |action: &Value| {
        action
            .get("ScalableTargetAction")
            .is_none_or(|it| it.get("MinCapacity").is_some_and(|least| least.as_int() != Some(0)))
    };
    if target.int("MinCapacity") != Some(0)
        || target.int("MaxCapacity") == Some(0)
        || target.text("ScalableDimension") != Some("ecs:service:DesiredCount")
        || (target.has("ScheduledActions") && target.get("ScheduledActions").is_none())
        || target.list("ScheduledActions").iter().any(raises)
    {
        return;
    }
    let mut policies = scope.referrers(target.id).filter(|found| found.kind() == SCALING_POLICY).peekable();
    let Some(first) = policies.peek().copied() else { return };
    if policies.any(|policy| policy.text(METRIC).is_none_or(|metric| !METRICS_OF_TASKS.contains(&metric))) {
        return;
    }
    let message = "a service that is scaled in to 0 tasks is never scaled out again";
    let problem = target.warning(Code::ScalingFromZero, "MinCapacity", message);
    sink.push(problem.at(&first.resource.origin, "without tasks this metric has no data").help(
        "begin at 1, or let a schedule or a metric of the work itself, such as the length of a queue, raise the count",
    ));
}

fn config(policy: ResourceEntry<'_>, sink: &mut Sink) {
    let (wanted, other) = match policy.text("PolicyType") {
        Some("TargetTrackingScaling") => ("TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration"),
        Some("StepScaling") => ("StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"),
        _ => return,
    };
    let kind = policy.text("PolicyType").unwrap_or_default();
    if policy.lacks(wanted) || policy.get(other).is_some() {
        let path = if policy.get(other).is_some() { other } else { "PolicyType" };
        sink.push(policy.error(Code::ScalingPolicy, path, format!("a policy of type `{kind}` has a `{wanted}` alone")));
    }
    let metric = format!("{wanted}.PredefinedMetricSpecification");
    let name = policy.get(&metric).and_then(|it| it.get("PredefinedMetricType")).and_then(Value::as_str);
    if name == Some("ALBRequestCountPerTarget") && policy.lacks(&format!("{metric}.ResourceLabel")) {
        let problem = policy.error(Code::ScalingPolicy, &metric, "`ALBRequestCountPerTarget` needs a `ResourceLabel`");
        sink.push(problem.help("`!Sub ${Alb.LoadBalancerFullName}/${TargetGroup.TargetGroupFullName}`"));
    }
}

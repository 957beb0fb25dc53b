//! Target tracking policies, which keep a metric at a value.

use super::{FargateService, load_balancing};
use crate::block::Scaling;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::number::number;
use crate::block::scaling::metric::dimension;
use crate::block::service::alternate;
use crate::cfn;
use crate::cfn::type_names::SCALING_POLICY;
use crate::cfn::{LogicalId, Map, PathSegment, PropertyPath, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

const CONFIGURATION: &str = "TargetTrackingScalingPolicyConfiguration";

/// The metric of a policy.
pub(super) enum Specification {
    /// One that AWS defines: `PredefinedMetricSpecification`.
    Predefined(Map),
    /// Any other: `CustomizedMetricSpecification`.
    Customized(Map),
}

impl Specification {
    fn predefined(metric: &str) -> Self {
        Specification::Predefined(Map::from_iter([("PredefinedMetricType".to_owned(), metric.into())]))
    }

    fn into_entry(self) -> (String, Value) {
        match self {
            Specification::Predefined(map) => ("PredefinedMetricSpecification".to_owned(), Value::Map(map)),
            Specification::Customized(map) => ("CustomizedMetricSpecification".to_owned(), Value::Map(map)),
        }
    }
}

/// Adds the policies that keep CPU, memory, requests and other metrics.
pub(super) fn lower(service: &FargateService, scaling: &Scaling, lowering: &mut Lowering<'_>) {
    if let Some(percent) = &scaling.cpu {
        let metric = Specification::predefined("ECSServiceAverageCPUUtilization");
        add(service, scaling, "CpuScaling", (percent.value.into(), &percent.origin), metric, lowering);
    }
    if let Some(percent) = &scaling.memory {
        let metric = Specification::predefined("ECSServiceAverageMemoryUtilization");
        add(service, scaling, "MemoryScaling", (percent.value.into(), &percent.origin), metric, lowering);
    }
    if let Some(requests) = &scaling.requests_per_target {
        by_requests(service, scaling, requests, lowering);
    }
    for tracked in &scaling.metric {
        let role = format!("{}Scaling", tracked.value.metric.stem());
        let metric = Specification::Customized(tracked.value.metric.listed());
        let target = (number(tracked.value.target), &tracked.origin);
        let mut policy = policy(service, scaling, &role, target, metric);
        for (path, origin) in tracked.value.metric.origins.iter() {
            let inside = ["CustomizedMetricSpecification"].into_iter().map(|key| PathSegment::Key(key.to_owned()));
            let path = PropertyPath::property(CONFIGURATION).0.into_iter().chain(inside).chain(path.0.iter().cloned());
            policy.add_origin(PropertyPath(path.collect()), origin);
        }
        lowering.add(service.part(&role), policy);
    }
}

fn by_requests(service: &FargateService, scaling: &Scaling, requests: &WithOrigin<i64>, lowering: &mut Lowering<'_>) {
    let Some((group, balancer)) = load_balancing::counted_group(service) else {
        return lowering.report(without_balancer(service, requests));
    };
    let metric = if service.shifts() { requests_of_both(&group, &balancer) } else { requests_of(group, balancer) };
    add(service, scaling, "RequestScaling", (requests.value.into(), &requests.origin), metric, lowering);
}

/// Returns the requests to the targets of a target group. Its label is that of the load balancer and the target group.
fn requests_of(group: LogicalId, balancer: TemplateString) -> Specification {
    let label = balancer.with("/").with(Ref::attribute(group, "TargetGroupFullName"));
    Specification::Predefined(Map::from_iter([
        ("PredefinedMetricType".to_owned(), "ALBRequestCountPerTarget".into()),
        ("ResourceLabel".to_owned(), label.into()),
    ]))
}

/// Returns the requests to the targets of a target group and of its alternate one: each deployment exchanges them, and the
/// predefined metric is that of one ("Use a target metric to scale Amazon ECS services", ECS developer guide: it is not supported
/// for blue/green deployments). While traffic is shifted, both parts are divided by the same number of tasks, so that their sum
/// is right. A target group without requests has no value, which `SUM` leaves out.
fn requests_of_both(group: &LogicalId, balancer: &TemplateString) -> Specification {
    let query = |id: &str, group: LogicalId| {
        let group: TemplateString = Ref::attribute(group, "TargetGroupFullName").into();
        let metric = cfn!({
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "RequestCountPerTarget",
            "Dimensions": cfn!([dimension("LoadBalancer", balancer), dimension("TargetGroup", group)]),
        });
        cfn!({ "Id": id, "MetricStat": cfn!({ "Metric": metric, "Stat": "Sum" }), "ReturnData": false })
    };
    let sum = cfn!({ "Id": "requests", "Expression": "SUM([first, alternate])", "ReturnData": true });
    let queries = cfn!([query("first", group.clone()), query("alternate", alternate(group)), sum]);
    Specification::Customized(Map::from_iter([("Metrics".to_owned(), queries)]))
}

/// Adds a policy that keeps a metric at a value.
pub(super) fn add(
    service: &FargateService,
    scaling: &Scaling,
    role: &str,
    target: (Value, &Origin),
    metric: Specification,
    lowering: &mut Lowering<'_>,
) {
    lowering.add(service.part(role), policy(service, scaling, role, target, metric));
}

fn policy(
    service: &FargateService,
    scaling: &Scaling,
    role: &str,
    (target, origin): (Value, &Origin),
    metric: Specification,
) -> Resource {
    let mut configuration = Map::from_iter([metric.into_entry(), ("TargetValue".to_owned(), target)]);
    let mut set = |name: &str, value: Option<Value>| configuration.extend(value.map(|value| (name.to_owned(), value)));
    set("ScaleInCooldown", scaling.scale_in_after.as_ref().map(|seconds| seconds.value.into()));
    set("ScaleOutCooldown", scaling.scale_out_after.as_ref().map(|seconds| seconds.value.into()));
    set("DisableScaleIn", scaling.no_scale_in.as_ref().map(|_| true.into()));
    Resource::new(SCALING_POLICY, origin.clone())
        .with("PolicyName", service.part(role).as_str())
        .with("PolicyType", "TargetTrackingScaling")
        .with("ScalingTargetId", Ref::to(service.part("ScalableTarget")))
        .with(CONFIGURATION, configuration)
        .record_origin(&format!("{CONFIGURATION}.TargetValue"), origin)
        .with_origin(&format!("{CONFIGURATION}.ScaleInCooldown"), &scaling.scale_in_after)
        .with_origin(&format!("{CONFIGURATION}.ScaleOutCooldown"), &scaling.scale_out_after)
        .with_origin(&format!("{CONFIGURATION}.DisableScaleIn"), &scaling.no_scale_in)
}

fn without_balancer(service: &FargateService, requests: &WithOrigin<i64>) -> Diagnostic {
    Diagnostic::new(
        Code::RequestsWithoutAlb,
        format!("no load balancer counts the requests of `{}`", service.name.value),
    )
    .at(&requests.origin, "the service is behind no load balancer")
    .help("put the service behind one with `.behind(alb)`, or scale by `.cpu(percent)`")
}

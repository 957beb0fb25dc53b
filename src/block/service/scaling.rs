//! The scaling of a service.

use crate::cfn::type_names::{SCALABLE_TARGET, SCALING_POLICY};
use std::rc::Rc;

use super::{FargateService, load_balancing};
use crate::block::Scaling;
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::{Map, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin};

pub(super) fn lower(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) {
    let Some(scaling) = &service.scaling else { return };
    let Some(cluster) = lowering.context.cluster(service).cloned() else { return };
    let resource_id = TemplateString::from("service/").join(cluster.name()).with("/").join(service.name());
    lowering.add(service.part("ScalableTarget"), target(scaling, resource_id));
    if let Some(percent) = &scaling.value.cpu {
        let metric = Map::from_iter([("PredefinedMetricType".to_owned(), "ECSServiceAverageCPUUtilization".into())]);
        policy(service, &scaling.value, "CpuScaling", percent, metric, lowering);
    }
    if let Some(percent) = &scaling.value.memory {
        let metric = Map::from_iter([("PredefinedMetricType".to_owned(), "ECSServiceAverageMemoryUtilization".into())]);
        policy(service, &scaling.value, "MemoryScaling", percent, metric, lowering);
    }
    let Some(requests) = &scaling.value.requests_per_target else { return };
    let Some(label) = load_balancing::resource_label(service) else {
        return lowering.report(without_balancer(service, requests));
    };
    let metric = Map::from_iter([
        ("PredefinedMetricType".to_owned(), "ALBRequestCountPerTarget".into()),
        ("ResourceLabel".to_owned(), label.into()),
    ]);
    policy(service, &scaling.value, "RequestScaling", requests, metric, lowering);
}

fn target(scaling: &WithOrigin<Scaling>, resource_id: TemplateString) -> Resource {
    let tasks = &scaling.value.tasks;
    let mut target = Resource::new(SCALABLE_TARGET, scaling.origin.clone())
        .with("MinCapacity", *tasks.value.start())
        .with("MaxCapacity", *tasks.value.end())
        .with("ResourceId", resource_id)
        .with("ScalableDimension", "ecs:service:DesiredCount")
        .with("ServiceNamespace", "ecs")
        .with_origin("MinCapacity", tasks)
        .with_origin("MaxCapacity", tasks);
    let mut actions = Vec::new();
    for (at, action) in scaling.value.schedule.iter().enumerate() {
        target = target.record_origin(&format!("ScheduledActions.{at}"), &action.origin);
        let action = &action.value;
        let range = cfn!({ "MinCapacity": *action.tasks.start(), "MaxCapacity": *action.tasks.end() });
        let mut properties = Map::from_iter([
            ("ScheduledActionName".to_owned(), Value::from(action.name.as_str())),
            ("Schedule".to_owned(), Value::from(&action.when)),
            ("ScalableTargetAction".to_owned(), range),
        ]);
        properties.extend(action.time_zone.iter().map(|zone| ("Timezone".to_owned(), zone.into())));
        actions.push(Value::Map(properties));
    }
    if actions.is_empty() { target } else { target.with("ScheduledActions", actions) }
}

fn policy(
    service: &FargateService,
    scaling: &Scaling,
    role: &str,
    wanted: &WithOrigin<i64>,
    metric: Map,
    lowering: &mut Lowering<'_>,
) {
    const CONFIGURATION: &str = "TargetTrackingScalingPolicyConfiguration";
    let id = service.part(role);
    let mut configuration = Map::from_iter([
        ("PredefinedMetricSpecification".to_owned(), Value::Map(metric)),
        ("TargetValue".to_owned(), wanted.value.into()),
    ]);
    let mut set = |name: &str, value: Option<Value>| configuration.extend(value.map(|value| (name.to_owned(), value)));
    set("ScaleInCooldown", scaling.scale_in_after.as_ref().map(|seconds| seconds.value.into()));
    set("ScaleOutCooldown", scaling.scale_out_after.as_ref().map(|seconds| seconds.value.into()));
    set("DisableScaleIn", scaling.no_scale_in.as_ref().map(|_| true.into()));
    let policy = Resource::new(SCALING_POLICY, wanted.origin.clone())
        .with("PolicyName", id.as_str())
        .with("PolicyType", "TargetTrackingScaling")
        .with("ScalingTargetId", Ref::to(service.part("ScalableTarget")))
        .with(CONFIGURATION, configuration)
        .with_origin(&format!("{CONFIGURATION}.TargetValue"), wanted)
        .with_origin(&format!("{CONFIGURATION}.ScaleInCooldown"), &scaling.scale_in_after)
        .with_origin(&format!("{CONFIGURATION}.ScaleOutCooldown"), &scaling.scale_out_after)
        .with_origin(&format!("{CONFIGURATION}.DisableScaleIn"), &scaling.no_scale_in);
    lowering.add(id, policy);
}

fn without_balancer(service: &FargateService, requests: &WithOrigin<i64>) -> Diagnostic {
    Diagnostic::new(
        Code::RequestsWithoutAlb,
        format!("no load balancer counts the requests of `{}`", service.name.value),
    )
    .at(&requests.origin, "the service is behind no load balancer")
    .help("put the service behind one with `.behind(alb)`, or scale by `.cpu(percent)`")
}

//! The problems of a service of Express Mode.

use std::rc::Rc;

use super::ExpressService;
use crate::block::range_checks::within;
use crate::block::{BlockId, LoweringContext, Scaling, TaskSubnets, Vpc};
use crate::cfn::Value;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// The most requests for each target ("Application scaling policy defaults", ECS developer guide).
const MOST_REQUESTS: i64 = 65_536;

/// Returns every problem that the settings show.
pub(super) fn all(service: &Rc<ExpressService>, context: &LoweringContext) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = health_check(service).into_iter().chain(cluster(service, context)).collect();
    if let Some(scaling) = &service.scaling {
        problems.extend(range(&scaling.value));
        problems.extend(one_metric(&scaling.value));
        problems.extend(bounds(&scaling.value));
        problems.extend(unsupported(&scaling.value));
    }
    problems
}

/// Reports a network in one zone: the load balancer needs two.
pub(super) fn zones(service: &ExpressService, vpc: &Vpc) -> Option<Diagnostic> {
    let listed = match service.task.subnets.as_ref().map(|set| (&set.value, &set.origin)) {
        Some((TaskSubnets::Ids(Value::List(ids)), origin)) => Some((ids.len() == 1, origin)),
        Some((TaskSubnets::Ids(_), _)) => return None,
        _ => None,
    };
    let of_network = || {
        let set = vpc.azs.as_ref().map_or(vpc.identity.origin(), |azs| &azs.origin);
        (vpc.zones() == Some(1), set)
    };
    let (is_one, at) = listed.unwrap_or_else(of_network);
    is_one.then(|| {
        Diagnostic::new(Code::AlbZones, format!("`{}` needs subnets in two availability zones", service.name.value))
            .at(at, "there is 1")
            .at(&service.name.origin, "its load balancer is in these subnets")
            .help("set `.azs(2)` on the network or its cluster")
    })
}

fn health_check(service: &ExpressService) -> Option<Diagnostic> {
    let path = service.health_check.as_ref()?;
    let text = path.value.as_str().filter(|text| !text.starts_with('/'))?;
    let message = format!("the health check path `{text}` does not begin with `/`");
    Some(Diagnostic::new(Code::HealthCheckPath, message).at(&path.origin, "").help(format!("write `/{text}`")))
}

/// Reports a cluster of the script without the capacity provider that Express Mode uses ("Service defaults", ECS developer
/// guide; `CreateService` of the ECS API: it must be associated with the cluster).
fn cluster(service: &Rc<ExpressService>, context: &LoweringContext) -> Option<Diagnostic> {
    let cluster = context.cluster_of(BlockId::of(service), &service.task)?;
    (cluster.identity.managed_name().is_some() && cluster.spot.is_none()).then(|| {
        Diagnostic::new(Code::ExpressMode, "Express Mode needs a cluster with the capacity provider FARGATE")
            .at(cluster.identity.origin(), "the cluster has no capacity providers")
            .at(&service.name.origin, "the service of Express Mode")
            .help("add `.spot()` to the cluster, which offers FARGATE and FARGATE_SPOT; tasks of Express Mode use FARGATE")
    })
}

/// Returns the metrics of Express Mode that are set, each with its target.
pub(super) fn metrics(scaling: &Scaling) -> Vec<(&'static str, &WithOrigin<i64>)> {
    let known = [
        ("AVERAGE_CPU", &scaling.cpu),
        ("AVERAGE_MEMORY", &scaling.memory),
        ("REQUEST_COUNT_PER_TARGET", &scaling.requests_per_target),
    ];
    known.into_iter().filter_map(|(name, target)| Some((name, target.as_ref()?))).collect()
}

fn range(scaling: &Scaling) -> Option<Diagnostic> {
    let (least, most) = (*scaling.tasks.value.start(), *scaling.tasks.value.end());
    let problem = |message: String| Diagnostic::new(Code::ScalingRange, message).at(&scaling.tasks.origin, "");
    if least < 1 {
        return Some(problem(format!("a service of Express Mode cannot run {least} tasks")).help("begin at 1 or more"));
    }
    (least > most).then(|| {
        problem(format!("the least number of tasks, {least}, is over the most, {most}"))
            .help(format!("did you mean `{most}..={least}`?"))
    })
}

fn one_metric(scaling: &Scaling) -> Option<Diagnostic> {
    let set = metrics(scaling);
    let [(_, first), (_, second), ..] = set.as_slice() else { return None };
    Some(
        Diagnostic::new(Code::ExpressMode, "a service of Express Mode scales by one metric")
            .at(&second.origin, "the second metric")
            .at(&first.origin, "the first one")
            .help("leave one of the two out, or use a `FargateService`"),
    )
}

fn bounds(scaling: &Scaling) -> Vec<Diagnostic> {
    let percents = [&scaling.cpu, &scaling.memory].into_iter().flatten();
    let percents =
        percents.filter_map(|set| within(set, 1..=100, Code::ScalingPercent, "a utilisation to keep", "percent"));
    let requests = scaling.requests_per_target.as_ref();
    let requests = requests
        .and_then(|set| within(set, 1..=MOST_REQUESTS, Code::ExpressMode, "the number of requests", "requests"));
    percents.chain(requests).collect()
}

/// Reports settings of the scaling that ECS chooses itself in Express Mode.
fn unsupported(scaling: &Scaling) -> Vec<Diagnostic> {
    let set: [(&str, Option<&Origin>); 7] = [
        ("queue", scaling.queue.first().map(|set| &set.origin)),
        ("metric", scaling.metric.first().map(|set| &set.origin)),
        ("steps", scaling.steps.first().map(|set| &set.origin)),
        ("scale_out_after", scaling.scale_out_after.as_ref().map(|set| &set.origin)),
        ("scale_in_after", scaling.scale_in_after.as_ref().map(|set| &set.origin)),
        ("no_scale_in", scaling.no_scale_in.as_ref().map(|set| &set.origin)),
        ("schedule", scaling.schedule.first().map(|set| &set.origin)),
    ];
    let problem = |(name, origin): (&str, Option<&Origin>)| {
        Some(
            Diagnostic::new(Code::ExpressMode, format!("`.{name}` is not available in Express Mode"))
                .at(origin?, "")
                .help("scale by `.cpu(60)`, `.memory(60)` or `.requests_per_target(1000)`, or use a `FargateService`"),
        )
    };
    set.into_iter().filter_map(problem).collect()
}

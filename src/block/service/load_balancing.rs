//! The target groups, rules and security group rules between load balancers and a service.

use crate::cfn::type_names::{LISTENER_RULE, SECURITY_GROUP_EGRESS, TARGET_GROUP};
use std::rc::Rc;

use super::{FargateService, LoadBalancerAttachment};
use crate::block::RoutePriority;
use crate::block::alb::forward;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::range_checks::is_port;
use crate::block::route::rule_name;
use crate::block::{Alb, HealthCheck, Probe, Route, Vpc};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

/// The port of a container behind a load balancer that names none.
const DEFAULT_PORT: i64 = 80;
/// Seconds that a target may take to finish its requests.
pub(super) const DEREGISTRATION_DELAY: i64 = 30;
const DEFAULT_PATH: &str = "/";

impl FargateService {
    /// Returns the port of the main container.
    pub(crate) fn container_port(&self) -> Option<i64> {
        let port = self.task.main.port.as_ref().map(|port| port.value);
        port.or_else(|| (!self.behind.is_empty()).then_some(DEFAULT_PORT))
    }

    /// Returns the logical id of the target group for a load balancer.
    ///
    /// A target group belongs to one load balancer at a time (Elastic Load Balancing, "Target groups"). Its id has the name
    /// of the load balancer and its scheme, so that it is replaced together with a load balancer whose scheme changes.
    pub(crate) fn target_group(&self, alb: &Alb) -> LogicalId {
        format!("{}TargetGroup", self.stem_behind(alb)).into()
    }

    /// Returns its target groups, each with its load balancer.
    pub(crate) fn target_groups(&self) -> Vec<(LogicalId, Rc<Alb>)> {
        let alb = |behind: &WithOrigin<LoadBalancerAttachment>| behind.value.alb.clone();
        balancers(self).into_iter().map(|behind| (self.target_group(&alb(behind)), alb(behind))).collect()
    }

    /// Returns the stem of the logical ids of what connects the service with a load balancer.
    fn stem_behind(&self, alb: &Alb) -> String {
        let (own, other) = (self.name.value.stem(), alb.name.value.stem());
        let other = if own == other { String::new() } else { other };
        let scheme = if alb.internal.is_some() { "Internal" } else { "" };
        format!("{own}{other}{scheme}")
    }
}

/// Returns the first setting of each load balancer that the service is behind, in the order of the load balancers' names.
pub(super) fn balancers(service: &FargateService) -> Vec<&WithOrigin<LoadBalancerAttachment>> {
    let mut found: Vec<&WithOrigin<LoadBalancerAttachment>> = Vec::new();
    for behind in &service.behind {
        if !found.iter().any(|known| known.value.alb.name == behind.value.alb.name) {
            found.push(behind);
        }
    }
    found.sort_by_key(|behind| behind.value.alb.logical_id());
    found
}

/// Returns the ports that load balancers reach: the container's, and that of health checks.
pub(super) fn reachable_ports(service: &FargateService) -> Vec<(&WithOrigin<LoadBalancerAttachment>, i64)> {
    let checked = service.health_check.as_ref().and_then(|check| check.value.port.as_ref()).map(|port| port.value);
    let ports = |behind| {
        let traffic = service.container_port().unwrap_or(DEFAULT_PORT);
        let other = checked.filter(|port| *port != traffic);
        // A port out of range is reported once, where it is set.
        std::iter::once(traffic).chain(other).filter(|port| is_port(*port)).map(move |port| (behind, port))
    };
    balancers(service).into_iter().flat_map(ports).collect()
}

/// Returns the rules of the service's security group that let load balancers in, each with its setting.
pub(super) fn ingress(service: &FargateService) -> Vec<(Value, &Origin)> {
    let rule = |behind: &WithOrigin<LoadBalancerAttachment>, port: i64| {
        cfn!({
            "Description": "Load balancer to target",
            "FromPort": port,
            "IpProtocol": "tcp",
            "SourceSecurityGroupId": behind.value.alb.security_group_id(),
            "ToPort": port,
        })
    };
    reachable_ports(service).into_iter().map(|(behind, port)| (rule(behind, port), &behind.origin)).collect()
}

/// Adds target groups, listener rules and security group rules. Returns the resources that are created before a task is
/// registered.
pub(super) fn lower(service: &Rc<FargateService>, vpc: &Vpc, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
    for behind in balancers(service) {
        lowering.add(service.target_group(&behind.value.alb), target_group(service, vpc, behind));
    }
    let mut prerequisites = Vec::new();
    for (behind, port) in reachable_ports(service) {
        let alb = &behind.value.alb;
        let egress = Resource::new(SECURITY_GROUP_EGRESS, behind.origin.clone())
            .with("Description", "Load balancer to target")
            .with("GroupId", alb.security_group_id())
            .with("DestinationSecurityGroupId", service.security_group_id())
            .with("IpProtocol", "tcp")
            .with("FromPort", port)
            .with("ToPort", port);
        let main = service.container_port() == Some(port);
        let which = if main { String::new() } else { format!("Port{port}") };
        let id = LogicalId::from(format!("{}To{}{which}", alb.logical_id(), service.logical_id()));
        lowering.add(id.clone(), egress);
        prerequisites.push(id);
    }
    prerequisites.extend(routes(service, lowering));
    prerequisites.sort();
    prerequisites
}

fn target_group(service: &FargateService, vpc: &Vpc, behind: &WithOrigin<LoadBalancerAttachment>) -> Resource {
    let drain = service.drain.as_ref().map_or(DEREGISTRATION_DELAY, |drain| drain.value);
    let attributes = cfn!([
        cfn!({ "Key": "deregistration_delay.timeout_seconds", "Value": drain.to_string() }),
        cfn!({ "Key": "stickiness.enabled", "Value": "false" }),
    ]);
    let group = Resource::new(TARGET_GROUP, behind.origin.clone())
        .with("Port", service.container_port().unwrap_or(DEFAULT_PORT))
        .with("Protocol", "HTTP")
        .with("TargetType", "ip")
        .with("VpcId", vpc.id())
        .with("TargetGroupAttributes", attributes)
        .with_origin("TargetGroupAttributes.0", &service.drain)
        .with_origin("Port", &service.task.main.port)
        .with_origin_at("VpcId", vpc.id_origin());
    match &service.health_check {
        Some(check) => checked(group, &check.value),
        None => group.with("HealthCheckPath", DEFAULT_PATH),
    }
}

fn checked(group: Resource, check: &HealthCheck) -> Resource {
    let path = match &check.probe.value {
        Probe::Text(path) => Some(path.clone()),
        Probe::Command(_) => None,
    };
    let mut group = group
        .with_some("HealthCheckPath", path)
        .with_origin("HealthCheckPath", &check.probe)
        .set("Matcher", &check.codes, |codes| cfn!({ "HttpCode": codes }))
        .set("HealthCheckPort", &check.port, ToString::to_string);
    let numbers = [
        ("HealthCheckIntervalSeconds", &check.interval),
        ("HealthCheckTimeoutSeconds", &check.timeout),
        ("HealthyThresholdCount", &check.healthy),
        ("UnhealthyThresholdCount", &check.unhealthy),
    ];
    for (name, number) in numbers {
        group = group.set(name, number, |number| *number);
    }
    group
}

fn routes(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
    let mut prerequisites = Vec::new();
    let mut rules = Vec::new();
    for (at, behind) in service.behind.iter().enumerate() {
        let Some(routed) = lowering.context.routed_service(service, at) else { continue };
        let priority = routed.priority;
        // Two rules with one number are reported already.
        let is_reported = routed.has_priority_of_another;
        for listener in behind.value.alb.serving() {
            let listener_id = behind.value.alb.listener_id(listener.port);
            match priority {
                RoutePriority::Default => prerequisites.push(listener_id),
                RoutePriority::Rule(priority) => {
                    let id = rule_id(service, behind, listener.port, priority, is_reported);
                    rules.push((id.clone(), rule(service, behind, listener_id, priority)));
                    prerequisites.push(id);
                }
            }
        }
    }
    rules.sort_by(|(one, _), (other, _)| one.cmp(other));
    rules.into_iter().for_each(|(id, rule)| lowering.add(id, rule));
    prerequisites
}

/// Returns the logical id of a rule. A listener has one rule of a priority at a time, so a number that the script sets, or
/// that of the last rule, names the rule: a renamed service or another condition changes the rule in place.
fn rule_id(
    service: &FargateService,
    behind: &WithOrigin<LoadBalancerAttachment>,
    port: i64,
    priority: i64,
    is_reported: bool,
) -> LogicalId {
    let alb = &behind.value.alb;
    match &behind.value.route {
        None => format!("{}RuleLast", alb.listener_id(port)).into(),
        Some(route) if route.priority.is_some() && !is_reported => {
            format!("{}Rule{priority}", alb.listener_id(port)).into()
        }
        Some(route) => format!("{}ListenerRule{port}{}", service.stem_behind(alb), rule_name(route)).into(),
    }
}

fn rule(
    service: &FargateService,
    behind: &WithOrigin<LoadBalancerAttachment>,
    listener: LogicalId,
    priority: i64,
) -> Resource {
    let route = behind.value.route.as_ref();
    let rule = Resource::new(LISTENER_RULE, behind.origin.clone())
        .with("ListenerArn", Ref::to(listener))
        .with("Priority", priority)
        .with("Actions", vec![forward(service.target_group(&behind.value.alb))])
        .with_origin("Priority", route.and_then(|route| route.priority.as_ref()));
    match route {
        Some(route) => conditions(route, rule),
        None => rule.with("Conditions", vec![path_pattern(vec!["/*".into()])]),
    }
}

fn conditions(route: &Route, mut rule: Resource) -> Resource {
    let values = |patterns: &[WithOrigin<String>]| {
        patterns.iter().map(|pattern| Value::from(&pattern.value)).collect::<Vec<_>>()
    };
    let mut conditions = Vec::new();
    if let Some(first) = route.path.first() {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &first.origin);
        conditions.push(path_pattern(values(&route.path)));
    }
    if let Some(first) = route.host.first() {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &first.origin);
        let hosts = cfn!({ "Values": values(&route.host) });
        conditions.push(cfn!({ "Field": "host-header", "HostHeaderConfig": hosts }));
    }
    for header in &route.header {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &header.origin);
        let patterns = cfn!({ "HttpHeaderName": &header.value.name, "Values": cfn!([&header.value.value]) });
        conditions.push(cfn!({ "Field": "http-header", "HttpHeaderConfig": patterns }));
    }
    rule.with("Conditions", conditions)
}

fn path_pattern(patterns: Vec<Value>) -> Value {
    cfn!({ "Field": "path-pattern", "PathPatternConfig": cfn!({ "Values": patterns }) })
}

/// Returns the entries of the service's `LoadBalancers`.
pub(super) fn registrations(service: &FargateService) -> Vec<Value> {
    let port = service.container_port().unwrap_or(DEFAULT_PORT);
    let registration = |behind: &WithOrigin<LoadBalancerAttachment>| {
        cfn!({
            "ContainerName": service.task.main.name.value.as_str(),
            "ContainerPort": port,
            "TargetGroupArn": Ref::to(service.target_group(&behind.value.alb)),
        })
    };
    balancers(service).into_iter().map(registration).collect()
}

/// Returns the label of a load balancer and a target group in metrics of Application Auto Scaling.
pub(super) fn resource_label(service: &FargateService) -> Option<TemplateString> {
    let alb = &balancers(service).first()?.value.alb;
    let balancer = Ref::attribute(alb.logical_id(), "LoadBalancerFullName");
    let group = Ref::attribute(service.target_group(alb), "TargetGroupFullName");
    Some(TemplateString::from(balancer).with("/").with(group))
}

//! The target groups, rules and security group rules between load balancers and a service.

use crate::cfn::type_names::{SECURITY_GROUP_EGRESS, TARGET_GROUP};
use std::rc::Rc;

use super::targets::{self, DEFAULT_PORT, ServiceTarget};
use super::{FargateService, LoadBalancerAttachment, action, alternate, nlb_targets, shifting};
use crate::block::alb::{ServingListener, forward};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::route::rule;
use crate::block::target::attributes;
use crate::block::{Alb, HealthCheck, LoweringContext, Probe, RoutePriority, Vpc};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::Origin;

const DEFAULT_PATH: &str = "/";
const GRPC_PATH: &str = "/AWS.ALB/healthcheck";
/// The code of a method that answers (gRPC, "Status codes and their use").
const GRPC_OK: &str = "0";

impl FargateService {
    /// Returns the port of the main container.
    pub(crate) fn container_port(&self) -> Option<i64> {
        self.task.main.listening_port().or_else(|| self.has_load_balancer().then_some(DEFAULT_PORT))
    }

    /// Returns whether a load balancer sends requests or connections to it.
    pub(crate) fn has_load_balancer(&self) -> bool {
        !self.behind.is_empty() || !self.nlb.is_empty()
    }

    /// Returns its target groups behind Application Load Balancers, each with the name of the load balancer in metrics.
    pub(crate) fn target_groups(&self) -> Vec<(LogicalId, TemplateString)> {
        let known = |target: ServiceTarget<'_>| {
            let (group, balancer) = (target.group(), target.behind.value.alb.known_full_name()?);
            let alternate = self.shifts().then(|| (alternate(&group), balancer.clone()));
            Some(std::iter::once((group, balancer)).chain(alternate))
        };
        targets::all(self).into_iter().filter_map(known).flatten().collect()
    }

    /// Returns its target groups behind Network Load Balancers, each with the name of the load balancer in metrics.
    pub(crate) fn nlb_target_groups(&self) -> Vec<(LogicalId, TemplateString)> {
        nlb_targets::groups(self)
    }

    /// Returns the logical id and the priority of the rule of a listener for one `behind` setting; none if the default action of
    /// the listener forwards to the service.
    pub(super) fn rule_at(
        self: &Rc<Self>,
        at: usize,
        listener: &ServingListener,
        context: &LoweringContext,
    ) -> Option<(LogicalId, i64)> {
        let routed = context.routed_service(self, at)?;
        let LoadBalancerAttachment { alb, route, .. } = &self.behind[at].value;
        match routed.priority {
            RoutePriority::Default => None,
            RoutePriority::Rule(priority) => {
                // Two rules with one number are reported already.
                let is_reported = routed.has_priority_of_another;
                let id = listener.rule_id(&self.stem_behind(alb), route.as_ref(), priority, is_reported);
                Some((id, priority))
            }
        }
    }

    /// Returns the stem of the logical ids of what connects the service with a load balancer.
    fn stem_behind(&self, alb: &Alb) -> String {
        let scheme = if alb.internal.is_some() { "Internal" } else { "" };
        format!("{}{scheme}", self.stem_with(alb))
    }
}

/// Returns the rules of the service's security group that let load balancers in, each with its setting.
pub(super) fn ingress(service: &FargateService) -> Vec<(Value, &Origin)> {
    let requests = targets::reachable_ports(service).into_iter().filter_map(|(behind, port)| {
        let rule = cfn!({
            "Description": "Load balancer to target",
            "FromPort": port,
            "IpProtocol": "tcp",
            "SourceSecurityGroupId": behind.value.alb.known_security_group()?,
            "ToPort": port,
        });
        Some((rule, &behind.origin))
    });
    let connections = nlb_targets::ingress(service).into_iter().map(|(rule, behind)| (rule, &behind.origin));
    requests.chain(connections).collect()
}

/// Adds target groups, listener rules and security group rules. Returns the resources that are created before a task is
/// registered.
pub(super) fn lower(service: &Rc<FargateService>, vpc: &Vpc, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
    for target in targets::all(service) {
        let (id, group) = (target.group(), target_group(&target, vpc));
        if service.shifts() {
            lowering.add(alternate(&id), group.clone());
        }
        lowering.add(id, group);
    }
    let mut prerequisites = Vec::new();
    for (behind, port) in targets::reachable_ports(service) {
        let alb = &behind.value.alb;
        // The group of another team's load balancer is theirs.
        if alb.existing.is_some() {
            continue;
        }
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
    prerequisites.extend(nlb_targets::lower(service, vpc, lowering));
    prerequisites.sort();
    prerequisites
}

fn target_group(target: &ServiceTarget<'_>, vpc: &Vpc) -> Resource {
    let (attributes, origins) = attributes(target);
    let protocol = target.set(|it| &it.protocol);
    let name = protocol.map_or("http", |set| set.value.as_str());
    let port = target.behind.value.target.as_ref().and_then(|it| it.port.as_ref());
    let mut group = Resource::new(TARGET_GROUP, target.behind.origin.clone())
        .with("Port", target.port)
        .with("Protocol", if name == "https" { "HTTPS" } else { "HTTP" })
        .with("TargetType", "ip")
        .with("VpcId", vpc.id())
        .with("TargetGroupAttributes", attributes)
        .with_some("ProtocolVersion", version(name))
        .with_origin("Port", &target.container.port)
        .with_origin("Port", port)
        .with_origin("Protocol", protocol)
        .with_origin("ProtocolVersion", protocol)
        .with_origin_at("VpcId", vpc.id_origin());
    for (at, origin) in origins {
        group = group.record_origin(&format!("TargetGroupAttributes.{at}"), origin);
    }
    match target.set(|it| &it.health_check) {
        Some(check) => checked(group, &check.value, name),
        None => default_check(group, name),
    }
}

/// Returns the version of the protocol of a target group; none for HTTP/1.1, which is the default.
fn version(protocol: &str) -> Option<&'static str> {
    match protocol {
        "http2" => Some("HTTP2"),
        "grpc" => Some("GRPC"),
        _ => None,
    }
}

/// Sets the health check of a target without a setting. The path for gRPC is the default of `CreateTargetGroup` (Elastic Load
/// Balancing API); a server that does not know it answers with the code 12, which is the default too. The protocol of checks is
/// HTTP unless it is set.
fn default_check(group: Resource, protocol: &str) -> Resource {
    match protocol {
        "grpc" => group.with("HealthCheckPath", GRPC_PATH),
        "https" => group.with("HealthCheckPath", DEFAULT_PATH).with("HealthCheckProtocol", "HTTPS"),
        _ => group.with("HealthCheckPath", DEFAULT_PATH),
    }
}

fn checked(group: Resource, check: &HealthCheck, protocol: &str) -> Resource {
    let path = match &check.probe.value {
        Probe::Text(path) => Some(path.clone()),
        Probe::Command(_) => None,
    };
    let is_grpc = protocol == "grpc";
    let codes = if is_grpc { "GrpcCode" } else { "HttpCode" };
    let mut group = group
        .with_some("HealthCheckPath", path)
        .with_origin("HealthCheckPath", &check.probe)
        .with_some("HealthCheckProtocol", (protocol == "https").then_some("HTTPS"))
        .with_some("Matcher", (is_grpc && check.codes.is_none()).then(|| cfn!({ "GrpcCode": GRPC_OK })))
        .set("Matcher", &check.codes, |set| Value::Map([(codes.to_owned(), set.as_str().into())].into_iter().collect()))
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
        if lowering.context.routed_service(service, at).is_none() {
            continue;
        }
        let LoadBalancerAttachment { alb, route, .. } = &behind.value;
        let route = route.as_ref();
        for (listener, _) in service.listeners_behind(alb, lowering.context) {
            match service.rule_at(at, &listener, lowering.context) {
                None => prerequisites.extend(listener.made),
                Some((id, priority)) => {
                    let actions = forward(alb, route, action(service, service.target_group_at(at)));
                    rules.push((id.clone(), rule(route, &behind.origin, listener.arn, priority, actions)));
                    prerequisites.push(id);
                }
            }
        }
    }
    rules.sort_by(|(one, _), (other, _)| one.cmp(other));
    rules.into_iter().for_each(|(id, rule)| lowering.add(id, rule));
    prerequisites
}

/// Returns the entries of the service's `LoadBalancers`.
pub(super) fn registrations(service: &Rc<FargateService>, context: &LoweringContext) -> Vec<Value> {
    let registration = |target: ServiceTarget<'_>| {
        cfn!({
            "ContainerName": target.container.name.value.as_str(),
            "ContainerPort": target.port,
            "TargetGroupArn": Ref::to(target.group()),
        })
    };
    let all = targets::all(service).into_iter().map(registration).chain(nlb_targets::registrations(service)).collect();
    shifting::complete(service, all, context)
}

/// Returns the target group whose requests are counted, with the name of its load balancer in metrics.
pub(super) fn counted_group(service: &FargateService) -> Option<(LogicalId, TemplateString)> {
    let target = targets::all(service).into_iter().next()?;
    Some((target.group(), target.behind.value.alb.known_full_name()?))
}

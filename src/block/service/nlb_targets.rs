//! The targets of a service behind Network Load Balancers, with their target groups.

use super::{FargateService, NlbAttachment, alternate, targets};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::nlb::{Listener, Transport};
use crate::block::range_checks::is_port;
use crate::block::{HealthCheck, NlbPort, Probe, Vpc};
use crate::cfn;
use crate::cfn::type_names::TARGET_GROUP;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// A target group of a service behind a Network Load Balancer.
struct NlbTarget<'a> {
    behind: &'a WithOrigin<NlbAttachment>,
    group: LogicalId,
    container: String,
    port: i64,
    transport: Transport,
}

impl FargateService {
    /// Returns the logical id of the target group that takes the connections of a listener; none if a `behind` setting is for
    /// other listeners.
    pub(crate) fn nlb_target_group(&self, at: usize, listener: &Listener<'_>) -> Option<LogicalId> {
        let behind = &self.nlb[at];
        let takes = match &behind.value.listener {
            None => true,
            Some(NlbPort::Port(port)) => {
                *port == listener.port || self.test_port().is_some_and(|test| test.value == listener.port)
            }
            Some(NlbPort::Route) => false,
        };
        let target = takes.then(|| target(self, behind, listener.transport).ok()).flatten()?;
        Some(target.group)
    }
}

fn target<'a>(
    service: &'a FargateService,
    behind: &'a WithOrigin<NlbAttachment>,
    transport: Transport,
) -> Result<NlbTarget<'a>, Diagnostic> {
    let place = targets::place(service, behind.value.target.as_ref(), &behind.origin)?;
    let nlb = &behind.value.nlb;
    let (own, other) = (service.name.value.stem(), nlb.name.value.stem());
    let other = if own == other { String::new() } else { other };
    let scheme = if nlb.internal.is_some() { "Internal" } else { "" };
    let (which, role) = (place.which(service), transport.role());
    let group = format!("{own}{other}Nlb{which}{role}{scheme}TargetGroup").into();
    let container = place.container.name.value.as_str().to_owned();
    Ok(NlbTarget { behind, group, container, port: place.port, transport })
}

/// Returns the target groups, each once, in the order of their logical ids.
fn all(service: &FargateService) -> Vec<NlbTarget<'_>> {
    let mut found: Vec<NlbTarget<'_>> = Vec::new();
    for (at, behind) in service.nlb.iter().enumerate() {
        for listener in behind.value.nlb.listeners() {
            let takes = service.nlb_target_group(at, &listener).is_some();
            let made = takes.then(|| target(service, behind, listener.transport).ok()).flatten();
            found.extend(made.filter(|made| !found.iter().any(|known| known.group == made.group)));
        }
    }
    found.sort_by(|one, other| one.group.cmp(&other.group));
    found
}

/// Returns the entries of the service's `LoadBalancers`.
pub(super) fn registrations(service: &FargateService) -> Vec<Value> {
    let registration = |target: NlbTarget<'_>| {
        cfn!({
            "ContainerName": target.container,
            "ContainerPort": target.port,
            "TargetGroupArn": Ref::to(target.group),
        })
    };
    all(service).into_iter().map(registration).collect()
}

/// Returns the ports of the main container that get packets of UDP, each with whether connections of TCP come too.
pub(super) fn udp_ports(service: &FargateService) -> Vec<(i64, bool)> {
    let main = service.task.main.name.value.as_str();
    let targets: Vec<NlbTarget<'_>> = all(service).into_iter().filter(|target| target.container == main).collect();
    let takes = |port: i64, protocol: &str| {
        targets.iter().any(|target| target.port == port && target.transport.ip_protocols().contains(&protocol))
    };
    let ports: std::collections::BTreeSet<i64> = targets.iter().map(|target| target.port).collect();
    ports.into_iter().filter(|port| takes(*port, "udp")).map(|port| (port, takes(port, "tcp"))).collect()
}

/// Returns the target groups, each with the name of the load balancer in metrics.
pub(crate) fn groups(service: &FargateService) -> Vec<(LogicalId, TemplateString)> {
    let known = |target: NlbTarget<'_>| {
        let balancer = target.behind.value.nlb.full_name();
        let alternate = service.shifts().then(|| (alternate(&target.group), balancer.clone()));
        std::iter::once((target.group, balancer)).chain(alternate)
    };
    all(service).into_iter().flat_map(known).collect()
}

/// Returns the rules of the service's security group, each with the setting behind it.
pub(super) fn ingress(service: &FargateService) -> Vec<(Value, &WithOrigin<NlbAttachment>)> {
    let mut rules: Vec<(Value, &WithOrigin<NlbAttachment>)> = Vec::new();
    for target in all(service) {
        let checked = health_check(service, &target).and_then(|check| check.value.port.as_ref()).map(|port| port.value);
        let traffic = target.transport.ip_protocols().iter().map(|protocol| (target.port, *protocol));
        // Health checks are connections of TCP.
        let check = std::iter::once((checked.unwrap_or(target.port), "tcp"));
        for (port, protocol) in traffic.chain(check).filter(|(port, _)| is_port(*port)) {
            let rule = cfn!({
                "Description": "Load balancer to target",
                "FromPort": port,
                "IpProtocol": protocol,
                "SourceSecurityGroupId": target.behind.value.nlb.security_group_id(),
                "ToPort": port,
            });
            if !rules.iter().any(|(known, _)| *known == rule) {
                rules.push((rule, target.behind));
            }
        }
    }
    rules
}

/// Adds the target groups. Returns the listeners, which are created before a task is registered.
pub(super) fn lower(service: &FargateService, vpc: &Vpc, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
    for target in all(service) {
        let made = target_group(service, &target, vpc);
        if service.shifts() {
            lowering.add(alternate(&target.group), made.clone());
        }
        lowering.add(target.group.clone(), made);
    }
    listeners(service).into_iter().map(|(behind, listener, _)| behind.value.nlb.listener_id(listener.port)).collect()
}

/// Returns the listeners whose connections the service takes, each with its setting and target group.
pub(super) fn listeners(service: &FargateService) -> Vec<(&WithOrigin<NlbAttachment>, Listener<'_>, LogicalId)> {
    let mut found = Vec::new();
    for (at, behind) in service.nlb.iter().enumerate() {
        for listener in behind.value.nlb.listeners() {
            if let Some(group) = service.nlb_target_group(at, &listener) {
                found.push((behind, listener, group));
            }
        }
    }
    found
}

/// Returns the health check of a target: its own, else that of the service.
fn health_check<'a>(service: &'a FargateService, target: &NlbTarget<'a>) -> Option<&'a WithOrigin<HealthCheck>> {
    match &target.behind.value.target {
        Some(set) => set.health_check.as_ref(),
        None => service.target.health_check.as_ref(),
    }
}

fn target_group(service: &FargateService, target: &NlbTarget<'_>, vpc: &Vpc) -> Resource {
    let own = target.behind.value.target.as_ref();
    let drain = own.and_then(|set| set.drain.as_ref()).or(service.target.drain.as_ref());
    let seconds = drain.map_or(crate::block::target::DEREGISTRATION_DELAY, |set| set.value);
    let mut attributes = vec![("deregistration_delay.timeout_seconds", seconds.to_string())];
    if own.and_then(|set| set.sticky.as_ref()).is_some() {
        attributes.push(("stickiness.enabled", "true".to_owned()));
        attributes.push(("stickiness.type", "source_ip".to_owned()));
    }
    let preserve = &target.behind.value.nlb.preserve_client_ip;
    if preserve.is_some() {
        attributes.push(("preserve_client_ip.enabled", "true".to_owned()));
    }
    let preserve_at = attributes.len() - 1;
    let attributes: Vec<Value> =
        attributes.into_iter().map(|(key, value)| cfn!({ "Key": key, "Value": value })).collect();
    let group = Resource::new(TARGET_GROUP, target.behind.origin.clone())
        .with("Port", target.port)
        .with("Protocol", target.transport.name())
        .with("TargetType", "ip")
        .with("VpcId", vpc.id())
        .with("TargetGroupAttributes", attributes)
        .with_origin("TargetGroupAttributes.0", drain)
        .with_origin(&format!("TargetGroupAttributes.{preserve_at}"), preserve)
        .with_origin_at("VpcId", vpc.id_origin());
    match health_check(service, target) {
        Some(check) => checked(group, &check.value),
        None => group.with("HealthCheckProtocol", "TCP"),
    }
}

/// Sets a health check by HTTP.
fn checked(group: Resource, check: &HealthCheck) -> Resource {
    let path = match &check.probe.value {
        Probe::Text(path) => Some(path.clone()),
        Probe::Command(_) => None,
    };
    let numbers = [
        ("HealthCheckIntervalSeconds", &check.interval),
        ("HealthCheckTimeoutSeconds", &check.timeout),
        ("HealthyThresholdCount", &check.healthy),
        ("UnhealthyThresholdCount", &check.unhealthy),
    ];
    let group = group
        .with("HealthCheckProtocol", "HTTP")
        .with_some("HealthCheckPath", path)
        .with_origin("HealthCheckPath", &check.probe)
        .set("Matcher", &check.codes, |codes| cfn!({ "HttpCode": codes }))
        .set("HealthCheckPort", &check.port, ToString::to_string);
    numbers.into_iter().fold(group, |group, (name, number)| group.set(name, number, |number| *number))
}

/// Returns every problem of the settings behind Network Load Balancers.
pub(super) fn problems(service: &FargateService) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for behind in &service.nlb {
        let nlb = &behind.value.nlb;
        let wrong =
            |message: String, help: &str| Diagnostic::new(Code::NlbListener, message).at(&behind.origin, "").help(help);
        match &behind.value.listener {
            Some(NlbPort::Route) => problems.push(wrong(
                "a Network Load Balancer knows no paths and hosts".to_owned(),
                "name the port of a listener: `.behind(nlb, 443)`",
            )),
            Some(NlbPort::Port(port)) if !nlb.listeners().iter().any(|listener| listener.port == *port) => {
                let message = format!("`{}` does not listen on port {port}", nlb.name.value);
                problems.push(wrong(message, "name the port of a listener, or add one: `.listen(port)`"));
            }
            _ => {}
        }
        problems.extend(target(service, behind, Transport::Tcp).err());
        let target = behind.value.target.as_ref();
        let http_only = target.is_some_and(|target| {
            target.protocol.is_some()
                || target.slow_start.is_some()
                || target.algorithm.is_some()
                || target.anomaly_mitigation.is_some()
        });
        if http_only {
            let message = "protocols, slow start and algorithms are for Application Load Balancers".to_owned();
            problems.push(wrong(message, "leave them out of this `Target`"));
        }
    }
    problems
}

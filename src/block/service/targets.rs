//! The targets of a service: which port of which container each load balancer sends requests to.

use super::{FargateService, LoadBalancerAttachment};
use crate::block::range_checks::is_port;
use crate::block::target::TargetPort;
use crate::block::{Alb, Container, Target};
use crate::cfn::LogicalId;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};

/// The port of a container behind a load balancer that names none.
pub(super) const DEFAULT_PORT: i64 = 80;

/// A container and port of a service behind one load balancer. It has one target group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServiceTarget<'a> {
    pub(super) service: &'a FargateService,
    /// The first `behind` setting that sends requests to it.
    pub(super) behind: &'a WithOrigin<LoadBalancerAttachment>,
    pub(super) container: &'a Container,
    pub(super) port: i64,
}

impl<'a> ServiceTarget<'a> {
    /// Returns whether it is the port of the main container.
    pub(super) fn is_own(&self) -> bool {
        std::ptr::eq(self.container, &raw const self.service.task.main) && self.port == own_port(self.service)
    }

    /// Returns whether the settings of the service are those of this target: it is the port of the main container, or the only
    /// target, such as a proxy in front of the program.
    pub(super) fn is_main(&self) -> bool {
        let is_same = |other: &Self| std::ptr::eq(self.container, other.container) && self.port == other.port;
        let others = || self.service.behind.iter().filter_map(|behind| resolve(self.service, behind).ok());
        self.is_own() || others().all(|other| is_same(&other))
    }

    /// Returns a setting: that of the target, or that of the service if the target is its main one.
    pub(crate) fn set<T>(&self, of: impl Fn(&'a Target) -> &'a Option<WithOrigin<T>>) -> Option<&'a WithOrigin<T>> {
        let set = self.behind.value.target.as_ref().and_then(|target| of(target).as_ref());
        set.or_else(|| of(&self.service.target).as_ref().filter(|_| self.is_main()))
    }

    /// Returns the deregistration delay: that of the service is for each of its targets.
    pub(crate) fn drain(&self) -> Option<&'a WithOrigin<i64>> {
        self.set(|target| &target.drain).or(self.service.target.drain.as_ref())
    }

    /// Returns the logical id of its target group.
    ///
    /// A target group belongs to one load balancer at a time (Elastic Load Balancing, "Target groups"). Its id has the name
    /// of the load balancer and its scheme, so that it is replaced together with a load balancer whose scheme changes.
    pub(super) fn group(&self) -> LogicalId {
        let place = TargetPlace { container: self.container, port: self.port };
        group_id(self.service, &self.behind.value.alb, &place.which(self.service))
    }

    /// Returns the port that the load balancer checks, if it is another one.
    pub(super) fn checked_port(&self) -> Option<i64> {
        let port = self.set(|target| &target.health_check)?.value.port.as_ref()?.value;
        (port != self.port).then_some(port)
    }
}

fn group_id(service: &FargateService, alb: &Alb, which: &str) -> LogicalId {
    let scheme = if alb.internal.is_some() { "Internal" } else { "" };
    format!("{}{which}{scheme}TargetGroup", service.stem_with(alb)).into()
}

fn own_port(service: &FargateService) -> i64 {
    service.container_port().unwrap_or(DEFAULT_PORT)
}

/// Returns the port of a container that a target without a port is.
fn default_port(service: &FargateService, container: &Container) -> Option<i64> {
    if std::ptr::eq(container, &raw const service.task.main) {
        return Some(own_port(service));
    }
    container.listening_port()
}

/// A container of a task, with one of its ports.
#[derive(Debug, Clone, Copy)]
pub(super) struct TargetPlace<'a> {
    pub(super) container: &'a Container,
    pub(super) port: i64,
}

impl TargetPlace<'_> {
    /// Returns the part of a logical id that names the container and the port; empty for the port of the main container.
    pub(super) fn which(&self, service: &FargateService) -> String {
        let mut which = String::new();
        if !std::ptr::eq(self.container, &raw const service.task.main) {
            which += &self.container.name.value.stem();
        }
        if self.port != default_port(service, self.container).unwrap_or(DEFAULT_PORT) {
            which += &format!("Port{}", self.port);
        }
        which
    }
}

/// Returns the container and the port of a target that is set at `origin`.
///
/// # Errors
///
/// The diagnostic of a container or port that the task does not have.
pub(super) fn place<'a>(
    service: &'a FargateService,
    target: Option<&Target>,
    origin: &Origin,
) -> Result<TargetPlace<'a>, Diagnostic> {
    let container = container(service, target.and_then(|target| target.container.as_ref()))?;
    let port = match target.and_then(|target| target.port.as_ref()) {
        Some(port) => port_of(service, container, port)?,
        None => default_port(service, container).ok_or_else(|| without_port(container, origin))?,
    };
    Ok(TargetPlace { container, port })
}

/// Returns the target of one `behind` setting.
///
/// # Errors
///
/// The diagnostic of a container or port that the task does not have.
pub(super) fn resolve<'a>(
    service: &'a FargateService,
    behind: &'a WithOrigin<LoadBalancerAttachment>,
) -> Result<ServiceTarget<'a>, Diagnostic> {
    let TargetPlace { container, port } = place(service, behind.value.target.as_ref(), &behind.origin)?;
    Ok(ServiceTarget { service, behind, container, port })
}

fn container<'a>(
    service: &'a FargateService,
    wanted: Option<&WithOrigin<String>>,
) -> Result<&'a Container, Diagnostic> {
    let Some(wanted) = wanted else { return Ok(&service.task.main) };
    let mut all = service.task.containers();
    all.find(|container| container.name.value.as_str() == wanted.value).ok_or_else(|| {
        let names = service.task.containers().map(|container| container.name.value.as_str());
        Diagnostic::new(Code::UnknownContainer, format!("the task has no container `{}`", wanted.value))
            .at(&wanted.origin, "")
            .help_if(did_you_mean(&wanted.value, names))
            .note(service.task.container_list())
    })
}

fn port_of(
    service: &FargateService,
    container: &Container,
    wanted: &WithOrigin<TargetPort>,
) -> Result<i64, Diagnostic> {
    let name = container.name.value.as_str();
    match &wanted.value {
        TargetPort::Number(port) => {
            let mut known: Vec<i64> = default_port(service, container).into_iter().chain(container.ports()).collect();
            known.dedup();
            if known.contains(port) {
                return Ok(*port);
            }
            let message = format!("the container `{name}` does not open port {port}");
            let listed = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let problem = Diagnostic::new(Code::UndefinedContainerPort, message).at(&wanted.origin, "");
            Err(problem.help_if((!known.is_empty()).then(|| format!("its ports: {listed}"))))
        }
        TargetPort::Name(port) => {
            if let Some(named) = container.named_port.iter().find(|named| named.value.name == *port) {
                return Ok(named.value.port);
            }
            let names = container.named_port.iter().map(|named| named.value.name.as_str());
            let similar = did_you_mean(port, names);
            let message = format!("the container `{name}` has no port named `{port}`");
            let help = similar.unwrap_or_else(|| format!("add `.port(\"{port}\", 9090)` to the container"));
            Err(Diagnostic::new(Code::UndefinedContainerPort, message).at(&wanted.origin, "").help(help))
        }
    }
}

fn without_port(container: &Container, origin: &Origin) -> Diagnostic {
    let message = format!("the container `{}` has no port that receives requests", container.name.value);
    Diagnostic::new(Code::UndefinedContainerPort, message)
        .at(origin, "its target")
        .at(&container.name.origin, "the container")
        .help("add `.port(8080)` to the container")
}

/// Returns the targets of a service, each once, ordered by load balancer and target group.
pub(super) fn all(service: &FargateService) -> Vec<ServiceTarget<'_>> {
    let mut found: Vec<(LogicalId, LogicalId, ServiceTarget<'_>)> = Vec::new();
    // A setting without a target is reported by the checks.
    for target in service.behind.iter().filter_map(|behind| resolve(service, behind).ok()) {
        let (alb, group) = (target.behind.value.alb.logical_id(), target.group());
        if !found.iter().any(|(_, known, _)| *known == group) {
            found.push((alb, group, target));
        }
    }
    found.sort_by(|(alb, group, one), (other_alb, other_group, other)| {
        (alb, !one.is_own(), group).cmp(&(other_alb, !other.is_own(), other_group))
    });
    found.into_iter().map(|(.., target)| target).collect()
}

/// Returns the ports that load balancers reach, each once for a load balancer: those of targets, and those of health checks.
pub(super) fn reachable_ports(service: &FargateService) -> Vec<(&WithOrigin<LoadBalancerAttachment>, i64)> {
    let mut ports: Vec<(&WithOrigin<LoadBalancerAttachment>, i64)> = Vec::new();
    for target in all(service) {
        // A port out of range is reported once, where it is set.
        for port in std::iter::once(target.port).chain(target.checked_port()).filter(|port| is_port(*port)) {
            let alb = target.behind.value.alb.logical_id();
            if !ports.iter().any(|(known, at)| *at == port && known.value.alb.logical_id() == alb) {
                ports.push((target.behind, port));
            }
        }
    }
    ports
}

impl FargateService {
    /// Returns the logical id of the target group of its own port for a load balancer.
    pub(crate) fn target_group(&self, alb: &Alb) -> LogicalId {
        group_id(self, alb, "")
    }

    /// Returns the logical id of the target group of a `behind` setting.
    pub(crate) fn target_group_at(&self, at: usize) -> LogicalId {
        let behind = &self.behind[at];
        resolve(self, behind).map_or_else(|_| self.target_group(&behind.value.alb), |target| target.group())
    }

    /// Returns the stem of the logical ids of what connects the service with a load balancer.
    pub(super) fn stem_with(&self, alb: &Alb) -> String {
        let (own, other) = (self.name.value.stem(), alb.name.value.stem());
        if own == other { own } else { format!("{own}{other}") }
    }
}

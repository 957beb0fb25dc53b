//! An ECS service on Fargate.

mod before_deploy;
mod checks;
mod deployment;
mod load_balancing;
mod nlb_targets;
pub(super) mod reachability;
mod scaling;
mod shifting;
mod target_pair;
mod targets;

pub(crate) use target_pair::{action, alternate, test_ports};
pub(crate) use targets::ServiceTarget;

use std::ops::RangeInclusive;
use std::rc::Rc;

use super::task::Task;
use super::{
    AlarmSet, Alb, BeforeDeploy, DeploymentStrategy, EarlySuccess, Flag, Gunicorn, IntOrRef, Name, Nlb, NlbPort, Route,
    Scaling, ServiceCall, Target,
};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// A service: its task, and what brings traffic to the tasks and changes their number.
#[derive(Debug, Clone, PartialEq)]
pub struct FargateService {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The tasks: their containers, size, network and roles.
    pub task: Task,
    /// Settings of Gunicorn, as environment variables of the main container.
    pub gunicorn: Option<WithOrigin<Gunicorn>>,
    /// The load balancers that forward requests to it.
    pub behind: Vec<WithOrigin<LoadBalancerAttachment>>,
    /// The Network Load Balancers that forward connections to it.
    pub nlb: Vec<WithOrigin<NlbAttachment>>,
    /// The settings of the target group of its own port.
    pub target: Target,
    /// The scaling of the number of tasks.
    pub scaling: Option<WithOrigin<Scaling>>,
    /// A fixed number of tasks, 1 unless set.
    pub count: Option<WithOrigin<IntOrRef>>,
    /// Services that it calls.
    pub calls: Vec<WithOrigin<ServiceCall>>,
    /// Sources that may call it, besides its load balancers.
    pub allow_from: Vec<WithOrigin<AllowedSource>>,
    /// The weight of `FARGATE_SPOT`, next to a weight of 1 for `FARGATE`.
    pub spot: Option<WithOrigin<i64>>,
    /// Seconds after a task's start in which the load balancer's verdict does not count.
    pub grace_period: Option<WithOrigin<i64>>,
    /// The least and the most healthy tasks during a deployment, in percent; `100..=200` unless set.
    pub healthy_percent: Option<WithOrigin<RangeInclusive<i64>>>,
    /// Failed tasks after which a deployment is rolled back.
    pub circuit_breaker: Option<WithOrigin<i64>>,
    /// Whether failed tasks never end a deployment.
    pub no_circuit_breaker: Flag,
    /// The deployment strategies; more than one is an error.
    pub strategy: Vec<WithOrigin<DeploymentStrategy>>,
    /// The part of the new tasks with which a deployment is complete.
    pub early_success: Option<WithOrigin<EarlySuccess>>,
    /// Names of CloudWatch alarms that roll a deployment back.
    pub alarm: Vec<WithOrigin<TemplateString>>,
    /// The usual alarms.
    pub alarms: Option<WithOrigin<AlarmSet>>,
    /// The jobs and commands that run before the services of the stack change.
    pub before_deploy: Vec<WithOrigin<BeforeDeploy>>,
}

/// A load balancer that forwards requests to a service: all of them, or those of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBalancerAttachment {
    /// The load balancer.
    pub alb: Rc<Alb>,
    /// The requests; all when absent.
    pub route: Option<Route>,
    /// The container and port that get them; the main container's port when absent.
    pub target: Option<Target>,
}

/// A Network Load Balancer in front of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct NlbAttachment {
    /// The load balancer.
    pub nlb: Rc<Nlb>,
    /// The port of one of its listeners; all of them when absent.
    pub listener: Option<NlbPort>,
    /// The container and port that get the connections; the main container's port when absent.
    pub target: Option<Target>,
}

/// A source that a service admits: `.allow_from(source, port)`.
#[derive(Debug, Clone, PartialEq)]
pub struct AllowedSource {
    /// A block of addresses, the id of a security group, or that of a prefix list.
    pub source: TemplateString,
    /// The port, unless it is that of the main container.
    pub port: Option<i64>,
}

impl AllowedSource {
    /// Returns the property of a rule for the source.
    fn property(&self) -> &'static str {
        let attribute = self.source.as_reference().and_then(|reference| reference.attribute.as_deref());
        if attribute == Some("CidrBlock") {
            return "CidrIp";
        }
        match self.source.as_str() {
            Some(text) if text.starts_with("pl-") => "SourcePrefixListId",
            Some(text) if text.contains('/') && text.contains(':') => "CidrIpv6",
            Some(text) if text.contains('/') => "CidrIp",
            _ => "SourceSecurityGroupId",
        }
    }
}

impl FargateService {
    /// Creates a service of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            task: Task::new(name.clone()),
            name,
            gunicorn: None,
            behind: Vec::new(),
            nlb: Vec::new(),
            target: Target::default(),
            scaling: None,
            count: None,
            calls: Vec::new(),
            allow_from: Vec::new(),
            spot: None,
            grace_period: None,
            healthy_percent: None,
            circuit_breaker: None,
            no_circuit_breaker: None,
            strategy: Vec::new(),
            early_success: None,
            alarm: Vec::new(),
            alarms: None,
            before_deploy: Vec::new(),
        }
    }

    /// Returns a logical id of what the service makes: its stem and a role.
    pub(crate) fn part(&self, role: &str) -> LogicalId {
        self.task.part(role)
    }

    /// Returns the logical id of the service.
    pub fn logical_id(&self) -> LogicalId {
        self.part("Service")
    }

    /// Returns the logical id of its security group.
    pub fn security_group(&self) -> LogicalId {
        self.part("ServiceSecurityGroup")
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Name").into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns the ARN of its target group for a load balancer.
    pub fn target_group_arn(&self, alb: &Alb) -> TemplateString {
        Ref::to(self.target_group(alb)).into()
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        Ref::attribute(self.security_group(), "GroupId").into()
    }
}

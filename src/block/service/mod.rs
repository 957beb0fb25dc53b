//! An ECS service on Fargate.

mod checks;
mod containers;
mod deployment;
mod load_balancing;
mod network;
mod reachability;
mod roles;
mod scaling;
mod secrets;
mod task_definition;

use std::ops::RangeInclusive;
use std::rc::Rc;

use super::{Alb, Block, Cluster, Container, Flag, Gunicorn, HealthCheck, IntOrRef, Name, Override, Route, Scaling};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// A service: a task definition, its roles and logs, and what brings traffic and changes the number of tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct FargateService {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The main container, named `web`: image, env, secret, command, entrypoint, user, port, health check, root.
    pub web: Container,
    /// The cluster; else that of the stack.
    pub cluster: Option<WithOrigin<Rc<Cluster>>>,
    /// CPU units of a task, 256 unless set.
    pub cpu: Option<WithOrigin<IntOrRef>>,
    /// MiB of memory of a task, 512 unless set.
    pub memory: Option<WithOrigin<IntOrRef>>,
    /// Whether tasks run on Graviton.
    pub arm64: Flag,
    /// Settings of Gunicorn, as environment variables of the main container.
    pub gunicorn: Option<WithOrigin<Gunicorn>>,
    /// The load balancers that forward requests to it.
    pub behind: Vec<WithOrigin<LoadBalancerAttachment>>,
    /// The health check of its target group.
    pub health_check: Option<WithOrigin<HealthCheck>>,
    /// The scaling of the number of tasks.
    pub scaling: Option<WithOrigin<Scaling>>,
    /// A fixed number of tasks, 1 unless set.
    pub count: Option<WithOrigin<IntOrRef>>,
    /// The permissions of the task.
    pub allow: Vec<WithOrigin<Permission>>,
    /// Further permissions of the execution role, with which ECS starts a task.
    pub allow_execution: Vec<WithOrigin<Permission>>,
    /// Services that it calls.
    pub calls: Vec<WithOrigin<Rc<FargateService>>>,
    /// Sources that may call it, besides its load balancers.
    pub allow_from: Vec<WithOrigin<AllowedSource>>,
    /// ARNs of managed policies of the task's role.
    pub managed_policy: Vec<WithOrigin<TemplateString>>,
    /// Whether tasks have public addresses.
    pub public_ip: Flag,
    /// `public` or `private`.
    pub subnets: Option<WithOrigin<String>>,
    /// Ids of further security groups.
    pub security_group: Vec<WithOrigin<TemplateString>>,
    /// The weight of `FARGATE_SPOT`, next to a weight of 1 for `FARGATE`.
    pub spot: Option<WithOrigin<i64>>,
    /// Containers next to the main one.
    pub sidecar: Vec<WithOrigin<Container>>,
    /// Days that logs are kept, 30 unless set.
    pub log_retention: Option<WithOrigin<i64>>,
    /// GiB of ephemeral storage of a task.
    pub ephemeral_storage: Option<WithOrigin<i64>>,
    /// File systems mounted into the main container.
    pub efs: Vec<WithOrigin<EfsMount>>,
    /// Seconds between SIGTERM and SIGKILL.
    pub stop_timeout: Option<WithOrigin<i64>>,
    /// Seconds that a stopping task may take to finish its requests, 30 unless set.
    pub drain: Option<WithOrigin<i64>>,
    /// Seconds after a task's start in which the load balancer's verdict does not count.
    pub grace_period: Option<WithOrigin<i64>>,
    /// The least and the most healthy tasks during a deployment, in percent; `100..=200` unless set.
    pub healthy_percent: Option<WithOrigin<RangeInclusive<i64>>>,
    /// Failed tasks after which a deployment is rolled back.
    pub circuit_breaker: Option<WithOrigin<i64>>,
    /// Whether failed tasks never end a deployment.
    pub no_circuit_breaker: Flag,
    /// Names of CloudWatch alarms that roll a deployment back.
    pub alarm: Vec<WithOrigin<TemplateString>>,
    /// Whether `aws ecs execute-command` works.
    pub exec: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes: `.override(type, map)`.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// A load balancer that forwards requests to a service: all of them, or those of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadBalancerAttachment {
    /// The load balancer.
    pub alb: Rc<Alb>,
    /// The requests; all when absent.
    pub route: Option<Route>,
}

/// A permission of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Permission {
    /// Actions of IAM: `s3:GetObject`.
    pub actions: Vec<TemplateString>,
    /// ARNs of resources, or `*`.
    pub resources: Vec<TemplateString>,
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

/// A file system of EFS mounted into a container.
#[derive(Debug, Clone, PartialEq)]
pub struct EfsMount {
    /// The path at which it is mounted.
    pub path: String,
    /// Its id.
    pub file_system_id: TemplateString,
    /// The id of the access point.
    pub access_point: Option<TemplateString>,
}

impl FargateService {
    /// Creates a service of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        let web = Name::parse("web").expect("`web` is a name");
        Self {
            web: Container::new(WithOrigin::new(web, name.origin.clone())),
            name,
            cluster: None,
            cpu: None,
            memory: None,
            arm64: None,
            gunicorn: None,
            behind: Vec::new(),
            health_check: None,
            scaling: None,
            count: None,
            allow: Vec::new(),
            allow_execution: Vec::new(),
            calls: Vec::new(),
            allow_from: Vec::new(),
            managed_policy: Vec::new(),
            public_ip: None,
            subnets: None,
            security_group: Vec::new(),
            spot: None,
            sidecar: Vec::new(),
            log_retention: None,
            ephemeral_storage: None,
            efs: Vec::new(),
            stop_timeout: None,
            drain: None,
            grace_period: None,
            healthy_percent: None,
            circuit_breaker: None,
            no_circuit_breaker: None,
            alarm: Vec::new(),
            exec: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns a logical id of what the service makes: its stem and a role.
    pub(crate) fn part(&self, role: &str) -> LogicalId {
        format!("{}{role}", self.name.value.stem()).into()
    }

    /// Returns the logical id of the service.
    pub fn logical_id(&self) -> LogicalId {
        self.part("Service")
    }

    /// Returns the logical id of its security group.
    pub fn security_group(&self) -> LogicalId {
        self.part("ServiceSecurityGroup")
    }

    /// Returns the logical id of its task's role.
    pub fn task_role(&self) -> LogicalId {
        self.part("TaskRole")
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Name").into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        Ref::attribute(self.security_group(), "GroupId").into()
    }

    /// Returns the ARN of its task's role.
    pub fn task_role_arn(&self) -> TemplateString {
        Ref::attribute(self.task_role(), "Arn").into()
    }
}

//! A task on Fargate: its containers, size, network and roles, for everything that runs tasks.
//!
//! A service and a job have a [`Task`]. It is lowered with a [`TaskOwner`], which says whose it is: the stem of the logical
//! ids, the word for it in messages, and what the owner adds to the main container.
//!
//! *Invariant*: nothing here knows a service or a job.

mod checks;
mod container;
mod container_definition;
mod definition;
mod lower;
mod network;
mod owner;
mod roles;
mod secrets;
mod volumes;

pub(crate) use checks::health::{HealthCheckLimits, check_of};
pub use container::{Container, ContainerDependency, EfsMount, EnvVar, Secret};
pub(crate) use network::NetworkPlacement;
pub(crate) use owner::TaskOwner;

use std::rc::Rc;

use super::link::Link;
use super::{Block, Cluster, Flag, IntOrRef, Name, Override};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// The tasks of a service or a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The name of the service or job.
    pub name: WithOrigin<Name>,
    /// The main container, named `web`.
    pub main: Container,
    /// Containers next to the main one.
    pub sidecar: Vec<WithOrigin<Container>>,
    /// The cluster; else that of the stack.
    pub cluster: Option<WithOrigin<Rc<Cluster>>>,
    /// CPU units, 256 unless set.
    pub cpu: Option<WithOrigin<IntOrRef>>,
    /// MiB of memory, 512 unless set.
    pub memory: Option<WithOrigin<IntOrRef>>,
    /// Whether it runs on Graviton.
    pub arm64: Flag,
    /// GiB of ephemeral storage.
    pub ephemeral_storage: Option<WithOrigin<i64>>,
    /// The permissions of the task role.
    pub allow: Vec<WithOrigin<Permission>>,
    /// Further permissions of the execution role, with which ECS starts a task.
    pub allow_execution: Vec<WithOrigin<Permission>>,
    /// ARNs of managed policies of the task role.
    pub managed_policy: Vec<WithOrigin<TemplateString>>,
    /// Whether it has a public address.
    pub public_ip: Flag,
    /// `public` or `private`.
    pub subnets: Option<WithOrigin<String>>,
    /// Ids of further security groups.
    pub security_group: Vec<WithOrigin<TemplateString>>,
    /// Days that logs are kept, 30 unless set.
    pub log_retention: Option<WithOrigin<i64>>,
    /// Whether `aws ecs execute-command` works.
    pub exec: Flag,
    /// The blocks that it uses.
    pub link: Vec<WithOrigin<Link>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes: `.override(type, map)`.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// A permission of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Permission {
    /// Actions of IAM: `s3:GetObject`.
    pub actions: Vec<TemplateString>,
    /// ARNs of resources, or `*`.
    pub resources: Vec<TemplateString>,
}

impl Task {
    /// Creates the task of a service or a job of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        let main = Name::parse("web").expect("`web` is a name");
        Self {
            main: Container::new(WithOrigin::new(main, name.origin.clone())),
            name,
            sidecar: Vec::new(),
            cluster: None,
            cpu: None,
            memory: None,
            arm64: None,
            ephemeral_storage: None,
            allow: Vec::new(),
            allow_execution: Vec::new(),
            managed_policy: Vec::new(),
            public_ip: None,
            subnets: None,
            security_group: Vec::new(),
            log_retention: None,
            exec: None,
            link: Vec::new(),
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns a logical id of what belongs to the task: its stem and a role.
    pub(crate) fn part(&self, role: &str) -> LogicalId {
        format!("{}{role}", self.name.value.stem()).into()
    }

    /// Returns the logical id of the task definition.
    pub(crate) fn definition_id(&self) -> LogicalId {
        self.part("Task")
    }

    /// Returns the logical id of the log group.
    pub(crate) fn logs_id(&self) -> LogicalId {
        self.part("Logs")
    }

    /// Returns the logical id of the task role.
    pub(crate) fn task_role_id(&self) -> LogicalId {
        self.part("TaskRole")
    }

    /// Returns the logical id of the execution role.
    pub(crate) fn execution_role_id(&self) -> LogicalId {
        self.part("ExecutionRole")
    }

    /// Returns the ARN of the task role.
    pub fn task_role_arn(&self) -> TemplateString {
        Ref::attribute(self.task_role_id(), "Arn").into()
    }

    /// Returns the ARN of the execution role.
    pub fn execution_role_arn(&self) -> TemplateString {
        Ref::attribute(self.execution_role_id(), "Arn").into()
    }

    /// Returns the blocks that it uses: those that it links, and the file systems that its containers mount.
    pub(crate) fn links(&self) -> Vec<WithOrigin<Link>> {
        let mounts = self.containers().flat_map(|container| &container.efs).filter_map(|mount| {
            let files = mount.value.file_system.clone()?;
            Some(WithOrigin::new(Link::mount(Block::FileSystem(files)), mount.origin.clone()))
        });
        self.link.iter().cloned().chain(mounts).collect()
    }

    /// Returns the setting by which it links a block.
    pub(crate) fn link_of(&self, block: &Block) -> Option<&WithOrigin<Link>> {
        self.link.iter().find(|link| link.value.target.same(block))
    }

    /// Returns the main container, then the sidecars.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &Container> {
        std::iter::once(&self.main).chain(self.sidecar.iter().map(|sidecar| &sidecar.value))
    }
}

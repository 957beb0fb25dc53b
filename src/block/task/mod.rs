//! A task on Fargate: its containers, size, network and roles, for everything that runs tasks.
//!
//! A service and a job have a [`Task`]. It is lowered with a [`TaskOwner`], which says whose it is: the stem of the logical
//! ids, the word for it in messages, and what the owner adds to the main container.
//!
//! *Invariant*: nothing here knows a service or a job.

mod called_services;
mod checks;
mod container;
mod container_builder;
mod container_definition;
mod container_settings;
mod definition;
mod isolation;
mod linux_parameters;
mod logs;
mod lower;
mod mounts;
mod network;
mod owner;
mod ports;
mod roles;
mod secrets;
mod subnets;
mod volumes;

pub(crate) use checks::health::{HealthCheckLimits, check_of};
pub(crate) use checks::not_split;
pub use container::Container;
pub use container_settings::{
    ContainerDependency, EfsMount, EnvVar, LinuxParameter, LogDriver, LogRouter, NamedPort, PortRange, RestartPolicy,
    Secret, SharedVolumes, Ulimit, VolumeMount,
};
pub(crate) use network::NetworkPlacement;
pub(crate) use owner::TaskOwner;

use std::rc::Rc;

use super::link::Link;
use super::{Block, Cluster, Flag, IntOrRef, Name, Override, PropertyOrigins};
use crate::cfn::{LogicalId, Map, Ref, TemplateString, Value};
use crate::diag::WithOrigin;

/// The tasks of a service or a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The name of the service or job.
    pub name: WithOrigin<Name>,
    /// The main container, named as the service or job in kebab-case unless set.
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
    /// The operating system, Linux unless set.
    pub operating_system: Option<WithOrigin<String>>,
    /// Whether the containers see each other's processes: `task`.
    pub pid_mode: Option<WithOrigin<String>>,
    /// Whether the Fault Injection Service may disturb its network.
    pub fault_injection: Flag,
    /// Volumes that containers mount.
    pub volume: Vec<WithOrigin<Volume>>,
    /// GiB of ephemeral storage.
    pub ephemeral_storage: Option<WithOrigin<i64>>,
    /// The ARN of a task role of one's own.
    pub task_role: Option<WithOrigin<TemplateString>>,
    /// The ARN of an execution role of one's own.
    pub execution_role: Option<WithOrigin<TemplateString>>,
    /// The permissions of the task role.
    pub allow: Vec<WithOrigin<Permission>>,
    /// Further permissions of the execution role, with which ECS starts a task.
    pub allow_execution: Vec<WithOrigin<Permission>>,
    /// ARNs of managed policies of the task role.
    pub managed_policy: Vec<WithOrigin<TemplateString>>,
    /// Whether it has a public address.
    pub public_ip: Flag,
    /// The subnets in which it runs.
    pub subnets: Option<WithOrigin<TaskSubnets>>,
    /// Ids of further security groups.
    pub security_group: Vec<WithOrigin<TemplateString>>,
    /// Days that logs are kept, 30 unless set.
    pub log_retention: Option<WithOrigin<i64>>,
    /// The ARN of the key with which `CloudWatch` Logs encrypts the logs.
    pub log_key: Option<WithOrigin<TemplateString>>,
    /// Whether `aws ecs execute-command` works.
    pub exec: Flag,
    /// The blocks that it uses.
    pub link: Vec<WithOrigin<Link>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes: `.override(type, map)`.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// The subnets in which a task runs.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskSubnets {
    /// The subnets of a kind: `public`, `private` or `isolated`.
    Kind(String),
    /// A list of ids, or a list parameter.
    Ids(Value),
}

/// A permission of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Permission {
    /// Actions of IAM: `s3:GetObject`.
    pub actions: Vec<TemplateString>,
    /// ARNs of resources, or `*`.
    pub resources: Vec<TemplateString>,
}

/// A volume that containers of a task mount. Without properties it is a part of the task's own storage.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its properties, as CloudFormation names them: `EFSVolumeConfiguration`.
    pub properties: Map,
    /// The origins of the keys of the properties.
    pub origins: PropertyOrigins,
}

impl Task {
    /// The operating systems of Fargate (ECS developer guide, "Amazon ECS task definition parameters for Fargate").
    pub const OPERATING_SYSTEMS: [&'static str; 7] = [
        "LINUX",
        "WINDOWS_SERVER_2019_CORE",
        "WINDOWS_SERVER_2019_FULL",
        "WINDOWS_SERVER_2022_CORE",
        "WINDOWS_SERVER_2022_FULL",
        "WINDOWS_SERVER_2025_CORE",
        "WINDOWS_SERVER_2025_FULL",
    ];

    /// The CPU units unless set: the smallest size of Fargate.
    pub(crate) const DEFAULT_CPU: i64 = 256;
    /// The MiB of memory unless set.
    pub(crate) const DEFAULT_MEMORY: i64 = 512;

    /// Creates the task of a service or a job of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            main: Container::new(WithOrigin::new(name.value.kebab(), name.origin.clone())),
            name,
            sidecar: Vec::new(),
            cluster: None,
            cpu: None,
            memory: None,
            arm64: None,
            operating_system: None,
            pid_mode: None,
            fault_injection: None,
            volume: Vec::new(),
            ephemeral_storage: None,
            task_role: None,
            execution_role: None,
            allow: Vec::new(),
            allow_execution: Vec::new(),
            managed_policy: Vec::new(),
            public_ip: None,
            subnets: None,
            security_group: Vec::new(),
            log_retention: None,
            log_key: None,
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

    /// Returns the logical ids that the attributes of the task refer to.
    pub(crate) fn logical_ids(&self) -> impl Iterator<Item = LogicalId> {
        self.role_ids().chain([self.definition_id(), self.logs_id()])
    }

    /// Returns the logical ids of the roles that are made.
    pub(crate) fn role_ids(&self) -> impl Iterator<Item = LogicalId> + use<> {
        let task_role = self.task_role.is_none().then(|| self.task_role_id());
        let execution_role = self.execution_role.is_none().then(|| self.execution_role_id());
        task_role.into_iter().chain(execution_role)
    }

    /// Returns the ARN of the task role.
    pub fn task_role_arn(&self) -> TemplateString {
        own_or_made(self.task_role.as_ref(), self.task_role_id())
    }

    /// Returns the ARN of the execution role.
    pub fn execution_role_arn(&self) -> TemplateString {
        own_or_made(self.execution_role.as_ref(), self.execution_role_id())
    }

    /// Returns the ARN of the task definition.
    pub fn definition_arn(&self) -> TemplateString {
        Ref::to(self.definition_id()).into()
    }

    /// Returns the name of the log group.
    pub fn log_group(&self) -> TemplateString {
        Ref::to(self.logs_id()).into()
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

    /// Returns the sentence that lists its containers.
    pub(crate) fn container_list(&self) -> String {
        let names: Vec<&str> = self.containers().map(|container| container.name.value.as_str()).collect();
        format!("it has {}", names.join(", "))
    }

    /// Returns the main container, then the sidecars.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &Container> {
        std::iter::once(&self.main).chain(self.sidecar.iter().map(|sidecar| &sidecar.value))
    }
}

/// Returns the ARN of a role: that of the script, else of the role that is made.
fn own_or_made(own: Option<&WithOrigin<TemplateString>>, made: LogicalId) -> TemplateString {
    own.map_or_else(|| Ref::attribute(made, "Arn").into(), |own| own.value.clone())
}

use std::rc::Rc;

use crate::block::{FileSystem, Flag, HealthCheck, ImageSource, IntOrRef, Name};
use crate::cfn::TemplateString;
use crate::diag::WithOrigin;

/// A container of a task: the main one of a service or job, or a sidecar.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: WithOrigin<Name>,
    /// The image that it runs.
    pub image: Option<WithOrigin<ImageSource>>,
    /// Environment variables; a later one of the same name wins.
    pub env: Vec<WithOrigin<EnvVar>>,
    /// Environment variables whose values are read from Secrets Manager or SSM when the task starts.
    pub secret: Vec<WithOrigin<Secret>>,
    /// The command.
    pub command: Option<WithOrigin<Vec<TemplateString>>>,
    /// The entry point.
    pub entrypoint: Option<WithOrigin<Vec<TemplateString>>>,
    /// The port it listens on.
    pub port: Option<WithOrigin<i64>>,
    /// CPU units of the task reserved for a sidecar.
    pub cpu: Option<WithOrigin<IntOrRef>>,
    /// MiB of the task's memory that a sidecar may use at most.
    pub memory: Option<WithOrigin<IntOrRef>>,
    /// Whether the task stops when it stops; true unless set.
    pub essential: Option<WithOrigin<bool>>,
    /// Containers that it waits for.
    pub depends_on: Vec<WithOrigin<ContainerDependency>>,
    /// The command with which ECS checks its health.
    pub container_health_check: Option<WithOrigin<HealthCheck>>,
    /// The user it runs as.
    pub user: Option<WithOrigin<TemplateString>>,
    /// Whether its root file system is read-only.
    pub read_only_root: Flag,
    /// Seconds between SIGTERM and SIGKILL.
    pub stop_timeout: Option<WithOrigin<i64>>,
    /// File systems that are mounted into it.
    pub efs: Vec<WithOrigin<EfsMount>>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: TemplateString,
}

/// An environment variable filled from a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// The variable's name.
    pub name: String,
    /// The ARN of a secret of Secrets Manager or of a parameter of SSM.
    pub arn: TemplateString,
    /// The key inside a JSON secret.
    pub json_key: Option<String>,
}

/// A container that another one waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerDependency {
    /// The name of the container waited for.
    pub container: String,
    /// `START`, `HEALTHY`, `COMPLETE` or `SUCCESS`, in any case.
    pub condition: String,
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
    /// The block that creates it, if the script has one.
    pub file_system: Option<Rc<FileSystem>>,
}

impl EfsMount {
    /// Returns whether both mount the same file system through the same access point.
    pub(super) fn is_same_volume(&self, other: &Self) -> bool {
        self.file_system_id == other.file_system_id && self.access_point == other.access_point
    }
}

impl Container {
    /// The conditions of a dependency on another container (ECS API, `ContainerDependency`).
    pub const DEPENDENCY_CONDITIONS: [&'static str; 4] = ["START", "HEALTHY", "COMPLETE", "SUCCESS"];

    /// Creates a container of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            image: None,
            env: Vec::new(),
            secret: Vec::new(),
            command: None,
            entrypoint: None,
            port: None,
            cpu: None,
            memory: None,
            essential: None,
            depends_on: Vec::new(),
            container_health_check: None,
            user: None,
            read_only_root: None,
            stop_timeout: None,
            efs: Vec::new(),
        }
    }
}

use super::container_settings::{
    ContainerDependency, EfsMount, EnvVar, LinuxParameter, LogDriver, LogRouter, NamedPort, PortRange, RestartPolicy,
    Secret, SharedVolumes, Ulimit, VolumeMount,
};
use crate::block::{Flag, HealthCheck, ImageSource, IntOrRef, Name};
use crate::cfn::TemplateString;
use crate::diag::WithOrigin;

/// A container of a task: the main one of a service or job, or a sidecar.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: WithOrigin<Name>,
    /// The image that it runs.
    pub image: Option<WithOrigin<ImageSource>>,
    /// The secret with the credentials of the registry of the image.
    pub registry_credentials: Option<WithOrigin<TemplateString>>,
    /// `enabled` or `disabled`: whether all tasks of a deployment run the image that the first one found.
    pub version_consistency: Option<WithOrigin<String>>,
    /// Environment variables; a later one of the same name wins.
    pub env: Vec<WithOrigin<EnvVar>>,
    /// ARNs of files of environment variables in S3.
    pub env_file: Vec<WithOrigin<TemplateString>>,
    /// Environment variables whose values are read from Secrets Manager or SSM when the task starts.
    pub secret: Vec<WithOrigin<Secret>>,
    /// The command.
    pub command: Option<WithOrigin<Vec<TemplateString>>>,
    /// The entry point.
    pub entrypoint: Option<WithOrigin<Vec<TemplateString>>>,
    /// The directory in which the command runs.
    pub working_directory: Option<WithOrigin<TemplateString>>,
    /// The user it runs as.
    pub user: Option<WithOrigin<TemplateString>>,
    /// Whether its standard input stays open.
    pub interactive: Flag,
    /// Whether it has a terminal.
    pub pseudo_terminal: Flag,
    /// The port it listens on.
    pub port: Option<WithOrigin<i64>>,
    /// Further ports, each with a name.
    pub named_port: Vec<WithOrigin<NamedPort>>,
    /// Ranges of ports that it listens on.
    pub port_range: Vec<WithOrigin<PortRange>>,
    /// CPU units of the task reserved for a sidecar.
    pub cpu: Option<WithOrigin<IntOrRef>>,
    /// MiB of the task's memory that a sidecar may use at most.
    pub memory: Option<WithOrigin<IntOrRef>>,
    /// MiB of the task's memory that are reserved for it.
    pub memory_reservation: Option<WithOrigin<IntOrRef>>,
    /// Limits of its processes.
    pub ulimit: Vec<WithOrigin<Ulimit>>,
    /// Settings of the kernel.
    pub system_control: Vec<WithOrigin<EnvVar>>,
    /// Settings that are particular to Linux.
    pub linux_parameter: Vec<WithOrigin<LinuxParameter>>,
    /// Labels of Docker.
    pub label: Vec<WithOrigin<EnvVar>>,
    /// Whether the task stops when it stops; true unless set.
    pub essential: Option<WithOrigin<bool>>,
    /// The restart policy: when it is started again while the task runs.
    pub restart_policy: Option<WithOrigin<RestartPolicy>>,
    /// Containers that it waits for.
    pub depends_on: Vec<WithOrigin<ContainerDependency>>,
    /// The command with which ECS checks its health.
    pub container_health_check: Option<WithOrigin<HealthCheck>>,
    /// Seconds after which the containers that wait for it stop waiting.
    pub start_timeout: Option<WithOrigin<i64>>,
    /// Seconds between SIGTERM and SIGKILL.
    pub stop_timeout: Option<WithOrigin<i64>>,
    /// Whether its root file system is read-only.
    pub read_only_root: Flag,
    /// File systems that are mounted into it.
    pub efs: Vec<WithOrigin<EfsMount>>,
    /// Volumes of the task that are mounted into it.
    pub mount: Vec<WithOrigin<VolumeMount>>,
    /// Containers whose volumes it mounts too.
    pub volumes_from: Vec<WithOrigin<SharedVolumes>>,
    /// The driver of its logs, instead of `awslogs`.
    pub log_driver: Option<WithOrigin<LogDriver>>,
    /// Options of the log driver that are read from secrets.
    pub log_secret: Vec<WithOrigin<Secret>>,
    /// The options of `FireLens`, which sends its logs to a log router.
    pub fire_lens: Option<WithOrigin<Vec<EnvVar>>>,
    /// Makes it the log router of the task.
    pub log_router: Option<WithOrigin<LogRouter>>,
    /// The ARN of a credential specification of Active Directory.
    pub credential_spec: Option<WithOrigin<TemplateString>>,
}

impl Container {
    /// Returns the port that it listens on: `.port(n)`, else the first port with a name.
    pub(crate) fn listening_port(&self) -> Option<i64> {
        let named = self.named_port.first().map(|named| named.value.port);
        self.port.as_ref().map(|port| port.value).or(named)
    }

    /// Returns the numbers of its ports, without ranges.
    pub(crate) fn ports(&self) -> impl Iterator<Item = i64> {
        let named = self.named_port.iter().map(|named| named.value.port);
        self.port.iter().map(|port| port.value).chain(named)
    }

    /// The conditions of a dependency on another container (ECS API, `ContainerDependency`).
    pub const DEPENDENCY_CONDITIONS: [&'static str; 4] = ["START", "HEALTHY", "COMPLETE", "SUCCESS"];

    /// Creates a container of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            image: None,
            registry_credentials: None,
            version_consistency: None,
            env: Vec::new(),
            env_file: Vec::new(),
            secret: Vec::new(),
            command: None,
            entrypoint: None,
            working_directory: None,
            user: None,
            interactive: None,
            pseudo_terminal: None,
            port: None,
            named_port: Vec::new(),
            port_range: Vec::new(),
            cpu: None,
            memory: None,
            memory_reservation: None,
            ulimit: Vec::new(),
            system_control: Vec::new(),
            linux_parameter: Vec::new(),
            label: Vec::new(),
            essential: None,
            restart_policy: None,
            depends_on: Vec::new(),
            container_health_check: None,
            start_timeout: None,
            stop_timeout: None,
            read_only_root: None,
            efs: Vec::new(),
            mount: Vec::new(),
            volumes_from: Vec::new(),
            log_driver: None,
            log_secret: Vec::new(),
            fire_lens: None,
            log_router: None,
            credential_spec: None,
        }
    }
}

//! The values of the settings of a container.

use std::rc::Rc;

use crate::block::FileSystem;
use crate::cfn::{TemplateString, Value};

/// An environment variable, or another name with a value.
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

impl Secret {
    /// Returns the reference to the secret; `arn:key::` selects a key of a JSON secret (ECS Developer Guide, "Pass Secrets
    /// Manager secrets").
    pub(super) fn value_from(&self) -> TemplateString {
        match &self.json_key {
            Some(key) => self.arn.clone().with(format!(":{key}::")),
            None => self.arn.clone(),
        }
    }
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

/// A port with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: i64,
    /// `tcp`, `udp`, or a protocol of Service Connect: `http`, `http2`, `grpc`.
    pub protocol: Option<String>,
}

impl NamedPort {
    /// The protocols of a port (ECS API, `PortMapping`: `protocol` and `appProtocol`).
    pub const PROTOCOLS: [&'static str; 5] = ["tcp", "udp", "http", "http2", "grpc"];
}

/// A range of ports.
#[derive(Debug, Clone, PartialEq)]
pub struct PortRange {
    /// The first and the last port.
    pub ports: std::ops::RangeInclusive<i64>,
    /// `tcp` or `udp`.
    pub protocol: Option<String>,
}

impl PortRange {
    /// The protocols of a range (ECS API, `PortMapping`).
    pub const PROTOCOLS: [&'static str; 2] = ["tcp", "udp"];
}

/// A limit of the processes of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct Ulimit {
    /// Its name: `nofile`.
    pub name: String,
    /// The limit that holds.
    pub soft: i64,
    /// The limit up to which a process may increase the soft one.
    pub hard: i64,
}

impl Ulimit {
    /// The names of limits (ECS API, `Ulimit`).
    pub const NAMES: [&'static str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
}

/// A setting that is particular to Linux.
#[derive(Debug, Clone, PartialEq)]
pub struct LinuxParameter {
    /// Its name below `LinuxParameters`: `InitProcessEnabled`, `Capabilities.Add`.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// The policy by which a container is started again.
#[derive(Debug, Clone, PartialEq)]
pub struct RestartPolicy {
    /// Seconds that it must have run before.
    pub after: i64,
    /// Exit codes after which it is not started again.
    pub ignored_exit_codes: Vec<i64>,
}

/// A volume of the task, mounted into a container.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeMount {
    /// The name of the volume.
    pub volume: String,
    /// The path in the container.
    pub path: String,
    /// `read-only` or `read-write`.
    pub access: Option<String>,
}

impl VolumeMount {
    /// The kinds of access.
    pub const ACCESS: [&'static str; 2] = ["read-only", "read-write"];
}

/// The volumes of another container, mounted too.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedVolumes {
    /// The name of the container.
    pub container: String,
    /// `read-only` or `read-write`.
    pub access: Option<String>,
}

/// The driver of the logs of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct LogDriver {
    /// `awslogs`, `splunk` or `awsfirelens`.
    pub name: String,
    /// Its options.
    pub options: Vec<EnvVar>,
}

impl LogDriver {
    /// The drivers that Fargate has (ECS API, `LogConfiguration`).
    pub const NAMES: [&'static str; 3] = ["awslogs", "splunk", "awsfirelens"];
}

/// The configuration of a log router.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRouter {
    /// `fluentbit` or `fluentd`.
    pub kind: String,
    /// Its options.
    pub options: Vec<EnvVar>,
}

impl LogRouter {
    /// The programs (ECS API, `FirelensConfiguration`).
    pub const KINDS: [&'static str; 2] = ["fluentbit", "fluentd"];
}

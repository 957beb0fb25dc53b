use crate::block::{Amount, Flag, HealthCheck, ImageSource, Name};
use crate::cfn::Text;
use crate::diag::Spanned;

/// A container of a task: the main one of a service, or a sidecar.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: Spanned<Name>,
    /// What it runs.
    pub image: Option<Spanned<ImageSource>>,
    /// Environment variables; a later one of the same name wins.
    pub env: Vec<Spanned<Variable>>,
    /// Environment variables whose values are read from Secrets Manager or SSM when the task starts.
    pub secret: Vec<Spanned<Secret>>,
    /// The command.
    pub command: Option<Spanned<Vec<Text>>>,
    /// The entry point.
    pub entrypoint: Option<Spanned<Vec<Text>>>,
    /// The port it listens on.
    pub port: Option<Spanned<i64>>,
    /// CPU units of the task reserved for a sidecar.
    pub cpu: Option<Spanned<Amount>>,
    /// MiB of the task's memory that a sidecar may use at most.
    pub memory: Option<Spanned<Amount>>,
    /// Whether the task stops when it stops; so it is unless set.
    pub essential: Option<Spanned<bool>>,
    /// Containers that it waits for.
    pub depends_on: Vec<Spanned<Dependency>>,
    /// How ECS finds out whether it is well.
    pub container_health_check: Option<Spanned<HealthCheck>>,
    /// The user it runs as.
    pub user: Option<Spanned<Text>>,
    /// Whether its root file system is read-only.
    pub read_only_root: Flag,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Text,
}

/// An environment variable filled from a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// The variable's name.
    pub name: String,
    /// The ARN of a secret of Secrets Manager or of a parameter of SSM.
    pub arn: Text,
    /// The key inside a JSON secret.
    pub json_key: Option<String>,
}

/// A container that another one waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// The name of the container waited for.
    pub container: String,
    /// `START`, `HEALTHY`, `COMPLETE` or `SUCCESS`, in any case.
    pub condition: String,
}

impl Container {
    /// A container of this name.
    pub fn new(name: Spanned<Name>) -> Self {
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
        }
    }
}

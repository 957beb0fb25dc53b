//! A registered task definition.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::deploy::api::{ContainerDefinition, LogDestination, TaskDefinition};
use crate::rehearsal::property_access::{list, number, seconds, strings, text};

/// A registered task definition.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TaskDefinitionRecord {
    /// The answer of `DescribeTaskDefinition`.
    pub(super) reported: TaskDefinition,
    /// The ARNs and names of the secrets and parameters that its containers read.
    pub(super) secrets: Vec<String>,
    pub(super) execution_role: Option<String>,
    /// The commands of its containers.
    #[serde(default)]
    pub(super) commands: Vec<Vec<String>>,
    /// The health checks of its containers.
    pub(super) checks: Vec<ContainerHealthCheck>,
}

/// A container health check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ContainerHealthCheck {
    pub(super) container: String,
    pub(super) interval: Duration,
    pub(super) retries: u32,
    pub(super) start_period: Duration,
}

impl TaskDefinitionRecord {
    /// Reads the properties of a resource.
    pub(super) fn read(arn: &str, properties: &Json) -> Self {
        let containers = || list(properties, "ContainerDefinitions");
        let secrets = containers().flat_map(|it| list(it, "Secrets")).filter_map(|it| text(it, "ValueFrom"));
        let checks = containers().filter_map(|it| {
            let check = it.get("HealthCheck")?;
            Some(ContainerHealthCheck {
                container: text(it, "Name")?,
                interval: seconds(check, "Interval", 30),
                retries: number(check, "Retries").unwrap_or(3),
                start_period: seconds(check, "StartPeriod", 0),
            })
        });
        Self {
            reported: TaskDefinition {
                arn: arn.to_owned(),
                status: "ACTIVE".to_owned(),
                cpu: text(properties, "Cpu"),
                memory: text(properties, "Memory"),
                containers: containers().map(container).collect(),
            },
            secrets: secrets.collect(),
            execution_role: text(properties, "ExecutionRoleArn"),
            commands: containers().map(|it| strings(it, "Command")).collect(),
            checks: checks.collect(),
        }
    }

    /// Returns whether another revision has the same containers, commands, sizes and secrets.
    pub(super) fn equals_revision(&self, other: &TaskDefinitionRecord) -> bool {
        let content = |it: &TaskDefinitionRecord| {
            (it.reported.cpu.clone(), it.reported.memory.clone(), it.reported.containers.clone())
        };
        content(self) == content(other) && self.secrets == other.secrets && self.commands == other.commands
    }

    /// Returns the first essential container, whose exit stops the task.
    pub(super) fn main(&self) -> Option<&ContainerDefinition> {
        let essential = |it: &&ContainerDefinition| it.essential;
        self.reported.containers.iter().find(essential).or(self.reported.containers.first())
    }
}

/// Reads a container definition.
fn container(json: &Json) -> ContainerDefinition {
    let options = json.get("LogConfiguration").filter(|it| text(it, "LogDriver").as_deref() == Some("awslogs"));
    let options = options.and_then(|it| it.get("Options"));
    ContainerDefinition {
        name: text(json, "Name").unwrap_or_default(),
        image: text(json, "Image").unwrap_or_default(),
        // A container is essential by default.
        essential: text(json, "Essential").is_none_or(|it| it == "true"),
        ports: list(json, "PortMappings")
            .filter_map(|it| number(it, "ContainerPort").and_then(|port| u16::try_from(port).ok()))
            .collect(),
        environment: list(json, "Environment").filter_map(|it| Some((text(it, "Name")?, text(it, "Value")?))).collect(),
        log: options.and_then(|it| {
            let prefix = text(it, "awslogs-stream-prefix").unwrap_or_default();
            Some(LogDestination { group: text(it, "awslogs-group")?, prefix })
        }),
    }
}

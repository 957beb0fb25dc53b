//! Task definitions: of resources, and revisions outside CloudFormation.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::EcsState;
use super::property_access::{list, number, seconds, text};
use crate::deploy::api::{ContainerDefinition, ContainerOverride, LogDestination, TaskDefinition};

/// A registered task definition.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TaskDefinitionRecord {
    pub(super) reported: TaskDefinition,
    /// ARNs and names of the secrets and parameters that its containers read.
    pub(super) secrets: Vec<String>,
    pub(super) execution_role: Option<String>,
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
    fn read(arn: &str, properties: &Json) -> Self {
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
            checks: checks.collect(),
        }
    }

    /// Returns whether another revision is equal.
    pub(super) fn equals_revision(&self, other: &TaskDefinitionRecord) -> bool {
        let told = |it: &TaskDefinitionRecord| {
            (it.reported.cpu.clone(), it.reported.memory.clone(), it.reported.containers.clone())
        };
        told(self) == told(other) && self.secrets == other.secrets
    }

    /// Returns the first essential container, whose exit stops the task.
    pub(super) fn main(&self) -> Option<&ContainerDefinition> {
        let essential = |it: &&ContainerDefinition| it.essential;
        self.reported.containers.iter().find(essential).or(self.reported.containers.first())
    }
}

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

impl EcsState {
    /// Returns the number of a family's next revision.
    pub(in crate::rehearsal) fn next_revision(&mut self, region: &str, family: &str) -> u32 {
        let latest = self.revisions.entry(format!("{region}/{family}")).or_default();
        *latest += 1;
        *latest
    }

    /// Notes a revision that AWS has registered: the next one gets a higher number.
    pub(in crate::rehearsal) fn note_revision(&mut self, region: &str, arn: &str) {
        let name = arn.rsplit('/').next().and_then(|name| name.rsplit_once(':'));
        if let Some((family, Ok(revision))) = name.map(|(family, revision)| (family, revision.parse::<u32>())) {
            let latest = self.revisions.entry(format!("{region}/{family}")).or_default();
            *latest = revision.max(*latest);
        }
    }

    /// Performs `RegisterTaskDefinition` for a resource.
    pub(in crate::rehearsal) fn register(&mut self, arn: &str, properties: &Json) {
        self.definitions.insert(arn.to_owned(), TaskDefinitionRecord::read(arn, properties));
    }

    /// Performs `DeregisterTaskDefinition`: running tasks continue.
    pub(in crate::rehearsal) fn deregister(&mut self, arn: &str) {
        if let Some(definition) = self.definitions.get_mut(arn) {
            "INACTIVE".clone_into(&mut definition.reported.status);
        }
    }

    /// Registers the next revision of a task definition; nothing if it does not exist.
    pub(in crate::rehearsal) fn revise(&mut self, arn: &str, edits: &[ContainerOverride]) -> Option<String> {
        let mut definition = self.definitions.get(arn)?.clone();
        let (family, _) = arn.rsplit_once(':')?;
        let region = arn.split(':').nth(3).unwrap_or_default().to_owned();
        let name = family.rsplit('/').next().unwrap_or(family);
        let next = format!("{family}:{}", self.next_revision(&region, name));
        definition.reported.arn.clone_from(&next);
        "ACTIVE".clone_into(&mut definition.reported.status);
        for edit in edits {
            let edited = definition.reported.containers.iter_mut().filter(|it| it.name == edit.container);
            for container in edited {
                container.image = edit.image.clone().unwrap_or_else(|| container.image.clone());
                container.environment.extend(edit.set.clone());
                container.environment.retain(|name, _| !edit.unset.contains(name));
            }
        }
        self.definitions.insert(next.clone(), definition);
        Some(next)
    }

    /// Returns the ARN of a task definition given as an ARN, `family:revision`, or a family (its latest revision).
    pub(in crate::rehearsal) fn resolve_arn(&self, near: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let home: Vec<_> = near.splitn(6, ':').take(5).collect();
        let revision = name.rsplit_once(':').and_then(|(_, revision)| revision.parse::<u32>().ok());
        let region = home.get(3).copied().unwrap_or_default();
        let latest = self.revisions.get(&format!("{region}/{name}")).copied().unwrap_or(1);
        let tail = if revision.is_some() { name.to_owned() } else { format!("{name}:{latest}") };
        format!("{}:task-definition/{tail}", home.join(":"))
    }
}

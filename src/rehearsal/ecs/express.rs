//! A service of Express Mode as ECS runs it: a task definition with one container, and a service whose deployments are canaries.
//!
//! Sources, in the ECS developer guide: "Resources created by Amazon ECS Express Mode services" (what is created), "Updating an Amazon ECS
//! Express Mode service" (5 % of the traffic for 3 minutes, then 3 minutes of bake time), and "Updating Resources Outside of Express
//! Mode" (the APIs of services and of Express Mode work on the same service). The names of the family and of the container, the circuit
//! breaker, and that CloudFormation waits as for other services are inferred. The load balancer belongs to ECS: its target groups are
//! not resources of the stack.

use serde_json::{Value as Json, json};

use super::spec::Spec;
use super::state::EcsState;
use super::task_definition::TaskDefinitionRecord;
use crate::deploy::api::ScalableTarget;
use crate::rehearsal::property_access::{number, strings, text};

/// The container of a service of Express Mode.
const CONTAINER: &str = "Main";
/// The bounds unless `ScalingTarget` sets them ("Application scaling policy defaults", ECS developer guide).
const DEFAULT_BOUNDS: ScalableTarget = ScalableTarget { min: 1, max: 20 };
const DEFAULT_PORT: u16 = 80;

/// Returns the properties of the task definition that ECS registers.
pub(in crate::rehearsal) fn task_definition(properties: &Json) -> Json {
    let container = properties.get("PrimaryContainer").unwrap_or(&Json::Null);
    let logs = container.get("AwsLogsConfiguration").unwrap_or(&Json::Null);
    let mut definition =
        json!({ "Name": CONTAINER, "Essential": true, "PortMappings": [{ "ContainerPort": port(container) }] });
    for name in ["Image", "Command", "Environment", "Secrets", "RepositoryCredentials"] {
        if let Some(value) = container.get(name) {
            definition[name] = value.clone();
        }
    }
    if let Some(group) = text(logs, "LogGroup") {
        let prefix = text(logs, "LogStreamPrefix").unwrap_or_else(|| "ecs".to_owned());
        let options = json!({ "awslogs-group": group, "awslogs-stream-prefix": prefix });
        definition["LogConfiguration"] = json!({ "LogDriver": "awslogs", "Options": options });
    }
    let or = |name: &str, default: &str| text(properties, name).unwrap_or_else(|| default.to_owned());
    json!({
        "Cpu": or("Cpu", "256"),
        "Memory": or("Memory", "512"),
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "ExecutionRoleArn": properties.get("ExecutionRoleArn"),
        "TaskRoleArn": properties.get("TaskRoleArn"),
        "ContainerDefinitions": [definition],
    })
}

/// Returns the properties of the service that runs a task definition.
pub(in crate::rehearsal) fn service(arn: &str, properties: &Json, task_definition: &str) -> Json {
    let network = properties.get("NetworkConfiguration").unwrap_or(&Json::Null);
    let container = properties.get("PrimaryContainer").unwrap_or(&Json::Null);
    let group = |alternate: &str| {
        format!("{}{alternate}", arn.replace(":ecs:", ":elasticloadbalancing:").replace(":service/", ":targetgroup/"))
    };
    json!({
        "TaskDefinition": task_definition,
        "NetworkConfiguration": { "AwsvpcConfiguration": {
            "Subnets": strings(network, "Subnets"),
            "SecurityGroups": strings(network, "SecurityGroups"),
            "AssignPublicIp": "ENABLED",
        } },
        "LoadBalancers": [{
            "ContainerName": CONTAINER,
            "ContainerPort": port(container),
            "TargetGroupArn": group(""),
            "AdvancedConfiguration": { "AlternateTargetGroupArn": group("-alternate") },
        }],
        "DeploymentConfiguration": {
            "Strategy": "CANARY",
            "CanaryConfiguration": { "CanaryPercent": 5, "CanaryBakeTimeInMinutes": 3 },
            "BakeTimeInMinutes": 3,
            "DeploymentCircuitBreaker": { "Enable": true, "Rollback": true },
        },
    })
}

/// Returns the specification of the service that runs a task definition. `other` returns the properties of another resource by its
/// physical id, if they are known.
pub(in crate::rehearsal) fn spec<'a>(
    arn: &str,
    properties: &Json,
    task_definition: &str,
    other: impl Fn(&str) -> Option<&'a Json>,
) -> Spec {
    let mut spec = Spec::read(&service(arn, properties, task_definition), other);
    for group in &mut spec.target_groups {
        group.path = text(properties, "HealthCheckPath").unwrap_or_else(|| "/".to_owned());
    }
    spec
}

/// Returns the bounds between which it scales.
pub(in crate::rehearsal) fn bounds(properties: &Json) -> ScalableTarget {
    let target = properties.get("ScalingTarget").unwrap_or(&Json::Null);
    ScalableTarget {
        min: number(target, "MinTaskCount").unwrap_or(DEFAULT_BOUNDS.min),
        max: number(target, "MaxTaskCount").unwrap_or(DEFAULT_BOUNDS.max),
    }
}

/// Returns the `ResourceId` of its bounds in Application Auto Scaling: the end of its ARN.
pub(in crate::rehearsal) fn scalable_resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

fn port(container: &Json) -> u16 {
    number(container, "ContainerPort").and_then(|port| u16::try_from(port).ok()).unwrap_or(DEFAULT_PORT)
}

impl EcsState {
    /// Registers the task definition of a service of Express Mode, unless the service runs one with the same content. Returns its ARN.
    pub(in crate::rehearsal) fn register_express(&mut self, arn: &str, properties: &Json) -> String {
        let definition = task_definition(properties);
        if let Some(running) = self.service(arn).map(|service| service.task_definition) {
            let record = TaskDefinitionRecord::read(&running, &definition);
            if self
                .definitions
                .get(&running)
                .is_some_and(|now| now.equals_revision(&record) && now.execution_role == record.execution_role)
            {
                return running;
            }
        }
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let region = parts.get(3).copied().unwrap_or_default();
        let family = scalable_resource(arn).trim_start_matches("service/").replace('/', "-");
        let home = parts.get(..5).map(|parts| parts.join(":")).unwrap_or_default();
        let revision = self.next_revision(region, &family);
        let new = format!("{home}:task-definition/{family}:{revision}");
        self.register(&new, &definition);
        new
    }
}

//! The services of a rehearsed account as ECS would describe them.

use serde_json::Value as Json;

use super::account::Account;
use super::state::{Held, Stack};
use crate::deploy::ports::{EcsDeployment, EcsService};
use crate::deploy::status::ResourceStatus;

impl Account {
    /// The services of these ARNs that are there.
    pub(super) fn services(&self, arns: &[String]) -> Vec<EcsService> {
        let wanted = |held: &&Held| held.physical_id.as_ref().is_some_and(|id| arns.contains(id));
        let of = |stack| move |held| service(stack, held);
        self.state
            .stacks
            .iter()
            .flat_map(|stack: &Stack| stack.resources.values().filter(wanted).map(of(stack)))
            .collect()
    }
}

fn service(stack: &Stack, held: &Held) -> EcsService {
    let arn = held.physical_id.clone().unwrap_or_default();
    let desired = tasks(stack, held, &arn);
    // A service that is still being made has no task that counts yet.
    let stable = held.status == ResourceStatus::CreateComplete || held.status == ResourceStatus::UpdateComplete;
    let (running, pending) = if stable { (desired, 0) } else { (0, desired) };
    let text = |name: &str| held.properties.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    EcsService {
        name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        status: "ACTIVE".to_owned(),
        desired,
        running,
        pending,
        deployments: vec![EcsDeployment {
            id: format!("ecs-svc/{}", held.generation + 1),
            status: "PRIMARY".to_owned(),
            rollout: Some(if stable { "COMPLETED" } else { "IN_PROGRESS" }.to_owned()),
            reason: None,
            task_definition: text("TaskDefinition"),
            desired,
            running,
            pending,
            failed: 0,
            created: Some(held.updated),
            updated: Some(held.updated),
        }],
        events: Vec::new(),
        task_definition: text("TaskDefinition"),
        target_groups: Vec::new(),
        network: None,
        exec: false,
        circuit_breaker: None,
        arn,
    }
}

/// The number of tasks: what the service says, else the least that its scalable target allows, else one.
fn tasks(stack: &Stack, held: &Held, arn: &str) -> u32 {
    let number = |value: Option<&Json>| {
        let value = value?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|number| u32::try_from(number).ok())
    };
    let name = arn.rsplit('/').next().unwrap_or_default();
    let scaled = stack.resources.values().find(|other| {
        let resource = other.properties.get("ResourceId").and_then(Json::as_str).unwrap_or_default();
        other.kind == "AWS::ApplicationAutoScaling::ScalableTarget" && resource.ends_with(&format!("/{name}"))
    });
    number(held.properties.get("DesiredCount")).or_else(|| number(scaled?.properties.get("MinCapacity"))).unwrap_or(1)
}

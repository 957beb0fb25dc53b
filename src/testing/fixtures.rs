//! Answers of AWS for the tests of several rooms; a test changes the fields that matter to it.

use indexmap::IndexMap;

use crate::deploy::api::status::{ServiceStatus, StackStatus};
use crate::deploy::api::{EcsDeployment, EcsService, EventStatus, StackDescription, StackEvent, Timestamp};

/// Returns a service named `tiles` that runs two tasks of `tiles:REVISION`, without deployments.
pub(crate) fn service(revision: u32) -> EcsService {
    EcsService {
        arn: "arn:aws:ecs:eu-central-1:123456789012:service/main/tiles".to_owned(),
        name: "tiles".to_owned(),
        status: ServiceStatus::Active,
        task_definition: task_definition("tiles", revision),
        desired: 2,
        running: 2,
        pending: 0,
        deployments: Vec::new(),
        events: Vec::new(),
        target_groups: Vec::new(),
        network: None,
        exec: false,
        propagates_tags: false,
        circuit_breaker: None,
        strategy: None,
    }
}

/// Returns a deployment of `tiles:REVISION` with both of its tasks.
pub(crate) fn deployment(status: &str, rollout: &str, revision: u32) -> EcsDeployment {
    EcsDeployment {
        id: format!("ecs-svc/{revision}"),
        status: status.into(),
        rollout: Some(rollout.into()),
        reason: None,
        task_definition: task_definition("tiles", revision),
        desired: 2,
        running: 2,
        pending: 0,
        failed: 0,
        created: None,
        updated: None,
    }
}

/// Returns the ARN of a task definition.
pub(crate) fn task_definition(family: &str, revision: u32) -> String {
    format!("arn:aws:ecs:eu-central-1:123456789012:task-definition/{family}:{revision}")
}

/// Returns an event of a bucket, or of a stack, with a status; without a reason if that is empty.
pub(crate) fn event(logical_id: &str, status: EventStatus, reason: &str) -> StackEvent {
    StackEvent {
        id: format!("{logical_id}-{}", status.as_str()),
        stack_id: "arn:stack".to_owned(),
        logical_id: logical_id.to_owned(),
        physical_id: None,
        kind: "AWS::S3::Bucket".to_owned(),
        status,
        detail: None,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        time: Timestamp::default(),
        token: None,
        operation: None,
    }
}

/// Returns a deployed stack without parameters and outputs.
pub(crate) fn stack_description(name: &str) -> StackDescription {
    StackDescription {
        id: "arn:stack".to_owned(),
        name: name.to_owned(),
        status: StackStatus::CreateComplete,
        status_reason: None,
        parameters: IndexMap::new(),
        outputs: Vec::new(),
        tags: IndexMap::new(),
        termination_protection: false,
        created: None,
        updated: None,
        last_operation: None,
    }
}

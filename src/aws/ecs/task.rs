use aws_sdk_ecs::types as sdk;

use crate::aws::convert;
use crate::aws::convert::non_empty;
use crate::deploy::api::{ApiCall, AwsError, Container, ErrorKind, RunTaskRequest, Task, TaskNetwork};

pub(super) fn task(task: sdk::Task) -> Task {
    Task {
        address: address(&task),
        arn: task.task_arn.unwrap_or_default(),
        task_definition: task.task_definition_arn.unwrap_or_default(),
        started_by: non_empty(task.started_by),
        status: task.last_status.unwrap_or_default().into(),
        health: task.health_status.map(|health| health.as_str().to_owned()),
        code: task.stop_code.map(|code| code.as_str().to_owned()),
        reason: non_empty(task.stopped_reason),
        created: task.created_at.map(convert::time),
        started: task.started_at.map(convert::time),
        stopped: task.stopped_at.map(convert::time),
        zone: non_empty(task.availability_zone),
        exec: task.enable_execute_command,
        containers: task.containers.into_iter().flatten().map(container).collect(),
    }
}

/// Returns the address, which is a detail of the task's network interface.
fn address(task: &sdk::Task) -> Option<String> {
    let mut details = task.attachments.iter().flatten().flat_map(|attachment| attachment.details.iter().flatten());
    details.find(|detail| detail.name.as_deref() == Some("privateIPv4Address"))?.value.clone()
}

fn container(container: sdk::Container) -> Container {
    Container {
        name: container.name.unwrap_or_default(),
        status: non_empty(container.last_status),
        health: container.health_status.map(|health| health.as_str().to_owned()),
        exit_code: container.exit_code,
        reason: non_empty(container.reason),
        image: non_empty(container.image),
        image_digest: non_empty(container.image_digest),
    }
}

/// Returns the container's runtime id.
pub(super) fn runtime_id(tasks: Vec<sdk::Task>, container: &str) -> Option<String> {
    let mut containers = tasks.into_iter().flat_map(|task| task.containers.unwrap_or_default());
    containers.find(|one| one.name.as_deref() == Some(container))?.runtime_id
}

pub(super) fn network_configuration(network: &TaskNetwork) -> Result<sdk::NetworkConfiguration, AwsError> {
    let public = if network.public_ip { sdk::AssignPublicIp::Enabled } else { sdk::AssignPublicIp::Disabled };
    let vpc = sdk::AwsVpcConfiguration::builder()
        .set_subnets(Some(network.subnets.clone()))
        .set_security_groups(Some(network.security_groups.clone()))
        .assign_public_ip(public)
        .build();
    let vpc = vpc.map_err(|error| {
        AwsError::new(ErrorKind::Validation, ApiCall::RunTask, "ConstructionFailure", error.to_string())
    })?;
    Ok(sdk::NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
}

/// Returns the override of the command, unless it is empty.
pub(super) fn overrides(request: &RunTaskRequest) -> Option<sdk::TaskOverride> {
    let container = sdk::ContainerOverride::builder().name(&request.container);
    let container = container.set_command(Some(request.command.clone())).build();
    (!request.command.is_empty()).then(|| sdk::TaskOverride::builder().container_overrides(container).build())
}

/// Returns the error of a task that did not start: `RunTask` may answer with failures in place of an error ("API failure reasons").
pub(super) fn not_started(failure: Option<sdk::Failure>) -> AwsError {
    let failure = failure.unwrap_or_else(|| sdk::Failure::builder().build());
    let code = failure.reason.unwrap_or_else(|| "NoTask".to_owned());
    let parts = [failure.arn, failure.detail].into_iter().flatten().filter(|word| !word.is_empty());
    let message = parts.collect::<Vec<_>>().join(": ");
    let message = if message.is_empty() { "no task was started".to_owned() } else { message };
    AwsError::new(ErrorKind::Other, ApiCall::RunTask, code, message)
}

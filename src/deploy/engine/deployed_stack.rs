//! Reads what is deployed of a stack.

use crate::deploy::api::queries::service_arns;
use crate::deploy::api::{AwsError, CloudFormation, Ecs, StackDescription};
use crate::deploy::plan::DeployedStack;

/// Reads the template of a stack, the counts of its services, and those that run another revision than the stack's. ECS is
/// called only if the template has services, and its errors are ignored.
pub async fn read_deployed_stack(
    cloud: &(impl CloudFormation + Ecs),
    stack: StackDescription,
) -> Result<DeployedStack, AwsError> {
    let template = cloud.template(&stack.id).await?;
    let mut deployed = DeployedStack::new(stack, &template);
    if deployed.has_services() {
        let _ = record_services(cloud, &mut deployed).await;
    }
    Ok(deployed)
}

async fn record_services(cloud: &(impl CloudFormation + Ecs), deployed: &mut DeployedStack) -> Result<(), AwsError> {
    let resources = cloud.resources(&deployed.stack.id).await?;
    let arns = service_arns(&resources);
    let running = if arns.is_empty() { Vec::new() } else { cloud.services(&arns).await? };
    deployed.record_services(&resources, &running);
    for service in &mut deployed.hotswapped {
        service.running_images = images(cloud, &service.running).await?;
        service.stack_images = images(cloud, &service.stack).await?;
    }
    Ok(())
}

/// Returns the images of a task definition.
async fn images(cloud: &impl Ecs, task_definition: &str) -> Result<Vec<String>, AwsError> {
    let definition = cloud.task_definition(task_definition).await?;
    Ok(definition.into_iter().flat_map(|it| it.containers).map(|container| container.image).collect())
}

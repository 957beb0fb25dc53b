//! What there is to know of stacks without changing them.

use super::DeployedStack;
use super::hotswap::{HotswappedService, hotswapped};
use crate::cfn::type_names::SERVICE;
use crate::cfn::{Template, parse};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsError, CloudFormation, Ecs, EventStatus, StackDescription, StackEvent, StackResource};

/// A stack with its resources.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct StackSnapshot {
    /// The stack.
    #[serde(flatten)]
    pub stack: StackDescription,
    /// Its resources.
    pub resources: Vec<StackResource>,
}

/// A stack and its resources; nothing where it is not there.
pub async fn status(cloud: &impl CloudFormation, stack: &str) -> Result<Option<StackSnapshot>, AwsError> {
    let Some(stack) = cloud.describe_stack(stack).await? else { return Ok(None) };
    let resources = cloud.resources(&stack.id).await?;
    Ok(Some(StackSnapshot { stack, resources }))
}

/// A stack with its template, and with the services that run something else than it says.
///
/// ECS is asked where the template has services; what it does not tell is not missed.
pub async fn live(cloud: &(impl CloudFormation + Ecs), stack: StackDescription) -> Result<DeployedStack, AwsError> {
    let text = cloud.template(&stack.id).await?;
    let template = parse::template(&stack.name, &text).value.unwrap_or_default();
    let rolled_out = running_other_revisions(cloud, &stack, &template).await.unwrap_or_default();
    Ok(DeployedStack { stack, template, rolled_out })
}

async fn running_other_revisions(
    cloud: &(impl CloudFormation + Ecs),
    stack: &StackDescription,
    template: &Template,
) -> Result<Vec<HotswappedService>, AwsError> {
    if !template.resources.values().any(|resource| resource.kind.as_str() == SERVICE) {
        return Ok(Vec::new());
    }
    let resources = cloud.resources(&stack.id).await?;
    let arns = services(&resources);
    let running = if arns.is_empty() { Vec::new() } else { cloud.services(&arns).await? };
    Ok(hotswapped(template, &resources, &running))
}

/// The ARNs of the services among the resources of a stack.
pub fn services(resources: &[StackResource]) -> Vec<String> {
    let services = resources.iter().filter(|resource| resource.kind == SERVICE);
    services.filter_map(|resource| resource.physical_id.clone()).collect()
}

/// The newest events of a stack, oldest first, at most so many.
pub async fn events(cloud: &impl CloudFormation, stack: &str, at_most: usize) -> Result<Vec<StackEvent>, AwsError> {
    let mut found: Vec<StackEvent> = Vec::new();
    let mut next: Option<String> = None;
    while found.len() < at_most {
        let page = cloud.events(stack, next.as_deref()).await?;
        found.extend(page.events);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    found.truncate(at_most);
    found.reverse();
    Ok(found)
}

/// The events of the last operation of a stack, oldest first: from the stack's own event that began it.
pub async fn last_operation(cloud: &impl CloudFormation, stack: &str) -> Result<Vec<StackEvent>, AwsError> {
    let mut found: Vec<StackEvent> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let page = cloud.events(stack, next.as_deref()).await?;
        for event in page.events {
            let is_first = begins(&event);
            found.push(event);
            if is_first {
                found.reverse();
                return Ok(found);
            }
        }
        next = page.next;
        if next.is_none() {
            found.reverse();
            return Ok(found);
        }
    }
}

fn begins(event: &StackEvent) -> bool {
    use StackStatus as S;
    let EventStatus::Stack(status) = &event.status else { return false };
    matches!(status, S::CreateInProgress | S::UpdateInProgress | S::DeleteInProgress | S::ImportInProgress)
}

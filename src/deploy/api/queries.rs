//! Queries that need several calls or pages. They change nothing.

use super::status::StackStatus;
use super::{AwsError, CloudFormation, EventStatus, StackDescription, StackEvent, StackResource};

/// A stack with its resources.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackSnapshot {
    /// The stack.
    #[serde(flatten)]
    pub stack: StackDescription,
    /// The resources.
    pub resources: Vec<StackResource>,
}

/// Returns a stack and its resources; nothing if it does not exist.
pub async fn snapshot(cloud: &impl CloudFormation, stack: &str) -> Result<Option<StackSnapshot>, AwsError> {
    let Some(stack) = cloud.describe_stack(stack).await? else { return Ok(None) };
    let resources = cloud.resources(&stack.id).await?;
    Ok(Some(StackSnapshot { stack, resources }))
}

/// Returns the ARNs of the ECS services among the resources of a stack.
pub fn service_arns(resources: &[StackResource]) -> Vec<String> {
    let services = resources.iter().filter(|resource| resource.kind == "AWS::ECS::Service");
    services.filter_map(|resource| resource.physical_id.clone()).collect()
}

/// Returns the newest events of a stack, oldest first, at most `limit`.
pub async fn recent_events(
    cloud: &impl CloudFormation,
    stack: &str,
    limit: usize,
) -> Result<Vec<StackEvent>, AwsError> {
    let mut events: Vec<StackEvent> = Vec::new();
    let mut next: Option<String> = None;
    while events.len() < limit {
        let page = cloud.events(stack, next.as_deref()).await?;
        events.extend(page.events);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    events.truncate(limit);
    events.reverse();
    Ok(events)
}

/// Returns the events of the last operation of a stack, oldest first, from the stack's own event that started it.
pub async fn last_operation(cloud: &impl CloudFormation, stack: &str) -> Result<Vec<StackEvent>, AwsError> {
    let mut events: Vec<StackEvent> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let page = cloud.events(stack, next.as_deref()).await?;
        for event in page.events {
            let is_first = is_start(&event);
            events.push(event);
            if is_first {
                events.reverse();
                return Ok(events);
            }
        }
        next = page.next;
        if next.is_none() {
            events.reverse();
            return Ok(events);
        }
    }
}

fn is_start(event: &StackEvent) -> bool {
    use StackStatus as S;
    let EventStatus::Stack(status) = &event.status else { return false };
    matches!(status, S::CreateInProgress | S::UpdateInProgress | S::DeleteInProgress | S::ImportInProgress)
}

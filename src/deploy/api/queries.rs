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

/// Returns the ARNs of the ECS services, those of Express Mode too, among the resources of a stack.
pub fn service_arns(resources: &[StackResource]) -> Vec<String> {
    let kinds = ["AWS::ECS::Service", "AWS::ECS::ExpressGatewayService"];
    let services = resources.iter().filter(|resource| kinds.contains(&resource.kind.as_str()));
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

/// Returns the events of the last operation of a stack, oldest first, after those of the operations before it that belong to
/// the same run of rtiler: a deployment with jobs has two. Each operation begins with the stack's own event that started it.
pub async fn last_run(cloud: &impl CloudFormation, stack: &str) -> Result<Vec<Vec<StackEvent>>, AwsError> {
    let mut operations: Vec<Vec<StackEvent>> = Vec::new();
    let (mut current, mut next): (Vec<StackEvent>, Option<String>) = (Vec::new(), None);
    loop {
        let page = cloud.events(stack, next.as_deref()).await?;
        // A stack is in review before its first operation.
        for event in page.events.into_iter().filter(|event| !is_review(event)) {
            let is_other = |later: &Vec<StackEvent>| run_of(&event).is_none() || run_of(&event) != run_of(&later[0]);
            if current.is_empty() && operations.last().is_some_and(is_other) {
                operations.reverse();
                return Ok(operations);
            }
            let is_first = is_start(&event);
            current.push(event);
            if is_first {
                current.reverse();
                operations.push(std::mem::take(&mut current));
            }
        }
        next = page.next;
        if next.is_none() {
            current.reverse();
            operations.extend((!current.is_empty()).then_some(current));
            operations.reverse();
            return Ok(operations);
        }
    }
}

/// Returns the name of the run of rtiler that caused an event.
pub fn run_of(event: &StackEvent) -> Option<&str> {
    event.token.as_ref()?.run()
}

fn is_review(event: &StackEvent) -> bool {
    event.status == EventStatus::Stack(StackStatus::ReviewInProgress)
}

fn is_start(event: &StackEvent) -> bool {
    use StackStatus as S;
    let EventStatus::Stack(status) = &event.status else { return false };
    matches!(status, S::CreateInProgress | S::UpdateInProgress | S::DeleteInProgress | S::ImportInProgress)
}

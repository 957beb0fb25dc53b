//! What there is to know of stacks without changing them.

use super::ports::{AwsError, Cloud, LiveResource, LiveStack, StackEvent};

/// A stack with its resources.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Inspected {
    /// The stack.
    #[serde(flatten)]
    pub stack: LiveStack,
    /// Its resources.
    pub resources: Vec<LiveResource>,
}

/// A stack and its resources; nothing where it is not there.
pub async fn status(cloud: &impl Cloud, stack: &str) -> Result<Option<Inspected>, AwsError> {
    let Some(stack) = cloud.describe_stack(stack).await? else { return Ok(None) };
    let resources = cloud.resources(&stack.id).await?;
    Ok(Some(Inspected { stack, resources }))
}

/// The newest events of a stack, oldest first, at most so many.
pub async fn events(cloud: &impl Cloud, stack: &str, at_most: usize) -> Result<Vec<StackEvent>, AwsError> {
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

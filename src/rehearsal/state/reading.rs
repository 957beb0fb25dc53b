//! Reads a saved account, which may come with the repository of a stranger, and checks the rules that the simulation relies on.

use serde::Deserialize;

use super::account::AccountState;
use super::operation::{EcsWait, Operation, StepState};
use super::resource::ResourceState;
use super::stack::Stack;
use crate::rehearsal::ecs::EcsState;

/// The version in the file of an account, in every format.
#[derive(Deserialize)]
struct SavedVersion {
    version: u32,
}

impl AccountState {
    /// Reads a saved account. The error is the reason why it cannot be used.
    pub fn read(text: &str) -> Result<Self, String> {
        let state: Self = serde_json::from_str(text).map_err(|error| unreadable(text, &error))?;
        match other_version(state.version).or_else(|| state.inconsistency()) {
            Some(reason) => Err(reason),
            None => Ok(state),
        }
    }

    /// Returns the first rule that the state breaks, in a sentence.
    pub(in crate::rehearsal) fn inconsistency(&self) -> Option<String> {
        self.stacks.iter().find_map(|stack| stack.inconsistency(&self.ecs)).or_else(|| self.ecs.inconsistency())
    }
}

/// Returns why a text is not an account: another version may have other fields.
fn unreadable(text: &str, error: &serde_json::Error) -> String {
    let saved = serde_json::from_str::<SavedVersion>(text).ok();
    saved.and_then(|saved| other_version(saved.version)).unwrap_or_else(|| error.to_string())
}

fn other_version(version: u32) -> Option<String> {
    let own = AccountState::VERSION;
    (version != own).then(|| format!("its format has version {version}, this rtiler reads version {own}"))
}

impl Stack {
    fn inconsistency(&self, ecs: &EcsState) -> Option<String> {
        let (name, status) = (&self.name, &self.status);
        // ECS finds its task definitions and services by their ARNs.
        let has_no_arn = |existing: &ResourceState| {
            ["AWS::ECS::TaskDefinition", "AWS::ECS::Service", "AWS::ECS::ExpressGatewayService"]
                .contains(&existing.kind.as_str())
                && existing.physical_id.as_deref() == Some("")
        };
        if let Some((id, _)) = self.resources.iter().find(|(_, existing)| has_no_arn(existing)) {
            return Some(format!("the resource `{id}` of the stack `{name}` has an empty physical id"));
        }
        match &self.operation {
            None if !status.is_settled() => Some(format!("the stack `{name}` is {status}, but has no operation")),
            Some(_) if status.is_settled() => Some(format!("the stack `{name}` is {status}, but has an operation")),
            Some(operation) => operation.inconsistency(name, ecs),
            None => None,
        }
    }
}

impl Operation {
    fn inconsistency(&self, stack: &str, ecs: &EcsState) -> Option<String> {
        self.steps.iter().find_map(|step| {
            let id = &step.id;
            if step.needs.iter().any(|need| *need >= self.steps.len()) {
                return Some(format!("the step `{id}` of the stack `{stack}` needs a step that does not exist"));
            }
            let (EcsWait::Stable { service, .. } | EcsWait::Deleted { service }) = step.ecs_wait.as_ref()?;
            let waits = step.state == StepState::Running && ecs.health(service, "").is_none();
            waits.then(|| format!("the step `{id}` of the stack `{stack}` waits for a service that does not exist"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_of_another_version_is_reported_as_such() {
        let reason = AccountState::read(r#"{"version": 2, "stacks": 7}"#).expect_err("another version");
        assert_eq!(reason, "its format has version 2, this rtiler reads version 3");
        let reason = AccountState::read(r#"{"version": 3, "stacks": 7}"#).expect_err("not an account");
        assert!(reason.contains("invalid type: integer `7`"), "{reason}");
        let written = serde_json::to_string(&AccountState::new(1)).expect("a state");
        assert!(AccountState::read(&written).is_ok());
    }
}

//! The progress of an operation, as the fold of its events.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};

/// The result of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OperationResult {
    /// It succeeded.
    Succeeded,
    /// It succeeded, but resources that should have been deleted still exist.
    SucceededWithLeftovers,
    /// It failed, and the stack is as it was before (or empty).
    RolledBack,
    /// It failed, and the stack needs a decision.
    Failed,
}

/// The goal of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OperationGoal {
    /// The stack exists as configured.
    Deployed,
    /// The stack is deleted.
    Deleted,
    /// A failed operation is rolled back.
    Undone,
    /// The goal of another run or program: any end.
    Settled,
    /// The previous configuration is restored.
    Restored,
    /// The stack that was being created is deleted again.
    Withdrawn,
}

impl OperationResult {
    /// Returns whether the operation succeeded, with or without leftovers.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Succeeded | Self::SucceededWithLeftovers)
    }

    /// Returns the result that a status means; none while the operation runs.
    pub fn of(goal: OperationGoal, status: &StackStatus) -> Option<OperationResult> {
        use StackStatus as S;
        if !status.is_settled() || *status == S::ReviewInProgress {
            return None;
        }
        Some(match (goal, status) {
            (OperationGoal::Deleted | OperationGoal::Settled | OperationGoal::Undone, S::DeleteComplete)
            | (OperationGoal::Undone, S::RollbackComplete | S::UpdateRollbackComplete | S::ImportRollbackComplete) => {
                OperationResult::Succeeded
            }
            (OperationGoal::Withdrawn, S::DeleteComplete) => OperationResult::RolledBack,
            (OperationGoal::Deleted | OperationGoal::Undone, _) | (_, S::DeleteComplete) => OperationResult::Failed,
            (_, S::CreateComplete | S::UpdateComplete | S::ImportComplete) => OperationResult::Succeeded,
            (_, S::RollbackComplete | S::UpdateRollbackComplete | S::ImportRollbackComplete) => {
                OperationResult::RolledBack
            }
            _ => OperationResult::Failed,
        })
    }
}

/// The progress of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResourceProgress {
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// Its status.
    pub status: ResourceStatus,
    /// The time at which its current step started.
    pub since: Timestamp,
    /// The time of its last event.
    pub updated: Timestamp,
    /// The reason in its last event.
    pub reason: Option<String>,
}

/// The progress of a running operation.
#[derive(Debug, Clone)]
pub struct Progress {
    goal: OperationGoal,
    /// The resources, in the order of their first events.
    pub resources: IndexMap<String, ResourceProgress>,
    /// The failures, oldest first: of resources, and of the stack when it starts a rollback or fails.
    pub failures: Vec<StackEvent>,
    /// The stack's status in its last event.
    pub status: Option<StackStatus>,
    /// The time of the first event.
    pub started: Option<Timestamp>,
    /// Resources that still exist and that the stack does not manage any more.
    pub retained: Vec<String>,
    /// Resources that could not be deleted after an update.
    pub leftovers: Vec<String>,
    /// Every event, oldest first.
    pub events: Vec<StackEvent>,
    in_cleanup: bool,
}

impl Progress {
    /// Creates the progress of an operation without events.
    pub fn new(goal: OperationGoal) -> Self {
        Self {
            goal,
            resources: IndexMap::new(),
            failures: Vec::new(),
            status: None,
            started: None,
            retained: Vec::new(),
            leftovers: Vec::new(),
            events: Vec::new(),
            in_cleanup: false,
        }
    }

    /// Changes the goal: the stack that is being created is deleted again.
    pub fn withdraw(&mut self) {
        self.goal = OperationGoal::Withdrawn;
    }

    /// Applies an event; returns the result if it is the stack's own last one.
    pub fn apply(&mut self, event: &StackEvent) -> Option<OperationResult> {
        self.started.get_or_insert(event.time);
        self.events.push(event.clone());
        match &event.status {
            EventStatus::Stack(status) => self.apply_stack(status, event),
            EventStatus::Resource(status) => {
                self.apply_resource(status, event);
                None
            }
        }
    }

    /// Returns the result that a status means, with the leftovers that the events reported.
    pub fn result(&self, status: &StackStatus) -> Option<OperationResult> {
        match OperationResult::of(self.goal, status)? {
            OperationResult::Succeeded if !self.leftovers.is_empty() => Some(OperationResult::SucceededWithLeftovers),
            result => Some(result),
        }
    }

    fn apply_stack(&mut self, status: &StackStatus, event: &StackEvent) -> Option<OperationResult> {
        use StackStatus as S;
        self.in_cleanup =
            matches!(status, S::UpdateCompleteCleanupInProgress | S::UpdateRollbackCompleteCleanupInProgress)
                || (self.in_cleanup && !status.is_settled());
        let starts_rollback =
            matches!(status, S::RollbackInProgress | S::UpdateRollbackInProgress | S::ImportRollbackInProgress);
        let is_failure = (starts_rollback && self.goal != OperationGoal::Undone)
            || OperationResult::of(self.goal, status).is_some_and(|result| result == OperationResult::Failed);
        if is_failure {
            self.failures.push(event.clone());
        }
        self.status = Some(status.clone());
        self.result(status)
    }

    fn apply_resource(&mut self, status: &ResourceStatus, event: &StackEvent) {
        if status.is_failed() {
            if self.in_cleanup {
                add_once(&mut self.leftovers, &event.logical_id);
            } else {
                self.failures.push(event.clone());
            }
        }
        // A resource that was never created is skipped, too, and has no name in AWS.
        let exists = event.physical_id.as_deref().is_some_and(|id| !id.is_empty());
        if *status == ResourceStatus::DeleteSkipped && exists {
            add_once(&mut self.retained, &event.logical_id);
        }
        let new = ResourceProgress {
            kind: event.kind.clone(),
            status: status.clone(),
            since: event.time,
            updated: event.time,
            reason: event.reason.clone(),
        };
        let known = self.resources.entry(event.logical_id.clone()).or_insert_with(|| new.clone());
        let since = if known.status == *status || status.is_settled() { known.since } else { event.time };
        *known = ResourceProgress { since, ..new };
    }
}

fn add_once(ids: &mut Vec<String>, id: &str) {
    if !ids.iter().any(|known| known == id) {
        ids.push(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixtures::event;

    fn stack(status: StackStatus) -> StackEvent {
        event("web", EventStatus::Stack(status), "")
    }

    fn resource(id: &str, status: ResourceStatus) -> StackEvent {
        event(id, EventStatus::Resource(status), "")
    }

    fn fold(goal: OperationGoal, events: &[StackEvent]) -> (Progress, Option<OperationResult>) {
        let mut progress = Progress::new(goal);
        let results: Vec<_> = events.iter().filter_map(|event| progress.apply(event)).collect();
        assert!(results.len() < 2, "an operation ends once");
        (progress, results.first().copied())
    }

    #[test]
    fn update_is_not_finished_before_its_cleanup() {
        let (progress, result) = fold(
            OperationGoal::Deployed,
            &[
                stack(StackStatus::UpdateInProgress),
                resource("Tiles", ResourceStatus::UpdateComplete),
                stack(StackStatus::UpdateCompleteCleanupInProgress),
            ],
        );
        assert_eq!(result, None);
        assert_eq!(progress.resources["Tiles"].status, ResourceStatus::UpdateComplete);
    }

    #[test]
    fn failed_cleanup_is_a_success_with_leftovers() {
        let (progress, result) = fold(
            OperationGoal::Deployed,
            &[
                stack(StackStatus::UpdateCompleteCleanupInProgress),
                resource("Tiles", ResourceStatus::DeleteFailed),
                stack(StackStatus::UpdateComplete),
            ],
        );
        assert_eq!(result, Some(OperationResult::SucceededWithLeftovers));
        assert_eq!((progress.leftovers, progress.failures.len()), (vec!["Tiles".to_owned()], 0));
    }

    #[test]
    fn completed_rollback_is_not_a_success() {
        for (status, expected) in [
            (StackStatus::RollbackComplete, OperationResult::RolledBack),
            (StackStatus::UpdateRollbackComplete, OperationResult::RolledBack),
            (StackStatus::UpdateRollbackFailed, OperationResult::Failed),
            (StackStatus::DeleteComplete, OperationResult::Failed),
        ] {
            assert_eq!(fold(OperationGoal::Deployed, &[stack(status)]).1, Some(expected));
        }
    }

    #[test]
    fn deletion_that_ends_with_a_stack_is_a_failure() {
        assert_eq!(
            fold(OperationGoal::Deleted, &[stack(StackStatus::CreateComplete)]).1,
            Some(OperationResult::Failed)
        );
        assert_eq!(
            fold(OperationGoal::Deleted, &[stack(StackStatus::DeleteComplete)]).1,
            Some(OperationResult::Succeeded)
        );
    }

    #[test]
    fn resource_skipped_by_a_deletion_is_retained() {
        let skipped = |id: &str, physical_id: Option<&str>| StackEvent {
            physical_id: physical_id.map(str::to_owned),
            ..resource(id, ResourceStatus::DeleteSkipped)
        };
        let events = [skipped("Tiles", Some("tiles-1")), skipped("Never", Some("")), skipped("Made", None)];
        let (progress, _) = fold(OperationGoal::Deleted, &events);
        assert_eq!(progress.retained, ["Tiles"], "what was never created is not kept");
    }
}

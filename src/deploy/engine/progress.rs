//! What the events of an operation add up to.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationResult {
    /// What was asked for is done.
    Succeeded,
    /// It is done, but something that should have been deleted is still there.
    SucceededWithLeftovers,
    /// It failed, and the stack is as it was before (or holds nothing).
    RolledBack,
    /// It failed, and the stack needs a decision.
    Failed,
}

/// What an operation is to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationGoal {
    /// The stack is there.
    Deployed,
    /// The stack is gone.
    Deleted,
    /// A failed operation is undone.
    Undone,
    /// Whatever somebody else wants.
    Settled,
    /// The stack is again what it was.
    Restored,
    /// The stack was being created, and is to be gone again.
    Withdrawn,
}

impl OperationResult {
    /// What a status says about an operation; nothing while it runs.
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

/// What is known of one resource of a running operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceProgress {
    /// Its type.
    pub kind: String,
    /// Its status.
    pub status: ResourceStatus,
    /// When the step that it is in began.
    pub since: Timestamp,
    /// When the last event came.
    pub updated: Timestamp,
    /// AWS's last words about it.
    pub reason: Option<String>,
}

/// A running operation, as its events tell of it.
#[derive(Debug, Clone)]
pub struct Progress {
    goal: OperationGoal,
    /// Every resource that an event spoke of, in the order of the first events.
    pub resources: IndexMap<String, ResourceProgress>,
    /// Events of failures, oldest first: of resources, and of the stack where it begins a rollback or gives up.
    pub failures: Vec<StackEvent>,
    /// The stack's own status, once an event told it.
    pub status: Option<StackStatus>,
    /// The time of the first event.
    pub started: Option<Timestamp>,
    /// Resources that stay although the stack lets go of them.
    pub retained: Vec<String>,
    /// Resources that should have been deleted after an update and could not be.
    pub leftovers: Vec<String>,
    /// Every event, oldest first.
    pub events: Vec<StackEvent>,
    cleaning: bool,
}

impl Progress {
    /// An operation of which nothing is known yet.
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
            cleaning: false,
        }
    }

    /// From now on the creation is taken back.
    pub fn withdraw(&mut self) {
        self.goal = OperationGoal::Withdrawn;
    }

    /// Takes an event in; the verdict comes with the stack's own last one.
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

    /// The verdict on a status that was reached, with what the events told beside it.
    pub fn verdict(&self, status: &StackStatus) -> Option<OperationResult> {
        match OperationResult::of(self.goal, status)? {
            OperationResult::Succeeded if !self.leftovers.is_empty() => Some(OperationResult::SucceededWithLeftovers),
            verdict => Some(verdict),
        }
    }

    fn apply_stack(&mut self, status: &StackStatus, event: &StackEvent) -> Option<OperationResult> {
        use StackStatus as S;
        self.cleaning =
            matches!(status, S::UpdateCompleteCleanupInProgress | S::UpdateRollbackCompleteCleanupInProgress)
                || (self.cleaning && !status.is_settled());
        let turns = matches!(status, S::RollbackInProgress | S::UpdateRollbackInProgress | S::ImportRollbackInProgress);
        let bad = (turns && self.goal != OperationGoal::Undone)
            || OperationResult::of(self.goal, status).is_some_and(|verdict| verdict == OperationResult::Failed);
        if bad {
            self.failures.push(event.clone());
        }
        self.status = Some(status.clone());
        self.verdict(status)
    }

    fn apply_resource(&mut self, status: &ResourceStatus, event: &StackEvent) {
        if status.is_failed() {
            if self.cleaning {
                remember(&mut self.leftovers, &event.logical_id);
            } else {
                self.failures.push(event.clone());
            }
        }
        if *status == ResourceStatus::DeleteSkipped {
            remember(&mut self.retained, &event.logical_id);
        }
        let fresh = ResourceProgress {
            kind: event.kind.clone(),
            status: status.clone(),
            since: event.time,
            updated: event.time,
            reason: event.reason.clone(),
        };
        let known = self.resources.entry(event.logical_id.clone()).or_insert_with(|| fresh.clone());
        let since = if known.status == *status || status.is_settled() { known.since } else { event.time };
        *known = ResourceProgress { since, ..fresh };
    }
}

fn remember(ids: &mut Vec<String>, id: &str) {
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
        let verdicts: Vec<_> = events.iter().filter_map(|event| progress.apply(event)).collect();
        assert!(verdicts.len() < 2, "an operation ends once");
        (progress, verdicts.first().copied())
    }

    #[test]
    fn an_update_ends_after_its_cleanup_and_not_before() {
        let (progress, verdict) = fold(
            OperationGoal::Deployed,
            &[
                stack(StackStatus::UpdateInProgress),
                resource("Tiles", ResourceStatus::UpdateComplete),
                stack(StackStatus::UpdateCompleteCleanupInProgress),
            ],
        );
        assert_eq!(verdict, None);
        assert_eq!(progress.resources["Tiles"].status, ResourceStatus::UpdateComplete);
    }

    #[test]
    fn what_could_not_be_cleaned_up_is_a_blemish_and_no_failure() {
        let (progress, verdict) = fold(
            OperationGoal::Deployed,
            &[
                stack(StackStatus::UpdateCompleteCleanupInProgress),
                resource("Tiles", ResourceStatus::DeleteFailed),
                stack(StackStatus::UpdateComplete),
            ],
        );
        assert_eq!(verdict, Some(OperationResult::SucceededWithLeftovers));
        assert_eq!((progress.leftovers, progress.failures.len()), (vec!["Tiles".to_owned()], 0));
    }

    #[test]
    fn a_rollback_that_completes_is_not_a_success() {
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
    fn a_delete_that_was_called_off_is_a_failure() {
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
    fn what_is_skipped_by_a_delete_is_retained() {
        let (progress, _) = fold(OperationGoal::Deleted, &[resource("Tiles", ResourceStatus::DeleteSkipped)]);
        assert_eq!(progress.retained, ["Tiles"]);
    }
}

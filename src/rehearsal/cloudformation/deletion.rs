//! The deletion of a resource: its policy, the resource that a step deletes, and its leftovers.

use crate::rehearsal::state::{Operation, Phase, ResourceState, Stack};

/// Returns whether a deletion policy retains the resource in this phase ("`DeletionPolicy` attribute", user guide).
pub(super) fn retains(phase: Phase, policy: &str) -> bool {
    let rolls_back = matches!(phase, Phase::Rollback | Phase::RollbackCleanup | Phase::UpdateRollbackCleanup);
    policy == "Retain" || (policy == "RetainExceptOnCreate" && !rolls_back)
}

impl Operation {
    /// Returns whether the stack still has a resource with this logical id: the one that is deleted was replaced.
    pub(super) fn was_replaced(&self, stack: &Stack, id: &str) -> bool {
        matches!(self.phase, Phase::UpdateCleanup | Phase::UpdateRollbackCleanup) && stack.resources.contains_key(id)
    }

    /// Returns the resource that a step deletes.
    pub(super) fn resource_to_delete<'s>(&'s self, stack: &'s Stack, id: &str) -> Option<&'s ResourceState> {
        if self.phase.deletes_pending() {
            return self.pending_deletions.iter().find(|(other, _)| other == id).map(|(_, existing)| existing);
        }
        stack.resources.get(id)
    }

    /// Detaches a resource from the stack. If it is retained, it becomes a leftover.
    pub(super) fn detach(&mut self, stack: &mut Stack, id: &str, retained: bool) {
        let detached = if self.phase.deletes_pending() {
            let at = self.pending_deletions.iter().position(|(other, _)| other == id);
            at.map(|at| self.pending_deletions.remove(at).1)
        } else {
            stack.resources.get_mut(id).map(|existing| {
                let detached = existing.clone();
                existing.physical_id = None;
                detached
            })
        };
        if retained {
            stack.leftovers.extend(detached.filter(|existing| existing.physical_id.is_some()));
        }
    }
}

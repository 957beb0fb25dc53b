//! How a stack lets go of a resource: whether it is kept, which one it is, and what is left of it.

use super::{Operation, Phase};
use crate::rehearsal::account::state::{ResourceState, Stack};

/// Whether a deletion policy keeps the resource in this phase ("`DeletionPolicy` attribute", user guide).
pub(super) fn keeps(phase: Phase, policy: &str) -> bool {
    let undoes = matches!(phase, Phase::Rollback | Phase::RollbackRest | Phase::UndoCleanup);
    policy == "Retain" || (policy == "RetainExceptOnCreate" && !undoes)
}

impl Operation {
    /// True where a resource of that name stays in the stack: what is deleted was replaced.
    pub(super) fn wanted_still_has(&self, stack: &Stack, id: &str) -> bool {
        matches!(self.phase, Phase::Cleanup | Phase::UndoCleanup) && stack.resources.contains_key(id)
    }

    /// The resource that a step deletes.
    pub(super) fn subject<'s>(&'s self, stack: &'s Stack, id: &str) -> Option<&'s ResourceState> {
        if self.phase.of_doomed() {
            return self.doomed.iter().find(|(other, _)| other == id).map(|(_, held)| held);
        }
        stack.resources.get(id)
    }

    /// The stack has nothing to do with it any more; it exists on where it is kept.
    pub(super) fn let_go(&mut self, stack: &mut Stack, id: &str, kept: bool) {
        let gone = if self.phase.of_doomed() {
            let at = self.doomed.iter().position(|(other, _)| other == id);
            at.map(|at| self.doomed.remove(at).1)
        } else {
            stack.resources.get_mut(id).map(|held| {
                let gone = held.clone();
                held.physical_id = None;
                gone
            })
        };
        if kept {
            stack.leftovers.extend(gone.filter(|held| held.physical_id.is_some()));
        }
    }
}

//! The steps of each phase.

use std::collections::{BTreeMap, BTreeSet};

use super::{Operation, Phase, Stage, Step, Work};
use crate::cfn::LogicalId;
use crate::cfn::graph::Graph;
use crate::deploy::ports::{Timestamp, Token};
use crate::deploy::rehearsal::account::Account;
use crate::deploy::rehearsal::chance::uuid;
use crate::deploy::rehearsal::state::{Held, Stack, Wanted};
use crate::deploy::status::{ResourceStatus, StackStatus};

impl Account {
    /// Begins to create or update a stack.
    pub(in crate::deploy::rehearsal) fn begin(
        &mut self,
        stack: &mut Stack,
        at: Timestamp,
        (phase, token): (Phase, Token),
        wanted: Wanted,
    ) {
        let status = match phase {
            Phase::Create => StackStatus::CreateInProgress,
            Phase::Update => StackStatus::UpdateInProgress,
            _ => StackStatus::DeleteInProgress,
        };
        self.state.counter += 1;
        let id = uuid(self.state.seed, &[&stack.id, "operation", &self.state.counter.to_string()]);
        let steps = if phase == Phase::Delete { own_removals(stack) } else { self.forward(stack, &wanted) };
        let operation = Operation {
            id,
            token: Some(token),
            phase,
            began: at,
            steps,
            wanted,
            previous: stack.resources.clone(),
            status_before: stack.status.clone(),
            doomed: Vec::new(),
            imports: BTreeSet::new(),
        };
        stack.operation = Some(operation);
        if phase == Phase::Update {
            stack.updated = Some(at);
        }
        self.announce(stack, at, status, Some("User Initiated".to_owned()));
    }

    /// Makes what is new and changes what is there, in the order of the graph.
    fn forward(&mut self, stack: &Stack, wanted: &Wanted) -> Vec<Step> {
        let template = self.template(&wanted.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, wanted);
        let graph = Graph::after(&template, &conditions);
        let ids: Vec<&LogicalId> = graph.ids().collect();
        let position: BTreeMap<&LogicalId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let steps = ids.iter().map(|id| {
            let there = stack.resources.get(id.as_str()).is_some_and(|held| held.physical_id.is_some());
            let needs =
                graph.needs(id).filter(|(need, _)| need != id).filter_map(|(need, _)| position.get(need).copied());
            step(id.as_str(), if there { Work::Change } else { Work::Make }, needs.collect())
        });
        steps.collect()
    }
}

/// Deletes the stack's own resources, users before what they use.
pub(super) fn own_removals(stack: &Stack) -> Vec<Step> {
    let there = |held: &Held| held.physical_id.is_some() || held.status != ResourceStatus::DeleteComplete;
    let held: Vec<_> = stack.resources.iter().filter(|(_, held)| there(held)).collect();
    removals(&held.iter().map(|(id, held)| (id.as_str(), *held)).collect::<Vec<_>>(), Work::Remove)
}

/// Deletes what the stack lets go of, users before what they use.
pub(super) fn doomed_removals(doomed: &[(String, Held)]) -> Vec<Step> {
    removals(&doomed.iter().map(|(id, held)| (id.as_str(), held)).collect::<Vec<_>>(), Work::RemoveDoomed)
}

fn removals(held: &[(&str, &Held)], work: Work) -> Vec<Step> {
    let users = |id: &str| {
        let uses = held
            .iter()
            .enumerate()
            .filter(|(_, (other, held))| *other != id && held.needs.iter().any(|need| need == id));
        uses.map(|(at, _)| at).collect::<Vec<_>>()
    };
    held.iter().map(|(id, _)| step(id, work, users(id))).collect()
}

/// Puts every resource back to what it was, in the order of what they need.
pub(super) fn restorations(operation: &Operation) -> Vec<Step> {
    let there: Vec<_> = operation.previous.iter().filter(|(_, held)| held.physical_id.is_some()).collect();
    let position = |id: &String| there.iter().position(|(other, _)| *other == id);
    let steps = there.iter().map(|(id, held)| {
        let needs = held.needs.iter().filter(|need| need != id).filter_map(position);
        step(id, Work::Restore, needs.collect())
    });
    steps.collect()
}

fn step(id: &str, work: Work, needs: Vec<usize>) -> Step {
    Step { id: id.to_owned(), work, needs, stage: Stage::Waiting, beats: Vec::new(), released: None, ended: None }
}

//! Existing resources become a stack's own. In a rehearsal these are what stacks have let go of.

use serde_json::Value as Json;

use super::change_sets::bare;
use super::durations::StepDurations;
use super::{Operation, StepEvent, beats};
use crate::cfn::Template;
use crate::deploy::api::status::{ResourceStatus as S, StackStatus};
use crate::deploy::api::{Action, ImportedResource, ResourceChange, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{OutOfBandChange, ResourceState, Stack, outside_key};

impl Account {
    /// The changes of an import; refuses what cannot be taken in ("Import AWS resources into a stack", user guide).
    pub(crate) fn imports(
        &self,
        stack: &Stack,
        wanted: &[ImportedResource],
        template: &Template,
        changes: &[ResourceChange],
    ) -> Result<Vec<ResourceChange>, String> {
        let names = |ids: Vec<&str>| ids.join(", ");
        let imported = |id: &str| wanted.iter().any(|import| import.logical_id == id);
        let others: Vec<_> = changes.iter().map(|it| it.logical_id.as_str()).filter(|id| !imported(id)).collect();
        if !others.is_empty() {
            return Err(format!(
                "You have modified resources [{}] in your template that are not being imported. Update, create or delete \
                 operations cannot be executed during import operations.",
                names(others)
            ));
        }
        let keeps = |import: &&ImportedResource| {
            let resource = template.resources.get(import.logical_id.as_str());
            resource.is_some_and(|resource| resource.attributes.contains_key("DeletionPolicy"))
        };
        let unkept: Vec<_> = wanted.iter().filter(|it| !keeps(it)).map(|it| it.logical_id.as_str()).collect();
        if !unkept.is_empty() {
            return Err(format!(
                "The following resources to import [{}] must have DeletionPolicy attribute specified in the template.",
                names(unkept)
            ));
        }
        let import = |import: &ImportedResource| {
            let physical_id = self.find_outside(stack, import)?;
            Ok(bare(Action::Import, &import.logical_id, &import.kind, Some(physical_id)))
        };
        wanted.iter().map(import).collect()
    }

    /// The physical id of what is to be imported; an error where it is not there or belongs to a stack.
    fn find_outside(&self, own: &Stack, import: &ImportedResource) -> Result<String, String> {
        let all = || self.state.stacks.iter().chain(std::iter::once(own)).filter(|stack| stack.region == own.region);
        let owner = |stack: &&Stack| stack.resources.values().any(|held| is_meant(held, import));
        if let Some(owner) = all().find(owner) {
            return Err(format!(
                "Resource {} ({}) already belongs to stack {}",
                import.logical_id,
                identifier(import),
                owner.id
            ));
        }
        let free = all().flat_map(|stack| &stack.leftovers).find(|held| is_meant(held, import));
        let free = free.filter(|held| self.state.outside(held) != Some(&OutOfBandChange::Deleted));
        free.and_then(|held| held.physical_id.clone()).ok_or_else(|| {
            format!("Resource of type '{}' with identifier '{}' was not found.", import.kind, identifier(import))
        })
    }

    /// Begins to take a resource in.
    pub(crate) fn take_in(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Vec<(Timestamp, StepEvent)> {
        let resolved = self.resolved(stack, operation, id);
        let (kind, attributes, needs) = self.facts(stack, operation, id);
        let found = operation.import.iter().find(|import| import.logical_id == id).cloned();
        let found = found.and_then(|import| self.taken(stack, &import));
        let physical_id = found.as_ref().and_then(|held| held.physical_id.clone());
        let was = found.map_or(Json::Null, |held| held.properties);
        let held = ResourceState {
            kind,
            physical_id,
            properties: was.clone(),
            attributes,
            status: S::ImportInProgress,
            reason: None,
            updated: at,
            needs,
            generation: 0,
        };
        let there = held.physical_id.is_some();
        stack.resources.insert(id.to_owned(), held);
        self.report(stack, operation, id, at, (S::ImportInProgress, Some("Resource import started.".to_owned())));
        match resolved {
            Ok(properties) if there => {
                self.takes_for(stack, id, was, &properties);
                stack.resources[id].properties = properties.clone();
                let second = std::time::Duration::from_secs(1);
                beats(at, StepDurations { initiated: second, configured: None, done: 3 * second }, None, properties)
            }
            Ok(_) => vec![(at, StepEvent::Fail(format!("Resource {id} was not found.")))],
            Err(reason) => vec![(at, StepEvent::Fail(reason))],
        }
    }

    /// The template is taken at its word; what differs from it is drift.
    fn takes_for(&mut self, stack: &Stack, id: &str, was: Json, properties: &Json) {
        let held = &stack.resources[id];
        if was != *properties
            && let Some(physical_id) = &held.physical_id
        {
            self.state.outside.entry(outside_key(&held.kind, physical_id)).or_insert(OutOfBandChange::Changed(was));
        }
    }

    /// Takes a resource from among those that nobody owns.
    fn taken(&mut self, own: &mut Stack, import: &ImportedResource) -> Option<ResourceState> {
        let region = own.region.clone();
        let others = self.state.stacks.iter_mut().filter(|stack| stack.region == region);
        for stack in std::iter::once(own).chain(others) {
            if let Some(at) = stack.leftovers.iter().position(|held| is_meant(held, import)) {
                return Some(stack.leftovers.remove(at));
            }
        }
        None
    }

    /// Ends an import: what failed is let go of again.
    pub(crate) fn taken_in(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        failed: bool,
    ) -> bool {
        if !failed {
            stack.desired = operation.wanted.clone();
            return self.settle(stack, operation, at, StackStatus::ImportComplete, None);
        }
        let (status, reason) = (StackStatus::ImportRollbackInProgress, super::reason(operation));
        self.announce_for(stack, operation, at, status, Some(reason));
        for import in std::mem::take(&mut operation.import) {
            let held = stack.resources.shift_remove(&import.logical_id);
            stack.leftovers.extend(held.filter(|held| held.physical_id.is_some()));
        }
        self.settle(stack, operation, at, StackStatus::ImportRollbackComplete, None)
    }
}

fn identifier(import: &ImportedResource) -> String {
    import.identifier.values().cloned().collect::<Vec<_>>().join("|")
}

/// True where a resource is the one that is meant: its physical id or its properties have the identifier.
fn is_meant(held: &ResourceState, import: &ImportedResource) -> bool {
    let physical_id = held.physical_id.as_deref().unwrap_or_default();
    let has = |(name, value): (&String, &String)| {
        held.properties.get(name).and_then(Json::as_str) == Some(value) || physical_id.split('|').any(|it| it == value)
    };
    held.kind == import.kind && !physical_id.is_empty() && import.identifier.iter().all(has)
}

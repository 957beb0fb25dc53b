//! Import of existing resources. In a rehearsal these are the leftovers of stacks, and those that `--assume` lets exist.

use std::time::Duration;

use serde_json::Value as Json;

use super::change_sets::resource_change;
use super::durations::StepDurations;
use super::messages::failed_resources;
use super::schedule::{Events, StepTiming};
use super::step_context::ResourceDefinition;
use super::transitions::Transition;
use crate::cfn::Template;
use crate::deploy::api::status::{ResourceStatus as S, StackStatus};
use crate::deploy::api::{Action, ImportedResource, ResourceChange, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::assumed;
use crate::rehearsal::state::{Operation, OutOfBandChange, ResourceState, Stack, StepEvent, resource_key};

/// The durations of an import.
const DURATIONS: StepDurations =
    StepDurations { initiated: Duration::from_secs(1), configured: None, done: Duration::from_secs(3) };

impl Account {
    /// Returns the changes of an import, or an error if a resource cannot be imported ("Import AWS resources into a stack",
    /// user guide).
    pub(super) fn imports(
        &self,
        stack: &Stack,
        requested: &[ImportedResource],
        template: &Template,
        changes: &[ResourceChange],
    ) -> Result<Vec<ResourceChange>, String> {
        let names = |ids: Vec<&str>| ids.join(", ");
        let imported = |id: &str| requested.iter().any(|import| import.logical_id == id);
        let others: Vec<_> = changes.iter().map(|it| it.logical_id.as_str()).filter(|id| !imported(id)).collect();
        if !others.is_empty() {
            return Err(format!(
                "You have modified resources [{}] in your template that are not being imported. Update, create or delete \
                 operations cannot be executed during import operations.",
                names(others)
            ));
        }
        let has_policy = |import: &&ImportedResource| {
            let resource = template.resources.get(import.logical_id.as_str());
            resource.is_some_and(|resource| resource.attributes.contains_key("DeletionPolicy"))
        };
        let without_policy: Vec<_> =
            requested.iter().filter(|it| !has_policy(it)).map(|it| it.logical_id.as_str()).collect();
        if !without_policy.is_empty() {
            return Err(format!(
                "The following resources to import [{}] must have DeletionPolicy attribute specified in the template.",
                names(without_policy)
            ));
        }
        let import = |import: &ImportedResource| {
            let physical_id = self.find_importable(stack, import)?;
            Ok(resource_change(Action::Import, &import.logical_id, &import.kind, Some(physical_id)))
        };
        requested.iter().map(import).collect()
    }

    /// Returns the physical id of a resource to import, or an error if it does not exist or belongs to a stack.
    fn find_importable(&self, own: &Stack, import: &ImportedResource) -> Result<String, String> {
        let all = || self.state.stacks.iter().chain(std::iter::once(own)).filter(|stack| stack.region == own.region);
        let owner = |stack: &&Stack| stack.resources.values().any(|existing| matches_identifier(existing, import));
        if let Some(owner) = all().find(owner) {
            return Err(format!(
                "Resource {} ({}) already belongs to stack {}",
                import.logical_id,
                identifier(import),
                owner.id
            ));
        }
        let free = all().flat_map(|stack| &stack.leftovers).find(|existing| matches_identifier(existing, import));
        let free = free.filter(|existing| self.state.out_of_band_change(existing) != Some(&OutOfBandChange::Deleted));
        let assumed = || {
            let id = identifier(import);
            let key = assumed::resource(&import.kind, &id);
            self.state.assumed_resources.contains(&key).then(|| {
                self.assumptions().read(&import.kind, &id);
                id
            })
        };
        free.and_then(|existing| existing.physical_id.clone()).or_else(assumed).ok_or_else(|| {
            format!("Resource of type '{}' with identifier '{}' was not found.", import.kind, identifier(import))
        })
    }

    /// Starts the import of a resource.
    pub(super) fn import_resource(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Events {
        let resolved = self.resolved(stack, operation, id);
        let ResourceDefinition { kind, attributes, needs } = self.definition(stack, operation, id);
        let found = operation.import.iter().find(|import| import.logical_id == id).cloned();
        let found = found.and_then(|import| self.take_importable(stack, &import));
        let physical_id = found.as_ref().and_then(|existing| existing.physical_id.clone());
        // An assumed resource is as the template describes it.
        let assumed = || resolved.clone().unwrap_or_default();
        let actual = found
            .map_or(Json::Null, |existing| if existing.properties.is_null() { assumed() } else { existing.properties });
        let existing = ResourceState {
            kind: kind.clone(),
            physical_id,
            properties: actual.clone(),
            attributes,
            status: S::ImportInProgress,
            reason: None,
            updated: at,
            needs,
            generation: 0,
        };
        let exists = existing.physical_id.is_some();
        stack.resources.insert(id.to_owned(), existing);
        let reason = Some("Resource import started.".to_owned());
        self.push_resource_event(stack, operation, id, at, (S::ImportInProgress, reason));
        match resolved {
            Ok(properties) if exists => {
                self.record_import_drift(stack, id, actual, &properties);
                stack.resources[id].properties = properties.clone();
                let timing = StepTiming { id, kind: &kind, start: at, durations: DURATIONS, mode: operation.mode };
                timing.resource_events(None, properties)
            }
            Ok(_) => vec![(at, StepEvent::Fail(format!("Resource {id} was not found.")))],
            Err(reason) => vec![(at, StepEvent::Fail(reason))],
        }
    }

    /// Records the differences of the resource from its template: an import does not change the resource.
    fn record_import_drift(&mut self, stack: &Stack, id: &str, actual: Json, properties: &Json) {
        let existing = &stack.resources[id];
        if actual != *properties
            && let Some(physical_id) = &existing.physical_id
        {
            self.state
                .out_of_band
                .entry(resource_key(&existing.kind, physical_id))
                .or_insert(OutOfBandChange::Changed(actual));
        }
    }

    /// Removes a resource from the leftovers and returns it.
    fn take_importable(&mut self, own: &mut Stack, import: &ImportedResource) -> Option<ResourceState> {
        let region = own.region.clone();
        let others = self.state.stacks.iter_mut().filter(|stack| stack.region == region);
        for stack in std::iter::once(own).chain(others) {
            if let Some(at) = stack.leftovers.iter().position(|existing| matches_identifier(existing, import)) {
                return Some(stack.leftovers.remove(at));
            }
        }
        let id = identifier(import);
        self.state.assumed_resources.remove(&assumed::resource(&import.kind, &id)).then(|| ResourceState {
            kind: import.kind.clone(),
            physical_id: Some(id),
            properties: Json::Null,
            attributes: Json::Null,
            status: S::ImportInProgress,
            reason: None,
            updated: Timestamp::default(),
            needs: Vec::new(),
            generation: 0,
        })
    }

    /// Ends an import. If it failed, the resources become leftovers again.
    pub(super) fn end_import(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        at: Timestamp,
        failed: bool,
    ) -> Transition {
        if !failed {
            stack.desired = operation.spec.clone();
            return Transition::finish(StackStatus::ImportComplete, None);
        }
        let (status, reason) = (StackStatus::ImportRollbackInProgress, failed_resources(operation));
        self.push_operation_event(stack, operation, at, status, Some(reason));
        for import in std::mem::take(&mut operation.import) {
            let existing = stack.resources.shift_remove(&import.logical_id);
            stack.leftovers.extend(existing.filter(|existing| existing.physical_id.is_some()));
        }
        Transition::finish(StackStatus::ImportRollbackComplete, None)
    }
}

/// Returns the identifier as one text.
fn identifier(import: &ImportedResource) -> String {
    import.identifier.values().cloned().collect::<Vec<_>>().join("|")
}

/// Returns whether a resource has the identifier, in its physical id or its properties.
fn matches_identifier(existing: &ResourceState, import: &ImportedResource) -> bool {
    let physical_id = existing.physical_id.as_deref().unwrap_or_default();
    let has = |(name, value): (&String, &String)| {
        existing.properties.get(name).and_then(Json::as_str) == Some(value)
            || physical_id.split('|').any(|it| it == value)
    };
    existing.kind == import.kind && !physical_id.is_empty() && import.identifier.iter().all(has)
}

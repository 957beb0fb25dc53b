//! The resources of the account as a rule sees them: with the properties that they have and those that running steps give
//! them.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value as Json;

use super::Subject;
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};
use crate::rehearsal::property_access::text;
use crate::rehearsal::state::{
    AccountState, EcsWait, Operation, OutOfBandChange, Phase, ResourceState, Stack, Step, StepAction, StepEvent,
    StepState, resource_key,
};

/// The resources of an account.
pub(in crate::rehearsal) struct AccountView<'a> {
    state: &'a AccountState,
    /// The stack and the operation of the request, unless tasks start outside of one.
    own: Option<(&'a Stack, &'a Operation)>,
    /// The region of the request.
    pub(super) region: &'a str,
    /// The number of the account.
    pub(super) account: &'a str,
    /// Whether the region is set, not assumed.
    region_is_known: bool,
    /// Whether the account has no other resources than these.
    pub(super) complete: bool,
    existing: Vec<Existing<'a>>,
}

/// A resource of the account. One that is being updated is listed twice: with the properties before and after.
pub(in crate::rehearsal) struct Existing<'a> {
    pub(super) kind: &'a str,
    pub(super) physical_id: Option<&'a str>,
    pub(in crate::rehearsal) properties: &'a Json,
    /// Whether an operation deletes it.
    pub(super) leaving: bool,
    /// Whether its creation is not complete.
    pub(super) is_pending: bool,
    region: &'a str,
}

impl Existing<'_> {
    /// Returns a property as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        text(self.properties, name)
    }

    /// Returns whether a property has this value.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.text(name).as_deref() == Some(value)
    }

    /// Returns whether this is the resource with a physical id.
    fn is(&self, physical_id: &str) -> bool {
        self.physical_id == Some(physical_id)
    }
}

impl<'a> AccountView<'a> {
    /// Returns the view of a step of an operation. The account does not contain the stack while its operation advances.
    pub(in crate::rehearsal) fn new(state: &'a AccountState, own: &'a Stack, operation: &'a Operation) -> Self {
        let mut view = Self { own: Some((own, operation)), ..Self::of_region(state, &own.region) };
        view.add_stack(own, Some(operation));
        view
    }

    /// Returns the view of a request outside of operations.
    pub(in crate::rehearsal) fn of_region(state: &'a AccountState, region: &'a str) -> Self {
        let mut view = Self {
            state,
            own: None,
            region,
            account: &state.account,
            region_is_known: state.assumed_region.as_deref() != Some(region),
            complete: state.foreign_exports.is_none(),
            existing: Vec::new(),
        };
        state.stacks.iter().for_each(|stack| view.add_stack(stack, stack.operation.as_ref()));
        view
    }

    /// Returns the partition of the region.
    pub(super) fn partition(&self) -> String {
        self.state.environment(self.region).partition
    }

    /// Returns whether the operation of the request created a resource.
    pub(super) fn is_new(&self, physical_id: &str) -> bool {
        let before = |operation: &Operation| {
            operation.previous.values().any(|it| it.physical_id.as_deref() == Some(physical_id))
        };
        self.own.is_some_and(|(_, operation)| !before(operation))
    }

    /// Returns whether another service has written into a resource.
    pub(super) fn has_content(&self, kind: &str, physical_id: &str) -> bool {
        self.state.contents.contains(&resource_key(kind, physical_id))
    }

    /// Returns whether a task definition was deregistered.
    pub(super) fn is_deregistered(&self, task_definition: &str) -> bool {
        self.state.ecs.is_deregistered(task_definition)
    }

    /// Returns whether a resource of a type, whose physical id has this end, was deleted in the last minute.
    pub(super) fn deleted_in_the_last_minute(&self, kind: &str, end: &str) -> bool {
        let own = self.own.map(|(stack, _)| stack);
        let now = own.and_then(|stack| stack.events.last()).map_or(self.state.now, |event| event.time);
        let recent = |event: &&StackEvent| now.since(event.time) < Duration::from_mins(1);
        let deleted = |event: &StackEvent| {
            event.kind == kind
                && event.status == EventStatus::Resource(ResourceStatus::DeleteComplete)
                && event.physical_id.as_deref().is_some_and(|id| id.ends_with(end))
        };
        let in_region = self.state.stacks.iter().chain(own).filter(|stack| stack.region == self.region);
        in_region.flat_map(|stack| stack.events.iter().rev().take_while(recent)).any(deleted)
    }

    /// Returns the time of the last creation or update of a resource, if the account remembers it.
    pub(super) fn changed_at(&self, resource: &Existing<'_>) -> Option<Timestamp> {
        let done = [ResourceStatus::CreateComplete, ResourceStatus::UpdateComplete].map(EventStatus::Resource);
        self.events_of(resource).filter(|event| done.contains(&event.status)).map(|event| event.time).max()
    }

    /// Returns the time at which the creation of a resource started, if the account remembers it.
    pub(super) fn created_at(&self, resource: &Existing<'_>) -> Option<Timestamp> {
        self.events_of(resource).map(|event| event.time).min()
    }

    /// Returns the events of a physical resource.
    fn events_of(&self, resource: &Existing<'_>) -> impl Iterator<Item = &StackEvent> {
        let own = self.own.map(|(stack, _)| stack);
        let events = self.state.stacks.iter().chain(own).flat_map(|stack| &stack.events);
        events.filter(|event| event.physical_id.is_some() && event.physical_id.as_deref() == resource.physical_id)
    }

    /// Returns the region of the request, if it is known.
    pub(super) fn known_region(&self) -> Option<&'a str> {
        Some(self.region).filter(|_| self.region_is_known)
    }

    /// Returns the resources of a type in the region.
    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &Existing<'a>> {
        self.existing.iter().filter(move |it| it.kind == kind && it.region == self.region)
    }

    /// Returns the resources of a type in all regions.
    pub(super) fn in_all_regions(&self, kind: &str) -> impl Iterator<Item = &Existing<'a>> {
        self.existing.iter().filter(move |it| it.kind == kind)
    }

    /// Returns the resources of a type other than the subject.
    pub(super) fn others(&self, kind: &str, subject: &Subject<'_>) -> impl Iterator<Item = &Existing<'a>> {
        let own = subject.physical_id.filter(|_| subject.kind == kind);
        self.of(kind).filter(move |it| own.is_none_or(|own| !it.is(own)))
    }

    /// Returns the resources in the region that no operation deletes.
    pub(super) fn staying(&self) -> impl Iterator<Item = &Existing<'a>> {
        self.existing.iter().filter(|it| !it.leaving && it.region == self.region)
    }

    /// Returns the resource of a type with a physical id, with the properties that an operation gives it.
    pub(in crate::rehearsal) fn find(&self, kind: &str, physical_id: &str) -> Option<&Existing<'a>> {
        self.of(kind).find(|it| it.is(physical_id))
    }

    /// Adds the resources of a stack.
    fn add_stack(&mut self, stack: &'a Stack, operation: Option<&'a Operation>) {
        let steps = operation.iter().flat_map(|operation| &operation.steps);
        let running: HashMap<&str, &Step> =
            steps.filter(|step| changes(step)).map(|step| (step.id.as_str(), step)).collect();
        let leaving = operation.is_some_and(|it| matches!(it.phase, Phase::Rollback | Phase::Delete));
        for (id, resource) in &stack.resources {
            let step = running.get(id.as_str());
            let planned = step.and_then(|step| planned_properties(step));
            if let Some(properties) = planned {
                let new = step.and_then(|step| planned_id(step)).or(resource.physical_id.as_deref());
                let is_pending = resource.physical_id.is_none() || step.is_some_and(|step| step.created_resource);
                self.existing.push(Existing { is_pending, ..existing(stack, resource, new, properties, leaving) });
            }
            // A replacement has the properties of the old resource until its step is done.
            if planned.is_none() || step.is_none_or(|step| !step.created_resource) {
                self.add_resource(stack, resource, leaving);
            }
        }
        stack.leftovers.iter().for_each(|resource| self.add_resource(stack, resource, false));
        let pending = operation.iter().flat_map(|operation| &operation.pending_deletions);
        let failed = stack.rollback_state.iter().flat_map(|state| &state.pending_deletions);
        pending.chain(failed).for_each(|(_, resource)| self.add_resource(stack, resource, true));
    }

    /// Adds a resource with the properties that it has. Those of a failed step are unknown.
    fn add_resource(&mut self, stack: &'a Stack, resource: &'a ResourceState, leaving: bool) {
        let failed = matches!(resource.status, ResourceStatus::CreateFailed | ResourceStatus::UpdateFailed);
        if resource.physical_id.is_none() || resource.properties.is_null() || failed {
            return;
        }
        let properties = match self.state.out_of_band_change(resource) {
            Some(OutOfBandChange::Deleted) => return,
            Some(OutOfBandChange::Changed(actual)) => actual,
            None => &resource.properties,
        };
        self.existing.push(existing(stack, resource, resource.physical_id.as_deref(), properties, leaving));
    }
}

/// Returns a resource of a stack.
fn existing<'a>(
    stack: &'a Stack,
    resource: &'a ResourceState,
    physical_id: Option<&'a str>,
    properties: &'a Json,
    leaving: bool,
) -> Existing<'a> {
    Existing { kind: &resource.kind, physical_id, properties, leaving, is_pending: false, region: &stack.region }
}

/// Returns whether a step is creating or updating a resource.
fn changes(step: &Step) -> bool {
    let action = matches!(step.action, StepAction::Create | StepAction::Update | StepAction::Restore);
    step.state == StepState::Running && action
}

/// Returns the properties that a running step gives its resource, unless it is going to fail.
fn planned_properties(step: &Step) -> Option<&Json> {
    let planned = step.events.iter().find_map(|(_, event)| match event {
        StepEvent::ApplyToEcs(properties) | StepEvent::Done(properties) => Some(properties),
        _ => None,
    });
    let waiting = match &step.ecs_wait {
        Some(EcsWait::Stable { properties, .. }) => Some(properties),
        _ => None,
    };
    planned.or(waiting).filter(|properties| !properties.is_null())
}

/// Returns the physical id that a running step is about to create.
fn planned_id(step: &Step) -> Option<&str> {
    step.events.iter().find_map(|(_, event)| match event {
        StepEvent::Initiated(id) => Some(id.as_str()),
        _ => None,
    })
}

//! Events of stacks and their resources.

use super::Account;
use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{ClientRequestToken, EventStatus, StackEvent, Timestamp};
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{Operation, Stack};

impl Account {
    /// Sets the stack's status and adds its event, at the start of an operation.
    pub(in crate::rehearsal) fn push_stack_event(
        &mut self,
        stack: &mut Stack,
        at: Timestamp,
        status: StackStatus,
        reason: Option<String>,
    ) {
        let (token, operation) = stack.operation.as_ref().map(|it| (it.token.clone(), it.id.clone())).unzip();
        self.record_stack_event(stack, at, (status, reason), (token.flatten(), operation));
    }

    /// Sets the stack's status and adds its event, while its operation is taken out of it.
    pub(in crate::rehearsal) fn push_operation_event(
        &mut self,
        stack: &mut Stack,
        operation: &Operation,
        at: Timestamp,
        status: StackStatus,
        reason: Option<String>,
    ) {
        let source = (operation.token.clone(), Some(operation.id.clone()));
        self.record_stack_event(stack, at, (status, reason), source);
    }

    /// Sets the stack's status and adds its event.
    pub(in crate::rehearsal) fn record_stack_event(
        &mut self,
        stack: &mut Stack,
        time: Timestamp,
        (status, reason): (StackStatus, Option<String>),
        (token, operation): (Option<ClientRequestToken>, Option<String>),
    ) {
        self.state.counter += 1;
        let id = uuid(self.state.seed, &[&stack.id, "event", &self.state.counter.to_string()]);
        (stack.status, stack.reason) = (status.clone(), reason.clone());
        stack.events.push(StackEvent {
            id,
            stack_id: stack.id.clone(),
            logical_id: stack.name.clone(),
            physical_id: Some(stack.id.clone()),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            status: EventStatus::Stack(status),
            detail: None,
            reason,
            time,
            token,
            operation,
        });
    }

    /// Sets the status of a resource and adds its event.
    pub(in crate::rehearsal) fn push_resource_event(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
        (status, reason): (ResourceStatus, Option<String>),
    ) {
        let existing = if operation.phase.deletes_pending() {
            operation.pending_deletions.iter_mut().find(|(other, _)| other == id).map(|(_, existing)| existing)
        } else {
            stack.resources.get_mut(id)
        };
        let Some(existing) = existing else { return };
        (existing.status, existing.reason, existing.updated) = (status.clone(), reason.clone(), at);
        let (kind, physical_id) = (existing.kind.clone(), existing.physical_id.clone());
        self.record_resource_event(stack, operation, (id, kind, physical_id), at, (status, reason, None));
    }

    /// Adds the event of a resource whose dependents may start.
    pub(in crate::rehearsal) fn push_configuration_complete(
        &mut self,
        stack: &mut Stack,
        operation: &Operation,
        id: &str,
        at: Timestamp,
        status: ResourceStatus,
    ) {
        let Some(existing) = stack.resources.get(id) else { return };
        let resource = (id, existing.kind.clone(), existing.physical_id.clone());
        let reason = Some("Eventual consistency check initiated".to_owned());
        self.record_resource_event(
            stack,
            operation,
            resource,
            at,
            (status, reason, Some("CONFIGURATION_COMPLETE".to_owned())),
        );
    }

    /// Adds the event of a resource.
    fn record_resource_event(
        &mut self,
        stack: &mut Stack,
        operation: &Operation,
        (id, kind, physical_id): (&str, String, Option<String>),
        time: Timestamp,
        (status, reason, detail): (ResourceStatus, Option<String>, Option<String>),
    ) {
        self.state.counter += 1;
        stack.events.push(StackEvent {
            id: format!("{id}-{status}-{}-{}", time, self.state.counter),
            stack_id: stack.id.clone(),
            logical_id: id.to_owned(),
            physical_id,
            kind,
            status: EventStatus::Resource(status),
            detail,
            reason,
            time,
            token: operation.token.clone(),
            operation: Some(operation.id.clone()),
        });
    }
}

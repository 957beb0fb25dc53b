//! API operations on stacks and on existing change sets.

use indexmap::IndexMap;

use super::Account;
use crate::cfn::{Parameter, Template};
use crate::deploy::api::status::{ChangeSetStatus, StackStatus};
use crate::deploy::api::{
    ApiCall, AwsError, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetSummary, ClientRequestToken, DeploymentMode,
    ErrorKind, EventPage, Export, StackDescription, StackResource, Timestamp,
};
use crate::rehearsal::cloudformation::OperationRequest;
use crate::rehearsal::state::{PendingChangeSet, Phase, Stack, StackSpec};

/// The number of events on a page, as in AWS.
const PAGE: usize = 100;

impl Account {
    /// Performs `DescribeStacks` for one stack.
    pub(in crate::rehearsal) fn describe_stack(&mut self, region: &str, stack: &str) -> Option<StackDescription> {
        let at = self.state.stacks.iter().position(|it| it.is(region, stack))?;
        let body = self.state.stacks[at].desired.body.clone();
        let template = self.template(&body);
        let found = &self.state.stacks[at];
        Some(StackDescription {
            id: found.id.clone(),
            name: found.name.clone(),
            status: found.status.clone(),
            status_reason: found.reason.clone(),
            parameters: masked_parameters(&template, &found.desired),
            outputs: found.outputs.clone(),
            tags: found.desired.tags.clone(),
            termination_protection: found.protected,
            created: Some(found.created),
            updated: found.updated,
            last_operation: found.events.iter().rev().find_map(|event| event.operation.clone()),
        })
    }

    /// Returns a stack, or AWS's error if it does not exist.
    pub(in crate::rehearsal) fn find_stack(
        &mut self,
        call: ApiCall,
        region: &str,
        stack: &str,
    ) -> Result<&mut Stack, AwsError> {
        let found = self.state.stacks.iter_mut().find(|it| it.is(region, stack));
        found.ok_or_else(|| {
            AwsError::new(
                ErrorKind::NoSuchStack,
                call,
                "ValidationError",
                format!("Stack with id {stack} does not exist"),
            )
        })
    }

    /// Performs `DescribeChangeSet`.
    pub(in crate::rehearsal) fn describe_change_set(
        &self,
        id: &ChangeSetId,
        now: Timestamp,
    ) -> Result<ChangeSet, AwsError> {
        let change_sets = self.state.stacks.iter().flat_map(|stack| &stack.change_sets);
        let change_set = change_sets
            .clone()
            .find(|change_set| change_set.set.id == *id)
            .ok_or_else(|| no_change_set(ApiCall::DescribeChangeSet, id))?;
        let mut set = change_set.set.clone();
        if now < change_set.ready {
            (set.status, set.reason) = (ChangeSetStatus::CreateInProgress, None);
            set.changes.clear();
        }
        Ok(set)
    }

    /// Performs `ExecuteChangeSet`.
    pub(in crate::rehearsal) fn execute_change_set(
        &mut self,
        id: &ChangeSetId,
        token: &ClientRequestToken,
        disable_rollback: bool,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let running = |stack: &Stack| stack.operation.as_ref().is_some_and(|it| it.token.as_ref() == Some(token));
        if self.state.stacks.iter().any(running) {
            return Ok(());
        }
        let set = self.describe_change_set(id, now)?;
        let at = self.state.stacks.iter().position(|stack| stack.id == set.stack_id);
        let at = at.ok_or_else(|| no_change_set(ApiCall::ExecuteChangeSet, id))?;
        if set.status != ChangeSetStatus::CreateComplete || self.state.stacks[at].operation.is_some() {
            return Err(wrong_change_set_status(&set));
        }
        // EXPRESS disables rollback unless the request enables it, which this API does not offer.
        let express =
            |change_set: &PendingChangeSet| change_set.set.id == *id && change_set.mode == DeploymentMode::Express;
        let disable_rollback = disable_rollback || self.state.stacks[at].change_sets.iter().any(express);
        check_disable_rollback(&self.state.stacks[at], disable_rollback)?;
        let mut stack = self.state.stacks.remove(at);
        let change_sets = std::mem::take(&mut stack.change_sets);
        if let Some(change_set) = change_sets.into_iter().find(|change_set| change_set.set.id == *id) {
            let phase = match change_set.kind {
                ChangeSetKind::Create => Phase::Create,
                ChangeSetKind::Update => Phase::Update,
                ChangeSetKind::Import => Phase::Import,
            };
            let PendingChangeSet { mode, import, spec, .. } = change_set;
            let request =
                OperationRequest { disable_rollback, mode, import, ..OperationRequest::of(phase, token, spec) };
            self.start_operation(&mut stack, now, request);
        }
        self.state.stacks.insert(at, stack);
        Ok(())
    }

    /// Performs `ListChangeSets`.
    pub(in crate::rehearsal) fn list_change_sets(
        &mut self,
        region: &str,
        stack: &str,
        now: Timestamp,
    ) -> Result<Vec<ChangeSetSummary>, AwsError> {
        let found = self.find_stack(ApiCall::ListChangeSets, region, stack)?;
        let summary = |change_set: &PendingChangeSet| ChangeSetSummary {
            id: change_set.set.id.clone(),
            name: change_set.set.name.clone(),
            status: if now < change_set.ready {
                ChangeSetStatus::CreateInProgress
            } else {
                change_set.set.status.clone()
            },
            created: Some(change_set.created),
        };
        Ok(found.change_sets.iter().map(summary).collect())
    }

    /// Performs `DeleteChangeSet`.
    pub(in crate::rehearsal) fn delete_change_set(&mut self, id: &ChangeSetId) {
        self.state.stacks.iter_mut().for_each(|stack| stack.change_sets.retain(|change_set| change_set.set.id != *id));
    }

    /// Performs `DeleteStack`.
    pub(in crate::rehearsal) fn delete_stack(
        &mut self,
        region: &str,
        stack: &str,
        token: &ClientRequestToken,
        retain: &[String],
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let Some(at) = self.state.stacks.iter().position(|it| it.is(region, stack)) else { return Ok(()) };
        let found = &self.state.stacks[at];
        let refuse =
            |message: String| AwsError::new(ErrorKind::Validation, ApiCall::DeleteStack, "ValidationError", message);
        if found.status == StackStatus::DeleteComplete
            || found.operation.as_ref().is_some_and(|it| matches!(it.phase, Phase::Delete | Phase::DeleteCleanup))
        {
            return Ok(());
        }
        if found.protected {
            return Err(refuse(format!(
                "Stack [{}] cannot be deleted while TerminationProtection is enabled",
                found.id
            )));
        }
        let creating = found.operation.as_ref().is_some_and(|it| it.phase == Phase::Create);
        if found.operation.is_some() && !creating {
            return Err(refuse(format!("Stack [{}] cannot be deleted while in status {}", found.id, found.status)));
        }
        if !retain.is_empty() && found.status != StackStatus::DeleteFailed {
            return Err(refuse(
                "RetainResources can only be specified for stacks in the DELETE_FAILED state".to_owned(),
            ));
        }
        let mut found = self.state.stacks.remove(at);
        for (_, existing) in found.resources.iter_mut().filter(|(id, _)| retain.contains(id)) {
            existing.attributes = serde_json::json!({ "DeletionPolicy": "Retain" });
        }
        self.cancel_creation(&mut found, now);
        self.start_deletion(&mut found, token, now);
        self.state.stacks.insert(at, found);
        Ok(())
    }

    /// Starts a deletion. It is cancelled if another stack imports an export of the stack.
    fn start_deletion(&mut self, stack: &mut Stack, token: &ClientRequestToken, now: Timestamp) {
        let spec = stack.desired.clone();
        let (before, rollback_state, used) =
            (stack.status.clone(), stack.rollback_state.clone(), self.export_in_use(stack));
        stack.change_sets.clear();
        self.start_operation(stack, now, OperationRequest::of(Phase::Delete, token, spec));
        if let Some((export, user)) = used {
            let reason = format!("Delete canceled. Cannot delete export {export} as it is in use by {user}.");
            self.push_stack_event(stack, now, before, Some(reason));
            (stack.operation, stack.rollback_state) = (None, rollback_state);
        }
    }

    /// Returns an export that another stack imports, and that stack.
    fn export_in_use(&self, stack: &Stack) -> Option<(String, String)> {
        let exports = stack.outputs.iter().filter_map(|output| output.export.as_ref());
        let others = || self.state.stacks.iter().filter(|other| other.region == stack.region);
        exports.into_iter().find_map(|export| {
            let user = others().find(|other| other.imports_export(export))?;
            Some((export.clone(), user.name.clone()))
        })
    }

    /// Performs `UpdateTerminationProtection`.
    pub(in crate::rehearsal) fn set_termination_protection(
        &mut self,
        region: &str,
        stack: &str,
        on: bool,
    ) -> Result<(), AwsError> {
        self.find_stack(ApiCall::UpdateTerminationProtection, region, stack)?.protected = on;
        Ok(())
    }

    /// Performs `ListStacks`.
    pub(in crate::rehearsal) fn list_stacks(&self, region: &str) -> Vec<String> {
        let existing = self.state.stacks.iter().filter(|stack| stack.is(region, &stack.name));
        existing.map(|stack| stack.name.clone()).collect()
    }

    /// Performs `ListExports`.
    pub(in crate::rehearsal) fn list_exports(&self, region: &str) -> Vec<Export> {
        let stacks = self.state.stacks.iter().filter(|stack| stack.region == region);
        let exports = stacks.flat_map(|stack| {
            let named = stack.outputs.iter().filter_map(|output| Some((output.export.clone()?, output.value.clone())));
            named.map(|(name, value)| Export { name, value, stack_id: stack.id.clone() })
        });
        exports.collect()
    }

    /// Performs `ListImports`.
    pub(in crate::rehearsal) fn list_imports(&self, region: &str, export: &str) -> Vec<String> {
        let users = self.state.stacks.iter().filter(|stack| stack.region == region && stack.imports_export(export));
        users.map(|stack| stack.name.clone()).collect()
    }
}

/// Checks that a stack that failed and was not rolled back is updated with rollback disabled.
fn check_disable_rollback(stack: &Stack, disable_rollback: bool) -> Result<(), AwsError> {
    if disable_rollback || !matches!(stack.status, StackStatus::CreateFailed | StackStatus::UpdateFailed) {
        return Ok(());
    }
    let message = format!(
        "This stack is currently in a non-terminal [{}] state. To update the stack from this state, please use the \
         disable-rollback parameter with update-stack API. To rollback to the last known good state, use the \
         rollback-stack API",
        stack.status
    );
    Err(AwsError::new(ErrorKind::Validation, ApiCall::ExecuteChangeSet, "ValidationError", message))
}

/// Creates the error of a change set that cannot be executed.
fn wrong_change_set_status(set: &ChangeSet) -> AwsError {
    let message = format!("ChangeSet [{}] cannot be executed in its current status of [{}]", set.id, set.status);
    AwsError::new(ErrorKind::Conflict, ApiCall::ExecuteChangeSet, "InvalidChangeSetStatus", message)
}

/// Creates the error of a missing change set.
fn no_change_set(call: ApiCall, id: &ChangeSetId) -> AwsError {
    AwsError::new(ErrorKind::NoSuchChangeSet, call, "ChangeSetNotFound", format!("ChangeSet [{id}] does not exist"))
}

impl Stack {
    /// Returns the resources as `ListStackResources` does.
    pub(in crate::rehearsal) fn live_resources(&self) -> Vec<StackResource> {
        let resources = self.resources.iter().map(|(id, existing)| StackResource {
            logical_id: id.clone(),
            physical_id: existing.physical_id.clone(),
            kind: existing.kind.clone(),
            status: existing.status.clone(),
            reason: existing.reason.clone(),
            updated: Some(existing.updated),
        });
        resources.collect()
    }

    /// Returns a page of events, newest first. The token of the next page is the number of its newest event.
    pub(in crate::rehearsal) fn event_page(&self, page: Option<&str>) -> EventPage {
        let end = page.and_then(|page| page.parse().ok()).unwrap_or(self.events.len()).min(self.events.len());
        let start = end.saturating_sub(PAGE);
        let events = self.events[start..end].iter().rev().cloned().collect();
        EventPage { events, next: (start > 0).then(|| start.to_string()) }
    }
}

/// Returns the values of parameters as `DescribeStacks` does: those with `NoEcho` as asterisks.
fn masked_parameters(template: &Template, spec: &StackSpec) -> IndexMap<String, String> {
    let secret = |id: &String| template.parameters.get(id.as_str()).is_some_and(Parameter::is_secret);
    let shown =
        |id: &String, value: &String| if secret(id) { StackDescription::MASKED.to_owned() } else { value.clone() };
    spec.parameters.iter().map(|(id, value)| (id.clone(), shown(id, value))).collect()
}

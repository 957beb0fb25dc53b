//! The operations of the API that are not about making change sets.

use indexmap::IndexMap;

use super::Account;
use super::state::{PendingChangeSet, ResourceState, Stack, StackSpec};
use crate::cfn::{Parameter, Template};
use crate::deploy::api::status::{ChangeSetStatus, StackStatus};
use crate::deploy::api::{
    ApiCall, AwsError, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetSummary, ClientRequestToken, DeploymentMode,
    ErrorKind, EventPage, Export, StackDescription, StackResource, Timestamp,
};
use crate::rehearsal::cloudformation::{OperationRequest, Phase};
use crate::rehearsal::rng::hex;

/// Events on a page, as AWS has them.
const PAGE: usize = 100;

impl Account {
    pub(crate) fn described(&mut self, region: &str, stack: &str) -> Option<StackDescription> {
        let at = self.state.stacks.iter().position(|it| it.is(region, stack))?;
        let body = self.state.stacks[at].desired.body.clone();
        let template = self.template(&body);
        let found = &self.state.stacks[at];
        Some(StackDescription {
            id: found.id.clone(),
            name: found.name.clone(),
            status: found.status.clone(),
            status_reason: found.reason.clone(),
            parameters: echoed(&template, &found.desired),
            outputs: found.outputs.clone(),
            tags: found.desired.tags.clone(),
            termination_protection: found.protected,
            created: Some(found.created),
            updated: found.updated,
            last_operation: found.events.iter().rev().find_map(|event| event.operation.clone()),
        })
    }

    pub(crate) fn found(&mut self, call: ApiCall, region: &str, stack: &str) -> Result<&mut Stack, AwsError> {
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

    pub(crate) fn drafted(&self, id: &ChangeSetId, now: Timestamp) -> Result<ChangeSet, AwsError> {
        let drafts = self.state.stacks.iter().flat_map(|stack| &stack.drafts);
        let draft = drafts
            .clone()
            .find(|draft| draft.set.id == *id)
            .ok_or_else(|| no_change_set(ApiCall::DescribeChangeSet, id))?;
        let mut set = draft.set.clone();
        if now < draft.ready {
            (set.status, set.reason) = (ChangeSetStatus::CreateInProgress, None);
            set.changes.clear();
        }
        Ok(set)
    }

    pub(crate) fn execute(
        &mut self,
        id: &ChangeSetId,
        token: &ClientRequestToken,
        keep: bool,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let running = |stack: &Stack| stack.operation.as_ref().is_some_and(|it| it.token.as_ref() == Some(token));
        if self.state.stacks.iter().any(running) {
            return Ok(());
        }
        let set = self.drafted(id, now)?;
        let at = self.state.stacks.iter().position(|stack| stack.id == set.stack_id);
        let at = at.ok_or_else(|| no_change_set(ApiCall::ExecuteChangeSet, id))?;
        if set.status != ChangeSetStatus::CreateComplete || self.state.stacks[at].operation.is_some() {
            let message = format!("ChangeSet [{id}] cannot be executed in its current status of [{}]", set.status);
            return Err(AwsError::new(
                ErrorKind::Conflict,
                ApiCall::ExecuteChangeSet,
                "InvalidChangeSetStatus",
                message,
            ));
        }
        // With EXPRESS the rollback is off unless it is asked for, which this port cannot.
        let express = |draft: &PendingChangeSet| draft.set.id == *id && draft.mode == DeploymentMode::Express;
        let keep = keep || self.state.stacks[at].drafts.iter().any(express);
        may_fail_again(&self.state.stacks[at], keep)?;
        let mut stack = self.state.stacks.remove(at);
        let drafts = std::mem::take(&mut stack.drafts);
        if let Some(draft) = drafts.into_iter().find(|draft| draft.set.id == *id) {
            let phase = match draft.kind {
                ChangeSetKind::Create => Phase::Create,
                ChangeSetKind::Update => Phase::Update,
                ChangeSetKind::Import => Phase::Import,
            };
            let (mode, import) = (draft.mode, draft.import);
            let asked = OperationRequest { keep, mode, import, ..OperationRequest::of(phase, token, draft.wanted) };
            self.begin(&mut stack, now, asked);
        }
        self.state.stacks.insert(at, stack);
        Ok(())
    }

    pub(crate) fn change_sets(
        &mut self,
        region: &str,
        stack: &str,
        now: Timestamp,
    ) -> Result<Vec<ChangeSetSummary>, AwsError> {
        let found = self.found(ApiCall::ListChangeSets, region, stack)?;
        let summary = |draft: &PendingChangeSet| ChangeSetSummary {
            id: draft.set.id.clone(),
            name: draft.set.name.clone(),
            status: if now < draft.ready { ChangeSetStatus::CreateInProgress } else { draft.set.status.clone() },
            created: Some(draft.created),
        };
        Ok(found.drafts.iter().map(summary).collect())
    }

    pub(crate) fn discard(&mut self, id: &ChangeSetId) {
        self.state.stacks.iter_mut().for_each(|stack| stack.drafts.retain(|draft| draft.set.id != *id));
    }

    pub(crate) fn delete(
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
            || found.operation.as_ref().is_some_and(|it| matches!(it.phase, Phase::Delete | Phase::DeleteRest))
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
        for (_, held) in found.resources.iter_mut().filter(|(id, _)| retain.contains(id)) {
            held.attributes = serde_json::json!({ "DeletionPolicy": "Retain" });
        }
        self.stop_creating(&mut found, now);
        self.begin_delete(&mut found, token, now);
        self.state.stacks.insert(at, found);
        Ok(())
    }

    fn begin_delete(&mut self, stack: &mut Stack, token: &ClientRequestToken, now: Timestamp) {
        let wanted = stack.desired.clone();
        let (before, kept, used) = (stack.status.clone(), stack.kept.clone(), self.used_export(stack));
        stack.drafts.clear();
        self.begin(stack, now, OperationRequest::of(Phase::Delete, token, wanted));
        if let Some((export, user)) = used {
            let reason = format!("Delete canceled. Cannot delete export {export} as it is in use by {user}.");
            self.announce(stack, now, before, Some(reason));
            (stack.operation, stack.kept) = (None, kept);
        }
    }

    /// An export that another stack imports, and that stack.
    fn used_export(&self, stack: &Stack) -> Option<(String, String)> {
        let exports = stack.outputs.iter().filter_map(|output| output.export.as_ref());
        let others = || self.state.stacks.iter().filter(|other| other.region == stack.region);
        exports.into_iter().find_map(|export| {
            let user = others().find(|other| other.uses(export))?;
            Some((export.clone(), user.name.clone()))
        })
    }

    pub(crate) fn protect(&mut self, region: &str, stack: &str, on: bool) -> Result<(), AwsError> {
        self.found(ApiCall::UpdateTerminationProtection, region, stack)?.protected = on;
        Ok(())
    }

    pub(crate) fn upload(&mut self, stack: &str, body: &str) -> String {
        let url =
            format!("https://rtiler-templates.s3.amazonaws.com/{stack}-{}.json", hex(self.state.seed, &[body], 16));
        self.state.uploads.insert(url.clone(), body.to_owned());
        url
    }

    pub(crate) fn listed_exports(&self, region: &str) -> Vec<Export> {
        let here = self.state.stacks.iter().filter(|stack| stack.region == region);
        let exports = here.flat_map(|stack| {
            let named = stack.outputs.iter().filter_map(|output| Some((output.export.clone()?, output.value.clone())));
            named.map(|(name, value)| Export { name, value, stack_id: stack.id.clone() })
        });
        exports.collect()
    }

    pub(crate) fn importers(&self, region: &str, export: &str) -> Vec<String> {
        let users = self.state.stacks.iter().filter(|stack| stack.region == region && stack.uses(export));
        users.map(|stack| stack.name.clone()).collect()
    }
}

/// A stack that failed and was not undone is only updated without a rollback.
fn may_fail_again(stack: &Stack, keep: bool) -> Result<(), AwsError> {
    if keep || !matches!(stack.status, StackStatus::CreateFailed | StackStatus::UpdateFailed) {
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

fn no_change_set(call: ApiCall, id: &ChangeSetId) -> AwsError {
    AwsError::new(ErrorKind::NoSuchChangeSet, call, "ChangeSetNotFound", format!("ChangeSet [{id}] does not exist"))
}

impl Stack {
    /// Every resource that it has or has left behind.
    pub(crate) fn held(&self) -> impl Iterator<Item = &ResourceState> {
        self.resources.values().chain(&self.leftovers)
    }

    /// By name while it is there, by id for ever.
    pub(crate) fn is(&self, region: &str, stack: &str) -> bool {
        self.id == stack || (self.region == region && self.name == stack && self.status != StackStatus::DeleteComplete)
    }

    pub(crate) fn live_resources(&self) -> Vec<StackResource> {
        let resources = self.resources.iter().map(|(id, held)| StackResource {
            logical_id: id.clone(),
            physical_id: held.physical_id.clone(),
            kind: held.kind.clone(),
            status: held.status.clone(),
            reason: held.reason.clone(),
            updated: Some(held.updated),
        });
        resources.collect()
    }

    /// A page of events, newest first; the next one is asked for by the number of the newest event that it still needs.
    pub(crate) fn page(&self, page: Option<&str>) -> EventPage {
        let end = page.and_then(|page| page.parse().ok()).unwrap_or(self.events.len()).min(self.events.len());
        let start = end.saturating_sub(PAGE);
        let events = self.events[start..end].iter().rev().cloned().collect();
        EventPage { events, next: (start > 0).then(|| start.to_string()) }
    }
}

/// The values of parameters as `DescribeStacks` gives them: those with `NoEcho` as asterisks.
fn echoed(template: &Template, wanted: &StackSpec) -> IndexMap<String, String> {
    let secret = |id: &String| template.parameters.get(id.as_str()).is_some_and(Parameter::is_secret);
    let told =
        |id: &String, value: &String| if secret(id) { StackDescription::UNSEEN.to_owned() } else { value.clone() };
    wanted.parameters.iter().map(|(id, value)| (id.clone(), told(id, value))).collect()
}

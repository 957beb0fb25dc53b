//! The refusals of services, which fail a step before it changes a resource.

use serde_json::Value as Json;

use super::messages::handler_error;
use super::property_diff::deletes_first;
use crate::rehearsal::account::Account;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::rules::{self, AccountView, Intent, Subject};
use crate::rehearsal::state::{Operation, Stack};

impl Account {
    /// Returns the reason of the event if a service refuses a change.
    pub(super) fn refusal(&self, stack: &Stack, operation: &Operation, subject: &Subject<'_>) -> Option<String> {
        if !rules::has_rules(subject.kind, subject.intent) {
            return None;
        }
        let refusal = rules::check(subject, &AccountView::new(&self.state, stack, operation))?;
        let key = [stack.id.as_str(), operation.id.as_str(), subject.kind, refusal.handler];
        let request = uuid(self.state.seed, &key);
        let token = uuid(self.state.seed, &[&request, "token"]);
        Some(handler_error(&refusal.message(&request), refusal.handler, &token))
    }

    /// Returns the reason of the event if a service refuses to update or replace a resource.
    pub(super) fn update_refusal(
        &self,
        stack: &Stack,
        operation: &Operation,
        id: &str,
        properties: &Json,
        replaced: bool,
    ) -> Option<String> {
        let existing = stack.resources.get(id)?;
        let intent = if replaced { Intent::Create } else { Intent::Update };
        let physical_id = existing.physical_id.as_deref().filter(|_| !replaced || deletes_first(&existing.kind));
        let old_id = existing.physical_id.as_deref().filter(|_| replaced && physical_id.is_none());
        let before = Some(&existing.properties).filter(|_| !replaced);
        let subject = Subject { intent, kind: &existing.kind, physical_id, replaces: old_id, properties, before };
        self.refusal(stack, operation, &subject)
    }
}

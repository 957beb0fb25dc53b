//! API operations that cancel or roll back other operations.

use super::Account;
use crate::deploy::api::status::{ResourceStatus, StackStatus as S};
use crate::deploy::api::{ApiCall, AwsError, ClientRequestToken, ErrorKind, Timestamp};
use crate::rehearsal::cloudformation::OperationRequest;
use crate::rehearsal::state::{OutOfBandChange, Phase, Stack, resource_key};

impl Account {
    /// Performs `CancelUpdateStack`: cancels the running steps and rolls back under the token of this request.
    pub(in crate::rehearsal) fn cancel_update(
        &mut self,
        region: &str,
        stack: &str,
        token: &ClientRequestToken,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let call = ApiCall::CancelUpdateStack;
        self.with_stack((call, region, stack), |account, stack| {
            let updating = stack.status == S::UpdateInProgress;
            let Some(mut operation) = stack.operation.take_if(|_| updating) else {
                return Err(wrong_status(call, call.operation()));
            };
            operation.token = Some(token.clone());
            account.cancel_rest(stack, &mut operation, now);
            account.start_rollback(stack, &mut operation, now, "User Initiated".to_owned());
            stack.operation = Some(operation);
            Ok(())
        })
    }

    /// Performs `RollbackStack`: restores the last stable state. A stack that never had one loses its resources.
    pub(in crate::rehearsal) fn rollback_stack(
        &mut self,
        region: &str,
        stack: &str,
        token: &ClientRequestToken,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let call = ApiCall::RollbackStack;
        self.with_stack((call, region, stack), |account, stack| {
            let failed = matches!(stack.status, S::CreateFailed | S::UpdateFailed);
            let Some(rollback_state) = stack.rollback_state.as_ref().filter(|_| failed) else {
                return Err(wrong_status(call, call.operation()));
            };
            let phase = if rollback_state.can_roll_back { Phase::UpdateRollback } else { Phase::Rollback };
            let spec =
                if rollback_state.can_roll_back { rollback_state.desired.clone() } else { stack.desired.clone() };
            account.start_operation(stack, now, OperationRequest::of(phase, token, spec));
            Ok(())
        })
    }

    /// Performs `ContinueUpdateRollback`: retries the resources that failed, or skips them.
    pub(in crate::rehearsal) fn continue_rollback(
        &mut self,
        region: &str,
        stack: &str,
        token: &ClientRequestToken,
        skip: &[String],
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let call = ApiCall::ContinueUpdateRollback;
        self.with_stack((call, region, stack), |account, stack| {
            let failed = stack.status == S::UpdateRollbackFailed;
            // AWS names the operation by its inner name.
            let Some(rollback_state) = stack.rollback_state.as_ref().filter(|_| failed) else {
                return Err(wrong_status(call, "RollbackUpdatedStack"));
            };
            let spec = rollback_state.desired.clone();
            check_skipped(stack, skip)?;
            account.start_operation(stack, now, OperationRequest::of(Phase::UpdateRollback, token, spec));
            account.skip(stack, skip, now);
            Ok(())
        })
    }

    /// Skips resources in a rollback: the stack records their previous properties and does not change them.
    fn skip(&mut self, stack: &mut Stack, skip: &[String], now: Timestamp) {
        let Some(mut operation) = stack.operation.take() else { return };
        for id in skip {
            let (Some(existing), Some(old)) = (stack.resources.get_mut(id), operation.previous.get(id)) else {
                continue;
            };
            if existing.physical_id == old.physical_id && existing.properties != old.properties {
                let actual = std::mem::replace(&mut existing.properties, old.properties.clone());
                let key = resource_key(&existing.kind, existing.physical_id.as_deref().unwrap_or_default());
                self.state.out_of_band.insert(key, OutOfBandChange::Changed(actual));
            }
            self.push_resource_event(stack, &mut operation, id, now, (ResourceStatus::UpdateComplete, None));
            let existing = stack.resources[id].clone();
            operation.previous.insert(id.clone(), existing);
        }
        stack.operation = Some(operation);
    }

    /// Cancels the running steps of a creation whose stack is deleted.
    pub(in crate::rehearsal) fn cancel_creation(&mut self, stack: &mut Stack, now: Timestamp) {
        let Some(mut operation) = stack.operation.take() else { return };
        self.cancel_rest(stack, &mut operation, now);
    }

    /// Calls a function with a stack that is taken out of the account for the time of the call.
    pub(in crate::rehearsal) fn with_stack<T>(
        &mut self,
        (call, region, stack): (ApiCall, &str, &str),
        action: impl FnOnce(&mut Self, &mut Stack) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        self.find_stack(call, region, stack)?;
        let at = self.state.stacks.iter().position(|it| it.is(region, stack)).unwrap_or_default();
        let mut found = self.state.stacks.remove(at);
        let result = action(self, &mut found);
        self.state.stacks.insert(at, found);
        result
    }
}

/// Creates the error of a call that the status of the stack does not allow.
fn wrong_status(call: ApiCall, operation: &str) -> AwsError {
    let message = format!("{operation} cannot be called from current stack status");
    AwsError::new(ErrorKind::Validation, call, "ValidationError", message)
}

/// Checks that only resources are skipped that failed in the rollback (API reference of `ContinueUpdateRollback`).
fn check_skipped(stack: &Stack, skip: &[String]) -> Result<(), AwsError> {
    let failed = |id: &&String| {
        let cancelled = |reason: &str| reason.ends_with("cancelled");
        stack.resources.get(*id).is_some_and(|existing| {
            existing.status == ResourceStatus::UpdateFailed && !existing.reason.as_deref().is_some_and(cancelled)
        })
    };
    let wrong: Vec<_> = skip.iter().filter(|id| !failed(id)).map(String::as_str).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let message = format!("Resources [{}] are not in the UPDATE_FAILED state and cannot be skipped", wrong.join(", "));
    Err(AwsError::new(ErrorKind::Validation, ApiCall::ContinueUpdateRollback, "ValidationError", message))
}

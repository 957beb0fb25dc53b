//! The operations of the API that stop or undo other operations.

use super::Account;
use super::state::{OutOfBandChange, Stack, outside_key};
use crate::deploy::api::status::{ResourceStatus, StackStatus as S};
use crate::deploy::api::{ApiCall, AwsError, ClientRequestToken, ErrorKind, Timestamp};
use crate::rehearsal::cloudformation::{OperationRequest, Phase};

impl Account {
    /// `CancelUpdateStack`: what runs is cancelled, and the update is undone under the token of this request.
    pub(crate) fn cancel_update(
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
            account.turn_back(stack, &mut operation, now, "User Initiated".to_owned());
            stack.operation = Some(operation);
            Ok(())
        })
    }

    /// `RollbackStack`: back to the last stable state; a stack that never had one loses what it has.
    pub(crate) fn rollback(
        &mut self,
        region: &str,
        stack: &str,
        token: &ClientRequestToken,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let call = ApiCall::RollbackStack;
        self.with_stack((call, region, stack), |account, stack| {
            let failed = matches!(stack.status, S::CreateFailed | S::UpdateFailed);
            let Some(kept) = stack.kept.as_ref().filter(|_| failed) else {
                return Err(wrong_status(call, call.operation()));
            };
            let phase = if kept.stable { Phase::Undo } else { Phase::Rollback };
            let wanted = if kept.stable { kept.desired.clone() } else { stack.desired.clone() };
            account.begin(stack, now, OperationRequest::of(phase, token, wanted));
            Ok(())
        })
    }

    /// `ContinueUpdateRollback`: what failed is tried again, or left as it is.
    pub(crate) fn continue_rollback(
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
            let Some(kept) = stack.kept.as_ref().filter(|_| failed) else {
                return Err(wrong_status(call, "RollbackUpdatedStack"));
            };
            let wanted = kept.desired.clone();
            may_be_skipped(stack, skip)?;
            account.begin(stack, now, OperationRequest::of(Phase::Undo, token, wanted));
            account.skip(stack, skip, now);
            Ok(())
        })
    }

    /// Resources that are not put back: the stack takes them for what they were, whatever they are.
    fn skip(&mut self, stack: &mut Stack, skip: &[String], now: Timestamp) {
        let Some(mut operation) = stack.operation.take() else { return };
        for id in skip {
            let (Some(held), Some(old)) = (stack.resources.get_mut(id), operation.previous.get(id)) else { continue };
            if held.physical_id == old.physical_id && held.properties != old.properties {
                let actual = std::mem::replace(&mut held.properties, old.properties.clone());
                let key = outside_key(&held.kind, held.physical_id.as_deref().unwrap_or_default());
                self.state.outside.insert(key, OutOfBandChange::Changed(actual));
            }
            self.report(stack, &mut operation, id, now, (ResourceStatus::UpdateComplete, None));
            let held = stack.resources[id].clone();
            operation.previous.insert(id.clone(), held);
        }
        stack.operation = Some(operation);
    }

    /// A creation that is stopped by deleting its stack: what is under way is cancelled first.
    pub(crate) fn stop_creating(&mut self, stack: &mut Stack, now: Timestamp) {
        let Some(mut operation) = stack.operation.take() else { return };
        self.cancel_rest(stack, &mut operation, now);
    }

    /// Does something with a stack, apart from the account's others.
    pub(crate) fn with_stack<T>(
        &mut self,
        (call, region, stack): (ApiCall, &str, &str),
        work: impl FnOnce(&mut Self, &mut Stack) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        self.found(call, region, stack)?;
        let at = self.state.stacks.iter().position(|it| it.is(region, stack)).unwrap_or_default();
        let mut found = self.state.stacks.remove(at);
        let done = work(self, &mut found);
        self.state.stacks.insert(at, found);
        done
    }
}

fn wrong_status(call: ApiCall, named: &str) -> AwsError {
    let message = format!("{named} cannot be called from current stack status");
    AwsError::new(ErrorKind::Validation, call, "ValidationError", message)
}

/// Only what failed while the stack was rolled back can be skipped (API reference of `ContinueUpdateRollback`).
fn may_be_skipped(stack: &Stack, skip: &[String]) -> Result<(), AwsError> {
    let failed = |id: &&String| {
        let cancelled = |reason: &str| reason.ends_with("cancelled");
        stack.resources.get(*id).is_some_and(|held| {
            held.status == ResourceStatus::UpdateFailed && !held.reason.as_deref().is_some_and(cancelled)
        })
    };
    let wrong: Vec<_> = skip.iter().filter(|id| !failed(id)).map(String::as_str).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let message = format!("Resources [{}] are not in the UPDATE_FAILED state and cannot be skipped", wrong.join(", "));
    Err(AwsError::new(ErrorKind::Validation, ApiCall::ContinueUpdateRollback, "ValidationError", message))
}

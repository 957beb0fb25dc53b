//! The deletion of a stack.

use super::StackTask;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::operation_failure::diagnose;
use super::outcome::{StackOutcome, StackResult};
use super::progress::OperationGoal;
use super::retry::retry_call;
use super::stack_lookup::disable_protection;
use super::watch::Operation;
use crate::cfn::hash::{FNV_OFFSET, fnv1a};
use crate::cfn::parse;
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::{AwsApi, AwsError, Clock, CloudFormation, StackDescription};
use crate::deploy::plan::removal::Deletion;
use crate::deploy::plan::stack_state::StackState;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// Returns the deletion of a stack, without starting it; nothing if the stack does not exist.
pub async fn deletion(
    cloud: &impl CloudFormation,
    clock: &impl Clock,
    stack: &DesiredStack,
) -> Result<Option<Deletion>, AwsError> {
    let interval = PollInterval::of_services(fnv1a(FNV_OFFSET, stack.name.bytes()));
    retry_call(clock, RetryPolicy::SHOWN, interval, async || read_deletion(cloud, stack).await, drop).await
}

async fn read_deletion(cloud: &impl CloudFormation, stack: &DesiredStack) -> Result<Option<Deletion>, AwsError> {
    let Some(live) = cloud.describe_stack(&stack.name).await? else { return Ok(None) };
    let body = cloud.template(&live.id).await?;
    let template = parse::template(&stack.name, &body).value.unwrap_or_default();
    let resources = cloud.resources(&live.id).await?;
    Ok(Some(Deletion::new(stack, &template, &resources)))
}

/// Returns the refusal to delete a stack that AWS would delete in part only.
fn protected(stack: &DesiredStack, id: &str) -> Diagnostic {
    let message = format!("`{id}` of stack `{}` has deletion protection", stack.name);
    let written = stack.template.resources.get(id).map(|resource| &resource.origin).filter(|origin| origin.is_known());
    Diagnostic::new(Code::TerminationProtected, message)
        .at(written.unwrap_or(&stack.origin), "AWS refuses to delete it, after it deleted what depends on it")
        .help("take the protection away (`.deletion_protection()` of the block) and deploy, then delete the stack")
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Deletes the stack.
    pub(super) async fn delete(&self) -> StackOutcome {
        self.finish(self.try_delete()).await
    }

    async fn try_delete(&self) -> Result<StackOutcome, Abort> {
        let Some(stack) = self.wait_until_idle().await? else {
            return Ok(StackOutcome::new(&self.stack.name, StackResult::NotDeployed));
        };
        if stack.termination_protection {
            let message = format!("stack `{}` has termination protection", stack.name);
            let problem = Diagnostic::new(Code::TerminationProtected, message).at(&self.stack.origin, "this stack");
            return Err(problem.help(disable_protection(&stack.name)).into());
        }
        // What is deleted is a part of the record; without it, the deletion itself reports what AWS refuses.
        if let Ok(Some(deletion)) = read_deletion(&self.api, self.stack).await {
            let protected = deletion.protected().next().map(|id| protected(self.stack, id));
            self.emit(DeployEventKind::DeletionPlanned { deletion });
            if let Some(problem) = protected {
                return Err(problem.into());
            }
        }
        let token = self.token("delete");
        let delete = async {
            let deleted = self.retry(async || self.api.delete_stack(&stack.id, &token, &[]).await).await;
            deleted.map_err(Abort::from)
        };
        self.or_detached(&token, delete).await?;
        self.emit(DeployEventKind::DeleteStarted { token: token.clone(), stack_id: stack.id.clone() });
        let finished = self.watch(Operation::new(&stack.id, OperationGoal::Deleted, token)).await?;
        let (result, problems) = if finished.result.is_success() {
            (StackResult::Deleted, Vec::new())
        } else {
            (StackResult::Failed, diagnose(self.stack, &finished))
        };
        Ok(StackOutcome { outputs: Vec::new(), ..finished.into_outcome(self.stack, result, problems) })
    }

    /// Returns the stack, once no operation runs on it.
    async fn wait_until_idle(&self) -> Result<Option<StackDescription>, Abort> {
        loop {
            match self.describe().await? {
                (StackState::NotFound, _) | (_, None) => return Ok(None),
                (StackState::InProgress, Some(stack)) => drop(self.await_other_operation(&stack).await?),
                (_, stack) => return Ok(stack),
            }
        }
    }
}

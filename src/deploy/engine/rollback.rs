//! The rollback of a stack: of a failed update that was not rolled back, of the hotswaps since the last deployment, or of a
//! healthy stack to its previous template.

use super::abort::Abort;
use super::event::DeployEventKind;
use super::operation_failure::diagnose;
use super::outcome::{Outcome, StackOutcome, StackResult};
use super::progress::{OperationGoal, OperationResult};
use super::watch::Operation;
use super::{Engine, StackTask};
use crate::deploy::api::status::StackStatus as S;
use crate::deploy::api::{AwsApi, Clock, ErrorKind, StackDescription};
use crate::deploy::plan::stack_state::StackState;
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};
use crate::synth::DesiredStack;

/// The options of a rollback.
pub struct RollbackOptions<'b> {
    /// Logical ids of resources that are not rolled back.
    pub skip: &'b [String],
    /// Returns the previous version of a stack, if known.
    pub previous: &'b dyn Fn(&DesiredStack, &DeployedStack) -> Option<DesiredStack>,
}

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Rolls every stack back, in reverse order. `approve` is asked about the plans of healthy stacks.
    pub async fn rollback(
        &self,
        stacks: &[DesiredStack],
        options: &RollbackOptions<'_>,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Outcome {
        self.in_reverse_order(stacks, async |stack| self.task(stack).rollback(options, approve).await).await
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    async fn rollback(&self, options: &RollbackOptions<'_>, approve: &impl AsyncFn(&Plan) -> bool) -> StackOutcome {
        self.finish(self.try_rollback(options, approve)).await
    }

    async fn try_rollback(
        &self,
        options: &RollbackOptions<'_>,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        loop {
            let (state, Some(stack)) = self.describe().await? else {
                return Ok(StackOutcome::new(&self.stack.name, StackResult::NotDeployed));
            };
            match (state, &stack.status) {
                (StackState::NotFound, _) => return Ok(StackOutcome::new(&self.stack.name, StackResult::NotDeployed)),
                (StackState::InProgress, _) => {
                    let finished = self.await_other_operation(&stack).await?;
                    if finished.result == OperationResult::RolledBack {
                        // What ran was rolled back: no more than that was requested.
                        let outcome = StackOutcome::new(&self.stack.name, StackResult::RolledBackOnRequest);
                        return Ok(StackOutcome { status: Some(finished.status), ..outcome });
                    }
                }
                (_, S::UpdateRollbackFailed | S::CreateFailed | S::UpdateFailed) => {
                    return self.roll_back_failed(&stack, options.skip).await;
                }
                (StackState::Updatable, _) => {
                    let deployed = self.with_template(stack).await?;
                    if !deployed.hotswapped.is_empty() {
                        return self.roll_back_hotswaps(deployed, approve).await;
                    }
                    let previous = (options.previous)(self.stack, &deployed).ok_or_else(|| no_previous(self.stack))?;
                    // Without a revert: it would deploy the version that is being rolled back.
                    let task = self.with_stack(&previous).without_revert();
                    return Ok(as_rollback(task.try_deploy(approve).await?));
                }
                _ => return Err(nothing_to_roll_back(self.stack, &stack).into()),
            }
        }
    }

    /// Restores the stack's revisions for services that were hotswapped: the hotswaps are the latest change, and the
    /// template stays as it is.
    async fn roll_back_hotswaps(
        &self,
        deployed: DeployedStack,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let plan = plan_stack(Some(&deployed), self.stack, self.options().schema).without_changes();
        self.emit(DeployEventKind::Planned { plan: plan.clone() });
        self.approval(&plan, approve).await?;
        let outcome = StackOutcome {
            status: Some(deployed.stack.status),
            outputs: deployed.stack.outputs,
            ..StackOutcome::new(&self.stack.name, StackResult::Updated)
        };
        Ok(as_rollback(self.restore_task_definitions(&deployed.hotswapped, outcome).await?))
    }

    /// Rolls back a failed update, or continues a failed rollback.
    async fn roll_back_failed(&self, stack: &StackDescription, skip: &[String]) -> Result<StackOutcome, Abort> {
        let skip = self.skipped(stack, skip).await?;
        let token = self.token("rollback");
        let roll_back = async || {
            if stack.status == S::UpdateRollbackFailed {
                self.api.continue_rollback(&stack.id, &token, &skip).await
            } else {
                self.api.rollback_stack(&stack.id, &token).await
            }
        };
        let start = async { self.retry_idempotent(&[ErrorKind::Validation], roll_back).await.map_err(Abort::from) };
        self.or_detached(&token, start).await?;
        let stack_id = stack.id.clone();
        self.emit(DeployEventKind::RollbackStarted { token: token.clone(), stack_id, skip });
        let finished = self.watch(Operation::new(&stack.id, OperationGoal::Undone, token)).await?;
        let (result, problems) = if finished.result.is_success() {
            (StackResult::RolledBackOnRequest, Vec::new())
        } else {
            (StackResult::Failed, diagnose(self.stack, &finished))
        };
        Ok(finished.into_outcome(self.stack, result, problems))
    }

    /// Returns the resources to skip, after checking that each of them can be skipped.
    async fn skipped(&self, stack: &StackDescription, skip: &[String]) -> Result<Vec<String>, Abort> {
        if skip.is_empty() {
            return Ok(Vec::new());
        }
        if stack.status != S::UpdateRollbackFailed {
            let message = format!("no resource of stack `{}` can be skipped: it is in {}", stack.name, stack.status);
            let problem = Diagnostic::new(Code::CannotSkip, message).at(&self.stack.origin, "this stack");
            return Err(Abort::Blocked(vec![problem.help("remove `--skip`")]));
        }
        let resources = self.retry(async || self.api.resources(&stack.id).await).await?;
        let failed: Vec<_> =
            resources.iter().filter(|it| it.status.is_failed()).map(|it| it.logical_id.as_str()).collect();
        let wrong = skip.iter().filter(|id| !failed.contains(&id.as_str()));
        let problems: Vec<_> = wrong.map(|id| cannot_skip(self.stack, id, &failed)).collect();
        if problems.is_empty() { Ok(skip.to_vec()) } else { Err(Abort::Blocked(problems)) }
    }
}

fn cannot_skip(stack: &DesiredStack, id: &str, failed: &[&str]) -> Diagnostic {
    let message = format!("`{id}` of stack `{}` did not fail, so it cannot be skipped", stack.name);
    let origin = stack.template.resources.get(id).map_or(&stack.origin, |resource| &resource.origin);
    Diagnostic::new(Code::CannotSkip, message)
        .at(origin, "this one")
        .help_if(did_you_mean(id, failed.iter().copied()))
        .help(format!("failed in the rollback: {}", failed.join(", ")))
}

fn no_previous(stack: &DesiredStack) -> Abort {
    let name = &stack.name;
    let message = format!("stack `{name}` was never updated from this folder, so its previous template is not known");
    let problem = Diagnostic::new(Code::NoPreviousTemplate, message).at(&stack.origin, "this stack");
    let hint = Hint::from("restore the script from your version control, then run ");
    Abort::Blocked(vec![problem.help(hint.command(CommandName::Deploy.of(&stack.name)))])
}

fn nothing_to_roll_back(stack: &DesiredStack, found: &StackDescription) -> Diagnostic {
    let message = format!("stack `{}` is in {}, and there is nothing to roll back to", found.name, found.status);
    Diagnostic::new(Code::NothingToRollBack, message).at(&stack.origin, "this stack").help(
        Hint::from("create it again with ")
            .command(CommandName::Deploy.of(&stack.name))
            .text(", or delete it with ")
            .command(CommandName::Destroy.of(&stack.name)),
    )
}

/// Returns the outcome of a deployment of the previous template as that of a rollback.
fn as_rollback(outcome: StackOutcome) -> StackOutcome {
    match outcome.result {
        StackResult::Updated | StackResult::Unchanged => {
            StackOutcome { result: StackResult::RolledBackOnRequest, ..outcome }
        }
        _ => outcome,
    }
}

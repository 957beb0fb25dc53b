//! The way back of one stack: what failed is undone, and a healthy stack goes to the template deployed before.

use super::Engine;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::event_stream::{EventFilter, EventStream};
use super::outcome::{Outcome, StackOutcome, StackResult};
use super::progress::{OperationGoal, OperationResult};
use crate::deploy::api::status::StackStatus as S;
use crate::deploy::api::{AwsApi, Clock, ErrorKind, StackDescription};
use crate::deploy::diagnose::operation_failure::diagnose;
use crate::deploy::diagnose::timeline::timeline;
use crate::deploy::plan::deployment_order::DeploymentOrder;
use crate::deploy::plan::stack_state::StackState;
use crate::deploy::plan::{DeployedStack, Plan};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};
use crate::synth::DesiredStack;

/// How stacks go back.
pub struct RollbackOptions<'b> {
    /// Logical ids of resources that are not put back.
    pub skip: &'b [String],
    /// The stack as it was deployed before this one, where that is known.
    pub former: &'b dyn Fn(&DesiredStack, &DeployedStack) -> Option<DesiredStack>,
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Takes every stack back, those that need others first. `ask` is put the plans of stacks that are healthy.
    pub async fn rollback(
        &self,
        stacks: &[DesiredStack],
        back: &RollbackOptions<'_>,
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> Outcome {
        match DeploymentOrder::of(stacks) {
            Ok(order) => {
                let go = async |stack: &DesiredStack| self.take_back(stack, back, ask).await;
                self.in_order(stacks, &order.reversed(), go).await
            }
            Err(problems) => Outcome { problems, ..Outcome::default() },
        }
    }

    async fn take_back(
        &self,
        desired: &DesiredStack,
        back: &RollbackOptions<'_>,
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> StackOutcome {
        let began = self.clock.now();
        let outcome = self.way_back(desired, back, ask).await;
        let mut outcome = outcome.unwrap_or_else(|halt| self.halted(desired, halt));
        outcome.duration = self.clock.now().since(began);
        outcome
    }

    async fn way_back(
        &self,
        desired: &DesiredStack,
        back: &RollbackOptions<'_>,
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        loop {
            let (situation, stack) = self.find(&cloud, desired).await?;
            let Some(stack) = stack else { return Ok(StackOutcome::new(&desired.name, StackResult::NotDeployed)) };
            match (situation, &stack.status) {
                (StackState::NotFound, _) => return Ok(StackOutcome::new(&desired.name, StackResult::NotDeployed)),
                (StackState::InProgress, _) => {
                    let ended = self.let_finish(&cloud, desired, &stack).await?;
                    if ended.verdict == OperationResult::RolledBack {
                        // What ran was undone: to go back further than that is not what was asked for.
                        let outcome = StackOutcome::new(&desired.name, StackResult::RolledBackOnRequest);
                        return Ok(StackOutcome { status: Some(ended.status), ..outcome });
                    }
                }
                (_, S::UpdateRollbackFailed | S::CreateFailed | S::UpdateFailed) => {
                    return self.undo_failed(&cloud, desired, &stack, back.skip).await;
                }
                (StackState::Updatable, _) => {
                    let live = self.with_template(&cloud, stack).await?;
                    let former = (back.former)(desired, &live).ok_or_else(|| no_former(desired))?;
                    let outcome = Box::pin(self.to_the_end(&former, ask)).await?;
                    return Ok(went_back(outcome));
                }
                _ => return Err(nothing_to_undo(desired, &stack).into()),
            }
        }
    }

    /// Undoes what failed and stayed.
    async fn undo_failed(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        stack: &StackDescription,
        skip: &[String],
    ) -> Result<StackOutcome, Abort> {
        let continued = stack.status == S::UpdateRollbackFailed;
        let skip = self.skipped(cloud, desired, stack, skip).await?;
        let token = self.token(&desired.name, "rollback");
        let arrived = [ErrorKind::Validation];
        let asked = async || {
            if continued {
                cloud.continue_rollback(&stack.id, &token, &skip).await
            } else {
                cloud.rollback_stack(&stack.id, &token).await
            }
        };
        self.insist_unless(&desired.name, &arrived, asked).await?;
        self.tell(
            &desired.name,
            DeployEventKind::RollbackStarted { token: token.clone(), stack_id: stack.id.clone(), skip },
        );
        let feed = EventStream::new(&stack.id, EventFilter::Token(token));
        let ended = self.follow(cloud, (&desired.name, &stack.id), OperationGoal::Undone, feed).await?;
        let undone = matches!(ended.verdict, OperationResult::Succeeded | OperationResult::SucceededWithLeftovers);
        let mut outcome = StackOutcome::new(
            &desired.name,
            if undone { StackResult::RolledBackOnRequest } else { StackResult::Failed },
        );
        if !undone {
            outcome.problems = diagnose(desired, &ended);
        }
        outcome.status = Some(ended.status);
        outcome.outputs = ended.stack.map(|stack| stack.outputs).unwrap_or_default();
        outcome.timeline = Some(timeline(&ended.progress.events, &desired.template));
        outcome.resources = ended.progress.resources;
        outcome.retained = ended.progress.retained;
        Ok(outcome)
    }

    /// The resources of this stack among those to be skipped; refuses those that cannot be.
    async fn skipped(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        stack: &StackDescription,
        skip: &[String],
    ) -> Result<Vec<String>, Abort> {
        if skip.is_empty() {
            return Ok(Vec::new());
        }
        if stack.status != S::UpdateRollbackFailed {
            let message = format!("nothing of stack `{}` can be skipped: it is in {}", stack.name, stack.status);
            let problem = Diagnostic::new(Code::CannotSkip, message).at(&desired.origin, "this stack");
            return Err(Abort::Blocked(vec![problem.help("leave `--skip` out")]));
        }
        let resources = self.insist(&stack.name, async || cloud.resources(&stack.id).await).await?;
        let failed: Vec<_> =
            resources.iter().filter(|it| it.status.is_failed()).map(|it| it.logical_id.as_str()).collect();
        let wrong = skip.iter().filter(|id| !failed.contains(&id.as_str()));
        let problems: Vec<_> = wrong.map(|id| cannot_skip(desired, id, &failed)).collect();
        if problems.is_empty() { Ok(skip.to_vec()) } else { Err(Abort::Blocked(problems)) }
    }
}

fn cannot_skip(desired: &DesiredStack, id: &str, failed: &[&str]) -> Diagnostic {
    let message = format!("`{id}` of stack `{}` did not fail, so it cannot be skipped", desired.name);
    Diagnostic::new(Code::CannotSkip, message)
        .at(desired.template.resources.get(id).map_or(&desired.origin, |resource| &resource.origin), "this one")
        .help_if(did_you_mean(id, failed.iter().copied()))
        .help(format!("what failed while it was rolled back: {}", failed.join(", ")))
}

fn no_former(desired: &DesiredStack) -> Abort {
    let message = format!("what stack `{}` was before is not known here", desired.name);
    let problem = Diagnostic::new(Code::NoPreviousTemplate, message).at(&desired.origin, "this stack");
    Abort::Blocked(vec![
        problem.help(
            Hint::from("restore the script in your version control, then run ")
                .command(CommandName::Deploy.of(&desired.name)),
        ),
    ])
}

fn nothing_to_undo(desired: &DesiredStack, stack: &StackDescription) -> Diagnostic {
    let message = format!("stack `{}` is in {}, and there is nothing to go back to", stack.name, stack.status);
    Diagnostic::new(Code::NothingToRollBack, message).at(&desired.origin, "this stack").help(
        Hint::from("create it again with ")
            .command(CommandName::Deploy.of(&stack.name))
            .text(", or delete it with ")
            .command(CommandName::Destroy.of(&stack.name)),
    )
}

/// A deployment of what was before, told as what it is.
fn went_back(outcome: StackOutcome) -> StackOutcome {
    match outcome.ending {
        StackResult::Updated | StackResult::Unchanged => {
            StackOutcome { ending: StackResult::RolledBackOnRequest, ..outcome }
        }
        _ => outcome,
    }
}

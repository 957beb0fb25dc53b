//! Deployments of several stacks of which one ends a resource that another one uses.
//!
//! A resource that leaves the script is kept while the stacks that use it are deployed, and deleted at the end of the run
//! (`plan::shared`). If such a stack is not part of the run or fails, the resource stays, and a warning says so; the next deployment
//! continues there.
//!
//! *Invariant*: no resource is deleted while the deployed template of another stack of the script uses it, unless the caller allows it.

use super::abort::Abort;
use super::event::DeployEventKind;
use super::outcome::{Outcome, StackOutcome, StackResult};
use super::{Engine, StackTask};
use crate::cfn::parse;
use crate::deploy::api::{AwsApi, AwsError, Clock};
use crate::deploy::diagnose::timeline::Timeline;
use crate::deploy::plan::shared::{SharedEnd, keeping, may_have_users, shared_ends, still_used};
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::synth::DesiredStack;

/// Returns the resources that a plan deletes or replaces while other stacks of the script use them. AWS is asked only if the stack
/// offers these resources to others. `script` may have the stack itself.
pub async fn ends_in_use(
    api: &impl AwsApi,
    stack: &DesiredStack,
    (plan, deployed): (&Plan, &DeployedStack),
    script: &[DesiredStack],
) -> Result<Vec<SharedEnd>, AwsError> {
    if !may_have_users(plan, &deployed.template) {
        return Ok(Vec::new());
    }
    let mut others = Vec::new();
    let is_other = |other: &&DesiredStack| other.name != stack.name && other.region == stack.region;
    for other in script.iter().filter(is_other) {
        let Some(live) = api.describe_stack(&other.name).await? else { continue };
        let body = api.template(&live.id).await?;
        others.extend(parse::template(&other.name, &body).value.map(|template| (other, template)));
    }
    Ok(shared_ends(plan, &deployed.template, &others))
}

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Notes all stacks of the script: those of the run, and the others.
    pub(super) fn note_script(&self, stacks: &[DesiredStack]) {
        let all = stacks.iter().chain(&self.options.other_stacks);
        *self.script.borrow_mut() = all.cloned().collect();
    }

    /// Deletes what was kept for other stacks, once these do not use it any more.
    pub(super) async fn end_kept(
        &self,
        stacks: &[DesiredStack],
        outcome: &mut Outcome,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) {
        let kept = self.kept.take();
        let is_done = |stack: &&DesiredStack| {
            kept.contains(&stack.name) && outcome.stack(&stack.name).is_some_and(|it| it.result.is_success())
        };
        let stacks: Vec<DesiredStack> = stacks.iter().filter(is_done).cloned().collect();
        let ended = self
            .in_reverse_order(&stacks, async |stack| {
                let task = self.task(stack).in_last_step();
                Box::pin(task.deploy_without_kept(approve)).await
            })
            .await;
        for end in ended.stacks {
            if let Some(first) = outcome.stacks.iter_mut().find(|first| first.stack == end.stack) {
                *first = joined(first.clone(), end);
            }
        }
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Returns the plan with the resources that end while other stacks use them.
    pub(super) async fn with_shared_ends(&self, plan: Plan, deployed: Option<&DeployedStack>) -> Result<Plan, Abort> {
        let Some(deployed) = deployed else { return Ok(plan) };
        let script = self.engine.script.borrow().clone();
        let find = async || ends_in_use(&self.api, self.stack, (&plan, deployed), &script).await;
        let ends = self.retry(find).await?;
        Ok(plan.with_shared_ends(ends))
    }

    /// Returns the stack with the resources that other stacks still use; none if there are none, or if the plan is refused anyway.
    pub(super) fn keeping(&self, plan: &Plan, deployed: Option<&DeployedStack>) -> Option<DesiredStack> {
        let ends: Vec<SharedEnd> = plan.shared_ends.iter().filter(|end| !end.replaced).cloned().collect();
        if ends.is_empty() || self.options().detach {
            return None;
        }
        let stack = keeping(self.stack, deployed?, &ends)?;
        self.emit(DeployEventKind::RemovalsDeferred { resources: ends });
        self.engine.kept.borrow_mut().insert(self.stack.name.clone());
        Some(stack)
    }

    /// Returns the task as the last step of a deployment.
    fn in_last_step(self) -> Self {
        Self { is_last_step: true, ..self }
    }

    /// Deploys the stack again, without what was kept.
    async fn deploy_without_kept(&self, approve: &impl AsyncFn(&Plan) -> bool) -> StackOutcome {
        self.finish(self.try_end_kept(approve)).await
    }

    async fn try_end_kept(&self, approve: &impl AsyncFn(&Plan) -> bool) -> Result<StackOutcome, Abort> {
        let deployed = self.wait_until_updatable().await?;
        let plan = plan_stack(deployed.as_ref(), self.stack, self.options().schema);
        let plan = self.with_shared_ends(plan, deployed.as_ref()).await?;
        if plan.shared_ends.is_empty() {
            return self.deploy_plan(deployed, plan, approve).await;
        }
        let outcome = StackOutcome::new(&self.stack.name, StackResult::Unchanged);
        Ok(outcome.with_problems(still_used(self.stack, &plan.shared_ends, &self.options().allow_replace)))
    }
}

/// Returns the outcome of a stack that was deployed in two steps.
fn joined(first: StackOutcome, end: StackOutcome) -> StackOutcome {
    let result = if end.result == StackResult::Unchanged { first.result } else { end.result };
    let steps = first.timeline.into_iter().chain(end.timeline);
    let mut resources = first.resources;
    resources.extend(end.resources);
    StackOutcome {
        stack: end.stack,
        result,
        status: end.status.or(first.status),
        outputs: if end.outputs.is_empty() { first.outputs } else { end.outputs },
        problems: first.problems.into_iter().chain(end.problems).collect(),
        timeline: Timeline::of_steps(steps),
        resources,
        retained: first.retained.into_iter().chain(end.retained).collect(),
        duration: first.duration + end.duration,
    }
}

//! Plans that are looked at and not carried out.

use futures_util::stream::{self, StreamExt};

use super::Engine;
use super::abort::Abort;
use super::outcome::StackOutcome;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::plan_file::SavedStackPlan;
use crate::deploy::plan::stack_state::{StackState, stuck};
use crate::deploy::plan::{DeployedStack, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// What `deploy` would do to each stack, in the order given; several are asked about at once. Change sets are
    /// written for AWS's word on it, and deleted again.
    pub async fn plan(&self, stacks: &[DesiredStack]) -> Vec<Result<SavedStackPlan, StackOutcome>> {
        let plans = stacks.iter().map(async |stack| {
            let planned = self.planned(stack).await;
            planned.map_err(|halt| halt.outcome(stack))
        });
        stream::iter(plans).buffered(self.options.concurrency.max(1)).collect().await
    }

    async fn planned(&self, desired: &DesiredStack) -> Result<SavedStackPlan, Abort> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        let live = match self.find(&cloud, desired).await? {
            (StackState::NotFound, _) | (_, None) => None,
            (StackState::InProgress, Some(stack)) => return Err(busy(desired, stack.status.as_str()).into()),
            (StackState::NeedsRecovery, Some(stack)) => return Err(stuck(&stack, &desired.origin).into()),
            (StackState::Updatable | StackState::MustBeDeleted, Some(stack)) => {
                Some(self.with_template(&cloud, stack).await?)
            }
        };
        let plan = plan_stack(live.as_ref(), desired, self.options.schema);
        if !self.can_be_confirmed(&cloud, desired, live.as_ref()).await? {
            return Ok(SavedStackPlan::new(desired, live.as_ref(), plan, false));
        }
        let kind = plan.situation.kind();
        let plan = match self.prepare(&cloud, desired, live.as_ref()).await? {
            Some(change_set) => {
                self.discard(&cloud, desired, &change_set.id, kind).await?;
                plan.confirmed(&change_set)
            }
            None => plan.without_changes(),
        };
        Ok(SavedStackPlan::new(desired, live.as_ref(), plan, true))
    }

    /// A change set can be written where no remains are in the way and the stacks that it reads from are there.
    async fn can_be_confirmed(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        live: Option<&DeployedStack>,
    ) -> Result<bool, Abort> {
        if live.is_some_and(|live| StackState::of(Some(&live.stack)) == StackState::MustBeDeleted) {
            return Ok(false);
        }
        for owner in &desired.after {
            if StackState::of(cloud.describe_stack(owner).await?.as_ref()) != StackState::Updatable {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

pub(super) fn busy(desired: &DesiredStack, status: &str) -> Diagnostic {
    let message = format!("another operation runs on stack `{}`, which is in {status}", desired.name);
    Diagnostic::new(Code::StackBusy, message)
        .at(&desired.origin, "this stack")
        .help(Hint::from("wait for it with ").command(CommandName::Deploy.of(&desired.name)).text(", then plan again"))
}

//! Plans that are computed and not executed.

use futures_util::stream::{self, StreamExt};

use super::abort::Abort;
use super::change_set::ChangeSetPurpose;
use super::outcome::StackOutcome;
use super::{Engine, StackTask};
use crate::deploy::api::{AwsApi, AwsError, Clock};
use crate::deploy::plan::plan_file::SavedStackPlan;
use crate::deploy::plan::stack_state::{StackState, needs_recovery};
use crate::deploy::plan::{DeployedStack, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::{DesiredStack, shared_values_of};

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Returns what `deploy` would do to each stack, in the given order, several at once. Creates change sets to let
    /// CloudFormation compute the changes, and deletes them.
    pub async fn plan(&self, stacks: &[DesiredStack]) -> Vec<Result<SavedStackPlan, StackOutcome>> {
        self.note_script(stacks);
        let plans = stacks.iter().map(async |stack| {
            let planned = self.task(stack).try_plan().await;
            planned.map_err(|abort| abort.outcome(stack))
        });
        stream::iter(plans).buffered(self.options.concurrency.max(1)).collect().await
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    async fn try_plan(&self) -> Result<SavedStackPlan, Abort> {
        let deployed = match self.describe().await? {
            (StackState::NotFound, _) | (_, None) => None,
            (StackState::InProgress, Some(stack)) => return Err(busy(self.stack, stack.status.as_str()).into()),
            (StackState::NeedsRecovery, Some(stack)) => return Err(needs_recovery(&stack, &self.stack.origin).into()),
            (StackState::Updatable | StackState::MustBeDeleted, Some(stack)) => Some(self.with_template(stack).await?),
        };
        let deployed = deployed.as_ref();
        let plan = plan_stack(deployed, self.stack, self.options().schema);
        let plan = self.with_shared_ends(plan, deployed).await?;
        if !self.can_create_change_set(deployed).await? {
            return Ok(SavedStackPlan::new(self.stack, deployed, plan, false));
        }
        let created = match self.create_change_set(deployed, ChangeSetPurpose::Deploy).await {
            // A stack before it has to write the value first.
            Err(Abort::Rejected(error)) if self.awaits_values(&error) => {
                return Ok(SavedStackPlan::new(self.stack, deployed, plan, false));
            }
            created => created?,
        };
        let plan = match created {
            Some(change_set) => {
                let plan = plan.with_change_set(change_set.change_set(), &self.stack.secrets);
                change_set.discard().await?;
                plan
            }
            None => plan.without_changes(),
        };
        Ok(SavedStackPlan::new(self.stack, deployed, plan, true))
    }

    /// Returns whether AWS refused a change set because it reads values that the stacks before this one do not offer yet (the message is
    /// that of `CreateChangeSet`: "Unable to fetch parameters [..] from parameter store for this account.").
    fn awaits_values(&self, error: &AwsError) -> bool {
        let is_missing = error.message.contains("Unable to fetch parameters");
        is_missing && self.stack.after.iter().any(|producer| error.message.contains(&shared_values_of(producer)))
    }

    /// Returns whether a change set can be created: no leftover stack is in the way, and the stacks that this one reads
    /// values of are deployed.
    async fn can_create_change_set(&self, deployed: Option<&DeployedStack>) -> Result<bool, Abort> {
        if deployed.is_some_and(|deployed| StackState::of(Some(&deployed.stack)) == StackState::MustBeDeleted) {
            return Ok(false);
        }
        for producer in &self.stack.after {
            if StackState::of(self.api.describe_stack(producer).await?.as_ref()) != StackState::Updatable {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reports that another operation runs on the stack.
pub(super) fn busy(stack: &DesiredStack, status: &str) -> Diagnostic {
    let message = format!("another operation runs on stack `{}`, which is in {status}", stack.name);
    Diagnostic::new(Code::StackBusy, message)
        .at(&stack.origin, "this stack")
        .help(Hint::from("wait for it with ").command(CommandName::Deploy.of(&stack.name)).text(", then plan again"))
}

//! What forbids to carry a plan out.

use super::Engine;
use super::abort::Abort;
use crate::deploy::api::{AwsApi, Clock, ErrorKind};
use crate::deploy::plan::plan_file::new_plan;
use crate::deploy::plan::stack_state::StackState;
use crate::deploy::plan::stateful::data_loss;
use crate::deploy::plan::{DeployedStack, Plan};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Why the saved plan of a stack, where there is one, does not hold any more.
    pub(super) fn outdated(&self, desired: &DesiredStack, live: Option<&DeployedStack>) -> Option<Diagnostic> {
        let saved = self.options.saved.as_ref()?;
        match saved.stack(&desired.name) {
            Some(saved) => saved.outdated(desired, live),
            None => Some(
                Diagnostic::new(Code::PlanOutdated, format!("the plan knows nothing of stack `{}`", desired.name))
                    .at(&desired.origin, "this stack")
                    .help(new_plan()),
            ),
        }
    }

    /// The reason behind a change set that AWS does not write: a stack whose values this one reads is not there.
    pub(super) async fn for_want_of_an_owner(&self, cloud: &C, desired: &DesiredStack, halt: Abort) -> Abort {
        let is_refusal = match &halt {
            Abort::Problems(_) => true,
            Abort::Refused(error) => error.kind == ErrorKind::Validation,
            _ => false,
        };
        let mut missing = Vec::new();
        for owner in desired.after.iter().filter(|_| is_refusal) {
            let Ok(stack) = cloud.describe_stack(owner).await else { return halt };
            if matches!(StackState::of(stack.as_ref()), StackState::NotFound | StackState::MustBeDeleted) {
                missing.push(owner.as_str());
            }
        }
        let owners = missing.iter().map(|owner| format!("`{owner}`")).collect::<Vec<_>>().join(", ");
        let message = format!("stack `{}` reads values of {owners}, which nobody has deployed", desired.name);
        let problem = Diagnostic::new(Code::ProducerNotDeployed, message).at(&desired.origin, "this stack");
        let both = CommandName::Deploy.alone().args(missing.iter().copied()).arg(&desired.name);
        if missing.is_empty() {
            halt
        } else {
            Abort::Blocked(vec![problem.help(Hint::command_first(both).text(" deploys them in order"))])
        }
    }

    /// Why this plan, as AWS's change set confirms it, is not carried out: data at stake that nobody gave up, or more
    /// than was approved.
    pub(super) fn forbidden(
        &self,
        desired: &DesiredStack,
        live: Option<&DeployedStack>,
        plan: &Plan,
    ) -> Vec<Diagnostic> {
        self.use_allowances(plan, live);
        let mut problems = data_loss(plan, live, &self.options.allow_replace);
        if let Some(saved) = &self.options.saved {
            let follows =
                desired.after.iter().any(|name| saved.stack(name).is_some_and(|owner| !owner.plan.is_empty()));
            problems.extend(saved.stack(&desired.name).and_then(|stack| stack.exceeded(desired, plan, follows)));
        }
        problems
    }
}

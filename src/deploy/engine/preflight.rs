//! Checks before a plan is executed.

use super::StackTask;
use super::abort::Abort;
use crate::cfn::schema::Schema;
use crate::deploy::api::{AwsApi, Clock, ErrorKind};
use crate::deploy::plan::database_upgrade::database_upgrades;
use crate::deploy::plan::fixed_names::fixed_names;
use crate::deploy::plan::generated_secrets::generated_secrets;
use crate::deploy::plan::shared::refused;
use crate::deploy::plan::stack_state::StackState;
use crate::deploy::plan::stateful::{at_stack, data_loss};
use crate::deploy::plan::{DeployedStack, Plan};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Reports a saved plan that does not fit the stack any more.
    pub(super) fn stale_plan(&self, deployed: Option<&DeployedStack>) -> Option<Diagnostic> {
        self.options().saved_plan.as_ref()?.check_fresh(self.stack, deployed)
    }

    /// Replaces a rejected change set by its cause, which AWS does not name: a stack whose values this one reads is not
    /// deployed.
    pub(super) async fn missing_producer(&self, abort: Abort) -> Abort {
        let is_rejection = match &abort {
            Abort::RejectedWith(_) => true,
            Abort::Rejected(error) => error.kind == ErrorKind::Validation,
            _ => false,
        };
        let mut missing = Vec::new();
        for producer in self.stack.after.iter().filter(|_| is_rejection) {
            let Ok(stack) = self.api.describe_stack(producer).await else { return abort };
            if matches!(StackState::of(stack.as_ref()), StackState::NotFound | StackState::MustBeDeleted) {
                missing.push(producer.as_str());
            }
        }
        if missing.is_empty() {
            return abort;
        }
        let name = &self.stack.name;
        let producers = missing.iter().map(|producer| format!("`{producer}`")).collect::<Vec<_>>().join(", ");
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let message = format!("stack `{name}` reads values of {producers}, which {verb} not deployed");
        let problem = Diagnostic::new(Code::ProducerNotDeployed, message).at(&self.stack.origin, "this stack");
        let command = CommandName::Deploy.alone().args(missing).arg(name);
        Abort::Blocked(vec![problem.help(Hint::command_first(command).text(" deploys them in order"))])
    }

    /// Ends the work if a plan may not be executed.
    pub(super) fn refuse(&self, plan: &Plan) -> Result<(), Abort> {
        let problems = self.preflight_errors(plan);
        if problems.is_empty() { Ok(()) } else { Err(Abort::Blocked(problems)) }
    }

    /// Reports why a plan is not executed: data loss that was not allowed, a change that AWS would refuse, or more than the approved plan.
    pub(super) fn preflight_errors(&self, plan: &Plan) -> Vec<Diagnostic> {
        let stack = self.stack;
        self.note_accepted_loss(plan);
        let losses = data_loss(plan, &self.options().allow_replace, self.options().retried_by);
        let mut problems: Vec<Diagnostic> = losses.into_iter().map(|it| at_stack(it, &stack.origin)).collect();
        let keeps = self.engine.kept.borrow().contains(&stack.name);
        problems.extend(refused(plan, keeps, &self.options().allow_replace, self.options().retried_by));
        let names = fixed_names(plan, &stack.template, Schema::embedded());
        problems.extend(names.into_iter().filter(Diagnostic::is_error));
        let secrets = generated_secrets(plan, stack, &self.options().allow_replace, self.options().retried_by);
        problems.extend(database_upgrades(plan, stack).into_iter().chain(secrets).filter(Diagnostic::is_error));
        if let Some(saved) = &self.options().saved_plan {
            let is_changed = |name: &String| saved.stack(name).is_some_and(|producer| !producer.plan.is_empty());
            let follows_change = stack.after.iter().any(is_changed);
            let saved_stack = saved.stack(&stack.name);
            problems.extend(saved_stack.and_then(|saved_stack| saved_stack.check_within(stack, plan, follows_change)));
        }
        problems
    }
}

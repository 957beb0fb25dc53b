//! Resources that the caller allows to be replaced (`--allow-replace`): whether they exist, and whether it was needed.

use super::outcome::{Outcome, StackResult};
use super::{Engine, StackTask};
use crate::cfn::{LogicalId, Resource, parse};
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::Plan;
use crate::deploy::plan::generated_secrets::accepted_new_secrets;
use crate::deploy::plan::stateful::accepted_losses;
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};
use crate::synth::DesiredStack;

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Reports names that neither the script nor a deployed template has: a misspelt name starts nothing.
    pub(super) async fn unknown_allow_replace(&self, stacks: &[DesiredStack]) -> Vec<Diagnostic> {
        let scripts = stacks.iter().flat_map(|stack| stack.template.resources.keys());
        let mut known: Vec<String> = scripts.map(LogicalId::to_string).collect();
        let names = || self.options.allow_replace.iter().filter(|name| *name != "*");
        if names().all(|name| known.contains(name)) {
            return Vec::new();
        }
        for stack in stacks {
            // A template that cannot be read now does not make a name wrong.
            let Some(deployed) = self.task(stack).deployed_ids().await else { return Vec::new() };
            known.extend(deployed);
        }
        names().filter(|name| !known.contains(name)).map(|name| unknown(name, &known)).collect()
    }

    /// Reports names whose resource was neither replaced nor deleted.
    pub(super) fn report_unused_allow_replace(&self, stacks: &[DesiredStack], outcome: &mut Outcome) {
        let accepted = self.accepted_losses.borrow();
        let is_unused = |name: &&String| *name != "*" && !accepted.contains(*name);
        for name in self.options.allow_replace.iter().filter(is_unused) {
            let mut resources =
                stacks.iter().filter_map(|stack| Some((stack, stack.template.resources.get(name.as_str())?)));
            let Some((stack, resource)) = resources.next() else { continue };
            let outcome = outcome.stacks.iter_mut().find(|outcome| outcome.stack == stack.name);
            let Some(outcome) = outcome.filter(|outcome| was_planned(&outcome.result)) else { continue };
            outcome.problems.push(unused(name, resource));
        }
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Returns the logical ids of the deployed stack; none if AWS does not answer.
    async fn deployed_ids(&self) -> Option<Vec<String>> {
        let name = &self.stack.name;
        let Some(stack) = self.retry(async || self.api.describe_stack(name).await).await.ok()? else {
            return Some(Vec::new());
        };
        let body = self.retry(async || self.api.template(&stack.id).await).await.ok()?;
        let template = parse::template(name, &body).value?;
        Some(template.resources.keys().map(LogicalId::to_string).collect())
    }

    /// Notes the data loss of a plan that the caller allowed.
    pub(super) fn note_accepted_loss(&self, plan: &Plan) {
        let allowed = &self.options().allow_replace;
        let accepted = accepted_losses(plan, allowed).into_iter();
        let accepted = accepted.chain(accepted_new_secrets(plan, self.stack, allowed));
        self.engine.accepted_losses.borrow_mut().extend(accepted);
    }
}

/// Returns whether AWS was asked what would change, and the operation started or there were no changes.
fn was_planned(result: &StackResult) -> bool {
    result.is_success() || matches!(result, StackResult::RolledBack | StackResult::Failed | StackResult::Detached)
}

fn unknown(name: &str, known: &[String]) -> Diagnostic {
    let message = format!("no stack has the resource `{name}` of `--allow-replace`");
    Diagnostic::new(Code::UnknownAllowReplace, message)
        .help_if(did_you_mean(name, known.iter().map(String::as_str)))
        .help(Hint::from("use a logical id from the output of ").command(CommandName::Plan.alone()))
}

fn unused(name: &str, resource: &Resource) -> Diagnostic {
    let message = format!("`--allow-replace {name}` had no effect: `{name}` was neither replaced nor deleted");
    Diagnostic::new(Code::UnusedAllowReplace, message)
        .at(&resource.origin, "this resource")
        .help(format!("remove it, or a later deployment may replace `{name}` without asking"))
}

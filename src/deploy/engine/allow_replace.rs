//! Resources that the caller lets be replaced (`allow_replace`): whether there are such, and whether it came to that.

use super::Engine;
use super::outcome::{Outcome, StackResult};
use crate::cfn::{LogicalId, Resource, parse};
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::plan::stateful::accepted_data_loss;
use crate::deploy::plan::{DeployedStack, Plan};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Names that no template has, neither the script's nor what is deployed: nothing is begun with a misspelt one.
    pub(super) async fn unknown_allowances(&self, stacks: &[DesiredStack]) -> Vec<Diagnostic> {
        let scripts = stacks.iter().flat_map(|stack| stack.template.resources.keys());
        let mut known: Vec<String> = scripts.map(LogicalId::to_string).collect();
        let named = || self.options.allow_replace.iter().filter(|name| *name != "*");
        if named().all(|name| known.contains(name)) {
            return Vec::new();
        }
        for stack in stacks {
            // What cannot be seen now is no reason to call a name wrong.
            let Some(deployed) = self.deployed_ids(stack).await else { return Vec::new() };
            known.extend(deployed);
        }
        named().filter(|name| !known.contains(name)).map(|name| unknown(name, &known)).collect()
    }

    /// The logical ids of a stack as it is deployed; nothing where AWS does not tell.
    async fn deployed_ids(&self, stack: &DesiredStack) -> Option<Vec<String>> {
        let (cloud, name) = (self.cloud.for_region(stack.region.as_deref()), &stack.name);
        let Some(live) = self.insist(name, async || cloud.describe_stack(name).await).await.ok()? else {
            return Some(Vec::new());
        };
        let body = self.insist(name, async || cloud.template(&live.id).await).await.ok()?;
        let template = parse::template(name, &body).value?;
        Some(template.resources.keys().map(LogicalId::to_string).collect())
    }

    /// Notes what a plan takes because the caller lets it.
    pub(super) fn use_allowances(&self, plan: &Plan, live: Option<&DeployedStack>) {
        self.given_up.borrow_mut().extend(accepted_data_loss(plan, live, &self.options.allow_replace));
    }

    /// Tells of names whose resource was neither replaced nor deleted.
    pub(super) fn tell_idle_allowances(&self, stacks: &[DesiredStack], outcome: &mut Outcome) {
        let given_up = self.given_up.borrow();
        let idle = |name: &&String| *name != "*" && !given_up.contains(*name);
        for name in self.options.allow_replace.iter().filter(idle) {
            let mut made =
                stacks.iter().filter_map(|stack| Some((stack, stack.template.resources.get(name.as_str())?)));
            let Some((stack, resource)) = made.next() else { continue };
            let ended = outcome.stacks.iter_mut().find(|ended| ended.stack == stack.name);
            let Some(ended) = ended.filter(|ended| was_planned(&ended.ending)) else { continue };
            ended.problems.push(idle_one(name, resource));
        }
    }
}

/// True where AWS was asked what would change, and it was begun or there was nothing.
fn was_planned(ending: &StackResult) -> bool {
    ending.is_good() || matches!(ending, StackResult::RolledBack | StackResult::Failed | StackResult::Detached)
}

fn unknown(name: &str, known: &[String]) -> Diagnostic {
    let message = format!("no stack has the resource `{name}` of `--allow-replace`");
    Diagnostic::new(Code::UnknownAllowReplace, message)
        .help_if(did_you_mean(name, known.iter().map(String::as_str)))
        .help(Hint::from("use a logical id from the output of ").command(CommandName::Plan.alone()))
}

fn idle_one(name: &str, resource: &Resource) -> Diagnostic {
    let message = format!("`--allow-replace {name}` came to nothing: no data of `{name}` was at stake");
    Diagnostic::new(Code::UnusedAllowReplace, message)
        .at(&resource.origin, "neither replaced nor deleted")
        .help("leave it out: a later deployment could take it for a yes")
}

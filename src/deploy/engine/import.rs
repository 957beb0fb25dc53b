//! Takes resources that exist into a stack.

use super::Engine;
use super::abort::Abort;
use super::change_set::ChangeSetPurpose;
use super::event::DeployEventKind;
use super::outcome::{StackOutcome, StackResult};
use crate::cfn::schema::{Schema, TypeSchema};
use crate::cfn::{LogicalId, Template};
use crate::deploy::api::{AwsApi, ChangeSetKind, ChangeSetRequest, Clock, ImportedResource};
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Takes resources of the script that exist already into a stack, and changes nothing else.
    pub async fn import(
        &self,
        desired: &DesiredStack,
        resources: &[ImportedResource],
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> StackOutcome {
        let began = self.clock.now();
        let outcome = self.take_over(desired, resources, ask).await;
        let mut outcome = outcome.unwrap_or_else(|halt| self.halted(desired, halt));
        outcome.duration = self.clock.now().since(began);
        outcome
    }

    async fn take_over(
        &self,
        desired: &DesiredStack,
        resources: &[ImportedResource],
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        let live = self.look(&cloud, desired).await?;
        let desired = with(desired, live.as_ref(), resources);
        let desired = &desired;
        let plan = plan_stack(live.as_ref(), desired, self.options.schema);
        let request = self.request(&cloud, desired, live.as_ref(), ChangeSetPurpose::On).await?;
        let request = ChangeSetRequest { kind: ChangeSetKind::Import, import: resources.to_vec(), ..request };
        let kind = request.kind;
        let Some(set) = self.submit(&cloud, desired, &request, ChangeSetPurpose::On).await? else {
            return Ok(StackOutcome::new(&desired.name, StackResult::Unchanged));
        };
        let plan = plan.confirmed(&set);
        self.tell(&desired.name, DeployEventKind::Planned { plan: plan.clone() });
        if self.approved(&plan, ask).await != Ok(true) {
            self.discard(&cloud, desired, &set.id, kind).await?;
            self.tell(&desired.name, DeployEventKind::Declined);
            return Err(Abort::Declined);
        }
        let ended = self.execute(&cloud, desired, &set, kind, false).await?;
        let desired = DesiredStack {
            termination_protection: ended.stack.as_ref().is_some_and(|stack| stack.termination_protection),
            ..desired.clone()
        };
        Ok(self.conclude(&cloud, &desired, kind, ended, Vec::new()).await)
    }
}

/// The stack as it is with these resources of the script: an import allows no other change.
fn with(desired: &DesiredStack, live: Option<&DeployedStack>, resources: &[ImportedResource]) -> DesiredStack {
    let mut template = live.map_or_else(Template::default, |live| live.template.clone());
    let script = &desired.template;
    for (id, parameter) in &script.parameters {
        template.parameters.entry(id.clone()).or_insert_with(|| parameter.clone());
    }
    for (name, mapping) in &script.mappings {
        template.mappings.entry(name.clone()).or_insert_with(|| mapping.clone());
    }
    for (name, condition) in &script.conditions {
        template.conditions.entry(name.clone()).or_insert_with(|| condition.clone());
    }
    for (id, resource) in &script.resources {
        // What is there keeps its text and gets its line of the script.
        match template.resources.get_mut(id) {
            Some(there) => there.origin = resource.origin.clone(),
            None if resources.iter().any(|import| import.logical_id == id.as_str()) => {
                template.resources.insert(id.clone(), resource.clone());
            }
            None => {}
        }
    }
    let tags = live.map_or_else(|| desired.tags.clone(), |live| live.stack.tags.clone());
    DesiredStack { template: template.into(), tags, ..desired.clone() }
}

/// What `RESOURCE=ID` means for a stack: the identifier is named by the schema; several parts stand apart by `|`.
pub fn importable(desired: &DesiredStack, written: &str) -> Result<ImportedResource, Diagnostic> {
    let wrong = |message: String| Diagnostic::new(Code::ImportArgument, message);
    let Some((id, value)) = written.split_once('=').filter(|(id, value)| !id.is_empty() && !value.is_empty()) else {
        return Err(wrong(format!("`{written}` is not of the form `RESOURCE=ID`")).help("write `Tiles=my-bucket`"));
    };
    let Some(resource) = desired.template.resources.get(id) else {
        let names = desired.template.resources.keys().map(LogicalId::as_str);
        let message = format!("stack `{}` has no resource `{id}`", desired.name);
        return Err(wrong(message)
            .help_if(did_you_mean(id, names))
            .help(Hint::command_first(CommandName::Synth.of(&desired.name)).text(" shows the names")));
    };
    if !resource.attributes.contains_key("DeletionPolicy") {
        let message = format!("`{id}` has no `DeletionPolicy`, and AWS takes nothing in without one");
        let problem = Diagnostic::new(Code::ImportWithoutPolicy, message);
        return Err(problem
            .at(&resource.origin, "made here")
            .help("`.deletion_policy(\"Retain\")` keeps it when the stack is deleted"));
    }
    let kind = resource.kind.to_string();
    let schema = Schema::embedded().get(&kind);
    let names: Vec<&str> = schema.iter().flat_map(TypeSchema::primary_identifier).collect();
    let values: Vec<&str> = value.split('|').collect();
    if names.len() != values.len() {
        let message =
            format!("an {kind} is known by {}, and `{value}` has {} parts", names.join(" and "), values.len());
        let example = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join("|");
        return Err(wrong(message).at(&resource.origin, "this one").help(format!("write `{id}={example}`")));
    }
    let identifier = names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned()));
    Ok(ImportedResource { logical_id: id.to_owned(), kind: kind.clone(), identifier: identifier.collect() })
}

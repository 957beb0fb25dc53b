//! The import of existing resources into a stack.

use super::abort::Abort;
use super::change_set::ChangeSetPurpose;
use super::event::DeployEventKind;
use super::outcome::{StackOutcome, StackResult};
use super::{Engine, StackTask};
use crate::cfn::schema::{Schema, TypeSchema};
use crate::cfn::{LogicalId, Template};
use crate::deploy::api::{AwsApi, ChangeSetKind, ChangeSetRequest, Clock, ImportedResource};
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};
use crate::synth::DesiredStack;

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Imports existing resources of the script into a stack, and changes nothing else.
    pub async fn import(
        &self,
        stack: &DesiredStack,
        resources: &[ImportedResource],
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> StackOutcome {
        let task = self.task(stack);
        task.finish(task.try_import(resources, approve)).await
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    async fn try_import(
        &self,
        resources: &[ImportedResource],
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let deployed = self.wait_until_updatable().await?;
        let stack = with_imports(self.stack, deployed.as_ref(), resources);
        let task = self.with_stack(&stack);
        let plan = plan_stack(deployed.as_ref(), &stack, self.options().schema);
        let request = task.change_set_request(deployed.as_ref(), ChangeSetPurpose::Deploy).await?;
        let request = ChangeSetRequest { kind: ChangeSetKind::Import, import: resources.to_vec(), ..request };
        let Some(change_set) = task.create_and_wait(&request).await? else {
            return Ok(StackOutcome::new(&stack.name, StackResult::Unchanged));
        };
        let plan = plan.with_change_set(change_set.change_set(), &self.stack.secrets);
        self.emit(DeployEventKind::Planned { plan: plan.clone() });
        let (change_set, ()) = change_set.reviewed(self.approval(&plan, approve)).await?;
        let finished = task.execute(change_set, false).await?;
        let termination_protection = finished.stack.as_ref().is_some_and(|stack| stack.termination_protection);
        let stack = DesiredStack { termination_protection, ..stack.clone() };
        Ok(self.with_stack(&stack).conclude(ChangeSetKind::Import, finished, Vec::new()).await)
    }
}

/// Returns the deployed stack with these resources of the script: an import allows no other change.
fn with_imports(
    stack: &DesiredStack,
    deployed: Option<&DeployedStack>,
    resources: &[ImportedResource],
) -> DesiredStack {
    let mut template = deployed.map_or_else(Template::default, |deployed| deployed.template.clone());
    let script = &stack.template;
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
        // A deployed resource keeps its properties and gets its line of the script.
        match template.resources.get_mut(id) {
            Some(existing) => existing.origin = resource.origin.clone(),
            None if resources.iter().any(|import| import.logical_id == id.as_str()) => {
                template.resources.insert(id.clone(), resource.clone());
            }
            None => {}
        }
    }
    let tags = deployed.map_or_else(|| stack.tags.clone(), |deployed| deployed.stack.tags.clone());
    DesiredStack { template: template.into(), tags, ..stack.clone() }
}

/// Reads `RESOURCE=ID` for a stack: the schema names the identifier, whose parts are separated by `|`.
///
/// # Errors
///
/// If the resource does not exist or cannot be imported, or if the identifier has the wrong number of parts.
pub fn importable(stack: &DesiredStack, argument: &str) -> Result<ImportedResource, Diagnostic> {
    let wrong = |message: String| Diagnostic::new(Code::ImportArgument, message);
    let Some((id, value)) = argument.split_once('=').filter(|(id, value)| !id.is_empty() && !value.is_empty()) else {
        return Err(wrong(format!("`{argument}` is not of the form `RESOURCE=ID`")).help("write `Tiles=my-bucket`"));
    };
    let Some(resource) = stack.template.resources.get(id) else {
        let names = stack.template.resources.keys().map(LogicalId::as_str);
        let message = format!("stack `{}` has no resource `{id}`", stack.name);
        return Err(wrong(message)
            .help_if(did_you_mean(id, names))
            .help(Hint::command_first(CommandName::Synth.of(&stack.name)).text(" shows the names")));
    };
    if !resource.attributes.contains_key("DeletionPolicy") {
        let message = format!("`{id}` has no `DeletionPolicy`, which an import requires");
        let problem = Diagnostic::new(Code::ImportWithoutPolicy, message);
        return Err(problem
            .at(&resource.origin, "created here")
            .help("add `.deletion_policy(\"Retain\")`: it keeps the resource when the stack is deleted"));
    }
    let kind = resource.kind.to_string();
    let schema = Schema::embedded().get(&kind);
    let names: Vec<&str> = schema.iter().flat_map(TypeSchema::primary_identifier).collect();
    let values: Vec<&str> = value.split('|').collect();
    if names.len() != values.len() {
        let message =
            format!("the identifier of {kind} is {}, and `{value}` has {} parts", names.join(" and "), values.len());
        let example = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join("|");
        return Err(wrong(message).at(&resource.origin, "this one").help(format!("write `{id}={example}`")));
    }
    let identifier = names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned()));
    Ok(ImportedResource { logical_id: id.to_owned(), kind: kind.clone(), identifier: identifier.collect() })
}

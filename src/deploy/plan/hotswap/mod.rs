//! Hotswaps: changes of images and environment variables only, which ECS can make without CloudFormation.

use crate::cfn::type_names::{SERVICE, TASK_DEFINITION};
use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::deployed_stack::DeployedStack;
use crate::cfn::diff::templates;
use crate::cfn::names::with_article;
use crate::cfn::{LogicalId, Map, PropertyPath, Resource, Segment, Template, Value};
use crate::deploy::api::{AwsEnvironment, ContainerDefinition, ContainerOverride, TaskDefinition};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::synth::DesiredStack;

/// The properties of a container that a hotswap may change.
const HOTSWAPPABLE: [&str; 2] = ["Image", "Environment"];

/// The change of one task definition, and the services that run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TaskDefinitionChange {
    /// The logical id of the task definition.
    pub task_definition: String,
    /// The logical ids of its services.
    pub services: Vec<String>,
    /// The differences from the stack's revision; none if that is what the script sets.
    pub edits: Vec<ContainerOverride>,
    /// The place in the script that sets the first difference.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// The changes of a hotswap, and what it does not reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hotswap {
    /// The changes of task definitions that services run.
    pub changes: Vec<TaskDefinitionChange>,
    /// The resources that still start tasks of the old revision: schedules, rules, state machines.
    pub unreached: Vec<UnreachedResource>,
}

/// A resource that starts tasks of a changed task definition by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreachedResource {
    /// The logical id of the task definition.
    pub task_definition: String,
    /// The logical id of the resource.
    pub resource: String,
    /// Its type.
    pub kind: String,
    /// The place in the script that creates it.
    pub origin: Origin,
}

impl UnreachedResource {
    /// Returns the warning about it.
    pub fn problem(&self, stack: &str) -> Diagnostic {
        let Self { task_definition, resource, kind, origin } = self;
        let message = format!("`{resource}` still starts tasks of the deployed `{task_definition}`");
        Diagnostic::new(Code::HotswapIncomplete, message)
            .at(origin, with_article(kind))
            .note("a hotswap gives the new revision to services only; CloudFormation sets it here")
            .help(Hint::from("deploy it with ").command(CommandName::Deploy.of(stack)))
    }
}

/// The change of a container, without values of variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ContainerChange {
    /// The logical id of the task definition.
    pub task_definition: String,
    /// The container.
    pub container: String,
    /// The new image.
    pub image: Option<String>,
    /// The variables that get another value.
    pub set: Vec<String>,
    /// The variables that are removed.
    pub unset: Vec<String>,
}

impl TaskDefinitionChange {
    /// Returns the changes of containers.
    pub fn changes(&self) -> impl Iterator<Item = ContainerChange> {
        self.edits.iter().map(|edit| ContainerChange {
            task_definition: self.task_definition.clone(),
            container: edit.container.clone(),
            image: edit.image.clone(),
            set: edit.set.keys().cloned().collect(),
            unset: edit.unset.clone(),
        })
    }

    /// Returns whether a running revision is the stack's revision with the edits applied.
    pub fn is_done_by(&self, running: &TaskDefinition, base: &TaskDefinition) -> bool {
        let is_edited = |container: &ContainerDefinition| {
            let Some(mut expected) = base.containers.iter().find(|it| it.name == container.name).cloned() else {
                return false;
            };
            for edit in self.edits.iter().filter(|edit| edit.container == container.name) {
                expected.image = edit.image.clone().unwrap_or(expected.image);
                expected.environment.extend(edit.set.clone());
                expected.environment.retain(|name, _| !edit.unset.contains(name));
            }
            expected.image == container.image && expected.environment == container.environment
        };
        running.containers.len() == base.containers.len() && running.containers.iter().all(is_edited)
    }
}

/// Returns the changes from a deployed stack to the script's images and environments, for each task definition that a
/// service runs.
///
/// # Errors
///
/// Returns errors if anything else differs.
pub fn task_definition_changes(
    live: &DeployedStack,
    desired: &DesiredStack,
    place: &AwsEnvironment,
) -> Result<Hotswap, Vec<Diagnostic>> {
    let (before, after) = (without_hotswappable(&live.template), without_hotswappable(&desired.template));
    let changed = changed_parameters(live, desired);
    let mut problems: Vec<Diagnostic> = Vec::new();
    let differ = templates(&before, &after, None);
    for diff in &differ.resources {
        let origin = desired.template.resources.get(&diff.id).map(|resource| resource.origin.clone());
        problems.push(unsupported(&format!("`{}`", diff.id), origin.as_ref().unwrap_or(&desired.origin)));
    }
    problems.extend(differ.sections.iter().map(|section| match &section.step {
        crate::cfn::PathSegment::Key(name) => unsupported(name, &desired.origin),
        crate::cfn::PathSegment::Index(_) => unsupported("the template", &desired.origin),
    }));
    if live.stack.tags != desired.tags {
        problems.push(unsupported("the stack's tags", &desired.origin));
    }
    for resource in after.resources.values() {
        resource.each_ref(&mut |reference| {
            if changed.contains(reference.id.as_str()) {
                problems.push(unsupported(&format!("the parameter `{}`", reference.id), &resource.origin));
            }
        });
    }
    let values = Values { live, desired, place, changed: &changed };
    let definitions =
        desired.template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == TASK_DEFINITION);
    let mut found = Hotswap::default();
    for (id, resource) in definitions {
        let services = services_of(&desired.template, id.as_str());
        match values.edits(id.as_str(), resource) {
            Ok((edits, origin)) => {
                if !edits.is_empty() {
                    found.unreached.extend(unreached(&desired.template, id));
                }
                if !services.is_empty() {
                    let task_definition = id.to_string();
                    found.changes.push(TaskDefinitionChange { task_definition, services, edits, origin });
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// Returns the resources other than services that start tasks of a task definition. Policies only permit it.
fn unreached(template: &Template, definition: &LogicalId) -> Vec<UnreachedResource> {
    let starts = |resource: &Resource| {
        let kind = resource.kind.as_str();
        let mut refers = false;
        resource.each_ref(&mut |reference| refers |= reference.id == *definition);
        refers && kind != SERVICE && !kind.starts_with("AWS::IAM::")
    };
    let resources = template.resources.iter().filter(|(_, resource)| starts(resource));
    let unreached = resources.map(|(id, resource)| UnreachedResource {
        task_definition: definition.to_string(),
        resource: id.to_string(),
        kind: resource.kind.to_string(),
        origin: resource.origin.clone(),
    });
    unreached.collect()
}

/// Returns the template without the properties that a hotswap may change.
fn without_hotswappable(template: &Template) -> Template {
    let mut closed = template.clone();
    let definitions = closed.resources.values_mut().filter(|resource| resource.kind.as_str() == TASK_DEFINITION);
    for resource in definitions {
        if let Some(Value::List(containers)) = resource.properties.get_mut("ContainerDefinitions") {
            for container in containers {
                if let Value::Map(container) = container {
                    HOTSWAPPABLE.iter().for_each(|name| drop(container.shift_remove(*name)));
                }
            }
        }
    }
    closed
}

/// Returns the parameters whose values change.
fn changed_parameters(live: &DeployedStack, desired: &DesiredStack) -> BTreeSet<String> {
    let changed = desired.parameters.iter().filter(|(name, value)| live.stack.parameters.get(*name) != Some(value));
    changed.map(|(name, _)| name.clone()).collect()
}

fn services_of(template: &Template, definition: &str) -> Vec<String> {
    let runs = |resource: &Resource| {
        let reference = resource.properties.get("TaskDefinition").and_then(Value::as_reference);
        resource.kind.as_str() == SERVICE && reference.is_some_and(|it| it.id.as_str() == definition)
    };
    template.resources.iter().filter(|(_, resource)| runs(resource)).map(|(id, _)| id.to_string()).collect()
}

fn unsupported(what: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::new(
        Code::HotswapUnsupportedChange,
        format!("a hotswap changes images and environment variables only, and {what} differs too"),
    )
    .at(origin, "cannot be hotswapped")
    .help(
        Hint::from("deploy everything with ")
            .command(CommandName::Deploy.alone())
            .text("; see the changes with ")
            .command(CommandName::Diff.alone()),
    )
}

/// The values of the two templates, as far as they are known without CloudFormation.
struct Values<'a> {
    live: &'a DeployedStack,
    desired: &'a DesiredStack,
    place: &'a AwsEnvironment,
    changed: &'a BTreeSet<String>,
}

impl Values<'_> {
    /// Returns the edits of a task definition, and the place of the first one.
    fn edits(&self, id: &str, after: &Resource) -> Result<(Vec<ContainerOverride>, Option<Origin>), Diagnostic> {
        let before = self.live.template.resources.get(id).map(containers).unwrap_or_default();
        let (mut edits, mut origin) = (Vec::new(), None);
        for (at, container) in containers(after).into_iter().enumerate() {
            let place = |property: &str| {
                after.origin_of(&PropertyPath::property(&format!("ContainerDefinitions.{at}.{property}")))
            };
            let old = before.get(at).copied();
            let image = self.image(old, container, place("Image"))?;
            let (set, unset) = self.environment(old, container, place("Environment"))?;
            let changed = [("Image", image.is_some()), ("Environment", !set.is_empty() || !unset.is_empty())];
            let first = changed.iter().find(|(_, changed)| *changed);
            let (Some((property, _)), Some(name)) = (first, container.get("Name").and_then(Value::as_str)) else {
                continue;
            };
            origin.get_or_insert_with(|| place(property).clone());
            edits.push(ContainerOverride { container: name.to_owned(), image, set, unset });
        }
        Ok((edits, origin))
    }

    fn image(&self, old: Option<&Map>, new: &Map, origin: &Origin) -> Result<Option<String>, Diagnostic> {
        let (before, after) = (old.and_then(|old| old.get("Image")), new.get("Image"));
        let differs = self.differs(before, after);
        after.filter(|_| differs).map(|image| self.text(image, "the image", origin)).transpose()
    }

    /// Returns the variables to set and to remove.
    fn environment(
        &self,
        old: Option<&Map>,
        new: &Map,
        origin: &Origin,
    ) -> Result<(IndexMap<String, String>, Vec<String>), Diagnostic> {
        let listed = |container: &Map| container.get("Environment").cloned().unwrap_or(Value::List(Vec::new()));
        let (before, after) = (old.map_or(Value::List(Vec::new()), listed), listed(new));
        if !self.differs(Some(&before), Some(&after)) {
            return Ok((IndexMap::new(), Vec::new()));
        }
        let (Some(before), Some(after)) = (variables(&before), variables(&after)) else {
            return Err(unresolved("the environment", "a function", origin));
        };
        let mut set = IndexMap::new();
        for (name, value) in after.iter().filter(|(name, value)| self.differs(before.get(*name).copied(), Some(value)))
        {
            set.insert((*name).to_owned(), self.text(value, &format!("the variable `{name}`"), origin)?);
        }
        let removed = before.keys().filter(|name| !after.contains_key(*name));
        Ok((set, removed.map(|name| (*name).to_owned()).collect()))
    }

    fn differs(&self, before: Option<&Value>, after: Option<&Value>) -> bool {
        let mut moved = false;
        if let Some(after) = after {
            after.each_ref(&mut |reference| moved |= self.changed.contains(reference.id.as_str()));
        }
        moved || before != after
    }

    /// Returns a value as text.
    fn text(&self, value: &Value, what: &str, origin: &Origin) -> Result<String, Diagnostic> {
        match value {
            Value::Int(number) => return Ok(number.to_string()),
            Value::Bool(value) => return Ok(value.to_string()),
            Value::Text(text) => text.pieces().iter().map(|piece| match piece {
                Segment::Literal(text) => Ok(text.clone()),
                Segment::Ref(reference) => {
                    let known = reference.attribute.is_none().then(|| self.known(reference.id.as_str())).flatten();
                    known.ok_or_else(|| unresolved(what, &reference.to_string(), origin))
                }
                Segment::Call(call) => Err(unresolved(what, call.function.name(), origin)),
            }),
            _ => return Err(unresolved(what, "a function", origin)),
        }
        .collect()
    }

    fn known(&self, name: &str) -> Option<String> {
        let place = self.place;
        match name {
            "AWS::AccountId" => return Some(place.account.clone()),
            "AWS::Region" => return Some(place.region.clone()),
            "AWS::Partition" => return Some(place.partition.clone()),
            "AWS::StackName" => return Some(self.desired.name.clone()),
            _ => {}
        }
        let parameter = self.desired.template.parameters.get(name)?;
        let kind = parameter.body.get("Type").and_then(Value::as_str);
        let default = || Some(parameter.body.get("Default")?.as_str()?.to_owned());
        let value = self.desired.parameters.get(name).cloned().or_else(default);
        value.or_else(|| self.live.stack.parameter(name).cloned()).filter(|_| kind == Some("String"))
    }
}

fn containers(definition: &Resource) -> Vec<&Map> {
    let list = definition.properties.get("ContainerDefinitions").and_then(Value::as_list).unwrap_or_default();
    list.iter().filter_map(Value::as_map).collect()
}

/// Returns the variables of an environment by name; nothing if a function creates some of them.
fn variables(environment: &Value) -> Option<IndexMap<&str, &Value>> {
    let entries = environment.as_list()?.iter();
    entries.map(|entry| Some((entry.get("Name")?.as_str()?, entry.get("Value")?))).collect()
}

fn unresolved(what: &str, of: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::new(Code::HotswapUnresolved, format!("{what} needs `{of}`, which only CloudFormation can resolve"))
        .at(origin, "set here")
        .help(Hint::from("use ").command(CommandName::Deploy.alone()))
}

#[cfg(test)]
mod tests;

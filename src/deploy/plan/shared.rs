//! Resources that a deployment deletes or replaces while other stacks of the script use them.
//!
//! A value passes from one stack to another through a parameter of Systems Manager ([`shared_value_name`]), which CloudFormation reads when it
//! updates the reader ("SSM parameter types", CloudFormation user guide). So a reader
//! uses the old resource until it is deployed itself, and it is deployed after the stack that has the resource.
//!
//! - A resource that leaves the script is deleted last: [`keeping`] makes the stack that has it for the time being.
//! - A replacement is one operation of CloudFormation, at whose end the old resource is deleted. No order of the stacks helps, so it is
//!   refused ([`refused`]).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::stateful::accepting;
use super::{DeployedStack, Plan, PlannedChange};
use crate::cfn::type_names::{SSM_PARAMETER, TASK_DEFINITION};
use crate::cfn::{LogicalId, Parameter, Resource, Template, Value};
use crate::deploy::api::{Action, Replacement};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::synth::{DesiredStack, shared_value_name, shared_values_of};

/// A resource that a deployment deletes or replaces while other stacks use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SharedEnd {
    /// Its logical id.
    pub resource: String,
    /// Whether a new resource replaces it; else it is deleted.
    pub replaced: bool,
    /// The resources of other stacks that use it as they are deployed now.
    pub users: Vec<SharedUser>,
}

/// A resource that uses a resource of another stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SharedUser {
    /// The name of its stack.
    pub stack: String,
    /// Its logical id.
    pub resource: String,
    /// The place of the script that creates it, or else its stack.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// Types whose resources are replaced in the normal course of deployments: their old versions still work for those that use them.
const VERSIONS: [&str; 2] = [TASK_DEFINITION, "AWS::Lambda::Version"];

/// Returns the changes that end resources which the deployed stack offers to others.
fn ending<'p>(plan: &'p Plan, deployed: &Template) -> Vec<&'p PlannedChange> {
    let offered: HashSet<&str> = deployed
        .resources
        .values()
        .filter(|resource| resource.kind.as_str() == SSM_PARAMETER)
        .filter_map(|resource| {
            resource.properties.get("Name")?.as_str()?.strip_prefix(shared_values_of(&plan.stack).as_str())
        })
        .filter_map(|rest| rest.split('/').next())
        .collect();
    let ends = |change: &&PlannedChange| {
        let is_ended = change.action == Action::Remove || change.replacement == Some(Replacement::True);
        let is_version = VERSIONS.contains(&change.kind.as_str()) && change.action != Action::Remove;
        is_ended && !change.retained && !is_version && offered.contains(change.logical_id.as_str())
    };
    plan.resources.iter().filter(ends).collect()
}

/// Returns whether other stacks may use what a plan deletes or replaces, so that their templates have to be read.
pub fn may_have_users(plan: &Plan, deployed: &Template) -> bool {
    !ending(plan, deployed).is_empty()
}

/// Returns the resources that a plan deletes or replaces while other stacks use them. `others` are the other stacks of the script,
/// each with its deployed template.
pub fn shared_ends(plan: &Plan, deployed: &Template, others: &[(&DesiredStack, Template)]) -> Vec<SharedEnd> {
    let end = |change: &PlannedChange| {
        let users =
            others.iter().filter_map(|(stack, template)| user(&plan.stack, &change.logical_id, stack, template));
        let users: Vec<SharedUser> = users.collect();
        let replaced = change.action != Action::Remove;
        (!users.is_empty()).then(|| SharedEnd { resource: change.logical_id.clone(), replaced, users })
    };
    ending(plan, deployed).into_iter().filter_map(end).collect()
}

/// Returns the first resource of a deployed template that uses a resource of another stack.
fn user(owner: &str, id: &str, stack: &DesiredStack, template: &Template) -> Option<SharedUser> {
    let start = shared_value_name(owner, id, "");
    let reads = |parameter: &Parameter| {
        let name = parameter.body.get("Default").and_then(Value::as_str);
        name.is_some_and(|name| name.starts_with(&start))
    };
    let read: HashSet<&LogicalId> =
        template.parameters.iter().filter(|(_, parameter)| reads(parameter)).map(|(id, _)| id).collect();
    let uses = |resource: &Resource| {
        let mut used = false;
        resource.each_ref(&mut |reference| used |= read.contains(&reference.id));
        used
    };
    let found = || template.resources.iter().filter(|(_, resource)| uses(resource));
    // A service or its task definition says more to the reader than a role or a value that is passed on.
    let says_most = |kind: &str| kind.starts_with("AWS::ECS::");
    let says_little = |kind: &str| kind.starts_with("AWS::IAM::") || kind == SSM_PARAMETER;
    let first = |fits: &dyn Fn(&str) -> bool| found().find(|(_, resource)| fits(resource.kind.as_str()));
    let (resource, _) = first(&says_most).or_else(|| first(&|kind| !says_little(kind))).or_else(|| first(&|_| true))?;
    let written = stack.template.resources.get(resource).map(|resource| &resource.origin);
    let origin = Some(written.unwrap_or(&stack.origin).clone());
    Some(SharedUser { stack: stack.name.clone(), resource: resource.to_string(), origin })
}

/// Returns the stack with the resources that other stacks still use, as they are deployed, and what belongs to them; none if that is
/// not possible.
pub fn keeping(desired: &DesiredStack, deployed: &DeployedStack, ends: &[SharedEnd]) -> Option<DesiredStack> {
    let before = &deployed.template;
    let mut template: Template = (*desired.template).clone();
    let kept = kept(before, &template, ends);
    for id in &kept {
        let resource = before.resources.get(id)?;
        for reference in refs(resource) {
            let is_there =
                reference.is_pseudo() || template.resources.contains_key(&reference) || kept.contains(&reference);
            if is_there || template.parameters.contains_key(&reference) {
                continue;
            }
            let parameter = before.parameters.get(&reference).filter(|parameter| !parameter.is_secret())?;
            template.parameters.insert(reference, parameter.clone());
        }
    }
    let has = |all: &indexmap::IndexMap<String, Value>, name: &String| all.contains_key(name);
    let same_sections = before.conditions.keys().all(|name| has(&template.conditions, name))
        && before.mappings.keys().all(|name| has(&template.mappings, name));
    if !same_sections {
        return None;
    }
    for id in kept {
        let resource = before.resources.get(&id)?.clone();
        template.resources.insert(id, resource);
    }
    let mut stack = desired.clone();
    for (name, value) in &deployed.stack.parameters {
        if template.parameters.contains_key(name.as_str()) && !desired.template.parameters.contains_key(name.as_str()) {
            stack.parameters.insert(name.clone(), value.clone());
        }
    }
    stack.template = template.into();
    Some(stack)
}

/// Returns the removed resources that stay: those that are used, what they need, and what refers to them (policies, rules, shared
/// values).
fn kept(before: &Template, after: &Template, ends: &[SharedEnd]) -> Vec<LogicalId> {
    let removed: Vec<(&LogicalId, &Resource)> =
        before.resources.iter().filter(|(id, _)| !after.resources.contains_key(*id)).collect();
    let mut kept: Vec<LogicalId> = ends.iter().map(|end| LogicalId::from(end.resource.as_str())).collect();
    loop {
        let is_new = |id: &LogicalId| !kept.contains(id) && removed.iter().any(|(other, _)| *other == id);
        let needed = kept.iter().filter_map(|id| before.resources.get(id)).flat_map(refs).find(is_new);
        let refers =
            |(id, resource): &&(&LogicalId, &Resource)| is_new(id) && refs(resource).iter().any(|it| kept.contains(it));
        let more = needed.or_else(|| removed.iter().find(refers).map(|(id, _)| (*id).clone()));
        match more {
            Some(id) => kept.push(id),
            None => return kept,
        }
    }
}

fn refs(resource: &Resource) -> Vec<LogicalId> {
    let mut found = resource.depends_on.clone();
    resource.each_ref(&mut |reference| found.push(reference.id.clone()));
    found
}

/// Returns an error for each resource that is replaced while other stacks use it, unless `allowed` names it (`*` names all); also for those
/// that would be deleted and cannot be kept for the time being.
pub fn refused(plan: &Plan, keeps: bool, allowed: &[String], retried_by: CommandName) -> Vec<Diagnostic> {
    let is_allowed = |id: &str| allowed.iter().any(|name| name == "*" || name == id);
    let ends = plan.shared_ends.iter().filter(|end| (end.replaced || !keeps) && !is_allowed(&end.resource));
    ends.map(|end| in_use(plan, end, retried_by)).collect()
}

fn in_use(plan: &Plan, end: &SharedEnd, retried_by: CommandName) -> Diagnostic {
    let (id, stacks) = (&end.resource, stacks_of(end));
    let verb = if end.replaced { "replaced" } else { "deleted" };
    let message = format!("`{id}` would be {verb} while {} uses it", users(&end.users));
    let change = plan.resources.iter().find(|change| change.logical_id == *id);
    let cause = change.and_then(|change| change.cause_origin.clone().or(change.origin.clone()));
    let problem = Diagnostic::new(Code::SharedInUse, message);
    let problem = match cause.filter(Origin::is_known) {
        Some(cause) => problem.at(&cause, format!("{verb} by this")),
        None => problem,
    };
    let problem = end.users.iter().fold(problem, |problem, user| match &user.origin {
        Some(origin) => problem.at(origin, format!("`{}` uses it", user.resource)),
        None => problem,
    });
    let problem = problem.note(format!(
        "CloudFormation deletes the old one at the end of the update of `{}`, and {stacks} is deployed after that",
        plan.stack
    ));
    let problem = if end.replaced {
        problem.help(format!(
            "give the new one another name in the script, and leave the old one out: rtiler creates the new one, deploys {stacks}, and \
             deletes the old one last"
        ))
    } else {
        problem.help(format!("keep it in the script until {stacks} is deployed without it"))
    };
    let command = accepting(plan, retried_by);
    problem.help(Hint::from("or accept that it fails in between: ").command(command))
}

/// Returns a warning about resources that are kept because other stacks still use them. `allowed` are the resources that the caller
/// allowed to be lost.
pub fn still_used(stack: &DesiredStack, ends: &[SharedEnd], allowed: &[String]) -> Vec<Diagnostic> {
    let kept = |end: &SharedEnd| {
        let message = format!("`{}` of stack `{}` is kept: {} uses it", end.resource, stack.name, users(&end.users));
        let problem = Diagnostic::new(Code::SharedKept, message).at(&stack.origin, "does not have it any more");
        let problem = end.users.iter().fold(problem, |problem, user| match &user.origin {
            Some(origin) => problem.at(origin, "uses it as deployed"),
            None => problem,
        });
        let names = end.users.iter().map(|user| user.stack.as_str()).chain([stack.name.as_str()]);
        let command = CommandName::Deploy.alone().args(names);
        let command = allowed.iter().fold(command, |command, id| command.arg("--allow-replace").arg(id));
        problem.help(Hint::from("deploy them together: ").command(command))
    };
    ends.iter().map(kept).collect()
}

/// Returns the users as a reader knows them: "`Worker` of stack `app`".
fn users(users: &[SharedUser]) -> String {
    let named = users.iter().map(|user| format!("`{}` of stack `{}`", user.resource, user.stack));
    named.collect::<Vec<_>>().join(", ")
}

/// Returns the stacks that use a resource.
pub fn stacks_of(end: &SharedEnd) -> String {
    end.users.iter().map(|user| format!("`{}`", user.stack)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;

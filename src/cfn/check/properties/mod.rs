//! The properties of every resource against the schema of its type.
//!
//! `validator` walks a value and its schema side by side and collects violations; `object`, `list`, `scalar` and `combinators`
//! know the constraints of each kind of value, `deferred` what is certain of a value that only a deployment knows,
//! `attributes` looks at `Fn::GetAtt`, and `messages` makes diagnostics of violations. A check has three outcomes: a value
//! fits, breaks a constraint, or is not known yet; the last is never reported.
//!
//! *Invariant*: imports `cfn` and `diag`; never reports what depends on a value that is known only when deployed.

mod attributes;
mod char_class;
mod combinators;
mod deferred;
mod format;
mod list;
mod messages;
mod object;
mod pattern;
mod scalar;
mod type_lookup;
mod validator;
mod violation;

use std::collections::{HashMap, HashSet};

use messages::MessageContext;
use pattern::Patterns;
pub(super) use pattern::translated;
use type_lookup::TypeLookup;
use validator::Validator;
use violation::{LocatedViolation, Violation};

use super::condition_logic::{self, Possibility};
use crate::cfn::schema::{Rule, Schema, TypeSchema};
use crate::cfn::type_names::{ROLE, TASK_DEFINITION};
use crate::cfn::{PathSegment, PropertyPath, Resource, Template, Value};
use crate::diag::{Diagnostic, Suggestions};

/// Returns every problem of the template's resources that the schema shows: types, properties, values, attributes.
pub fn check(template: &Template, schema: &Schema) -> Vec<Diagnostic> {
    // The validator walks values, and the properties of a resource are a map.
    let bodies: Vec<_> = template.resources.values().map(|resource| Value::Map(resource.properties.clone())).collect();
    let mut problems = Vec::new();
    let (mut patterns, suggestions) = (Patterns::default(), Suggestions::default());
    let mut never = HashMap::new();
    for ((id, resource), body) in template.resources.iter().zip(&bodies) {
        if resource
            .condition
            .as_deref()
            .is_some_and(|name| *never.entry(name).or_insert_with(|| cannot_hold(name, template)))
        {
            continue;
        }
        match type_lookup::known(schema, id.as_str(), resource.kind.as_str()) {
            TypeLookup::Type(kind) => {
                let context = MessageContext { schema, template, id, resource, suggestions: &suggestions };
                let mut validator = Validator::new(template, schema, &mut patterns);
                validator.conditional = resource.condition.is_some();
                validator.resource(body, &kind);
                let violations = reportable(validator.violations, template, resource);
                problems.extend(violations.into_iter().map(|located| context.message(located)));
            }
            TypeLookup::Elsewhere => {}
            TypeLookup::Unknown(problem) => {
                problems.push(problem.at(resource.origin_of(&PropertyPath::attribute("Type")), ""));
            }
        }
    }
    attributes::check(template, schema, &suggestions, &mut problems);
    without_repetitions(problems)
}

/// Returns whether a condition never holds, so that its resources never exist.
fn cannot_hold(name: &str, template: &Template) -> bool {
    condition_logic::possibility(template, &[(name, true)]) == Possibility::Impossible
}

/// Removes violations that another one reports better, and properties that SAM adds before CloudFormation reads the
/// template.
fn reportable<'a>(
    mut violations: Vec<LocatedViolation<'a>>,
    template: &Template,
    resource: &Resource,
) -> Vec<LocatedViolation<'a>> {
    let malformed: HashSet<_> = violations
        .iter()
        .filter(|located| matches!(located.violation, Violation::Format { .. }))
        .map(|located| located.path.clone())
        .collect();
    violations.retain(|located| {
        !(matches!(located.violation, Violation::Pattern { .. }) && malformed.contains(&located.path))
    });
    violations.retain(|located| !is_accepted(located, resource));
    for located in &mut violations {
        if let Some(role) = role_name(located, template, resource) {
            located.violation = Violation::RoleName { role };
        }
    }
    if resource.kind.as_str().starts_with("AWS::Serverless::") {
        let globals = template.other.contains_key("Globals");
        violations.retain(|located| match located.violation {
            Violation::ReadOnly => false,
            Violation::Missing { .. } | Violation::NeedsOne { .. } => !globals || located.path.len() > 1,
            _ => true,
        });
    }
    violations
}

/// Returns the role whose name is where ECS accepts "the short name or full Amazon Resource Name" (ECS API,
/// `TaskDefinition`).
fn role_name<'a>(located: &LocatedViolation<'a>, template: &Template, resource: &Resource) -> Option<&'a str> {
    let Violation::Reference { to, .. } = &located.violation else { return None };
    let is_role = template.resources.get(to.id.as_str()).is_some_and(|target| target.kind.as_str() == ROLE);
    let takes_names = |segment: &PathSegment| matches!(segment, PathSegment::Key(name) if name == "ExecutionRoleArn" || name == "TaskRoleArn");
    let is_name = is_role
        && to.attribute.is_none()
        && resource.kind.as_str() == TASK_DEFINITION
        && located
            .path
            .iter()
            .rev()
            .find(|step| matches!(step, PathSegment::Key(key) if key != "Fn::If"))
            .is_some_and(takes_names);
    is_name.then_some(to.id.as_str())
}

/// Returns whether AWS accepts a value that the schema refuses.
fn is_accepted(located: &LocatedViolation<'_>, resource: &Resource) -> bool {
    let is_in =
        |property: &str| located.path.iter().any(|step| matches!(step, PathSegment::Key(key) if key == property));
    match (&located.violation, resource.kind.as_str()) {
        // Both families of addresses (Route 53 API, `CidrCollectionChange`: "CIDR blocks for IPv4 or IPv6").
        (Violation::Format { found, .. }, "AWS::Route53::CidrCollection") => {
            is_in("CidrList") && found.as_str().is_some_and(|text| format::fits("ipv6-network", text))
        }
        // The groups are MediaLive's own and not those of EC2 (MediaLive API, `InputSecurityGroup`).
        (Violation::Format { .. } | Violation::Reference { .. }, "AWS::MediaLive::Input") => {
            is_in("InputSecurityGroups")
        }
        // EC2 ignores an empty `Ebs` next to `NoDevice`.
        (Violation::Exclusive { names }, _) => {
            names.contains(&"NoDevice")
                && value_at(resource, &located.path, "Ebs").is_some_and(crate::cfn::Map::is_empty)
        }
        _ => false,
    }
}

/// Returns the object below a key of the object at a path.
fn value_at<'r>(resource: &'r Resource, path: &[PathSegment], key: &str) -> Option<&'r crate::cfn::Map> {
    let mut steps = path.iter().skip(1);
    let PathSegment::Key(first) = steps.next()? else { return None };
    let found = steps.try_fold(resource.properties.get(first)?, |value, step| match (value, step) {
        (Value::Call(call), PathSegment::Key(name)) if call.function.name() == name => Some(&call.argument),
        (value, PathSegment::Key(name)) => value.get(name),
        (value, PathSegment::Index(at)) => value.as_list()?.get(*at),
    });
    found?.get(key)?.as_map()
}

/// Removes problems that two rules or two branches of a condition found.
fn without_repetitions(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let mut unique = problems;
    unique.retain(|problem| seen.insert((problem.code, problem.message.clone(), problem.origin().cloned())));
    unique
}

impl<'a> Validator<'a, '_> {
    fn resource(&mut self, properties: &'a Value, kind: &TypeSchema<'a>) {
        self.value(properties, kind.properties());
        for rule in kind.rules() {
            self.along(properties, rule.path, rule);
        }
        for path in kind.read_only() {
            self.read_only(properties, path);
        }
    }

    fn along(&mut self, value: &'a Value, path: &str, rule: Rule<'a>) {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match (step, value) {
            ("", value) => {
                let before = self.violations.len();
                self.value(value, rule.node);
                self.violations[before..].iter_mut().for_each(|located| located.fact = rule.title);
            }
            ("*", Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.inside(PathSegment::Index(at), |validator| validator.along(item, rest, rule));
                }
            }
            (name, Value::Map(map)) => {
                if let Some(value) = map.get(name) {
                    self.inside(PathSegment::Key(name.to_owned()), |validator| validator.along(value, rest, rule));
                }
            }
            _ => {}
        }
    }

    /// Reports read-only properties that are set, unless the value is removed again.
    fn read_only(&mut self, value: &'a Value, path: &str) {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match (step, value) {
            ("", value) if !validator::is_aws_no_value(value) => self.violation(Violation::ReadOnly),
            ("*", Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.inside(PathSegment::Index(at), |validator| validator.read_only(item, rest));
                }
            }
            (name, Value::Map(map)) => {
                if let Some(value) = map.get(name) {
                    self.inside(PathSegment::Key(name.to_owned()), |validator| validator.read_only(value, rest));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;

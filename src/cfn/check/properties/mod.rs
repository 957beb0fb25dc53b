//! The properties of every resource against the schema of its type.
//!
//! `judge` walks a value and its schema side by side and collects faults; `object`, `list`, `scalar` and `choice` know
//! the constraints of each kind of value, `reference` what is certain of a value that only a deployment knows,
//! `attributes` looks at `Fn::GetAtt`, and `messages` makes diagnostics of violations. A judgement has three outcomes:
//! if it depends on something that is not known yet, there is no violation.
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

use std::collections::HashSet;

use messages::MessageContext;
use pattern::Patterns;
use type_lookup::TypeLookup;
use validator::Validator;
use violation::{LocatedViolation, Violation};

use crate::cfn::schema::{Rule, Schema, TypeSchema};
use crate::cfn::{PathSegment, Resource, Template, Value};
use crate::diag::Diagnostic;

/// Returns every problem of the template's resources that the schema shows: types, properties, values, attributes.
pub fn check(template: &Template, schema: &Schema) -> Vec<Diagnostic> {
    // The judge walks values, and the properties of a resource are a bare map.
    let bodies: Vec<_> = template.resources.values().map(|resource| Value::Map(resource.properties.clone())).collect();
    let mut problems = Vec::new();
    let mut patterns = Patterns::default();
    for ((id, resource), body) in template.resources.iter().zip(&bodies) {
        match type_lookup::known(schema, id.as_str(), resource.kind.as_str()) {
            TypeLookup::Type(kind) => {
                let teller = MessageContext { schema, template, id, resource };
                let mut judge = Validator::new(template, schema, &mut patterns);
                judge.conditional = resource.condition.is_some();
                judge.resource(body, &kind);
                let faults = worth_telling(judge.faults, template, resource);
                problems.extend(faults.into_iter().map(|located| teller.message(located)));
            }
            TypeLookup::Elsewhere => {}
            TypeLookup::Unknown(problem) => problems.push(problem.at(&resource.origin, "")),
        }
    }
    attributes::check(template, schema, &mut problems);
    without_repetitions(problems)
}

/// Leaves out what another violation reports better, and what SAM adds before CloudFormation reads the template.
fn worth_telling<'a>(
    mut faults: Vec<LocatedViolation<'a>>,
    template: &Template,
    resource: &Resource,
) -> Vec<LocatedViolation<'a>> {
    let malformed: HashSet<_> = faults
        .iter()
        .filter(|located| matches!(located.fault, Violation::Format { .. }))
        .map(|located| located.path.clone())
        .collect();
    faults.retain(|located| !(matches!(located.fault, Violation::Pattern { .. }) && malformed.contains(&located.path)));
    if resource.kind.as_str().starts_with("AWS::Serverless::") {
        let globals = template.other.contains_key("Globals");
        faults.retain(|located| match located.fault {
            Violation::ReadOnly => false,
            Violation::Missing { .. } | Violation::NeedsOne { .. } => !globals || located.path.len() > 1,
            _ => true,
        });
    }
    faults
}

/// Removes problems that two rules or two branches of a condition found.
fn without_repetitions(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let mut kept = problems;
    kept.retain(|problem| seen.insert((problem.code, problem.message.clone(), problem.origin().cloned())));
    kept
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
                let before = self.faults.len();
                self.value(value, rule.node);
                self.faults[before..].iter_mut().for_each(|located| located.fact = rule.title);
            }
            ("*", Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.inside(PathSegment::Index(at), |judge| judge.along(item, rest, rule));
                }
            }
            (name, Value::Map(map)) => {
                if let Some(value) = map.get(name) {
                    self.inside(PathSegment::Key(name.to_owned()), |judge| judge.along(value, rest, rule));
                }
            }
            _ => {}
        }
    }

    /// Reports read-only properties that are set, unless the value is removed again.
    fn read_only(&mut self, value: &'a Value, path: &str) {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match (step, value) {
            ("", value) if !validator::is_no_value(value) => self.fault(Violation::ReadOnly),
            ("*", Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.inside(PathSegment::Index(at), |judge| judge.read_only(item, rest));
                }
            }
            (name, Value::Map(map)) => {
                if let Some(value) = map.get(name) {
                    self.inside(PathSegment::Key(name.to_owned()), |judge| judge.read_only(value, rest));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;

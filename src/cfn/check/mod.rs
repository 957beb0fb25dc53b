//! What can be said against a template before AWS sees it.
//!
//! Rules are small functions over a [`Scope`](scope::Scope), in the table below. The first ones are about the template
//! as a whole (sections, names, limits, references, functions), those after them about services: what CloudFormation
//! accepts and the service refuses, or what can never work once it runs. `properties` compares every resource with the
//! schema of its type.
//!
//! *Invariant*: imports `cfn` and `diag`; pure, linear in the size of the template, and the first problem never hides
//! the second.

mod conditions;
mod cycles;
mod dynamic;
mod ecs;
mod elb;
mod events;
mod functions;
mod iam;
mod instances;
mod limits;
mod network;
mod outputs;
mod parameters;
pub mod properties;
mod references;
mod scaling;
mod scope;
mod storage;
mod structure;
mod walk;

use super::schema::Schema;
use super::{Template, parse};
use crate::diag::{Diagnostic, Sink};
use scope::Scope;

/// A rule looks at the whole and says every problem of its kind.
type Rule = fn(&Scope<'_>, &mut Sink);

const RULES: &[Rule] = &[
    structure::check,
    limits::check,
    parameters::check,
    conditions::check,
    references::check,
    cycles::check,
    functions::check,
    dynamic::check,
    outputs::check,
    network::check,
    ecs::check,
    elb::check,
    iam::check,
    scaling::check,
    events::check,
    instances::check,
    storage::check,
];

/// The largest template that CloudFormation takes, through S3, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// Every problem of a template that can be found without AWS.
pub fn check(template: &Template, schema: &Schema) -> Vec<Diagnostic> {
    let scope = Scope::new(template, schema);
    let mut problems = Sink::new();
    RULES.iter().for_each(|rule| rule(&scope, &mut problems));
    problems.extend(properties::check(template, schema));
    problems
}

/// Every problem of a template file, YAML or JSON: of its text, its shape and its contents, in the order of the file.
pub fn file(name: &str, text: &str, schema: &Schema) -> Vec<Diagnostic> {
    let read = parse::template(name, text);
    let mut problems = read.problems;
    if text.len() > LARGEST {
        let message = format!("the template has {} bytes, and CloudFormation takes at most {LARGEST}", text.len());
        problems.push(Diagnostic::error("template-size", message));
    }
    if let Some(template) = read.value {
        problems.extend(check(&template, schema));
    }
    problems.sort_by_key(|problem| problem.origin().map(|origin| (origin.line, origin.column)));
    problems
}

#[cfg(test)]
mod tests;

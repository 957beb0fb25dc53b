//! The checks of a template that need no AWS.
//!
//! Rules are small functions over a `CheckContext`, in the table below. The first ones are about the template
//! as a whole (sections, names, limits, references, functions), those after them about services: what CloudFormation
//! accepts and the service refuses, or what can never work once it runs. `properties` compares every resource with the
//! schema of its type.
//!
//! `images` compares task definitions with the facts about their images, which need a registry: it is a check of its own.
//!
//! *Invariant*: imports `cfn`, `image` and `diag`; pure, linear in the size of the template, and the first problem never hides
//! the second.

mod access_logs;
mod api_gateway;
mod arns;
mod closed_services;
mod condition_logic;
mod conditional_dependencies;
mod conditions;
mod context;
mod cycles;
mod database_engines;
mod dns_records;
mod dual_stack;
mod dynamic_references;
mod dynamodb;
mod ec2_instances;
mod ecs;
mod elasticache;
mod elb;
mod functions;
mod iam;
mod interface;
mod key_policies;
mod lambda;
mod limits;
mod log_keys;
mod mappings;
mod message_keys;
mod names_for_arns;
mod network;
mod outputs;
mod parameter_patterns;
mod parameters;
mod physical_names;
mod plaintext;
pub mod properties;
mod references;
mod resource_ids;
mod scaling;
mod schedules;
mod secret_settings;
mod storage;
mod structure;
mod tags;
mod target_groups;
mod task_overrides;
mod visitor;

use std::collections::{HashMap, HashSet};

use super::schema::Schema;
use super::{PropertyPath, Template, parse};
use crate::diag::{Code, Diagnostic, Origin, Sink};
use context::CheckContext;
pub use context::{SecretSetting, StackFacts};
pub(crate) use ecs::fargate_memories;
pub use ecs::image_facts as images;
pub(crate) use ecs::registry;
pub use scaling::stays_at_zero;

/// A rule reads the whole template and reports every problem of its kind.
type Rule = fn(&CheckContext<'_>, &mut Sink);

const RULES: &[Rule] = &[
    structure::check,
    limits::check,
    parameters::check,
    interface::check,
    conditions::check,
    mappings::check,
    references::check,
    conditional_dependencies::check,
    cycles::check,
    functions::check,
    dynamic_references::check,
    outputs::check,
    network::check,
    ecs::check,
    elb::check,
    dual_stack::check,
    target_groups::check,
    access_logs::check,
    iam::check,
    scaling::check,
    schedules::check,
    ec2_instances::check,
    storage::check,
    key_policies::check,
    log_keys::check,
    message_keys::check,
    arns::check,
    names_for_arns::check,
    resource_ids::check,
    lambda::check,
    task_overrides::check,
    plaintext::check,
    secret_settings::check,
    physical_names::check,
    closed_services::check,
    api_gateway::check,
    database_engines::check,
    dynamodb::check,
    dns_records::check,
    elasticache::check,
    tags::check,
];

/// The largest template that CloudFormation takes, through S3, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// Returns every problem of a template that can be found without AWS.
pub fn check(template: &Template, schema: &Schema) -> Vec<Diagnostic> {
    check_stack(template, schema, StackFacts::default(), &|| Ok(())).unwrap_or_default()
}

/// Returns every problem of the template of a stack about which the script says more; an error of `permits`, which is asked
/// before each rule, ends the checks.
pub fn check_stack(
    template: &Template,
    schema: &Schema,
    stack: StackFacts<'_>,
    permits: &dyn Fn() -> Result<(), Sink>,
) -> Result<Vec<Diagnostic>, Sink> {
    let scope = CheckContext::new(template, schema, stack);
    let mut problems = Sink::new();
    if limits::far_beyond(template) {
        limits::check(&scope, &mut problems);
        problems.push(limits::not_checked());
        return Ok(problems);
    }
    if let Some(name) = scope.macro_name() {
        BEFORE_MACROS.iter().for_each(|rule| rule(&scope, &mut problems));
        problems.push(not_checked(template, &name));
        return Ok(problems);
    }
    for rule in RULES {
        permits()?;
        rule(&scope, &mut problems);
    }
    permits()?;
    let first = problems.len();
    problems.extend(properties::check(template, schema));
    Ok(without_echoes(problems, first))
}

/// The rules about parts that no macro rewrites: CloudFormation reads them before it calls the macro.
const BEFORE_MACROS: &[Rule] = &[limits::check, parameters::check];

fn not_checked(template: &Template, name: &str) -> Diagnostic {
    let message =
        format!("the macro `{name}` rewrites the template: resources, conditions and outputs are not checked");
    let origin = template.origin_of(&PropertyPath::attribute("Transform"));
    Diagnostic::new(Code::MacroNotChecked, message)
        .at(&origin, "")
        .help("check the processed template: `aws cloudformation get-template --template-stage Processed`")
}

/// Codes about the shape of parts that a macro may rewrite.
const SHAPES: &[Code] =
    &[Code::MissingType, Code::NoResources, Code::OutputValue, Code::TemplateStructure, Code::UnknownOutputKey];

/// Codes of rules that report better what the schema reports in general terms at the same place.
const SAID_BETTER: &[(Code, &[Code])] = &[
    (Code::AccessLogsBucket, &[Code::PatternMismatch]),
    (
        Code::ArnForm,
        &[Code::PatternMismatch, Code::PolicyDocument, Code::WrongFormat, Code::WrongLength, Code::WrongReference],
    ),
    (Code::CertificateArn, &[Code::PatternMismatch, Code::WrongFormat]),
    (Code::HostedZoneId, &[Code::PatternMismatch, Code::WrongFormat]),
    (Code::Cidr, &[Code::PatternMismatch, Code::WrongFormat]),
    (Code::Ipv6Block, &[Code::PatternMismatch, Code::WrongFormat]),
    (Code::DuplicateItem, &[Code::DuplicateItem]),
    (Code::EphemeralStorage, &[Code::MissingProperty, Code::OutOfRange]),
    (Code::HealthCheckCodes, &[Code::PatternMismatch]),
    (Code::PhysicalName, &[Code::PatternMismatch, Code::WrongLength]),
    (Code::PolicyDocument, &[Code::MissingProperty, Code::NotInEnum, Code::PatternMismatch, Code::UnknownProperty]),
    (Code::PortRange, &[Code::OutOfRange]),
    (Code::ScalingRange, &[Code::OutOfRange]),
    (Code::SecurityGroupSource, &[Code::ExclusiveProperties, Code::MissingProperty]),
];

/// Removes the problems of the schema (from `first` on) that a rule reported better, what other rules say about the same value, and
/// what is said twice: a setter may set several properties.
fn without_echoes(mut problems: Vec<Diagnostic>, first: usize) -> Vec<Diagnostic> {
    let mut better: HashMap<(Code, Origin), bool> = HashMap::new();
    for problem in problems.iter().take(first) {
        let general =
            SAID_BETTER.iter().find(|(code, _)| *code == problem.code).map_or(&[][..], |(_, general)| general);
        if let Some(origin) = problem.origin() {
            better.extend(general.iter().map(|code| ((*code, origin.clone()), *code != problem.code)));
        }
    }
    let (mut at, mut said) = (0, HashSet::new());
    problems.retain(|problem| {
        at += 1;
        let Some(origin) = problem.origin() else { return true };
        let is_echo = better.get(&(problem.code, origin.clone())).is_some_and(|other_code| at > first || *other_code);
        !is_echo && said.insert((problem.code, problem.message.clone(), origin.clone()))
    });
    problems
}

/// Returns every problem of a template file, YAML or JSON: of its text, its shape and its contents, in the order of the
/// file.
pub fn file(name: &str, text: &str, schema: &Schema) -> Vec<Diagnostic> {
    let read = parse::template(name, text);
    let mut problems = read.problems;
    if text.len() > LARGEST {
        let message = format!("the template has {} bytes, and CloudFormation takes at most {LARGEST}", text.len());
        let note = "its contents are not checked until it is smaller";
        problems.push(Diagnostic::new(Code::TemplateSize, message).note(note));
    }
    if let Some(template) = read.value.filter(|_| text.len() <= LARGEST) {
        if context::macro_name(&template).is_some() {
            problems.retain(|problem| !SHAPES.contains(&problem.code));
        }
        problems.extend(check(&template, schema));
    }
    let somewhere = Origin::new(name, 0, 0);
    let place = |problem: Diagnostic| if problem.labels.is_empty() { problem.at(&somewhere, "") } else { problem };
    let mut problems: Vec<Diagnostic> = problems.into_iter().map(place).collect();
    problems.sort_by_key(|problem| problem.origin().map(|origin| (origin.line, origin.column)));
    problems
}

#[cfg(test)]
mod tests;

//! From stacks to templates.
//!
//! `ownership` finds the stack that owns each block, `template_builder` lowers them, `resolve` follows the references
//! that are left (a bucket referenced in a permission, a load balancer in an output), `cross_stack` carries references
//! from one stack to another, `order` orders the stacks, and `cfn::check` checks the finished templates.
//!
//! A resource is in a template because a block that is reachable from the stack refers to it. A block that
//! several stacks reach belongs to the one it was added to.
//!
//! *Invariant*: imports `block`, `cfn` and `diag`; pure, and linear in the number of resources; every problem of every
//! stack is found in one run.

mod cross_stack;
mod desired_stack;
mod extent;
mod name_checks;
mod order;
mod ownership;
mod parameters;
mod resolve;
mod roles;
mod sections;
mod stack_network;
mod tags;
mod template_builder;
mod versions;
mod waits;

pub use cross_stack::{shared_value_name, shared_values_of};
pub use desired_stack::{DesiredStack, OwnerBlock};
pub use parameters::with_parameters;
use template_builder::TemplateBuilders;

use std::rc::Rc;

use crate::block::Program;
use crate::budget::Budget;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, TemplateString, check};
use crate::diag::{Code, Diagnostic, Report, Sink, WithOrigin};

/// Returns the templates of a program's stacks, in the order of the script.
pub fn synth(program: &Program, schema: &Schema) -> Report<Vec<DesiredStack>> {
    synth_within(program, schema, &Budget::unlimited())
}

/// Returns the templates of a program's stacks, or the problem of a program that takes more than a budget.
pub fn synth_within(program: &Program, schema: &Schema, budget: &Budget) -> Report<Vec<DesiredStack>> {
    let report = match extent::too_large(program) {
        Some(problem) => Err(vec![problem]),
        None => templates(program, schema, budget),
    };
    report.unwrap_or_else(Report::failed)
}

fn templates(program: &Program, schema: &Schema, budget: &Budget) -> Result<Report<Vec<DesiredStack>>, Sink> {
    let mut problems = name_checks::stacks(program);
    problems.extend(stack_network::problems(program));
    let mut adopted = vec![Vec::new(); program.stacks.len()];
    let raw = Rc::new(program.raw_resources());
    let mut rounds = 0;
    let builders = loop {
        let mut builders = TemplateBuilders::of(program, &adopted, schema, (&raw, budget))?;
        // Blocks that only strings refer to may need other blocks: start again with them.
        let (stack, found) = resolve::references(&mut builders, program, schema, &adopted)?;
        rounds += 1;
        match found.first() {
            None => break builders,
            Some(block) if rounds > MOST_ROUNDS => return Err(vec![chained(block)]),
            Some(_) => adopted[stack].extend(found),
        }
    };
    problems.extend(builders.problems);
    let mut stacks = builders.stacks;
    stacks.iter_mut().for_each(|builder| waits::add(&mut builder.template, &raw));
    problems.extend(cross_stack::between(&mut stacks, schema, budget)?);
    problems.extend(order::stacks(&mut stacks));
    let finished = stacks.into_iter().map(|builder| finish(builder, (schema, budget), &program.secrets, &mut problems));
    let finished = finished.collect::<Result<Vec<_>, Sink>>()?;
    Ok(Report::new(finished, problems))
}

/// The number of blocks in a row of which each is only reached by a string in the one before.
const MOST_ROUNDS: usize = 100;

fn chained(block: &crate::block::Block) -> Diagnostic {
    let message = format!("more than {MOST_ROUNDS} blocks refer to each other in a row and are added to no stack");
    Diagnostic::new(Code::LimitBlocks, message).at(block.origin(), "").help("add them to a stack: `.add(block)`")
}

fn finish(
    builder: template_builder::TemplateBuilder,
    (schema, budget): (&Schema, &Budget),
    secrets: &[check::SecretSetting],
    problems: &mut Sink,
) -> Result<DesiredStack, Sink> {
    let facts = check::StackFacts {
        name: Some(&builder.stack.name.value),
        region: builder.stack.region.as_ref(),
        account: builder.stack.account.as_ref(),
        secrets,
    };
    let name = &builder.stack.name;
    let checks = || format!("the checks of the stack `{}`", name.value);
    let size = extent::size_problem(&builder.template);
    let found = match size {
        Some(problem) => vec![problem],
        None => check::check_stack(&builder.template, schema, facts, &|| budget.permits(&name.origin, checks))?,
    };
    let here = |problem: Diagnostic| match problem.origin() {
        None => problem.at(&builder.stack.name.origin, "this stack"),
        Some(_) => problem,
    };
    let found = found.into_iter().map(here).filter(|problem| !builder.follows_from_block_error(problem));
    problems.extend(found.map(|problem| builder.with_block_name(problem)));
    problems.extend(empty(&builder));
    let stack = &builder.stack;
    let literal = |(key, tag): (String, WithOrigin<TemplateString>)| Some((key, tag.value.as_str()?.to_owned()));
    Ok(DesiredStack {
        region: stack.region.as_ref().map(|region| region.value.clone()),
        account: stack.account.as_ref().map(|account| account.value.clone()),
        tags: builder.tags.into_iter().filter_map(literal).collect(),
        termination_protection: stack.termination_protection.is_some(),
        after: builder.after,
        owners: builder.owners,
        images: builder.images,
        pinned: builder.pinned,
        jobs: builder.jobs,
        ..DesiredStack::new(&stack.name.value, builder.template, stack.name.origin.clone())
    })
}

impl template_builder::TemplateBuilder {
    /// Returns a problem that begins with a resource of a block, with the block's name after it: the script has that name, and
    /// not the logical id.
    fn with_block_name(&self, mut problem: Diagnostic) -> Diagnostic {
        let subject = problem.message.strip_prefix('`').and_then(|rest| rest.split('`').next());
        let id = subject.and_then(|subject| subject.split(['.', '[']).next());
        let owner = id.and_then(|id| self.owners.get(&LogicalId::new(id)));
        if let (Some(subject), Some(label)) = (subject, owner.and_then(|owner| owner.label.as_deref())) {
            let rest = &problem.message[subject.len() + 2..];
            problem.message = format!("`{subject}` ({label}){rest}");
        }
        problem
    }

    /// Returns whether a problem of the template only follows from one of a block: a block with an error does not create
    /// all its resources, and a wrong setting gives a wrong property.
    fn follows_from_block_error(&self, problem: &Diagnostic) -> bool {
        const LOST: [Code; 4] =
            [Code::UndefinedReference, Code::UndefinedDependency, Code::ListenerDependency, Code::ScalingWithoutPolicy];
        let is_faulty = problem.origin().is_some_and(|origin| self.faulty_origins.contains(origin));
        // `empty` reports it at the stack's line.
        problem.code == Code::NoResources || self.faulty && (is_faulty || LOST.contains(&problem.code))
    }
}

fn empty(builder: &template_builder::TemplateBuilder) -> Option<Diagnostic> {
    let name = &builder.stack.name;
    (builder.template.resources.is_empty() && !builder.faulty).then(|| {
        Diagnostic::new(Code::EmptyStack, format!("the stack `{}` has no resources", name.value))
            .at(&name.origin, "")
            .help("add a block to it: `.add(service)`; CloudFormation does not accept an empty stack")
    })
}

/// Returns the id of a parameter or resource that holds an attribute of another stack's resource.
fn attribute_id(id: &LogicalId, attribute: Option<&str>, suffix: &str) -> LogicalId {
    let attribute: String = attribute.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{id}{attribute}{suffix}").into()
}

//! From stacks to templates.
//!
//! `ownership` finds the stack that owns each block, `template_builder` lowers them, `resolve` follows the references
//! that are left (a bucket mentioned in a permission, a load balancer in an output), `cross_stack` carries references
//! from one stack to another, `order` orders the stacks, and `cfn::check` checks the finished templates.
//!
//! A resource is in a template because something that is reachable from the stack mentions it. What several stacks
//! reach belongs to the one it was added to.
//!
//! *Invariant*: imports `block`, `cfn` and `diag`; pure, and linear in the number of resources; every problem of every
//! stack is found in one run.

mod cross_stack;
mod desired_stack;
mod name_checks;
mod order;
mod ownership;
mod parameters;
mod resolve;
mod tags;
mod template_builder;

pub use desired_stack::DesiredStack;
pub use parameters::with_parameters;
use template_builder::TemplateBuilders;

use crate::block::Program;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, TemplateString, check, emit};
use crate::diag::{Code, Diagnostic, Report, Sink, WithOrigin};

/// Returns the templates of a program's stacks, in the order of the script.
pub fn synth(program: &Program, schema: &Schema) -> Report<Vec<DesiredStack>> {
    let mut problems = name_checks::stacks(program);
    let mut adopted = vec![Vec::new(); program.stacks.len()];
    let drafts = loop {
        let mut drafts = TemplateBuilders::of(program, &adopted, schema);
        // A block that only a string mentions may bring others along: look again from there.
        match resolve::references(&mut drafts, program, schema, &adopted) {
            None => break drafts,
            Some((stack, block)) => adopted[stack].push(block),
        }
    };
    problems.extend(drafts.problems);
    let mut stacks = drafts.stacks;
    problems.extend(cross_stack::between(&mut stacks, schema));
    problems.extend(order::stacks(&mut stacks));
    let synths = stacks.into_iter().map(|draft| finish(draft, schema, &mut problems)).collect();
    Report::new(synths, problems)
}

fn finish(draft: template_builder::TemplateBuilder, schema: &Schema, problems: &mut Sink) -> DesiredStack {
    let found = check::check(&draft.template, schema).into_iter().chain(size(&draft));
    let here = |problem: Diagnostic| match problem.origin() {
        None => problem.at(&draft.stack.name.origin, "this stack"),
        Some(_) => problem,
    };
    problems.extend(found.map(here).filter(|problem| !draft.knows(problem)));
    problems.extend(empty(&draft));
    let stack = &draft.stack;
    let literal = |(key, tag): (String, WithOrigin<TemplateString>)| Some((key, tag.value.as_str()?.to_owned()));
    DesiredStack {
        region: stack.region.as_ref().map(|region| region.value.clone()),
        account: stack.account.as_ref().map(|account| account.value.clone()),
        tags: draft.tags.into_iter().filter_map(literal).collect(),
        termination_protection: stack.termination_protection.is_some(),
        after: draft.after,
        block_origins: draft.block_origins,
        ..DesiredStack::new(&stack.name.value, draft.template, stack.name.origin.clone())
    }
}

impl template_builder::TemplateBuilder {
    /// Returns whether it is a problem of the template that only follows from one of a block: what a faulty block did
    /// not make is missed by others, and a wrong setting makes a wrong property.
    fn knows(&self, problem: &Diagnostic) -> bool {
        const LOST: [Code; 3] = [Code::UndefinedReference, Code::UndefinedDependency, Code::ListenerDependency];
        let suspect = problem.origin().is_some_and(|origin| self.suspects.contains(origin));
        // `empty` reports it at the stack's line.
        problem.code == Code::NoResources || self.faulty && (suspect || LOST.contains(&problem.code))
    }
}

fn empty(draft: &template_builder::TemplateBuilder) -> Option<Diagnostic> {
    let name = &draft.stack.name;
    (draft.template.resources.is_empty() && !draft.faulty).then(|| {
        Diagnostic::new(Code::EmptyStack, format!("the stack `{}` has no resources", name.value))
            .at(&name.origin, "")
            .help("add something to it: `.add(service)`; CloudFormation does not accept an empty stack")
    })
}

/// Reports a template over a megabyte; one over 51,200 bytes is uploaded to S3.
fn size(draft: &template_builder::TemplateBuilder) -> Option<Diagnostic> {
    // A small template is not worth writing to learn its size.
    const LIKELY_SMALL: usize = 40;
    if draft.template.resources.len() < LIKELY_SMALL && draft.template.outputs.len() < LIKELY_SMALL {
        return None;
    }
    let bytes = emit::json(&draft.template).len();
    (bytes > check::LARGEST).then(|| {
        let message = format!("the template has {bytes} bytes, and CloudFormation takes at most {}", check::LARGEST);
        Diagnostic::new(Code::TemplateSize, message)
            .at(&draft.stack.name.origin, "this stack")
            .help("split the stack into two or more")
    })
}

/// Returns the id of a parameter or resource that holds an attribute of another stack's resource.
fn attribute_id(id: &LogicalId, attribute: Option<&str>, suffix: &str) -> LogicalId {
    let attribute: String = attribute.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{id}{attribute}{suffix}").into()
}

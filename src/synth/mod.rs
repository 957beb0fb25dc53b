//! From stacks to templates.
//!
//! `reach` finds which stack makes which block, `draft` lowers them, `resolve` follows the references that are left
//! (a bucket mentioned in a permission, a load balancer in an output), `share` carries references from one stack to
//! another, `order` says which stack goes first, and what `check` knows of templates has the last word.
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
mod resolve;
mod tags;
mod template_builder;

pub use desired_stack::DesiredStack;
use std::collections::HashMap;

use template_builder::TemplateBuilders;

use crate::block::Program;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Template, TemplateString, check, emit};
use crate::diag::{Code, Diagnostic, Origin, Report, Sink, WithOrigin};

/// A stack, ready to be deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthesizedStack {
    /// Its name.
    pub name: WithOrigin<String>,
    /// Its region, where the script says one.
    pub region: Option<String>,
    /// Its account, where the script says one.
    pub account: Option<String>,
    /// Its tags, each key once.
    pub tags: Vec<(String, TemplateString)>,
    /// Whether it must not be deleted.
    pub termination_protection: bool,
    /// The names of the stacks that go before it, in the order of the script.
    pub depends_on: Vec<String>,
    /// Its template.
    pub template: Template,
    /// Where the block stands that made each resource; a resource's own origin may be that of one of its setters.
    pub made_by: HashMap<LogicalId, Origin>,
}

/// The templates of a program's stacks, in the order of the script.
pub fn synth(program: &Program, schema: &Schema) -> Report<Vec<SynthesizedStack>> {
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

fn finish(draft: template_builder::TemplateBuilder, schema: &Schema, problems: &mut Sink) -> SynthesizedStack {
    let found = check::check(&draft.template, schema).into_iter().chain(size(&draft));
    let here = |problem: Diagnostic| match problem.origin() {
        None => problem.at(&draft.stack.name.origin, "this stack"),
        Some(_) => problem,
    };
    problems.extend(found.map(here).filter(|problem| !draft.knows(problem)));
    problems.extend(empty(&draft));
    let stack = &draft.stack;
    SynthesizedStack {
        name: stack.name.clone(),
        region: stack.region.as_ref().map(|region| region.value.clone()),
        account: stack.account.as_ref().map(|account| account.value.clone()),
        tags: draft.tags.into_iter().map(|(key, tag)| (key, tag.value)).collect(),
        termination_protection: stack.termination_protection.is_some(),
        depends_on: draft.depends_on,
        template: draft.template,
        made_by: draft.made_by,
    }
}

impl template_builder::TemplateBuilder {
    /// True for a problem of the template that only follows from one of a block: what a faulty block did not make is
    /// missed by others, and a wrong setting makes a wrong property.
    fn knows(&self, problem: &Diagnostic) -> bool {
        const LOST: [Code; 3] = [Code::UndefinedReference, Code::UndefinedDependency, Code::ListenerDependency];
        let suspect = problem.origin().is_some_and(|origin| self.suspects.contains(origin));
        // `empty` says it at the stack's line.
        problem.code == Code::NoResources || self.faulty && (suspect || LOST.contains(&problem.code))
    }
}

fn empty(draft: &template_builder::TemplateBuilder) -> Option<Diagnostic> {
    let name = &draft.stack.name;
    (draft.template.resources.is_empty() && !draft.faulty).then(|| {
        Diagnostic::new(Code::EmptyStack, format!("the stack `{}` has no resources", name.value))
            .at(&name.origin, "")
            .help("add something to it: `.add(service)`; CloudFormation takes no empty stack")
    })
}

/// CloudFormation takes a megabyte by way of S3; what is over 51,200 bytes goes there without ado.
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

/// The id of a parameter or resource that stands for an attribute of another stack's resource.
fn attribute_id(id: &LogicalId, attribute: Option<&str>, suffix: &str) -> LogicalId {
    let attribute: String = attribute.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{id}{attribute}{suffix}").into()
}

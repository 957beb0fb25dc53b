//! Templates of stacks, and of blocks outside of a stack.

use std::rc::Rc;

use crate::block::{Alb, Block, Name, Program, ReferencedBlocks, Stack, Vpc};
use crate::budget::Budget;
use crate::cfn::schema::Schema;
use crate::diag::{Diagnostic, Report, Sink, WithOrigin};
use crate::script::session::DisplayValue;
use crate::synth::{DesiredStack, synth_within};

/// Synthesises the stacks of a program within a budget.
pub(super) fn of_program(program: &Program, budget: &Budget) -> Report<Vec<DesiredStack>> {
    synth_within(program, Schema::embedded(), budget)
}

/// Synthesises a block alone in a stack, and returns the problems of the block.
pub(super) fn of_block(value: &DisplayValue, budget: &Budget) -> (Option<DesiredStack>, Sink) {
    let Some(block) = value.block() else { return (None, Sink::new()) };
    let mut stack = Stack::new(WithOrigin::default_value("alone".to_owned()));
    stack.adds.push(WithOrigin::default_value(with_vpc(block)));
    let program = Program { stacks: vec![Rc::new(stack)], referenced_blocks: value.mentions(), ..Program::default() };
    let report = of_program(&program, budget);
    let synth = report.value.map(|mut stacks| stacks.remove(0)).map(without_placeholders);
    // Problems of the stack itself have no origin.
    let problems = report.problems.into_iter().filter(|problem| problem.origin().is_some());
    (synth, problems.collect())
}

/// Synthesises the stacks of a value.
pub(super) fn of_stacks(
    stacks: &[Rc<Stack>],
    referenced_blocks: ReferencedBlocks,
    budget: &Budget,
) -> Report<Vec<DesiredStack>> {
    of_program(&Program { stacks: stacks.to_vec(), referenced_blocks, ..Program::default() }, budget)
}

/// Gives a load balancer without a VPC a placeholder: in a stack it takes the VPC of its services.
fn with_vpc(block: Block) -> Block {
    match block {
        Block::Alb(alb) if alb.vpc.is_none() => {
            let name = Name::parse("placeholder").expect("`placeholder` is a name");
            let vpc = Vpc::new(WithOrigin::default_value(name));
            Block::from(Alb { vpc: Some(WithOrigin::default_value(Rc::new(vpc))), ..(*alb).clone() })
        }
        other => other,
    }
}

/// Removes the resources that no line of the script created.
fn without_placeholders(mut synth: DesiredStack) -> DesiredStack {
    let mut template = synth.template.into_template();
    template.resources.retain(|_, resource| resource.origin.is_known());
    synth.template = template.into();
    synth
}

/// Returns whether one of the problems is an error.
pub(super) fn has_errors(problems: &[Diagnostic]) -> bool {
    problems.iter().any(Diagnostic::is_error)
}

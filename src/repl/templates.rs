//! Templates of stacks, and of blocks that stand in none.

use std::rc::Rc;

use crate::block::{Alb, Block, Name, Program, ReferencedBlocks, Stack, Vpc};
use crate::cfn::schema::Schema;
use crate::diag::{Diagnostic, Report, Sink, WithOrigin};
use crate::script::session::DisplayValue;
use crate::synth::{DesiredStack, synth};

/// The templates of stacks.
pub(super) fn of_program(program: &Program) -> Report<Vec<DesiredStack>> {
    synth(program, Schema::embedded())
}

/// The template of a block alone in a stack, with what is wrong with the block.
pub(super) fn of_block(value: &DisplayValue) -> (Option<DesiredStack>, Sink) {
    let Some(block) = value.block() else { return (None, Sink::new()) };
    let mut stack = Stack::new(WithOrigin::default_value("alone".to_owned()));
    stack.adds.push(WithOrigin::default_value(placed(block)));
    let program = Program { stacks: vec![Rc::new(stack)], mentions: value.mentions() };
    let report = of_program(&program);
    let synth = report.value.map(|mut stacks| stacks.remove(0)).map(without_strangers);
    // What is wrong with the stack itself has no place.
    let problems = report.problems.into_iter().filter(|problem| problem.origin().is_some());
    (synth, problems.collect())
}

/// The templates of some stacks that are a value.
pub(super) fn of_stacks(stacks: &[Rc<Stack>], mentions: ReferencedBlocks) -> Report<Vec<DesiredStack>> {
    of_program(&Program { stacks: stacks.to_vec(), mentions })
}

/// A load balancer takes the network of the services behind it; alone it is given one that is left out again.
fn placed(block: Block) -> Block {
    match block {
        Block::Alb(alb) if alb.vpc.is_none() => {
            let name = Name::parse("elsewhere").expect("`elsewhere` is a name");
            let vpc = Vpc::new(WithOrigin::default_value(name));
            Block::from(Alb { vpc: Some(WithOrigin::default_value(Rc::new(vpc))), ..(*alb).clone() })
        }
        other => other,
    }
}

fn without_strangers(mut synth: DesiredStack) -> DesiredStack {
    let mut template = synth.template.into_template();
    template.resources.retain(|_, resource| resource.origin.is_known());
    synth.template = template.into();
    synth
}

/// True where one of the problems stands in the way.
pub(super) fn has_errors(problems: &[Diagnostic]) -> bool {
    problems.iter().any(Diagnostic::is_error)
}

//! The size of a program, before its blocks are copied into templates.

use std::ops::ControlFlow;

use crate::block::{Block, Program};
use crate::cfn::Template;
use crate::cfn::extent::Allowance;
use crate::diag::{Code, Diagnostic};

/// The number of stacks of a program: the default quota of a region ("CloudFormation quotas").
const MOST_STACKS: usize = 2_000;

/// The number of blocks of one stack. Each makes a resource at least, and a stack has 500 at most.
pub(super) const MOST_BLOCKS: usize = 1_000;

/// The bytes of the properties of all resources that are written as CloudFormation does.
const MOST_BYTES: usize = 64 << 20;

/// The bytes of a template in memory up to which it is checked.
const CHECKED_BYTES: usize = 16 << 20;

/// Values may be nested this deep; evaluation permits less.
const DEPTH: usize = 1_000;

/// Returns the problem of a program that is too large for synthesis.
pub(super) fn too_large(program: &Program) -> Option<Diagnostic> {
    if program.stacks.len() > MOST_STACKS {
        let message = format!("the script has {} stacks, and may have {MOST_STACKS}", program.stacks.len());
        let origin = &program.stacks[MOST_STACKS].name.origin;
        return Some(Diagnostic::new(Code::LimitBlocks, message).at(origin, ""));
    }
    let mut left = Allowance::new(MOST_BYTES, DEPTH);
    let added = program.stacks.iter().flat_map(|stack| &stack.adds).map(|added| &added.value);
    let found = program.referenced_blocks.all().chain(added).try_for_each(|block| match block {
        Block::Resource(resource) if !resource.properties.values().all(|value| left.take_value(value)) => {
            ControlFlow::Break(block.origin())
        }
        _ => ControlFlow::Continue(()),
    });
    let origin = found.break_value()?;
    let message = format!("the resources of the script take more than {} MiB", MOST_BYTES >> 20);
    Some(Diagnostic::new(Code::LimitValue, message).at(origin, "the limit is reached here"))
}

/// Returns whether a template is so large that only its size is reported.
pub(super) fn is_huge(template: &Template) -> bool {
    let mut left = Allowance::new(CHECKED_BYTES, DEPTH);
    let values = template.resources.values().flat_map(|resource| resource.properties.values());
    !values.chain(template.outputs.values().map(|output| &output.value)).all(|value| left.take_value(value))
}

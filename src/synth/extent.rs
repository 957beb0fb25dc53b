//! The size of a program, before its blocks are copied into templates.

use std::ops::ControlFlow;

use crate::block::{Block, Program};
use crate::cfn::extent::Allowance;
use crate::cfn::{Map, Template, check, emit};
use crate::diag::{Code, Diagnostic};

/// The number of stacks of a program: the default quota of a region ("CloudFormation quotas").
const MOST_STACKS: usize = 2_000;

/// The number of blocks of one stack. Each makes a resource at least, and a stack has 500 at most.
pub(super) const MOST_BLOCKS: usize = 1_000;

/// The bytes of the properties of all resources that are written as CloudFormation does.
const MOST_BYTES: usize = 64 << 20;

/// The bytes of a template in memory up to which it is written to learn its size.
const WRITTEN_BYTES: usize = 16 << 20;

/// The bytes of JSON for a byte of a value, at most: a control character is written with six. What a value takes in memory is
/// more than its quotes, commas and spaces.
const JSON_OVERHEAD: usize = 6;

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

/// Returns the problem of a template that CloudFormation does not take for its size. Its contents are not checked: the time of a
/// check grows with it.
pub(super) fn size_problem(template: &Template) -> Option<Diagnostic> {
    if fits(template, check::LARGEST / JSON_OVERHEAD) {
        return None;
    }
    let message = if fits(template, WRITTEN_BYTES) {
        let bytes = emit::json(template).len();
        if bytes <= check::LARGEST {
            return None;
        }
        format!("the template has {bytes} bytes, and CloudFormation takes at most {}", check::LARGEST)
    } else {
        format!("the template is far over the {} bytes that CloudFormation takes", check::LARGEST)
    };
    let problem = Diagnostic::new(Code::TemplateSize, message).note("its contents are not checked until it is smaller");
    Some(problem.help("split the stack into two or more"))
}

/// Returns whether a template takes at most a number of bytes in memory.
fn fits(template: &Template, bytes: usize) -> bool {
    let left = &mut Allowance::new(bytes, DEPTH);
    let mut map = |map: &Map| map.iter().all(|(key, value)| left.take(key.len()) && left.take_value(value));
    let resources = template.resources.values().all(|resource| map(&resource.properties) && map(&resource.attributes));
    let parameters = template.parameters.values().all(|parameter| map(&parameter.body));
    let sections = [&template.conditions, &template.mappings, &template.other].into_iter().all(&mut map);
    let ids = template.resources.iter().all(|(id, resource)| {
        let before = resource.depends_on.iter().all(|before| left.take(before.as_str().len()));
        left.take(id.as_str().len()) && before
    });
    let outputs = template.outputs.values().all(|output| {
        let texts = output.description.iter().all(|text| left.take(text.len()));
        texts && left.take_value(&output.value) && output.export.iter().all(|value| left.take_value(value))
    });
    resources
        && parameters
        && ids
        && outputs
        && sections
        && template.description.iter().all(|text| left.take(text.len()))
}

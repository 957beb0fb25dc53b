//! References to resources that no block of a stack creates: the block behind one is added to the stack, or imported from
//! another stack.

use std::collections::{HashMap, HashSet};

use super::ownership::owned;
use super::template_builder::{TemplateBuilder, TemplateBuilders};
use super::versions::conflicting_versions;
use crate::block::{Block, BlockId, Program};
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Ref};
use crate::diag::{Code, Diagnostic, Origin, Sink};

/// The target of an open reference.
enum ReferenceTarget {
    /// No known block: the template check reports it.
    Nothing,
    /// A resource of another stack.
    Elsewhere(usize),
    /// A block that only references reach.
    Referenced(Block),
    /// Several blocks.
    Wrong(Diagnostic),
}

/// Resolves the open references of all stacks. Returns a stack and blocks to start again with, if they may need other
/// blocks. A block of `before` that still does not create the resource has an error, which is reported.
pub(super) fn references(
    builders: &mut TemplateBuilders,
    program: &Program,
    schema: &Schema,
    before: &[Vec<Block>],
) -> Result<(usize, Vec<Block>), Sink> {
    let mut adopted: HashMap<LogicalId, usize> = HashMap::new();
    for (stack, before) in before.iter().enumerate() {
        let mut seen: HashSet<LogicalId> = HashSet::new();
        let mut open = builders.stacks[stack].open(&mut seen, 0);
        let (mut parents, mut known) = (Vec::new(), HashSet::new());
        while let Some(id) = open.pop() {
            match builders.target(&id, stack, program, &adopted) {
                ReferenceTarget::Nothing => {}
                ReferenceTarget::Wrong(problem) => {
                    builders.stacks[stack].faulty = true;
                    builders.problems.push(problem);
                }
                ReferenceTarget::Elsewhere(owner) => {
                    builders.stacks[stack].imports.insert(id, owner);
                }
                ReferenceTarget::Referenced(block)
                    if before.iter().any(|one| BlockId::from(one) == BlockId::from(&block)) => {}
                ReferenceTarget::Referenced(block) if !has_no_children(&block) => {
                    if known.insert(BlockId::from(&block)) {
                        parents.push(block);
                    }
                }
                ReferenceTarget::Referenced(block) => {
                    adopted.insert(id, stack);
                    if owned(&block) {
                        builders.context.put(&block, stack);
                    }
                    let first = builders.stacks[stack].template.resources.len();
                    builders.lower(&block, stack, schema)?;
                    open.extend(builders.stacks[stack].open(&mut seen, first));
                }
            }
        }
        if !parents.is_empty() {
            return Ok((stack, parents));
        }
    }
    Ok((0, Vec::new()))
}

/// Returns whether the block needs no other blocks.
fn has_no_children(block: &Block) -> bool {
    match block {
        Block::Parameter(_) => true,
        Block::Resource(resource) => resource.depends_on.is_empty(),
        _ => false,
    }
}

impl TemplateBuilder {
    fn creates(&self, id: &LogicalId) -> bool {
        self.template.resources.contains_key(id) || self.template.parameters.contains_key(id)
    }

    /// Returns the ids to which the resources from a position on refer and which the stack does not create, the first one
    /// last. From the beginning, those of the outputs and of other sections are among them.
    fn open(&self, seen: &mut HashSet<LogicalId>, first: usize) -> Vec<LogicalId> {
        let mut open = Vec::new();
        let mut visit = |reference: &Ref| {
            let id = &reference.id;
            if !id.is_pseudo() && !self.creates(id) && seen.insert(id.clone()) {
                open.push(id.clone());
            }
        };
        for resource in self.template.resources.values().skip(first) {
            resource.each_ref(&mut visit);
            resource.depends_on.iter().for_each(|id| visit(&Ref::to(id.clone())));
        }
        if first == 0 {
            self.template.outputs.values().for_each(|output| output.value.each_ref(&mut visit));
            let sections = self.template.conditions.values().chain(self.template.other.values());
            sections.for_each(|value| value.each_ref(&mut visit));
        }
        open.reverse();
        open
    }
}

impl TemplateBuilders {
    fn target(
        &self,
        id: &LogicalId,
        stack: usize,
        program: &Program,
        adopted: &HashMap<LogicalId, usize>,
    ) -> ReferenceTarget {
        let creators = self.creators.get(id).map_or(&[][..], Vec::as_slice);
        let foreign = &self.stacks[stack].foreign;
        if let Some(owner) = creators.iter().find(|owner| foreign.contains(owner)) {
            return ReferenceTarget::Elsewhere(*owner);
        }
        let referenced = program.referenced_blocks.of(id);
        let placed = referenced.iter().filter_map(|block| Some(self.context.place(block)?.stack));
        let mut owners: Vec<usize> = placed.filter(|owner| *owner != stack).collect();
        if owners.is_empty() && !referenced.is_empty() {
            owners.extend(creators);
        }
        owners.sort_unstable();
        owners.dedup();
        match (owners.as_slice(), referenced) {
            ([owner], _) if adopted.get(id) == Some(owner) => {
                ReferenceTarget::Wrong(self.used_by_two_stacks(id, stack, *owner, referenced))
            }
            ([owner], _) => ReferenceTarget::Elsewhere(*owner),
            ([], []) => ReferenceTarget::Nothing,
            ([], [block, rest @ ..]) => match rest.iter().find(|other| *other != block) {
                None => ReferenceTarget::Referenced(block.clone()),
                Some(other) => ReferenceTarget::Wrong(conflicting_versions(id, other, block)),
            },
            (several, _) => ReferenceTarget::Wrong(self.ambiguous(id, stack, several)),
        }
    }

    fn used_by_two_stacks(&self, id: &LogicalId, stack: usize, owner: usize, referenced: &[Block]) -> Diagnostic {
        let name = |stack: usize| &self.stacks[stack].stack.name;
        let unknown = Origin::unknown();
        let made = referenced.first().map_or(&unknown, Block::origin);
        let (one, two) = (&name(owner).value, &name(stack).value);
        let message = format!("`{id}` is used by the stacks `{one}` and `{two}`, and added to neither");
        Diagnostic::new(Code::SharedBlock, message)
            .at(made, "created here, and used by both")
            .at(&name(owner).origin, "uses it")
            .at(&name(stack).origin, "uses it too")
            .help("state where it belongs: `.add` it to one of the two, or to a stack of its own")
    }

    fn ambiguous(&self, id: &LogicalId, stack: usize, owners: &[usize]) -> Diagnostic {
        let name = |stack: usize| &self.stacks[stack].stack.name;
        let message = format!("`{}` refers to `{id}`, which several stacks create", name(stack).value);
        let problem = Diagnostic::new(Code::AmbiguousReference, message).at(&name(stack).origin, "refers to it");
        let problem = owners.iter().fold(problem, |problem, owner| problem.at(&name(*owner).origin, "creates one"));
        problem.help("use the value that was added to the stack which is meant")
    }
}

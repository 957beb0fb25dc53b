//! References that no block of a stack makes: mentioned blocks are brought in, those of other stacks are imported.

use std::collections::{HashMap, HashSet};

use super::ownership::owned;
use super::template_builder::{TemplateBuilder, TemplateBuilders};
use crate::block::{Block, BlockId, Program};
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Ref};
use crate::diag::{Code, Diagnostic, Origin};

/// What an open reference means.
enum ReferenceTarget {
    /// Nothing that is known: the template check speaks of it.
    Nothing,
    /// A resource of another stack.
    Elsewhere(usize),
    /// A block that only this reference mentions.
    Mentioned(Block),
    /// Several blocks at once.
    Wrong(Diagnostic),
}

/// Resolves the open references of all stacks. Returns a stack and a block to start again from, where the block may
/// bring others along. What was brought in `before` and still does not make what is referred to never will: it has
/// said why.
pub(super) fn references(
    drafts: &mut TemplateBuilders,
    program: &Program,
    schema: &Schema,
    before: &[Vec<Block>],
) -> Option<(usize, Block)> {
    let mut adopted: HashMap<LogicalId, usize> = HashMap::new();
    for (stack, before) in before.iter().enumerate() {
        let mut seen: HashSet<LogicalId> = HashSet::new();
        let mut open = drafts.stacks[stack].open(&mut seen);
        while let Some(id) = open.pop() {
            match drafts.meaning(&id, stack, program, &adopted) {
                ReferenceTarget::Nothing => {}
                ReferenceTarget::Wrong(problem) => {
                    drafts.stacks[stack].faulty = true;
                    drafts.problems.push(problem);
                }
                ReferenceTarget::Elsewhere(owner) => {
                    drafts.stacks[stack].imports.insert(id, owner);
                }
                ReferenceTarget::Mentioned(block)
                    if before.iter().any(|one| BlockId::from(one) == BlockId::from(&block)) => {}
                ReferenceTarget::Mentioned(block) if !has_no_children(&block) => return Some((stack, block)),
                ReferenceTarget::Mentioned(block) => {
                    adopted.insert(id, stack);
                    if owned(&block) {
                        drafts.context.put(&block, stack);
                    }
                    drafts.lower(&block, stack, schema);
                    open.extend(drafts.stacks[stack].open(&mut seen));
                }
            }
        }
    }
    None
}

/// Returns whether it is a block that brings no others along, so that nothing must be looked at again.
fn has_no_children(block: &Block) -> bool {
    match block {
        Block::Parameter(_) => true,
        Block::Resource(resource) => resource.depends_on.is_empty(),
        _ => false,
    }
}

impl TemplateBuilder {
    fn makes(&self, id: &LogicalId) -> bool {
        self.template.resources.contains_key(id) || self.template.parameters.contains_key(id)
    }

    /// Returns the ids that something refers to and the stack does not make, the first one last.
    fn open(&self, seen: &mut HashSet<LogicalId>) -> Vec<LogicalId> {
        let mut open = Vec::new();
        let mut visit = |reference: &Ref| {
            let id = &reference.id;
            if !id.is_pseudo() && !self.makes(id) && seen.insert(id.clone()) {
                open.push(id.clone());
            }
        };
        for resource in self.template.resources.values() {
            resource.each_ref(&mut visit);
            resource.depends_on.iter().for_each(|id| visit(&Ref::to(id.clone())));
        }
        self.template.outputs.values().for_each(|output| output.value.each_ref(&mut visit));
        open.reverse();
        open
    }
}

impl TemplateBuilders {
    fn meaning(
        &self,
        id: &LogicalId,
        stack: usize,
        program: &Program,
        adopted: &HashMap<LogicalId, usize>,
    ) -> ReferenceTarget {
        let makers = self.makers.get(id).map_or(&[][..], Vec::as_slice);
        let foreign = &self.stacks[stack].foreign;
        if let Some(owner) = makers.iter().find(|owner| foreign.contains(owner)) {
            return ReferenceTarget::Elsewhere(*owner);
        }
        let mentioned = program.mentions.of(id);
        let placed = mentioned.iter().filter_map(|block| Some(self.context.place(block)?.stack));
        let mut owners: Vec<usize> = placed.filter(|owner| *owner != stack).collect();
        if owners.is_empty() && !mentioned.is_empty() {
            owners.extend(makers);
        }
        owners.sort_unstable();
        owners.dedup();
        match (owners.as_slice(), mentioned) {
            ([owner], _) if adopted.get(id) == Some(owner) => {
                ReferenceTarget::Wrong(self.mentioned_twice(id, stack, *owner, mentioned))
            }
            ([owner], _) => ReferenceTarget::Elsewhere(*owner),
            ([], []) => ReferenceTarget::Nothing,
            ([], [block, rest @ ..]) => match rest.iter().find(|other| *other != block) {
                None => ReferenceTarget::Mentioned(block.clone()),
                Some(other) => ReferenceTarget::Wrong(two_versions(id, block.origin(), other)),
            },
            (several, _) => ReferenceTarget::Wrong(self.ambiguous(id, stack, several)),
        }
    }

    fn mentioned_twice(&self, id: &LogicalId, stack: usize, owner: usize, mentioned: &[Block]) -> Diagnostic {
        let name = |stack: usize| &self.stacks[stack].stack.name;
        let unknown = Origin::unknown();
        let made = mentioned.first().map_or(&unknown, Block::origin);
        let (one, two) = (&name(owner).value, &name(stack).value);
        let message = format!("`{id}` is used by the stacks `{one}` and `{two}`, and added to neither");
        Diagnostic::new(Code::SharedBlock, message)
            .at(made, "made here, and used by both")
            .at(&name(owner).origin, "uses it")
            .at(&name(stack).origin, "uses it too")
            .help("state where it belongs: `.add` it to one of the two, or to a stack of its own")
    }

    fn ambiguous(&self, id: &LogicalId, stack: usize, owners: &[usize]) -> Diagnostic {
        let name = |stack: usize| &self.stacks[stack].stack.name;
        let message = format!("`{}` refers to `{id}`, which several stacks make", name(stack).value);
        let problem = Diagnostic::new(Code::AmbiguousReference, message).at(&name(stack).origin, "refers to it");
        let problem = owners.iter().fold(problem, |problem, owner| problem.at(&name(*owner).origin, "makes one"));
        problem.help("use the value that was added to the stack which is meant")
    }
}

fn two_versions(id: &LogicalId, first: &Origin, other: &Block) -> Diagnostic {
    Diagnostic::new(
        Code::ConflictingVersions,
        format!("two different versions of `{id}` are mentioned, and neither is in the stack"),
    )
    .at(other.origin(), "the second")
    .at(first, "the first")
    .help("add the one that is meant to the stack: `.add(block)`")
}

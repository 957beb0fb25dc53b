//! The stack that creates each block.
//!
//! A block belongs to the stack it was added to. One that was added to none belongs to the stack that reaches it, or
//! to the stack of the block that needs it. No stack owns a parameter: each stack that uses one declares it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::versions::duplicate_block;
use crate::block::{Block, BlockId, LoweringContext, Program, Stack};
use crate::cfn::LogicalId;
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};

/// The blocks of every stack.
#[derive(Default)]
pub(super) struct BlockOwnership {
    pub(super) context: LoweringContext,
    /// The blocks that each stack creates, in the order of need.
    pub(super) blocks: Vec<Vec<Block>>,
    /// The stacks whose blocks each stack uses.
    pub(super) foreign: Vec<BTreeSet<usize>>,
    pub(super) problems: Sink,
}

struct Walk<'p> {
    program: &'p Program,
    reach: BlockOwnership,
    owners: HashMap<BlockId, usize>,
    visited: HashSet<(BlockId, usize)>,
    /// The owner of each logical id, and the block with the place that uses it.
    named: HashMap<LogicalId, (usize, WithOrigin<Block>)>,
}

/// Walks from what was added to each stack, and from what it adopted, to all that these need.
pub(super) fn ownership(program: &Program, adopted: &[Vec<Block>]) -> BlockOwnership {
    let mut walk = Walk {
        program,
        reach: BlockOwnership { context: LoweringContext::of(program), ..BlockOwnership::default() },
        owners: HashMap::new(),
        visited: HashSet::new(),
        named: HashMap::new(),
    };
    walk.own(adopted);
    let roots = |stack: usize| {
        let adopted = adopted[stack].iter().map(|block| WithOrigin::new(block.clone(), block.origin().clone()));
        let described = &program.stacks[stack];
        described.adds.iter().cloned().chain(network(described)).chain(adopted).collect::<Vec<_>>()
    };
    while program.stacks.len() > 1 && walk.assign_owners(&roots) {}
    for stack in 0..program.stacks.len() {
        walk.visited.clear();
        walk.named.clear();
        walk.reach.blocks.push(Vec::new());
        walk.reach.foreign.push(BTreeSet::new());
        for root in roots(stack) {
            walk.place(&root, stack, stack);
        }
    }
    walk.reach
}

/// Returns the cluster and the network that the script sets for a stack.
fn network(stack: &Stack) -> impl Iterator<Item = WithOrigin<Block>> {
    let cluster = stack.cluster.iter().map(|set| set.clone().map(Block::Cluster));
    cluster.chain(stack.vpc.iter().map(|set| set.clone().map(Block::Vpc)))
}

impl Walk<'_> {
    fn own(&mut self, adopted: &[Vec<Block>]) {
        let mut first: HashMap<BlockId, (usize, Origin)> = HashMap::new();
        for (stack, described) in self.program.stacks.iter().enumerate() {
            let added = described.adds.iter().map(|added| (&added.value, &added.origin));
            for (block, origin) in added.chain(adopted[stack].iter().map(|block| (block, block.origin()))) {
                if !owned(block) {
                    continue;
                }
                let (owner, before) = first.entry(block.into()).or_insert_with(|| (stack, origin.clone()));
                if *owner != stack {
                    self.reach.problems.push(added_twice(block, origin, before));
                }
                self.owners.entry(block.into()).or_insert(stack);
            }
        }
    }

    /// Assigns the blocks that an owned block needs to its stack. Returns whether a new owner was found.
    fn assign_owners(&mut self, roots: &impl Fn(usize) -> Vec<WithOrigin<Block>>) -> bool {
        let before = self.owners.len();
        for stack in 0..self.program.stacks.len() {
            self.visited.clear();
            for root in roots(stack) {
                self.follow(&root.value, stack, stack);
            }
        }
        self.owners.len() > before
    }

    fn follow(&mut self, block: &Block, by: usize, stack: usize) {
        let owner = self.owners.get(&block.into()).copied().unwrap_or(by);
        if !self.visited.insert((block.into(), owner)) {
            return;
        }
        if owner != stack && owned(block) {
            self.owners.entry(block.into()).or_insert(owner);
        }
        for child in self.reach.context.children(block, owner) {
            self.follow(&child, owner, stack);
        }
    }

    fn place(&mut self, used: &WithOrigin<Block>, by: usize, stack: usize) {
        let block = &used.value;
        let owner = if owned(block) { self.owners.get(&block.into()).copied().unwrap_or(by) } else { stack };
        if !self.visited.insert((block.into(), owner)) {
            return;
        }
        if owner == stack && self.is_in_other_stack(block, stack) {
            return;
        }
        for child in self.reach.context.children(block, owner) {
            let origin = block.origin_of_use(&child).clone();
            self.place(&WithOrigin::new(child, origin), owner, stack);
        }
        if owner != stack {
            self.reach.foreign[stack].insert(owner);
        }
        if self.is_new(used, owner, stack) && owner == stack {
            self.reach.blocks[stack].push(block.clone());
        }
        if owner == stack && owned(block) {
            self.reach.context.put(block, stack);
        }
    }

    fn is_in_other_stack(&mut self, block: &Block, stack: usize) -> bool {
        let place = self.reach.context.place(block).filter(|place| owned(block) && place.stack != stack);
        let Some(other) = place.map(|place| place.stack) else { return false };
        let problem = self.shared(block, stack, other);
        self.reach.problems.push(problem);
        true
    }

    /// Returns whether the stack does not have the block yet; reports another block of its name.
    fn is_new(&mut self, used: &WithOrigin<Block>, owner: usize, stack: usize) -> bool {
        let block = &used.value;
        let Some(id) = block.logical_ids().into_iter().next() else { return true };
        if owner != stack && block.is_of_stack() {
            // No script refers to the cluster or network of another stack by its name.
            return false;
        }
        let Some((known_owner, known)) = self.named.get(&id) else {
            self.named.insert(id, (owner, used.clone()));
            return true;
        };
        let equal = known.value.same(block) || (*known_owner == owner && known.value == *block);
        if !equal {
            let problem = duplicate_block(&id, used, known);
            self.reach.problems.push(problem);
        }
        false
    }

    fn shared(&self, block: &Block, stack: usize, other: usize) -> Diagnostic {
        let name = |stack: usize| &self.program.stacks[stack].name;
        let what = block.logical_ids().first().map(ToString::to_string).unwrap_or_default();
        let (one, two) = (&name(other).value, &name(stack).value);
        Diagnostic::new(
            Code::SharedBlock,
            format!("`{what}` is used by the stacks `{one}` and `{two}`, and added to neither"),
        )
        .at(block.origin(), "created here, and used by both")
        .at(&name(other).origin, "uses it")
        .at(&name(stack).origin, "uses it too")
        .help("state where it belongs: `.add` it to one of the two, or to a stack of its own")
        .note("two stacks that each call a function which creates it have one each")
    }
}

/// Returns whether one stack creates the block for all; false for parameters, and for resources that exist already.
pub(super) fn owned(block: &Block) -> bool {
    !matches!(block, Block::Parameter(_)) && !block.logical_ids().is_empty()
}

fn added_twice(block: &Block, origin: &Origin, before: &Origin) -> Diagnostic {
    let what = block.logical_ids().first().map(ToString::to_string).unwrap_or_default();
    Diagnostic::new(Code::SharedBlock, format!("`{what}` is added to two stacks"))
        .at(origin, "added again")
        .at(before, "added to the first stack")
        .at(block.origin(), "created here")
        .help("add it to one of them; the other can use it too")
}

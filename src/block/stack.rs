use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::block::{Block, Cluster, Flag, Vpc};
use crate::cfn::check::SecretSetting;
use crate::cfn::{LogicalId, Resource, TemplateString, Value};
use crate::diag::WithOrigin;

/// A stack as the script describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Its name in CloudFormation.
    pub name: WithOrigin<String>,
    /// The description.
    pub description: Option<WithOrigin<String>>,
    /// Tags of every resource whose type takes tags; a later one of the same key wins.
    pub tags: Vec<WithOrigin<Tag>>,
    /// The added blocks; the blocks that these use are added too.
    pub adds: Vec<WithOrigin<Block>>,
    /// Its outputs, exported ones too.
    pub outputs: Vec<WithOrigin<StackOutput>>,
    /// Parts of the template for which there are no blocks.
    pub sections: Vec<WithOrigin<Section>>,
    /// The region; else that of the command line.
    pub region: Option<WithOrigin<String>>,
    /// The account; else that of the credentials.
    pub account: Option<WithOrigin<String>>,
    /// The cluster of its services that set none; else the stack creates its own.
    pub cluster: Option<WithOrigin<Rc<Cluster>>>,
    /// The network of that cluster; else the stack creates its own.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// Whether it cannot be deleted.
    pub termination_protection: Flag,
    /// The ARN of the policy that limits every role of the stack.
    pub permission_boundary: Option<WithOrigin<TemplateString>>,
    /// The path of every role of the stack.
    pub role_path: Option<WithOrigin<String>>,
    /// Names of stacks that are deployed before it.
    pub after: Vec<WithOrigin<String>>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: TemplateString,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct StackOutput {
    /// Its name: letters and digits, or kebab-case for an exported one.
    pub name: String,
    /// The value.
    pub value: Value,
    /// The description.
    pub description: Option<String>,
    /// Whether other stacks can import it under its name.
    pub export: bool,
}

/// A section of the template as CloudFormation writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// `Conditions`, `Mappings`, `Metadata`, `Outputs`, `Rules` or `Transform`.
    pub name: String,
    /// Its entries.
    pub value: Value,
}

impl Stack {
    /// Creates an empty stack of this name.
    pub fn new(name: WithOrigin<String>) -> Self {
        Self {
            name,
            description: None,
            tags: Vec::new(),
            adds: Vec::new(),
            outputs: Vec::new(),
            sections: Vec::new(),
            region: None,
            account: None,
            cluster: None,
            vpc: None,
            termination_protection: None,
            permission_boundary: None,
            role_path: None,
            after: Vec::new(),
        }
    }
}

/// The result of an evaluation.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// The stacks in the script's order.
    pub stacks: Vec<Rc<Stack>>,
    /// The blocks that the script refers to.
    pub referenced_blocks: ReferencedBlocks,
    /// The secret settings of the script.
    pub secrets: Vec<SecretSetting>,
}

impl Program {
    /// Returns the type and the properties of the resources that the script writes as CloudFormation does: those that it
    /// adds to a stack or refers to.
    pub fn raw_resources(&self) -> HashMap<LogicalId, Resource> {
        let added = self.stacks.iter().flat_map(|stack| &stack.adds).map(|added| &added.value);
        let raw = self.referenced_blocks.all().chain(added).filter_map(|block| match block {
            Block::Resource(resource) => Some((resource.logical_id(), resource.described())),
            _ => None,
        });
        raw.collect()
    }
}

/// The blocks that a script refers to.
///
/// A reference inside a string keeps nothing but its logical id (`TitilerAlb.DNSName`); a block that only a string
/// refers to is found here.
#[derive(Debug, Clone, Default)]
pub struct ReferencedBlocks(IndexMap<LogicalId, Vec<Block>>);

impl ReferencedBlocks {
    /// Records a block, by every logical id that its attributes refer to.
    pub fn note(&mut self, block: &Block) {
        for id in block.logical_ids() {
            let known = self.0.entry(id).or_default();
            if !known.iter().any(|other| other.same(block)) {
                known.push(block.clone());
            }
        }
    }

    /// Returns every block.
    pub fn all(&self) -> impl Iterator<Item = &Block> {
        self.0.values().flatten()
    }

    /// Returns the blocks that a logical id may refer to, the latest last.
    pub fn of(&self, id: &LogicalId) -> &[Block] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

//! Links of a service or a job to the blocks that it uses: `.link(db)`.
//!
//! A link gives the tasks what they need for the linked block: the rule that lets them connect, the least permissions, and
//! variables and secrets that say where it is. Names are a prefix and what follows it: `DB` and `HOST`.
//!
//! *Invariant*: what a link gives follows from the linked block and the arguments of `.link`, never from the other links.

mod checks;
mod gives;
mod keys;
mod rules;

pub(crate) use checks::problems;
pub(crate) use rules::{LinkingTasks, lower};

use super::Block;
use crate::cfn::LogicalId;

/// A block that tasks use.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The linked block.
    pub target: Block,
    /// The prefix of the variables, unless it is that of the block.
    pub prefix: Option<String>,
    /// `read`, `write` or `read-write`, unless it is that of the block.
    pub mode: Option<String>,
    /// Whether the tasks mount it, and get no variables.
    pub is_mount: bool,
}

/// The access that tasks have to a linked block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkMode {
    /// Receive messages, or read objects and items.
    Read,
    /// Send messages, or write objects and items.
    Write,
    /// Both.
    ReadWrite,
}

/// The modes as scripts write them.
const MODES: [(&str, LinkMode); 3] =
    [("read", LinkMode::Read), ("write", LinkMode::Write), ("read-write", LinkMode::ReadWrite)];

impl LinkMode {
    pub(crate) fn reads(self) -> bool {
        self != LinkMode::Write
    }

    fn writes(self) -> bool {
        self != LinkMode::Read
    }
}

impl Link {
    /// Creates the link of a block.
    #[must_use]
    pub fn to(target: Block) -> Self {
        Self { target, prefix: None, mode: None, is_mount: false }
    }

    /// Creates the link of a block with one text: a mode in lower case, or else a prefix. A mode in capital letters is a mode, which
    /// is reported as unknown: a variable `READ_HOST` is less likely than a mistake.
    #[must_use]
    pub fn with_text(target: Block, text: String) -> Self {
        let names_mode = MODES.iter().any(|(name, _)| text.replace('_', "-").eq_ignore_ascii_case(name));
        let is_mode = !text.is_empty() && !text.chars().any(|letter| letter.is_ascii_uppercase()) || names_mode;
        let (prefix, mode) = if is_mode { (None, Some(text)) } else { (Some(text), None) };
        Self { target, prefix, mode, is_mount: false }
    }

    /// Creates the link of a file system that is mounted.
    #[must_use]
    pub fn mount(target: Block) -> Self {
        Self { is_mount: true, ..Self::to(target) }
    }

    /// Returns the mode; that of the block where none is set, or none such exists.
    pub(crate) fn mode(&self) -> LinkMode {
        let named = self.mode.as_ref().and_then(|mode| MODES.iter().find(|(name, _)| name == mode));
        let default = if matches!(self.target, Block::Topic(_)) { LinkMode::Write } else { LinkMode::ReadWrite };
        named.map_or(default, |(_, mode)| *mode)
    }

    /// Returns the prefix of the variables.
    fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or(match self.target {
            Block::Database(_) => "DB",
            Block::Cache(_) => "CACHE",
            Block::Queue(_) => "QUEUE",
            Block::Topic(_) => "TOPIC",
            Block::Bucket(_) => "BUCKET",
            Block::Table(_) => "TABLE",
            _ => "SECRET",
        })
    }

    /// Returns the resources that exist when the linked block can be used.
    pub(crate) fn ready(&self) -> Vec<LogicalId> {
        match &self.target {
            Block::Database(database) => database.ready(),
            // The task definition refers to the others.
            _ => Vec::new(),
        }
    }
}

//! The rehearsed account as data: all that there is, running operations included. Saved and loaded by the caller.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::operation::Operation;
use crate::deploy::ports::{ChangeSet, ChangeSetKind, Place, StackEvent, StackOutput, Timestamp};
use crate::deploy::status::{ResourceStatus, StackStatus};

/// A rehearsed account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// The form of this state; another one is not read.
    pub version: u32,
    /// What chance is drawn from.
    pub seed: u64,
    /// The account number.
    pub account: String,
    /// The latest moment that anybody has seen.
    pub now: Timestamp,
    pub(super) counter: u64,
    pub(super) stacks: Vec<Stack>,
    pub(super) uploads: BTreeMap<String, String>,
}

impl State {
    /// The form that this program writes and reads.
    pub const VERSION: u32 = 1;

    /// An empty account, `123456789012`, that draws chance from a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            version: Self::VERSION,
            seed,
            account: "123456789012".to_owned(),
            now: Timestamp::default(),
            counter: 0,
            stacks: Vec::new(),
            uploads: BTreeMap::new(),
        }
    }

    pub(super) fn place(&self, region: &str) -> Place {
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Place { account: self.account.clone(), region: region.to_owned(), partition: partition.to_owned() }
    }

    /// Deletes what stacks have let go of, as a person would by hand.
    #[cfg(test)]
    pub(in crate::deploy) fn sweep(&mut self) {
        self.stacks.iter_mut().for_each(|stack| stack.leftovers.clear());
    }

    /// Everything that exists in the account: type, and physical id. What a test looks at apart from stacks.
    pub fn things(&self) -> BTreeSet<(String, String)> {
        let held = self.stacks.iter().flat_map(|stack| {
            let doomed = stack.operation.iter().flat_map(|operation| operation.doomed.iter().map(|(_, held)| held));
            stack.resources.values().chain(doomed).chain(&stack.leftovers)
        });
        let there = held.filter_map(|held| Some((held.kind.clone(), held.physical_id.clone()?)));
        there.collect()
    }
}

/// A stack of the rehearsed account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stack {
    pub(super) region: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: StackStatus,
    pub(super) reason: Option<String>,
    pub(super) desired: Wanted,
    pub(super) protected: bool,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) resources: IndexMap<String, Held>,
    /// What the stack has let go of and still exists: retained, or impossible to delete.
    pub(super) leftovers: Vec<Held>,
    pub(super) outputs: Vec<StackOutput>,
    pub(super) imports: BTreeSet<String>,
    pub(super) drafts: Vec<Draft>,
    /// Oldest first.
    pub(super) events: Vec<StackEvent>,
    pub(super) operation: Option<Operation>,
}

/// What a stack is to be: the template and what goes with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) body: String,
    /// Values as given; those of SSM parameters are names.
    pub(super) parameters: IndexMap<String, String>,
    /// Values as they are used.
    pub(super) resolved: IndexMap<String, String>,
    pub(super) tags: IndexMap<String, String>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) kind: String,
    pub(super) physical_id: Option<String>,
    /// Resolved, tags of the stack included.
    pub(super) properties: Json,
    /// `DeletionPolicy`, `UpdateReplacePolicy` and the like, as JSON.
    pub(super) attributes: Json,
    pub(super) status: ResourceStatus,
    pub(super) reason: Option<String>,
    pub(super) updated: Timestamp,
    /// What it was made after; it is deleted before them.
    pub(super) needs: Vec<String>,
    /// How many there were of this name before it.
    pub(super) generation: u64,
}

/// A change set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) set: ChangeSet,
    pub(super) kind: ChangeSetKind,
    pub(super) wanted: Wanted,
    /// When AWS has finished writing it.
    pub(super) ready: Timestamp,
}

impl Held {
    pub(super) fn policy(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Json::as_str).unwrap_or("Delete")
    }
}

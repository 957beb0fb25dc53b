//! The rehearsed account as data: all that there is, running operations included. Saved and loaded by the caller.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::ecs::Fleet;
use super::operation::Operation;
use crate::deploy::ports::{
    ChangeSet, ChangeSetKind, DeploymentMode, Drift, ImportedResource, Place, StackEvent, StackOutput, Timestamp,
};
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
    /// What runs on ECS.
    pub(super) fleet: Fleet,
    /// What was changed or deleted behind CloudFormation's back, by [`outside_key`].
    #[serde(default)]
    pub(super) outside: BTreeMap<String, Outside>,
    /// Exports of stacks that are not rehearsed, by `REGION/NAME`; there where the account is a real one in part, which
    /// then holds more than is known here.
    #[serde(default)]
    pub(super) foreign: Option<BTreeMap<String, String>>,
    /// Searches for drift: the stack, and when they are over.
    #[serde(default)]
    pub(super) searches: BTreeMap<String, (String, Timestamp)>,
}

impl State {
    /// The form that this program writes and reads.
    pub const VERSION: u32 = 2;

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
            fleet: Fleet::default(),
            outside: BTreeMap::new(),
            foreign: None,
            searches: BTreeMap::new(),
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

    /// How many tasks have not stopped, whatever they belong to. What a test looks at apart from services.
    pub fn tasks(&self) -> usize {
        self.fleet.tasks_there()
    }

    /// Everything that exists in the account: type, and physical id. What a test looks at apart from stacks.
    pub fn things(&self) -> BTreeSet<(String, String)> {
        let held = self.stacks.iter().flat_map(|stack| {
            let doomed = stack.operation.iter().flat_map(|operation| operation.doomed.iter().map(|(_, held)| held));
            let kept = stack.kept.iter().flat_map(|kept| kept.doomed.iter().map(|(_, held)| held));
            stack.resources.values().chain(doomed).chain(kept).chain(&stack.leftovers)
        });
        let held = held.filter(|held| !matches!(self.outside(held), Some(Outside::Deleted)));
        let there = held.filter_map(|held| Some((held.kind.clone(), held.physical_id.clone()?)));
        there.collect()
    }

    /// What was done to a resource behind CloudFormation's back.
    pub(super) fn outside(&self, held: &Held) -> Option<&Outside> {
        self.outside.get(&outside_key(&held.kind, held.physical_id.as_deref()?))
    }
}

/// The name of a thing in the account: its type and physical id.
pub(super) fn outside_key(kind: &str, physical_id: &str) -> String {
    format!("{kind} {physical_id}")
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
    /// What an operation that failed and was not undone left to go back to.
    #[serde(default)]
    pub(super) kept: Option<Kept>,
    /// What the last search for drift found.
    #[serde(default)]
    pub(super) drifts: Vec<Drift>,
}

/// What a stack can go back to, where the operation that failed did not do it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Whether there ever was a state to go back to.
    pub(super) stable: bool,
    /// What the stack was.
    pub(super) desired: Wanted,
    /// Its resources then.
    pub(super) previous: IndexMap<String, Held>,
    /// What exists and is to be deleted with the next operation.
    pub(super) doomed: Vec<(String, Held)>,
}

/// What somebody did to a resource behind CloudFormation's back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Outside {
    /// It has these properties now.
    Changed(Json),
    /// It is gone.
    Deleted,
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
    /// How it is to be carried out.
    #[serde(default)]
    pub(super) mode: DeploymentMode,
    /// What is to be taken in.
    #[serde(default)]
    pub(super) import: Vec<ImportedResource>,
    /// When it was asked for.
    #[serde(default)]
    pub(super) created: Timestamp,
    /// When AWS has finished writing it.
    pub(super) ready: Timestamp,
}

impl Held {
    pub(super) fn policy(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Json::as_str).unwrap_or("Delete")
    }
}

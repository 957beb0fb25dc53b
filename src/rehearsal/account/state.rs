//! The rehearsed account as data: all that there is, running operations included. Saved and loaded by the caller.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{
    AwsEnvironment, ChangeSet, ChangeSetKind, DeploymentMode, ImportedResource, ResourceDrift, StackEvent, StackOutput,
    Timestamp,
};
use crate::rehearsal::cloudformation::Operation;
use crate::rehearsal::ecs::EcsState;

/// A rehearsed account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountState {
    /// The form of this state; another one is not read.
    pub version: u32,
    /// What chance is drawn from.
    pub seed: u64,
    /// The account number.
    pub account: String,
    /// The latest moment that anybody has seen.
    pub now: Timestamp,
    pub(crate) counter: u64,
    pub(crate) stacks: Vec<Stack>,
    pub(crate) uploads: BTreeMap<String, String>,
    /// What runs on ECS.
    pub(crate) fleet: EcsState,
    /// What was changed or deleted behind CloudFormation's back, by [`outside_key`].
    #[serde(default)]
    pub(crate) outside: BTreeMap<String, OutOfBandChange>,
    /// Exports of stacks that are not rehearsed, by `REGION/NAME`; there where the account is a real one in part, which
    /// then holds more than is known here.
    #[serde(default)]
    pub(crate) foreign: Option<BTreeMap<String, String>>,
    /// Searches for drift: the stack, and when they are over.
    #[serde(default)]
    pub(crate) searches: BTreeMap<String, (String, Timestamp)>,
}

impl AccountState {
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
            fleet: EcsState::default(),
            outside: BTreeMap::new(),
            foreign: None,
            searches: BTreeMap::new(),
        }
    }

    pub(crate) fn place(&self, region: &str) -> AwsEnvironment {
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        AwsEnvironment { account: self.account.clone(), region: region.to_owned(), partition: partition.to_owned() }
    }

    /// Deletes what stacks have let go of, as a person would by hand.
    #[cfg(test)]
    pub(crate) fn sweep(&mut self) {
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
        let held = held.filter(|held| !matches!(self.outside(held), Some(OutOfBandChange::Deleted)));
        let there = held.filter_map(|held| Some((held.kind.clone(), held.physical_id.clone()?)));
        there.collect()
    }

    /// What was done to a resource behind CloudFormation's back.
    pub(crate) fn outside(&self, held: &ResourceState) -> Option<&OutOfBandChange> {
        self.outside.get(&outside_key(&held.kind, held.physical_id.as_deref()?))
    }
}

/// The name of a thing in the account: its type and physical id.
pub(crate) fn outside_key(kind: &str, physical_id: &str) -> String {
    format!("{kind} {physical_id}")
}

/// A stack of the rehearsed account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stack {
    pub(crate) region: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: StackStatus,
    pub(crate) reason: Option<String>,
    pub(crate) desired: StackSpec,
    pub(crate) protected: bool,
    pub(crate) created: Timestamp,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) resources: IndexMap<String, ResourceState>,
    /// What the stack has let go of and still exists: retained, or impossible to delete.
    pub(crate) leftovers: Vec<ResourceState>,
    pub(crate) outputs: Vec<StackOutput>,
    pub(crate) imports: BTreeSet<String>,
    pub(crate) drafts: Vec<PendingChangeSet>,
    /// Oldest first.
    pub(crate) events: Vec<StackEvent>,
    pub(crate) operation: Option<Operation>,
    /// What an operation that failed and was not undone left to go back to.
    #[serde(default)]
    pub(crate) kept: Option<RollbackState>,
    /// What the last search for drift found.
    #[serde(default)]
    pub(crate) drifts: Vec<ResourceDrift>,
}

/// What a stack can go back to, where the operation that failed did not do it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RollbackState {
    /// Whether there ever was a state to go back to.
    pub(crate) stable: bool,
    /// What the stack was.
    pub(crate) desired: StackSpec,
    /// Its resources then.
    pub(crate) previous: IndexMap<String, ResourceState>,
    /// What exists and is to be deleted with the next operation.
    pub(crate) doomed: Vec<(String, ResourceState)>,
}

/// What somebody did to a resource behind CloudFormation's back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum OutOfBandChange {
    /// It has these properties now.
    Changed(Json),
    /// It is gone.
    Deleted,
}

/// What a stack is to be: the template and what goes with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct StackSpec {
    pub(crate) body: String,
    /// Values as given; those of SSM parameters are names.
    pub(crate) parameters: IndexMap<String, String>,
    /// Values as they are used.
    pub(crate) resolved: IndexMap<String, String>,
    pub(crate) tags: IndexMap<String, String>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResourceState {
    pub(crate) kind: String,
    pub(crate) physical_id: Option<String>,
    /// Resolved, tags of the stack included.
    pub(crate) properties: Json,
    /// `DeletionPolicy`, `UpdateReplacePolicy` and the like, as JSON.
    pub(crate) attributes: Json,
    pub(crate) status: ResourceStatus,
    pub(crate) reason: Option<String>,
    pub(crate) updated: Timestamp,
    /// What it was made after; it is deleted before them.
    pub(crate) needs: Vec<String>,
    /// How many there were of this name before it.
    pub(crate) generation: u64,
}

/// A change set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PendingChangeSet {
    pub(crate) set: ChangeSet,
    pub(crate) kind: ChangeSetKind,
    pub(crate) wanted: StackSpec,
    /// How it is to be carried out.
    #[serde(default)]
    pub(crate) mode: DeploymentMode,
    /// What is to be taken in.
    #[serde(default)]
    pub(crate) import: Vec<ImportedResource>,
    /// When it was asked for.
    #[serde(default)]
    pub(crate) created: Timestamp,
    /// When AWS has finished writing it.
    pub(crate) ready: Timestamp,
}

impl ResourceState {
    pub(crate) fn policy(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Json::as_str).unwrap_or("Delete")
    }
}

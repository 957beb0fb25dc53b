//! The state of an account.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::resource::{OutOfBandChange, ResourceState};
use super::stack::Stack;
use crate::deploy::api::{AwsEnvironment, StoredImage, Timestamp, partition_of};
use crate::rehearsal::ecs::EcsState;

/// A rehearsed account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountState {
    /// The version of the format; another version is not read.
    pub version: u32,
    /// The seed of the random number generator.
    pub seed: u64,
    /// The account number.
    pub account: String,
    /// The latest time up to which the account was simulated.
    pub now: Timestamp,
    /// The region that the rehearsal assumes because none is set.
    #[serde(default)]
    pub assumed_region: Option<String>,
    /// A number that grows with every change.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing")]
    pub(in crate::rehearsal) counter: u64,
    pub(in crate::rehearsal) stacks: Vec<Stack>,
    /// The uploaded templates by URL.
    pub(in crate::rehearsal) uploads: BTreeMap<String, String>,
    /// The times of the uploads, by URL.
    #[serde(default)]
    pub(in crate::rehearsal) upload_times: BTreeMap<String, Timestamp>,
    /// The images of rtiler's repository in each region.
    #[serde(default)]
    pub(in crate::rehearsal) images: BTreeMap<String, Vec<StoredImage>>,
    /// The state of ECS.
    pub(in crate::rehearsal) ecs: EcsState,
    /// The resources that were changed or deleted outside CloudFormation, by [`resource_key`].
    #[serde(default)]
    pub(in crate::rehearsal) out_of_band: BTreeMap<String, OutOfBandChange>,
    /// The exports of stacks that are not rehearsed, by `REGION/NAME`. Set if the account contains deployed stacks; the real
    /// account may then have more.
    #[serde(default)]
    pub(in crate::rehearsal) foreign_exports: Option<BTreeMap<String, String>>,
    /// The resources into which other services have written, by [`resource_key`].
    #[serde(default)]
    pub(in crate::rehearsal) contents: BTreeSet<String>,
    /// The values of parameters and exports that `--assume` gave, by name.
    #[serde(default)]
    pub(in crate::rehearsal) assumed: BTreeMap<String, String>,
    /// The resources that `--assume` lets exist outside of stacks, by [`resource_key`].
    #[serde(default)]
    pub(in crate::rehearsal) assumed_resources: BTreeSet<String>,
    /// The drift detections by id: the stack, and the time at which each is finished.
    #[serde(default)]
    pub(in crate::rehearsal) drift_detections: BTreeMap<String, (String, Timestamp)>,
}

impl AccountState {
    /// The version of the format that this program writes and reads.
    pub const VERSION: u32 = 3;

    /// Creates an empty account, `123456789012`, with a seed for its random numbers.
    pub fn new(seed: u64) -> Self {
        Self {
            version: Self::VERSION,
            seed,
            account: "123456789012".to_owned(),
            now: Timestamp::default(),
            assumed_region: None,
            counter: 0,
            stacks: Vec::new(),
            uploads: BTreeMap::new(),
            upload_times: BTreeMap::new(),
            images: BTreeMap::new(),
            ecs: EcsState::default(),
            out_of_band: BTreeMap::new(),
            foreign_exports: None,
            contents: BTreeSet::new(),
            assumed: BTreeMap::new(),
            assumed_resources: BTreeSet::new(),
            drift_detections: BTreeMap::new(),
        }
    }

    /// Returns the environment of a region in this account.
    pub(in crate::rehearsal) fn environment(&self, region: &str) -> AwsEnvironment {
        let partition = partition_of(region);
        AwsEnvironment { account: self.account.clone(), region: region.to_owned(), partition: partition.to_owned() }
    }

    /// Returns the change of a resource outside CloudFormation.
    pub(in crate::rehearsal) fn out_of_band_change(&self, existing: &ResourceState) -> Option<&OutOfBandChange> {
        self.out_of_band.get(&resource_key(&existing.kind, existing.physical_id.as_deref()?))
    }
}

/// Queries of tests about the whole account.
#[cfg(test)]
impl AccountState {
    /// Deletes the resources that deleted stacks have left.
    pub(crate) fn delete_leftovers(&mut self) {
        self.stacks.iter_mut().for_each(|stack| stack.leftovers.clear());
    }

    /// Returns the number of tasks that have not stopped, of services or not.
    pub(crate) fn task_count(&self) -> usize {
        self.ecs.task_count()
    }

    /// Returns every resource that exists in the account: its type and physical id.
    pub(crate) fn existing_resources(&self) -> std::collections::BTreeSet<(String, String)> {
        let resources = self.stacks.iter().flat_map(|stack| {
            let running = stack.operation.iter().flat_map(|operation| &operation.pending_deletions);
            let failed = stack.rollback_state.iter().flat_map(|state| &state.pending_deletions);
            stack.all_resources().chain(running.chain(failed).map(|(_, existing)| existing))
        });
        let existing =
            resources.filter(|existing| self.out_of_band_change(existing) != Some(&OutOfBandChange::Deleted));
        existing.filter_map(|existing| Some((existing.kind.clone(), existing.physical_id.clone()?))).collect()
    }
}

/// Returns the key of a resource in the account: its type and physical id.
pub(in crate::rehearsal) fn resource_key(kind: &str, physical_id: &str) -> String {
    format!("{kind} {physical_id}")
}

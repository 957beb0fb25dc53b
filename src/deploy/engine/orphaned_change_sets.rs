//! Change sets that killed runs have left.

use std::time::Duration;

use super::Engine;
use super::event::DeployEventKind;
use crate::deploy::api::{AwsApi, ChangeSetSummary, Clock};
use crate::deploy::plan::DeployedStack;

/// The beginning of the names of our change sets.
pub(super) const OURS: &str = "rtiler-";

/// A younger one may belong to a run whose user still thinks about the plan. (AWS itself deletes all of a stack's change
/// sets when one is carried out.)
const THINKS: Duration = Duration::from_mins(10);

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Deletes the change sets that earlier runs of rtiler have left on a stack, and never anybody else's. What cannot be
    /// listed or deleted stands in nobody's way.
    pub(super) async fn sweep(&self, cloud: &C, live: &DeployedStack) {
        let Ok(all) = self.insist(&live.stack.name, async || cloud.change_sets(&live.stack.id).await).await else {
            return;
        };
        let now = self.clock.now();
        let old = |set: &&ChangeSetSummary| set.created.is_some_and(|created| now.since(created) >= THINKS);
        let mut names = Vec::new();
        for set in all.iter().filter(|set| set.name.starts_with(OURS)).filter(old) {
            if cloud.delete_change_set(&set.id).await.is_ok() {
                names.push(set.name.clone());
            }
        }
        if !names.is_empty() {
            self.tell(&live.stack.name, DeployEventKind::OrphansDeleted { change_sets: names });
        }
    }
}

//! Change sets that killed runs left behind.

use std::time::Duration;

use super::StackTask;
use super::event::DeployEventKind;
use crate::deploy::api::{AwsApi, ChangeSetSummary, Clock};
use crate::deploy::plan::DeployedStack;

/// The prefix of the names of our change sets.
pub(super) const NAME_PREFIX: &str = "rtiler-";

/// A younger change set may wait for its user's approval. (AWS itself deletes all change sets of a stack when one is
/// executed.)
const APPROVAL_TIME: Duration = Duration::from_mins(10);

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Deletes the change sets that earlier runs of rtiler left on a stack, and no others. Errors are ignored: leftover
    /// change sets do no harm.
    pub(super) async fn delete_orphans(&self, deployed: &DeployedStack) {
        let Ok(all) = self.retry(async || self.api.change_sets(&deployed.stack.id).await).await else { return };
        let now = self.now();
        let is_old = |set: &&ChangeSetSummary| set.created.is_some_and(|created| now.since(created) >= APPROVAL_TIME);
        let mut names = Vec::new();
        for set in all.iter().filter(|set| set.name.starts_with(NAME_PREFIX)).filter(is_old) {
            if self.api.delete_change_set(&set.id).await.is_ok() {
                names.push(set.name.clone());
            }
        }
        if !names.is_empty() {
            self.emit(DeployEventKind::OrphansDeleted { change_sets: names });
        }
    }
}

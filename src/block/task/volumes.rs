//! The volumes of a task.

use super::{EfsMount, Task};
use crate::diag::WithOrigin;

/// Returns the file systems that the containers mount, each once: two mounts of one access point share a volume.
pub(super) fn file_systems(task: &Task) -> Vec<&WithOrigin<EfsMount>> {
    let mut found: Vec<&WithOrigin<EfsMount>> = Vec::new();
    for mount in task.containers().flat_map(|container| &container.efs) {
        if !found.iter().any(|known| known.value.is_same_volume(&mount.value)) {
            found.push(mount);
        }
    }
    found
}

/// Returns the name of the volume of a mounted file system.
pub(super) fn name_of(task: &Task, mount: &EfsMount) -> String {
    let at = file_systems(task).iter().position(|known| known.value.is_same_volume(mount)).unwrap_or_default();
    format!("efs-{}", at + 1)
}

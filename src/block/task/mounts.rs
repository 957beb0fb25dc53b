//! The mounts of a container: file systems and volumes of the task.

use super::container_builder::ContainerDefinitionBuilder;
use super::{Container, Task, volumes};
use crate::cfn;

/// Sets the mount points, and the containers whose volumes are mounted too.
pub(super) fn define(container: &Container, task: &Task, made: &mut ContainerDefinitionBuilder) {
    let is_read_only = |access: &Option<String>| access.as_deref() == Some("read-only");
    let systems = container.efs.iter().map(|efs| {
        let volume = volumes::of_file_system(task, &efs.value);
        (cfn!({ "SourceVolume": volume, "ContainerPath": &efs.value.path, "ReadOnly": false }), &efs.origin)
    });
    let mounts = container.mount.iter().map(|mount| {
        let read_only = is_read_only(&mount.value.access);
        let (volume, path) = (&mount.value.volume, &mount.value.path);
        (cfn!({ "SourceVolume": volume, "ContainerPath": path, "ReadOnly": read_only }), &mount.origin)
    });
    made.list("MountPoints", systems.chain(mounts).collect());
    let others = container.volumes_from.iter().map(|other| {
        let read_only = is_read_only(&other.value.access);
        (cfn!({ "SourceContainer": &other.value.container, "ReadOnly": read_only }), &other.origin)
    });
    made.list("VolumesFrom", others.collect());
}

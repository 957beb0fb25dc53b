//! The volumes of a task.

use super::{EfsMount, Task};
use crate::block::lowering::SetProperty;
use crate::cfn;
use crate::cfn::{Map, PropertyPath, Resource, Value};
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
pub(super) fn of_file_system(task: &Task, mount: &EfsMount) -> String {
    let at = file_systems(task).iter().position(|known| known.value.is_same_volume(mount)).unwrap_or_default();
    format!("efs-{}", at + 1)
}

/// Sets the volumes: those of mounted file systems, then those of the script.
pub(super) fn define(task: &Task, mut definition: Resource) -> Resource {
    let mut volumes = Vec::new();
    for efs in file_systems(task) {
        definition = definition.with_origin(&format!("Volumes.{}", volumes.len()), efs);
        volumes.push(file_system(task, &efs.value));
    }
    for volume in &task.volume {
        let at = format!("Volumes.{}", volumes.len());
        definition = definition.with_origin(&at, volume);
        for (path, origin) in volume.value.origins.iter() {
            let place = PropertyPath::property(&at).0.into_iter().chain(path.0.iter().cloned());
            definition.add_origin(PropertyPath(place.collect()), origin);
        }
        let mut properties = Map::from_iter([("Name".to_owned(), Value::from(&volume.value.name))]);
        properties.extend(volume.value.properties.clone());
        volumes.push(Value::Map(properties));
    }
    if volumes.is_empty() { definition } else { definition.with("Volumes", volumes) }
}

fn file_system(task: &Task, efs: &EfsMount) -> Value {
    let access = efs.access_point.as_ref().map(|id| ("AuthorizationConfig", cfn!({ "AccessPointId": id })));
    let system = [("FilesystemId", Value::from(&efs.file_system_id)), ("TransitEncryption", "ENABLED".into())];
    let system: Map = system.into_iter().chain(access).map(|(key, value)| (key.to_owned(), value)).collect();
    cfn!({ "Name": of_file_system(task, efs), "EFSVolumeConfiguration": system })
}

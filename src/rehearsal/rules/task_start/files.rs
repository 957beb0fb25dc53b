//! File systems of EFS.

use serde_json::Value as Json;

use super::super::efs::{FILE_SYSTEM, MOUNT_TARGET};
use super::super::view::{AccountView, Existing};
use super::TaskStart;
use crate::cfn::type_names::SUBNET;
use crate::rehearsal::ecs::StartObstacle;
use crate::rehearsal::property_access::{list, text};

pub(super) const ACCESS_POINT: &str = "AWS::EFS::AccessPoint";

/// Returns the volumes of a task that are on file systems which the account has.
fn volumes<'s, 'v, 'a>(
    start: &'s TaskStart<'_>,
    view: &'v AccountView<'a>,
) -> impl Iterator<Item = (&'s Json, &'v Existing<'a>)> {
    let volumes = list(start.task_definition, "Volumes")
        .filter_map(|volume| volume.get("EFSVolumeConfiguration").or_else(|| volume.get("EfsVolumeConfiguration")));
    volumes.filter_map(|volume| {
        let id = text(volume, "FilesystemId").or_else(|| text(volume, "FileSystemId"))?;
        Some((volume, view.find(FILE_SYSTEM, &id)?))
    })
}

/// Returns AWS's message about a mount that fails.
fn failed(detail: &str, code: u32) -> StartObstacle {
    StartObstacle::Stopped(format!(
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: {detail} : unsuccessful \
         EFS utils command execution; code: {code}"
    ))
}

/// Finds a file system without a mount target in the zone of a subnet ("Mounting on Amazon EC2 with a DNS name", EFS user guide: the
/// name resolves to the mount target in the same zone; the message is quoted in rileydakota/valheim-ecs-fargate-cdk#28 and
/// aws/copilot-cli#5419). A mount target counts once it is available.
pub(super) fn mount_target_missing(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    let zone = |subnet: &str| view.find(SUBNET, subnet).and_then(|subnet| subnet.text("AvailabilityZone"));
    let unreachable = |file_system: &Existing<'_>| {
        let id = file_system.physical_id.unwrap_or_default();
        let targets = view.of(MOUNT_TARGET).filter(|it| it.has("FileSystemId", id) && !it.is_pending);
        let subnets: Vec<String> = targets.filter_map(|it| it.text("SubnetId")).collect();
        let zones: Option<Vec<String>> = subnets.iter().map(|subnet| zone(subnet)).collect();
        let covers = |own: &String| {
            subnets.contains(own) || zones.as_ref().zip(zone(own)).is_none_or(|(zones, own)| zones.contains(&own))
        };
        subnets.is_empty() || !start.subnets.iter().all(covers)
    };
    let (_, file_system) = volumes(start, view).find(|(_, it)| view.complete && unreachable(it))?;
    let (id, region) = (file_system.physical_id?, view.region);
    Some(failed(
        &format!(
            "Failed to resolve \"{id}.efs.{region}.amazonaws.com\" - check that your file system ID is correct, and ensure that \
             the VPC has an EFS mount target for this file system ID. See \
             https://docs.aws.amazon.com/console/efs/mount-dns-name for more detail. Attempting to lookup mount target ip \
             address using botocore. Failed to import necessary dependency botocore, please install botocore first."
        ),
        1,
    ))
}

/// Finds a folder that a new file system does not have ("Enforcing a root directory with an access point", EFS user guide: without
/// `CreationInfo`, "attempts to mount the file system using the access point will fail" if the folder does not exist; the message
/// about folders is quoted in acp-io/terraform-grafana#4).
pub(super) fn folder_missing(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    let new = |file_system: &Existing<'_>| file_system.physical_id.is_some_and(|id| view.is_new(id));
    let own_folder = |path: Option<String>| path.filter(|path| path != "/");
    volumes(start, view).filter(|(_, file_system)| new(file_system)).find_map(|(volume, file_system)| {
        let access_point = volume.get("AuthorizationConfig").and_then(|it| text(it, "AccessPointId"));
        if let Some(id) = access_point {
            let root = view.find(ACCESS_POINT, &id)?.properties.get("RootDirectory")?;
            own_folder(text(root, "Path")).filter(|_| root.get("CreationInfo").is_none())?;
            return Some(failed("b'mount.nfs4: access denied by server while mounting 127.0.0.1:/'", 32));
        }
        let path = own_folder(text(volume, "RootDirectory"))?;
        let place = format!("{}.efs.{}.amazonaws.com:{path}", file_system.physical_id?, view.region);
        let detail =
            format!("b'mount.nfs4: mounting {place} failed, reason given by server: No such file or directory'");
        Some(failed(&detail, 32))
    })
}

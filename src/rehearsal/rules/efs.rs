//! Amazon EFS: file systems and their mount targets. `task_start` has the rules about mounts.

use super::view::AccountView;
use super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use crate::cfn::type_names::{SECURITY_GROUP, SUBNET};
use crate::rehearsal::property_access::{strings, text};

pub(super) const FILE_SYSTEM: &str = "AWS::EFS::FileSystem";
pub(super) const MOUNT_TARGET: &str = "AWS::EFS::MountTarget";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: MOUNT_TARGET, intents: CREATION, check: zone_in_use },
    Rule { kind: MOUNT_TARGET, intents: CREATION, check: subnet_of_another_vpc },
    Rule { kind: MOUNT_TARGET, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: FILE_SYSTEM, intents: DELETION, check: has_mount_targets },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("Efs", error, handler, text)
}

/// Refuses a second mount target of a file system in a zone (`MountTargetConflict` of `CreateMountTarget`, EFS API; the message is
/// quoted in hashicorp/terraform-provider-aws#2525 and coreos/coreos-kubernetes#802).
fn zone_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let file_system = text(subject.properties, "FileSystemId")?;
    let own = text(subject.properties, "SubnetId")?;
    let zone = |subnet: &str| view.find(SUBNET, subnet).and_then(|subnet| subnet.text("AvailabilityZone"));
    let mut others = view.others(MOUNT_TARGET, subject).filter(|other| other.has("FileSystemId", &file_system));
    others.find(|other| {
        let subnet = other.text("SubnetId").unwrap_or_default();
        subnet == own || zone(&own).is_some_and(|own| zone(&subnet).is_some_and(|other| other == own))
    })?;
    Some(refuse("MountTargetConflict", "AlreadyExists", "mount target already exists in this AZ").with_status(409))
}

/// Refuses a mount target in another VPC than the file system's other ones (`MountTargetConflict` of `CreateMountTarget`, EFS
/// API: "its subnet ID [...] belong to the same VPC").
fn subnet_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let file_system = text(subject.properties, "FileSystemId")?;
    let vpc = |subnet: Option<String>| view.find(SUBNET, &subnet?)?.text("VpcId");
    let own = vpc(text(subject.properties, "SubnetId"))?;
    let mut others = view.others(MOUNT_TARGET, subject).filter(|other| other.has("FileSystemId", &file_system));
    others.find(|other| vpc(other.text("SubnetId")).is_some_and(|other| other != own))?;
    let text = "requested subnet for new mount target is not in the same VPC as existing mount targets";
    Some(refuse("MountTargetConflict", "AlreadyExists", text).with_status(409))
}

/// Refuses security groups of another VPC (`SecurityGroupNotFound` of `CreateMountTarget` and `ModifyMountTargetSecurityGroups`,
/// EFS API: "one of the specified security groups doesn't exist in the subnet's virtual private cloud").
fn security_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = view.find(SUBNET, &text(subject.properties, "SubnetId")?)?.text("VpcId")?;
    let vpc = |group: &String| view.find(SECURITY_GROUP, group)?.text("VpcId");
    strings(subject.properties, "SecurityGroups").iter().filter_map(vpc).find(|other| *other != own)?;
    let text = "One or more of the security groups does not exist in the subnet's VPC";
    Some(refuse("SecurityGroupNotFound", "InvalidRequest", text))
}

/// Refuses the deletion of a file system with mount targets (`FileSystemInUse` of `DeleteFileSystem`, EFS API; the message is quoted
/// in rebuy-de/aws-nuke#1203).
fn has_mount_targets(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let id = subject.physical_id?;
    view.staying().find(|other| other.kind == MOUNT_TARGET && other.has("FileSystemId", id))?;
    let text = format!(
        "The file system '{id}' cannot be deleted because it has mount targets. You must delete the mount targets, and then \
         try again."
    );
    Some(refuse("FileSystemInUse", "ResourceConflict", text).with_status(409))
}

//! File systems that tasks mount: without a mount target that they reach, no task starts.
//!
//! Source: "Creating and managing mount targets" of the EFS user guide: a mount needs a mount target in the VPC, and a
//! security group that admits NFS (port 2049) from the client.

use std::collections::HashSet;

use super::{SERVICE, TASK_DEFINITION};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::check::network;
use crate::cfn::type_names::{FILE_SYSTEM, MOUNT_TARGET, SUBNET};
use crate::diag::{Code, Diagnostic, Sink};

const NFS: i64 = 2049;
const GROUPS: &str = "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups";
const SUBNETS: &str = "NetworkConfiguration.AwsvpcConfiguration.Subnets";

pub(super) fn mounts(task: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut seen = HashSet::new();
    for (at, volume) in task.list("Volumes").iter().enumerate() {
        let id = volume.get("EFSVolumeConfiguration").and_then(|it| it.get("FilesystemId"));
        let Some(files) = id.and_then(|id| scope.target(id, FILE_SYSTEM)).filter(|files| seen.insert(files.id)) else {
            continue;
        };
        sink.extend(mount(task, &format!("Volumes.{at}"), files, scope));
    }
}

fn mount(
    task: ResourceEntry<'_>,
    place: &str,
    files: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let services: Vec<ResourceEntry<'_>> = scope.referrers(task.id).filter(|it| it.kind() == SERVICE).collect();
    let targets: Vec<ResourceEntry<'_>> = scope.referrers(files.id).filter(|it| it.kind() == MOUNT_TARGET).collect();
    let Some(first) = targets.first() else {
        if scope.is_transformed() {
            return None;
        }
        let message = format!("no task can mount the file system `{}`: it has no mount target", files.id);
        let problem = Diagnostic::new(Code::EfsMountTarget, message).at(task.origin(place), "mounted here");
        let problem = problem.at(&files.resource.origin, "the file system");
        let is_used = services.iter().any(|service| service.int("DesiredCount") != Some(0));
        let problem = if is_used { problem } else { problem.as_warning() };
        return Some(problem.help(remedy(files, services.first().copied())));
    };
    let zone = || services.iter().find_map(|service| other_zone(task, place, &targets, *service, scope));
    unreachable(task, place, &targets, &services, scope).or_else(zone).or_else(|| {
        let service = services.iter().find(|service| {
            let needs = scope.graph().all_needs(service.id);
            !targets.iter().any(|target| needs.contains(&target.id))
        })?;
        let message = format!("the service `{}` may start tasks before its file system can be mounted", service.id);
        let problem = task.warning(Code::EfsMountTarget, place, message).at(&first.resource.origin, "the mount target");
        let names: Vec<&str> = targets.iter().map(|target| target.id.as_str()).collect();
        Some(problem.help(format!("add `DependsOn: [{}]` to `{}`", names.join(", "), service.id)))
    })
}

/// Reports a subnet of a service in whose zone no mount target is: tasks there cannot mount the file system ("Considerations
/// for using Amazon EFS volumes with Amazon ECS" and "Creating mount targets" of the EFS user guide).
fn other_zone(
    task: ResourceEntry<'_>,
    place: &str,
    targets: &[ResourceEntry<'_>],
    service: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let zone = |subnet: &Value| {
        scope.target(subnet, SUBNET).and_then(|subnet| subnet.resource.properties.get("AvailabilityZone"))
    };
    let served = |target: &ResourceEntry<'_>| target.get("SubnetId").and_then(zone);
    let served: Vec<&Value> = targets.iter().map(served).collect::<Option<_>>()?;
    let subnets = service.list(SUBNETS);
    let zones: Vec<&Value> = subnets.iter().map(zone).collect::<Option<_>>()?;
    let (subnet, _) = subnets.iter().zip(zones).find(|(_, zone)| !served.contains(zone))?;
    let subnet = &subnet.as_reference()?.id;
    let message =
        format!("tasks in the subnet `{subnet}` cannot mount the file system: no mount target is in its zone");
    let problem = task.error(Code::EfsMountTarget, place, message);
    let problem = problem.at(&targets.first()?.resource.origin, "a mount target of another zone");
    Some(problem.help(format!("add an `AWS::EFS::MountTarget` with `SubnetId: {subnet}`")))
}

fn remedy(files: ResourceEntry<'_>, service: Option<ResourceEntry<'_>>) -> String {
    let refs = |path: &str| -> Vec<String> {
        let items = service.map_or(&[][..], |service| service.list(path));
        items.iter().filter_map(Value::as_reference).map(|it| format!("`{}`", it.id)).collect()
    };
    let (subnets, groups) = (refs(SUBNETS), refs(GROUPS));
    let subnets = if subnets.is_empty() { "of the tasks".to_owned() } else { subnets.join(", ") };
    let from = groups.first().map_or(String::new(), |group| format!(" from {group}"));
    format!(
        "add an `AWS::EFS::MountTarget` with `FileSystemId: {}` for each subnet ({subnets}), with a security group that admits port {NFS}{from}",
        files.id
    )
}

/// Reports mount targets whose security groups admit none of the services.
fn unreachable(
    task: ResourceEntry<'_>,
    place: &str,
    targets: &[ResourceEntry<'_>],
    services: &[ResourceEntry<'_>],
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    for service in services {
        let sources = service.list(GROUPS);
        let are_known = !sources.is_empty() && sources.iter().all(|source| network::group(source, scope).is_some());
        if !are_known {
            continue;
        }
        let closed = targets.iter().find(|target| {
            let groups = target.list("SecurityGroups");
            let known: Vec<_> = groups.iter().filter_map(|group| network::group(group, scope)).collect();
            !groups.is_empty()
                && known.len() == groups.len()
                && !known.iter().any(|group| network::admits(group, NFS, sources, scope))
        });
        let Some(target) = closed else { continue };
        let message = format!("the mount target `{}` does not admit the tasks of `{}`", target.id, service.id);
        let problem = task.error(Code::EfsMountTarget, place, message);
        let from = sources.iter().find_map(Value::as_reference).map(|it| it.id.to_string()).unwrap_or_default();
        return Some(
            problem
                .at(target.origin("SecurityGroups"), "its security groups")
                .help(format!("admit port {NFS} from `{from}` in one of them")),
        );
    }
    debug_assert_eq!(task.kind(), TASK_DEFINITION);
    None
}

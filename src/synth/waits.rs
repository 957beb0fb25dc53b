//! Dependencies that only the whole template shows: a service or a schedule waits for the mount targets of the file systems of its
//! tasks, and a load balancer for the policy of the bucket of its access logs.
//!
//! Only resources that blocks create wait: what a script writes as CloudFormation does stays as it is written.

use std::collections::{HashMap, HashSet};

use super::template_builder::RawResources;
use crate::cfn::graph::Graph;
use crate::cfn::type_names::{BUCKET_POLICY, LOAD_BALANCER, MOUNT_TARGET, SERVICE};
use crate::cfn::{LogicalId, Resource, Template, Value};

const SCHEDULE: &str = "AWS::Scheduler::Schedule";

/// Adds the dependencies of the resources of blocks.
pub(super) fn add(template: &mut Template, raw: &RawResources) {
    let behind = prerequisites(template);
    if behind.is_empty() {
        return;
    }
    let waiting = template.resources.iter().filter(|(id, _)| !raw.contains_key(*id));
    let wanted: Vec<(LogicalId, Vec<LogicalId>)> = waiting
        .map(|(id, resource)| {
            (
                id.clone(),
                used(resource, template).flat_map(|it| behind.get(it).into_iter().flatten().cloned()).collect(),
            )
        })
        .filter(|(_, needed): &(LogicalId, Vec<LogicalId>)| !needed.is_empty())
        .collect();
    let circular: HashSet<(LogicalId, LogicalId)> = {
        let graph = Graph::of(template);
        let mut needs = HashMap::new();
        let pairs = wanted.iter().flat_map(|(id, needed)| needed.iter().map(move |needed| (id, needed)));
        pairs
            .filter(|(id, needed)| needs.entry(*needed).or_insert_with(|| graph.all_needs(needed)).contains(id))
            .map(|(id, it)| (id.clone(), it.clone()))
            .collect()
    };
    for (id, needed) in wanted {
        let Some(resource) = template.resources.get_mut(&id) else { continue };
        for needed in needed {
            if !circular.contains(&(id.clone(), needed.clone())) && !resource.depends_on.contains(&needed) {
                resource.depends_on.push(needed);
            }
        }
    }
}

/// Returns the mount targets of each file system and the policies of each bucket.
fn prerequisites(template: &Template) -> HashMap<LogicalId, Vec<LogicalId>> {
    let mut behind: HashMap<LogicalId, Vec<LogicalId>> = HashMap::new();
    for (id, resource) in &template.resources {
        let property = match resource.kind.as_str() {
            MOUNT_TARGET => "FileSystemId",
            BUCKET_POLICY => "Bucket",
            _ => continue,
        };
        if let Some(target) = resource.properties.get(property).and_then(Value::as_reference) {
            behind.entry(target.id.clone()).or_default().push(id.clone());
        }
    }
    behind
}

/// Returns the file systems that the tasks of a service or schedule mount, or the buckets of the logs of a load balancer.
fn used<'t>(resource: &'t Resource, template: &'t Template) -> Box<dyn Iterator<Item = &'t LogicalId> + 't> {
    let list = |resource: &'t Resource, name: &str| {
        resource.properties.get(name).and_then(Value::as_list).unwrap_or_default().iter()
    };
    match resource.kind.as_str() {
        SERVICE | SCHEDULE => {
            let task = match resource.kind.as_str() {
                SERVICE => resource.properties.get("TaskDefinition"),
                _ => resource.properties.get("Target").and_then(|it| it.get("EcsParameters")?.get("TaskDefinitionArn")),
            };
            let task = task.and_then(Value::as_reference);
            let task = task.and_then(|task| template.resources.get(&task.id));
            let volumes = task.into_iter().flat_map(move |task| list(task, "Volumes"));
            let id = |volume: &'t Value| volume.get("EFSVolumeConfiguration")?.get("FilesystemId")?.as_reference();
            Box::new(volumes.filter_map(id).map(|reference| &reference.id))
        }
        LOAD_BALANCER => {
            let is_bucket = |item: &&Value| {
                item.get("Key").and_then(Value::as_str).is_some_and(|key| key.ends_with("_logs.s3.bucket"))
            };
            let attributes = list(resource, "LoadBalancerAttributes").filter(is_bucket);
            Box::new(attributes.filter_map(|item| item.get("Value")?.as_reference()).map(|reference| &reference.id))
        }
        _ => Box::new(std::iter::empty()),
    }
}

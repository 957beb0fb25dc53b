//! The jobs of a stack, as what `run-task` runs: their task definitions and networks.

use super::services::StackService;
use crate::cfn::{Segment, StackJob, Value};
use crate::deploy::api::status::ServiceStatus;
use crate::deploy::api::{EcsService, StackResource, TaskNetwork, revision};

/// Returns the jobs of a deployed stack whose task definition and network are known.
///
/// A reference to another stack, or a function, is not known here: a job with one is left out.
pub fn jobs(stack: &str, jobs: &[StackJob], resources: &[StackResource]) -> Vec<StackService> {
    jobs.iter().filter_map(|job| Some(StackService::of_job(stack, job, as_service(job, resources)?))).collect()
}

/// Returns a job as a service that has no tasks.
fn as_service(job: &StackJob, resources: &[StackResource]) -> Option<EcsService> {
    let task_definition = physical_id(job.task_definition.as_str(), resources)?.to_owned();
    let cluster = text(&job.cluster, resources)?;
    let cluster = cluster.rsplit('/').next().unwrap_or_default().to_owned();
    let network = TaskNetwork {
        subnets: texts(&job.subnets, resources)?,
        security_groups: texts(&job.security_groups, resources)?,
        public_ip: job.public_ip,
    };
    let home = task_definition.split(":task-definition/").next()?;
    Some(EcsService {
        arn: format!("{home}:service/{cluster}/{}", job.name),
        name: revision(&task_definition).rsplit_once(':').map_or(job.name.clone(), |(family, _)| family.to_owned()),
        status: ServiceStatus::Active,
        task_definition,
        desired: 0,
        running: 0,
        pending: 0,
        deployments: Vec::new(),
        events: Vec::new(),
        target_groups: Vec::new(),
        network: Some(network),
        exec: false,
        propagates_tags: true,
        circuit_breaker: None,
        strategy: None,
    })
}

fn physical_id<'r>(id: &str, resources: &'r [StackResource]) -> Option<&'r str> {
    resources.iter().find(|resource| resource.logical_id == id)?.physical_id.as_deref()
}

/// Returns a text whose references are ids of resources of the stack.
fn text(value: &Value, resources: &[StackResource]) -> Option<String> {
    let Value::Text(text) = value else { return None };
    let piece = |piece: &Segment| match piece {
        Segment::Literal(text) => Some(text.clone()),
        Segment::Ref(reference) if matches!(reference.attribute.as_deref(), None | Some("GroupId" | "Arn")) => {
            physical_id(reference.id.as_str(), resources).map(str::to_owned)
        }
        Segment::Ref(_) | Segment::Call(_) => None,
    };
    text.pieces().iter().map(piece).collect()
}

fn texts(value: &Value, resources: &[StackResource]) -> Option<Vec<String>> {
    value.as_list()?.iter().map(|item| text(item, resources)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::status::ResourceStatus;
    use crate::testing::before_deploy::job;

    fn resource(id: &str, physical: &str) -> StackResource {
        StackResource {
            logical_id: id.to_owned(),
            physical_id: Some(physical.to_owned()),
            kind: String::new(),
            status: ResourceStatus::CreateComplete,
            reason: None,
            updated: None,
        }
    }

    #[test]
    fn deployed_job_has_its_task_definition_cluster_and_network() {
        let task = "arn:aws:ecs:eu-central-1:123456789012:task-definition/migrate:3";
        let resources = [resource("MigrateTask", task), resource("Cluster", "main"), resource("WebGroup", "sg-1")];
        let found = jobs("shop", &[job()], &resources);
        assert_eq!((found[0].logical_id.as_str(), found[0].cluster()), ("MigrateTask", "main"));
        let network = found[0].service.network.as_ref().expect("a network");
        assert_eq!(network.security_groups, ["sg-1"]);
        assert_eq!(jobs("shop", &[job()], &resources[..2]), [], "a group that is not deployed");
    }
}

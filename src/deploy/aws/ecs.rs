use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types as sdk;

use super::{Aws, convert};
use crate::deploy::ports::{AwsError, EcsDeployment, EcsEvent, EcsService, StoppedContainer, StoppedTask, Timestamp};

/// `DescribeServices` takes this many services of one cluster (API reference).
const SERVICES_A_CALL: usize = 10;

pub(super) async fn services(aws: &Aws, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
    let client = Client::new(&aws.config);
    let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for arn in arns {
        clusters.entry(cluster(arn)).or_default().push(arn.clone());
    }
    let mut services = Vec::new();
    for (cluster, arns) in clusters {
        for some in arns.chunks(SERVICES_A_CALL) {
            let reply = client.describe_services().cluster(cluster).set_services(Some(some.to_vec())).send().await;
            let reply = reply.map_err(|error| aws.refused("ecs:DescribeServices", &error))?;
            services.extend(reply.services.into_iter().flatten().map(service));
        }
    }
    Ok(services)
}

pub(super) async fn stopped_tasks(aws: &Aws, service: &str) -> Result<Vec<StoppedTask>, AwsError> {
    let client = Client::new(&aws.config);
    let name = service.rsplit('/').next().unwrap_or(service);
    let list = client.list_tasks().cluster(cluster(service)).service_name(name);
    let reply = list.desired_status(sdk::DesiredStatus::Stopped).send().await;
    let arns = reply.map_err(|error| aws.refused("ecs:ListTasks", &error))?.task_arns.unwrap_or_default();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let reply = client.describe_tasks().cluster(cluster(service)).set_tasks(Some(arns)).send().await;
    let reply = reply.map_err(|error| aws.refused("ecs:DescribeTasks", &error))?;
    let mut tasks: Vec<StoppedTask> = reply.tasks.into_iter().flatten().map(task).collect();
    tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped));
    Ok(tasks)
}

/// The cluster in the ARN of a service: `arn:aws:ecs:eu-central-1:123456789012:service/CLUSTER/SERVICE`.
///
/// ARNs of the form before 2018 have no cluster; their services are looked for in the cluster `default`.
fn cluster(service: &str) -> &str {
    let mut parts = service.rsplit('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(cluster), Some(_)) => cluster,
        _ => "default",
    }
}

fn service(service: sdk::Service) -> EcsService {
    EcsService {
        arn: service.service_arn.unwrap_or_default(),
        name: service.service_name.unwrap_or_default(),
        status: service.status.unwrap_or_default(),
        desired: count(service.desired_count),
        running: count(service.running_count),
        pending: count(service.pending_count),
        deployments: service.deployments.into_iter().flatten().map(deployment).collect(),
        events: service.events.into_iter().flatten().map(event).collect(),
    }
}

fn deployment(deployment: sdk::Deployment) -> EcsDeployment {
    EcsDeployment {
        id: deployment.id.unwrap_or_default(),
        status: deployment.status.unwrap_or_default(),
        rollout: deployment.rollout_state.map(|state| state.as_str().to_owned()),
        reason: deployment.rollout_state_reason,
        task_definition: deployment.task_definition.unwrap_or_default(),
        desired: count(deployment.desired_count),
        running: count(deployment.running_count),
        pending: count(deployment.pending_count),
        failed: count(deployment.failed_tasks),
        updated: deployment.updated_at.map(convert::time),
    }
}

fn event(event: sdk::ServiceEvent) -> EcsEvent {
    EcsEvent {
        time: event.created_at.map_or(Timestamp::default(), convert::time),
        message: event.message.unwrap_or_default(),
    }
}

fn task(task: sdk::Task) -> StoppedTask {
    let container = |container: sdk::Container| StoppedContainer {
        name: container.name.unwrap_or_default(),
        exit_code: container.exit_code,
        reason: container.reason,
    };
    StoppedTask {
        arn: task.task_arn.unwrap_or_default(),
        task_definition: task.task_definition_arn.unwrap_or_default(),
        started_by: task.started_by,
        code: task.stop_code.map(|code| code.as_str().to_owned()),
        reason: task.stopped_reason,
        stopped: task.stopped_at.map(convert::time),
        containers: task.containers.into_iter().flatten().map(container).collect(),
    }
}

/// AWS's counts are never negative.
fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::cluster;

    #[test]
    fn the_cluster_is_in_the_arn_of_a_service() {
        assert_eq!(cluster("arn:aws:ecs:us-east-1:123456789012:service/titiler/web"), "titiler");
        assert_eq!(cluster("arn:aws:ecs:us-east-1:123456789012:service/web"), "default");
    }
}

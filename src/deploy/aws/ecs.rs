use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types as sdk;

use super::{Aws, convert};
use crate::deploy::ports::{AwsError, EcsDeployment, EcsEvent, EcsService, Timestamp};

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
        task_definition: service.task_definition.unwrap_or_default(),
        target_groups: Vec::new(),
        network: None,
        exec: service.enable_execute_command,
        circuit_breaker: None,
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
        created: deployment.created_at.map(convert::time),
        updated: deployment.updated_at.map(convert::time),
    }
}

fn event(event: sdk::ServiceEvent) -> EcsEvent {
    EcsEvent {
        id: event.id.unwrap_or_default(),
        time: event.created_at.map_or(Timestamp::default(), convert::time),
        message: event.message.unwrap_or_default(),
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

use aws_sdk_ecs::types as sdk;

use crate::aws::convert;
use crate::aws::convert::non_empty;
use crate::deploy::api::{
    CircuitBreaker, EcsDeployment, EcsEvent, EcsService, ServiceTargetGroup, TaskNetwork, Timestamp,
};

pub(super) fn service(service: sdk::Service) -> EcsService {
    let configuration = service.deployment_configuration;
    EcsService {
        arn: service.service_arn.unwrap_or_default(),
        name: service.service_name.unwrap_or_default(),
        status: service.status.unwrap_or_default().into(),
        task_definition: service.task_definition.unwrap_or_default(),
        desired: count(service.desired_count),
        running: count(service.running_count),
        pending: count(service.pending_count),
        deployments: service.deployments.into_iter().flatten().map(deployment).collect(),
        events: service.events.into_iter().flatten().map(event).collect(),
        target_groups: service.load_balancers.into_iter().flatten().flat_map(target_groups).collect(),
        network: service.network_configuration.and_then(|network| network.awsvpc_configuration).map(network),
        exec: service.enable_execute_command,
        propagates_tags: service.propagate_tags.is_some_and(|tags| tags != sdk::PropagateTags::None),
        strategy: configuration.as_ref().and_then(|it| it.strategy.as_ref()).map(|strategy| strategy.as_str().into()),
        circuit_breaker: configuration.and_then(|configuration| {
            let breaker = configuration.deployment_circuit_breaker?;
            Some(CircuitBreaker { enable: breaker.enable, rollback: breaker.rollback })
        }),
    }
}

/// Returns the target group, and the one with which it changes places in deployments; a Classic Load Balancer has none.
fn target_groups(balancer: sdk::LoadBalancer) -> Vec<ServiceTargetGroup> {
    let (container, port) = (balancer.container_name.unwrap_or_default(), balancer.container_port);
    let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
    let alternate = balancer.advanced_configuration.and_then(|advanced| advanced.alternate_target_group_arn);
    let arns = balancer.target_group_arn.into_iter().chain(alternate);
    arns.map(|arn| ServiceTargetGroup { arn, container: container.clone(), port }).collect()
}

fn network(network: sdk::AwsVpcConfiguration) -> TaskNetwork {
    TaskNetwork {
        subnets: network.subnets,
        security_groups: network.security_groups.unwrap_or_default(),
        public_ip: network.assign_public_ip == Some(sdk::AssignPublicIp::Enabled),
    }
}

fn deployment(deployment: sdk::Deployment) -> EcsDeployment {
    EcsDeployment {
        id: deployment.id.unwrap_or_default(),
        status: deployment.status.unwrap_or_default().into(),
        rollout: deployment.rollout_state.map(|state| state.as_str().into()),
        reason: non_empty(deployment.rollout_state_reason),
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

/// Converts a count, which is never negative.
fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

use aws_sdk_ecs::types as sdk;

use crate::aws::convert;
use crate::aws::convert::non_empty;
use crate::deploy::api::{ServiceDeployment, TrafficPercent};

/// Returns the ARN of the latest of the deployments.
pub(super) fn latest(deployments: Option<Vec<sdk::ServiceDeploymentBrief>>) -> Option<String> {
    let created = |brief: &sdk::ServiceDeploymentBrief| brief.created_at.map(convert::time);
    let latest = deployments.into_iter().flatten().max_by_key(created)?;
    non_empty(latest.service_deployment_arn)
}

pub(super) fn deployment(deployment: sdk::ServiceDeployment) -> ServiceDeployment {
    let target = deployment.target_service_revision.as_ref();
    let configuration = deployment.deployment_configuration.as_ref();
    let pause = configuration.and_then(|it| {
        let canary = it.canary_configuration.as_ref().and_then(|canary| canary.canary_bake_time_in_minutes);
        canary.or(it.linear_configuration.as_ref().and_then(|linear| linear.step_bake_time_in_minutes))
    });
    ServiceDeployment {
        production: target.and_then(|it| it.requested_production_traffic_weight).map(TrafficPercent::new),
        test: target.and_then(|it| it.requested_test_traffic_weight).map(TrafficPercent::new),
        bake: configuration.and_then(|it| it.bake_time_in_minutes).map(seconds),
        pause: pause.map(seconds),
        is_first: deployment.source_service_revisions.as_ref().is_none_or(Vec::is_empty),
        arn: deployment.service_deployment_arn.unwrap_or_default(),
        status: deployment.status.map_or_else(|| "".into(), |status| status.as_str().into()),
        reason: non_empty(deployment.status_reason),
        stage: deployment.lifecycle_stage.map(|stage| stage.as_str().into()),
        alarms: deployment.alarms.and_then(|alarms| alarms.triggered_alarm_names).unwrap_or_default(),
        created: deployment.created_at.map(convert::time),
    }
}

/// Converts minutes, which are never negative.
fn seconds(minutes: i32) -> u64 {
    u64::try_from(minutes).unwrap_or(0) * 60
}

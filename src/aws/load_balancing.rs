use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::Aws;
use super::convert::non_empty;
use crate::deploy::api::{ApiCall, AwsError, LoadBalancing, TargetHealth};

impl LoadBalancing for Aws {
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>, AwsError> {
        let reply = self.load_balancing().describe_target_health().target_group_arn(target_group).send().await;
        match reply.map_err(|error| self.api_error(ApiCall::DescribeTargetHealth, &error)) {
            Ok(reply) => Ok(reply.target_health_descriptions.into_iter().flatten().map(health).collect()),
            Err(error) if error.code == "TargetGroupNotFound" => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn health(described: sdk::TargetHealthDescription) -> TargetHealth {
    let (target, health) = (described.target, described.target_health);
    let health = health.unwrap_or_else(|| sdk::TargetHealth::builder().build());
    TargetHealth {
        port: target.as_ref().and_then(|target| target.port).and_then(|port| u16::try_from(port).ok()),
        target: target.and_then(|target| target.id).unwrap_or_default(),
        state: health.state.as_ref().map_or("", sdk::TargetHealthStateEnum::as_str).into(),
        reason: health.reason.map(|reason| reason.as_str().to_owned()),
        description: non_empty(health.description),
    }
}

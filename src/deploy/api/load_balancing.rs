use serde::{Deserialize, Serialize};

use super::AwsError;
use super::status::TargetState;

/// Elastic Load Balancing in one account and region.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait LoadBalancing: Clone {
    /// Calls `DescribeTargetHealth` of a target group by ARN. Returns no targets if the group does not exist.
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>, AwsError>;
}

/// The health of a target, as the load balancer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TargetHealth {
    /// The address (target type `ip`) or the instance id.
    pub target: String,
    /// The port.
    pub port: Option<u16>,
    /// The state.
    pub state: TargetState,
    /// The reason code: `Target.ResponseCodeMismatch`, `Target.Timeout`, `Elb.RegistrationInProgress`, ...
    pub reason: Option<String>,
    /// AWS's message: `Health checks failed with these codes: [500]`.
    pub description: Option<String>,
}
